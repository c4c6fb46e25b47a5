//! Whether confidences mean what they say.

use std::fmt::Write as _;

use super::{Answer, Gold, Task};

/// Bins of the diagram and of the error.
const BINS: usize = 10;

/// Confidences of first answers beside how often those are right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reliability {
    /// For each tenth of the range: number of answers, sum of confidences, number of right ones.
    bins: [(f64, f64, f64); BINS],
}

impl Reliability {
    /// Adds an answer of this confidence.
    pub fn add(&mut self, confidence: f64, right: bool) {
        let held = if confidence.is_nan() { 0.0 } else { confidence.clamp(0.0, 1.0) };
        let bin = ((held * BINS as f64) as usize).min(BINS - 1);
        if let Some((n, sum, hits)) = self.bins.get_mut(bin) {
            *n += 1.0;
            *sum += held;
            *hits += f64::from(u8::from(right));
        }
    }

    /// Adds the first answer to each query of a ranking task, where it has a confidence.
    pub fn add_task(&mut self, task: &Task, answer: &Answer) {
        let (Gold::Gains(gains), Answer::Rankings(rankings)) = (&task.gold, answer) else { return };
        for (gains, ranking) in gains.iter().zip(rankings) {
            if let Some((first, confidence)) = ranking.first().and_then(|r| Some((r, r.confidence?))) {
                self.add(confidence, gains.get(&first.candidate).is_some_and(|&gain| gain > 0.0));
            }
        }
    }

    /// Number of answers.
    pub fn len(&self) -> usize {
        self.bins.iter().map(|(n, _, _)| n).sum::<f64>() as usize
    }

    /// True where no answer has a confidence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Expected calibration error: how far confidence and accuracy lie apart, averaged over the answers.
    pub fn error(&self) -> f64 {
        let apart: f64 = self.bins.iter().map(|(_, sum, hits)| (sum - hits).abs()).sum();
        apart / self.bins.iter().map(|(n, _, _)| n).sum::<f64>().max(1.0)
    }

    /// The diagram: accuracy over confidence, circles as large as their bins are full, the diagonal what would be ideal.
    pub fn svg(&self) -> String {
        let total: f64 = self.bins.iter().map(|(n, _, _)| n).sum::<f64>().max(1.0);
        let mut out = String::from(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-50 -30 480 480\" font-family=\"sans-serif\" \
             font-size=\"13\">\n<rect width=\"400\" height=\"400\" fill=\"#fff\" stroke=\"#444\"/>\n<path d=\"M0 \
             400L400 0\" stroke=\"#999\" stroke-dasharray=\"5 4\"/>\n",
        );
        // Writing to a string cannot fail.
        for tenth in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let (x, y) = (400.0 * tenth, 400.0 - 400.0 * tenth);
            let _ = writeln!(out, "<text x=\"{x}\" y=\"418\" text-anchor=\"middle\">{tenth}</text>");
            let _ = writeln!(out, "<text x=\"-6\" y=\"{}\" text-anchor=\"end\">{tenth}</text>", y + 4.0);
        }
        for (n, sum, hits) in self.bins.iter().filter(|(n, _, _)| *n > 0.0) {
            let (x, y) = (400.0 * sum / n, 400.0 - 400.0 * hits / n);
            let radius = 3.0 + 22.0 * (n / total).sqrt();
            let _ = writeln!(
                out,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"#2b6cb0\" fill-opacity=\".6\"><title>{n} \
                 answers: confidence {:.3}, right {:.3}</title></circle>",
                sum / n,
                hits / n
            );
        }
        let _ = writeln!(
            out,
            "<text x=\"200\" y=\"-10\" text-anchor=\"middle\">{} answers, expected calibration error {:.3}</text>",
            self.len(),
            self.error()
        );
        out.push_str(
            "<text x=\"200\" y=\"440\" text-anchor=\"middle\">confidence</text>\n<text x=\"-38\" y=\"200\" \
             text-anchor=\"middle\" transform=\"rotate(-90 -38 200)\">share right</text>\n</svg>\n",
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_by_hand() {
        let mut reliability = Reliability::default();
        assert!(reliability.is_empty() && reliability.error() < 1e-12);
        // Two answers at .8, one of them right: .3 apart each. Two at .1, none right: .1 apart each.
        for (confidence, right) in [(0.8, true), (0.8, false), (0.1, false), (0.1, false)] {
            reliability.add(confidence, right);
        }
        assert!((reliability.error() - (0.3 * 2.0 + 0.1 * 2.0) / 4.0).abs() < 1e-12);
        assert_eq!(reliability.len(), 4);
    }

    #[test]
    fn the_diagram_is_well_formed_whatever_comes() {
        let mut reliability = Reliability::default();
        for confidence in [f64::NAN, -3.0, 1.0, 7.0] {
            reliability.add(confidence, true);
        }
        let svg = reliability.svg();
        assert_eq!(svg.matches("<circle").count(), svg.matches("</circle>").count());
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    }
}
