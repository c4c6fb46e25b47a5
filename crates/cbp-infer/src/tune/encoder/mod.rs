//! Training of a sentence encoder.

mod adam;
mod attention;
mod batch;
mod bert;
mod checkpoint;
mod draw;
mod judge;
mod loss;
mod mine;
mod ops;
mod plain;
mod run;
#[cfg(test)]
mod tests;

pub use run::{EncoderRun, TuneDevice, Tuned, tune_encoder};
