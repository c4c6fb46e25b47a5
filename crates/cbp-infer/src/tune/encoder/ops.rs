//! The parts of a transformer layer between its matrix products, with their gradients, for the CPU.
//!
//! candle computes these one operation at a time on one thread, which costs as much as the products. Here each is
//! one pass over rows, in parallel. Rows are cut into blocks of a fixed size, and sums over blocks run in their
//! order, so that results do not depend on the number of threads. [`super::plain`] says the same in candle's own
//! operations; tests hold one to the other.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Error, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// Rows in one piece of parallel work.
const ROWS: usize = 64;

/// The numbers behind a contiguous tensor.
pub(super) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let outside = || Error::Msg("a fused operation got a tensor that is not contiguous".into());
    let (from, to) = layout.contiguous_offsets().ok_or_else(outside)?;
    storage.as_slice::<f32>()?.get(from..to).ok_or_else(outside)
}

/// Columns of a matrix.
fn width(layout: &Layout) -> Result<usize> {
    Ok(layout.shape().dims2()?.1)
}

fn result(values: Vec<f32>, shape: impl Into<Shape>) -> (CpuStorage, Shape) {
    (CpuStorage::F32(values), shape.into())
}

/// A copy of `x` after `change` has seen each of its rows of `width` numbers, with the row's number.
fn by_rows(x: &[f32], width: usize, change: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    let width = width.max(1);
    let mut out = x.to_vec();
    out.par_chunks_mut(width * ROWS).enumerate().for_each(|(block, rows)| {
        rows.chunks_exact_mut(width).enumerate().for_each(|(row, x)| change(block * ROWS + row, x));
    });
    out
}

/// Adds up `N` sums of `width` numbers over blocks of rows, block by block in their order.
fn sums<const N: usize>(
    rows: usize,
    width: usize,
    add: impl Fn(usize, &mut [Vec<f32>; N]) + Sync,
) -> [Vec<f32>; N] {
    let zero = || std::array::from_fn(|_| vec![0.0_f32; width]);
    let blocks: Vec<[Vec<f32>; N]> = (0..rows.div_ceil(ROWS))
        .into_par_iter()
        .map(|block| {
            let mut out = zero();
            (block * ROWS..rows.min((block + 1) * ROWS)).for_each(|row| add(row, &mut out));
            out
        })
        .collect();
    let mut total = zero();
    for block in &blocks {
        for (total, part) in total.iter_mut().zip(block) {
            total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
        }
    }
    total
}

/// The sum of a matrix's rows.
struct ColumnSum;

impl CustomOp1 for ColumnSum {
    fn name(&self) -> &'static str {
        "column-sum"
    }
    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, width) = (floats(storage, layout)?, width(layout)?);
        let [sum] = sums::<1>(x.len() / width.max(1), width, |row, [sum]| {
            sum.iter_mut().zip(&x[row * width..]).for_each(|(s, x)| *s += x);
        });
        Ok(result(sum, width))
    }
}

/// Adds a bias to each row.
pub(super) struct Bias;

impl CustomOp2 for Bias {
    fn name(&self) -> &'static str {
        "bias"
    }
    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, bias) = (floats(s1, l1)?, floats(s2, l2)?);
        let out = by_rows(x, bias.len(), |_, row| row.iter_mut().zip(bias).for_each(|(x, b)| *x += b));
        Ok(result(out, l1.shape()))
    }
    fn bwd(
        &self,
        _x: &Tensor,
        _bias: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let sum = grad.contiguous()?.apply_op1_no_bwd(&ColumnSum)?;
        Ok((Some(grad.clone()), Some(sum)))
    }
}

/// `exp`, accurate to some units in the last place, in a form that compiles to vector code.
#[inline]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let n = (x * std::f32::consts::LOG2_E + 0.5).floor();
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_2e-4_f32;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let y = p * r * r + r + 1.0;
    y * f32::from_bits(((n as i32 + 127) << 23) as u32)
}

/// The standard normal distribution: its integral up to `x`, and its density at `x`.
///
/// Abramowitz and Stegun 7.1.26, off by at most 1.5e-7.
#[inline]
fn normal(x: f32) -> (f32, f32) {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let poly =
        t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
    let e = exp(-z * z);
    let tail = 0.5 * poly * e;
    (if x < 0.0 { tail } else { 1.0 - tail }, e * 0.398_942_3)
}

/// GELU, in the error-function form, of a matrix plus a bias.
pub(super) struct BiasGelu;

