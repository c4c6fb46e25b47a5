//! Training: an encoder of one's own from a base model and pairs of texts; on frozen vectors, heads of single entries and the
//! curve of confidences from labelled texts, and levels from texts whose level is known.

mod calibrate;

#[cfg(feature = "candle")]
mod card;
mod config;
#[cfg(feature = "candle")]
mod data;
#[cfg(feature = "candle")]
mod encoder;
mod error;
mod heads;
mod lessons;
mod level;
mod linear;
#[cfg(feature = "candle")]
mod log;
mod skills;

pub use calibrate::{Answers, calibrate};
pub use config::{Batch, EncoderRecipe, Source, SourceKind, Steps, Trained, Validation};
#[cfg(feature = "candle")]
pub use encoder::{EncoderRun, TuneDevice, Tuned, tune_encoder};
pub use error::TuneError;
pub use heads::{HeadOptions, Labelled};
pub use lessons::{CurveError, Taught, TaughtTask, tune_heads};
pub use level::{LearnedLevels, LevelExample, level_agreement, tune_levels};
pub(crate) use linear::solve;
#[cfg(feature = "candle")]
pub use log::{Line, Log};
pub use skills::Skill;
