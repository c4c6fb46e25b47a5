//! Training: an encoder of one's own from a base model and pairs of texts.

#[cfg(feature = "candle")]
mod card;
mod config;
#[cfg(feature = "candle")]
mod data;
#[cfg(feature = "candle")]
mod encoder;
mod error;
#[cfg(feature = "candle")]
mod log;
#[cfg(feature = "candle")]
mod rng;

pub use config::{Batch, EncoderRecipe, Source, SourceKind, Steps, Trained, Validation};
#[cfg(feature = "candle")]
pub use encoder::{EncoderRun, TuneDevice, Tuned, tune_encoder};
pub use error::TuneError;
#[cfg(feature = "candle")]
pub use log::{Line, Log};