/// The gradient of [`BiasGelu`] for the matrix.
struct BiasGeluGrad;

impl CustomOp2 for BiasGelu {
    fn name(&self) -> &'static str {
        "bias-gelu"
    }
    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, bias) = (floats(s1, l1)?, floats(s2, l2)?);
        let out = by_rows(x, bias.len(), |_, row| {
            for (x, b) in row.iter_mut().zip(bias) {
                let y = *x + b;
                *x = y * normal(y).0;
            }
        });
        Ok(result(out, l1.shape()))
    }
    fn bwd(
        &self,
        x: &Tensor,
        bias: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let dx = x.apply_op3_no_bwd(bias, &grad.contiguous()?, &BiasGeluGrad)?;
        let db = dx.apply_op1_no_bwd(&ColumnSum)?;
        Ok((Some(dx), Some(db)))
    }
}

impl CustomOp3 for BiasGeluGrad {
    fn name(&self) -> &'static str {
        "bias-gelu-grad"
    }
    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, bias, grad) = (floats(s1, l1)?, floats(s2, l2)?, floats(s3, l3)?);
        let out = by_rows(x, bias.len(), |row, x| {
            for ((x, b), g) in x.iter_mut().zip(bias).zip(&grad[row * bias.len()..]) {
                let y = *x + b;
                let (below, density) = normal(y);
                *x = g * (below + y * density);
            }
        });
        Ok(result(out, l1.shape()))
    }
}

/// Mean and inverse standard deviation of a row.
fn moments(row: &[f32], eps: f32) -> (f32, f32) {
    let n = row.len().max(1) as f32;
    let mean = row.iter().sum::<f32>() / n;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
    (mean, 1.0 / (variance + eps).sqrt())
}

/// Layer norm: a matrix, a scale and a shift.
pub(super) struct Norm(pub(super) f32);

/// The gradient of [`Norm`] for the matrix: matrix, scale, gradient of the result.
struct NormGrad(f32);

/// The gradients of [`Norm`] for scale and shift, as two rows: matrix, gradient of the result.
struct NormSums(f32);

impl CustomOp3 for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }
    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, scale, shift) = (floats(s1, l1)?, floats(s2, l2)?, floats(s3, l3)?);
        let out = by_rows(x, scale.len(), |_, row| {
            let (mean, inverse) = moments(row, self.0);
            for ((x, s), b) in row.iter_mut().zip(scale).zip(shift) {
                *x = (*x - mean) * inverse * s + b;
            }
        });
        Ok(result(out, l1.shape()))
    }
    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        _shift: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let dx = x.apply_op3_no_bwd(scale, &grad, &NormGrad(self.0))?;
        let sums = x.apply_op2_no_bwd(&grad, &NormSums(self.0))?;
        Ok((Some(dx), Some(sums.get(0)?), Some(sums.get(1)?)))
    }
}

impl CustomOp3 for NormGrad {
    fn name(&self) -> &'static str {
        "norm-grad"
    }
    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, scale, grad) = (floats(s1, l1)?, floats(s2, l2)?, floats(s3, l3)?);
        let n = scale.len() as f32;
        let out = by_rows(x, scale.len(), |row, x| {
            let grads = &grad[row * scale.len()..];
            let (mean, inverse) = moments(x, self.0);
            let (mut sum, mut along) = (0.0, 0.0);
            for ((x, s), g) in x.iter_mut().zip(scale).zip(grads) {
                *x = (*x - mean) * inverse;
                sum += g * s;
                along += g * s * *x;
            }
            for ((x, s), g) in x.iter_mut().zip(scale).zip(grads) {
                *x = inverse * (g * s - sum / n - *x * along / n);
            }
        });
        Ok(result(out, l1.shape()))
    }
}

impl CustomOp2 for NormSums {
    fn name(&self) -> &'static str {
        "norm-sums"
    }
    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, grad, width) = (floats(s1, l1)?, floats(s2, l2)?, width(l1)?);
        let [mut scale, shift] = sums::<2>(x.len() / width.max(1), width, |row, [scale, shift]| {
            let (x, grad) = (&x[row * width..(row + 1) * width], &grad[row * width..(row + 1) * width]);
            let (mean, inverse) = moments(x, self.0);
            for (((scale, shift), x), g) in scale.iter_mut().zip(shift).zip(x).zip(grad) {
                *scale += g * (x - mean) * inverse;
                *shift += g;
            }
        });
        scale.extend(shift);
        Ok(result(scale, (2, width)))
    }
}
