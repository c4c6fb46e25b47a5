//! What a run says about itself: lines of JSON, and a plot of them.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::TuneError;

/// A line of the log. It holds nothing that differs between two equal runs, such as times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// A step.
    Step {
        /// Steps done, this one included.
        step: usize,
        /// The source that it was drawn from.
        source: String,
        /// Its loss.
        loss: f64,
        /// The learning rate.
        rate: f64,
        /// The gradient's length before it was limited.
        gradient: f64,
        /// Number of queries and passages.
        texts: (usize, usize),
    },
    /// A judgement on groups that were left out.
    Judged {
        /// Steps done.
        step: usize,
        /// Share of the tuned weights.
        mix: f64,
        /// The metric of each source.
        scores: BTreeMap<String, f64>,
        /// Their mean.
        mean: f64,
    },
}

impl Line {
    const fn step(&self) -> usize {
        match self {
            Self::Step { step, .. } | Self::Judged { step, .. } => *step,
        }
    }
}

/// A log that grows.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    lines: Vec<Line>,
}

impl Log {
    /// Opens a log and drops what lies behind step `step`: a resumed run writes that again.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn open(path: &Path, step: Option<usize>) -> Result<Self, TuneError> {
        let before = step.and_then(|_| fs::read_to_string(path).ok()).unwrap_or_default();
        let lines: Vec<Line> = before
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|line: &Line| step.is_some_and(|step| line.step() <= step))
            .collect();
        let text: String = lines.iter().map(json).collect();
        fs::write(path, text).map_err(TuneError::io(path))?;
        Ok(Self { path: path.to_owned(), lines })
    }

    /// Adds a line.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn add(&mut self, line: Line) -> Result<(), TuneError> {
        let mut file = OpenOptions::new().append(true).open(&self.path).map_err(TuneError::io(&self.path))?;
        file.write_all(json(&line).as_bytes()).map_err(TuneError::io(&self.path))?;
        self.lines.push(line);
        Ok(())
    }

    /// All lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What was judged after `step` steps with a share `mix` of the tuned weights.
    pub fn judgement(&self, step: usize, mix: f64) -> Option<&Line> {
        self.lines.iter().find(|line| {
            matches!(line, Line::Judged { step: s, mix: m, .. } if *s == step && (m - mix).abs() < 1e-9)
        })
    }

    /// The run as a picture: loss of the steps (a moving mean) and means of the judgements.
    pub fn plot(&self) -> String {
        let mut loss: Vec<(f64, f64)> = Vec::new();
        let mut mean: Option<f64> = None;
        let mut judged: Vec<(f64, f64)> = Vec::new();
        for line in &self.lines {
            match line {
                Line::Step { step, loss: value, .. } => {
                    let next = mean.map_or(*value, |mean| mean + (value - mean) * 0.05);
                    mean = Some(next);
                    loss.push((*step as f64, next));
                }
                Line::Judged { step, mean, mix, .. } if (*mix - 1.0).abs() < 1e-9 => {
                    judged.push((*step as f64, *mean));
                }
                Line::Judged { .. } => {}
            }
        }
        let mut out = String::from(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"640\" height=\"360\" fill=\"white\"/>\n",
        );
        curve(&mut out, &loss, "#555", "loss (moving mean)", 60.0);
        curve(&mut out, &judged, "#0a6", "left-out groups (mean metric)", 330.0);
        out.push_str("<text x=\"320\" y=\"350\" text-anchor=\"middle\">step</text>\n</svg>\n");
        out
    }
}

fn json(line: &Line) -> String {
    serde_json::to_string(line).unwrap_or_default() + "\n"
}

/// Draws a curve over the whole plot on a scale of its own, named in the legend.
fn curve(out: &mut String, points: &[(f64, f64)], colour: &str, name: &str, legend: f64) {
    let last = points.iter().map(|p| p.0).fold(1.0, f64::max);
    let low = points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let high = points.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    if points.is_empty() {
        return;
    }
    let span = if high > low { high - low } else { 1.0 };
    let mut path = String::new();
    for (x, y) in points {
        let _ = write!(path, "{:.1},{:.1} ", 40.0 + x / last * 580.0, 320.0 - (y - low) / span * 280.0);
    }
    let _ = writeln!(out, "<polyline fill=\"none\" stroke=\"{colour}\" points=\"{}\"/>", path.trim_end());
    let _ =
        writeln!(out, "<text x=\"{legend}\" y=\"20\" fill=\"{colour}\">{name}: {low:.3} to {high:.3}</text>");
}
