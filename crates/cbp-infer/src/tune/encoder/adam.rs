//! `AdamW` with warm-up, linear decay and a limit on the gradient's length.

use std::collections::BTreeMap;

use candle_core::{Tensor, Var, backprop::GradStore};

use crate::tune::{TuneError, config::Steps};

/// Decay of the first and second moments, and what keeps the quotient finite.
const FIRST: f64 = 0.9;
const SECOND: f64 = 0.999;
const TINY: f64 = 1e-8;

/// The optimiser's state.
pub(crate) struct Adam {
    steps: Steps,
    /// First and second moments of each weight.
    moments: BTreeMap<String, (Tensor, Tensor)>,
}

impl Adam {
    /// Moments of zero.
    ///
    /// # Errors
    ///
    /// What candle reports.
    pub(crate) fn new(steps: Steps, vars: &BTreeMap<String, Var>) -> Result<Self, TuneError> {
        let zero = |var: &Var| -> Result<_, TuneError> {
            Ok((var.as_tensor().zeros_like()?, var.as_tensor().zeros_like()?))
        };
        let moments = vars
            .iter()
            .map(|(name, var)| Ok((name.clone(), zero(var)?)))
            .collect::<Result<_, TuneError>>()?;
        Ok(Self { steps, moments })
    }

    /// First and second moments by weight.
    pub(crate) const fn moments(&self) -> &BTreeMap<String, (Tensor, Tensor)> {
        &self.moments
    }

    /// Takes up moments that were stored.
    pub(crate) fn restore(&mut self, name: &str, first: Tensor, second: Tensor) {
        self.moments.insert(name.to_owned(), (first, second));
    }

    /// The learning rate of a step, the first being 0.
    pub(crate) fn rate(&self, step: usize) -> f64 {
        let s = &self.steps;
        let warm = ((s.count as f64 * s.warmup).ceil() as usize).max(1);
        let left = s.count.saturating_sub(step) as f64 / s.count.saturating_sub(warm).max(1) as f64;
        s.rate * (((step + 1) as f64) / warm as f64).min(left.min(1.0))
    }

    /// Changes the weights by one step and gives the gradient's length before it was limited.
    ///
    /// # Errors
    ///
    /// [`TuneError::Diverged`] if the gradient is not finite; what candle reports.
    pub(crate) fn step(
        &mut self,
        step: usize,
        vars: &BTreeMap<String, Var>,
        grads: &GradStore,
    ) -> Result<f64, TuneError> {
        let mut square = 0.0;
        for var in vars.values() {
            if let Some(grad) = grads.get(var.as_tensor()) {
                square += f64::from(grad.sqr()?.sum_all()?.to_scalar::<f32>()?);
            }
        }
        let length = square.sqrt();
        if !length.is_finite() {
            return Err(TuneError::Diverged { step });
        }
        let clip = self.steps.clip;
        let shrink = if length > clip { clip / length } else { 1.0 };
        let rate = self.rate(step);
        let age = i32::try_from(step + 1).unwrap_or(i32::MAX);
        let (first_bias, second_bias) = (1.0 - FIRST.powi(age), 1.0 - SECOND.powi(age));
        for (name, var) in vars {
            let (Some(grad), Some((first, second))) =
                (grads.get(var.as_tensor()), self.moments.get_mut(name))
            else {
                continue;
            };
            // Moments are results, not steps towards one: they must not hold on to the graph.
            let grad = grad.detach();
            let m = ((&*first * FIRST)? + (&grad * ((1.0 - FIRST) * shrink))?)?;
            let v = ((&*second * SECOND)? + (grad.sqr()? * ((1.0 - SECOND) * shrink * shrink))?)?;
            let move_by = ((&m * (rate / first_bias))? / ((&v * (1.0 / second_bias))?.sqrt()? + TINY)?)?;
            // Matrices shrink; biases and norms do not.
            let decay = if var.dims().len() > 1 { rate * self.steps.decay } else { 0.0 };
            let old = var.as_tensor().detach();
            var.set(&((old * (1.0 - decay))? - move_by)?)?;
            (*first, *second) = (m, v);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    const STEPS: Steps = Steps { count: 100, until: None, rate: 0.5, warmup: 0.1, decay: 0.0, clip: 1.0 };

    #[test]
    fn the_rate_climbs_and_falls() {
        let adam = Adam::new(STEPS, &BTreeMap::new()).unwrap();
        assert!((adam.rate(0) - 0.05).abs() < 1e-12);
        assert!((adam.rate(9) - 0.5).abs() < 1e-12);
        assert!((adam.rate(55) - 0.25).abs() < 1e-12);
        assert!(adam.rate(99) > 0.0);
    }

    #[test]
    fn a_parabola_is_descended() {
        let var = Var::new(&[3.0_f32, -2.0], &Device::Cpu).unwrap();
        let vars = BTreeMap::from([("x".to_owned(), var.clone())]);
        let mut adam = Adam::new(STEPS, &vars).unwrap();
        for step in 0..100 {
            let loss = var.as_tensor().sqr().unwrap().sum_all().unwrap();
            adam.step(step, &vars, &loss.backward().unwrap()).unwrap();
        }
        let left = var.as_tensor().to_vec1::<f32>().unwrap();
        assert!(left.iter().all(|x| x.abs() < 0.2), "{left:?}");
    }

    #[test]
    fn a_gradient_that_is_not_finite_stops_the_run() {
        let var = Var::new(&[0.0_f32], &Device::Cpu).unwrap();
        let vars = BTreeMap::from([("x".to_owned(), var.clone())]);
        let grads = var.as_tensor().sqrt().unwrap().sum_all().unwrap().backward().unwrap();
        let mut adam = Adam::new(STEPS, &vars).unwrap();
        assert!(matches!(adam.step(7, &vars, &grads), Err(TuneError::Diverged { step: 7 })));
    }
}
