//! What an engine is: token ids in, one pooled vector a window out.

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array2;

use super::EmbedError;

/// What runs a transformer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Engine {
    /// The packed encoder on the CPU: the fast one, always there. A `ModernBERT`, which it does not run, goes to candle
    /// where that is built in.
    #[default]
    Packed,
    /// The packed encoder on bytes: more than half as fast again, and vectors a little off (mean cosine above .99), so that
    /// they have a fingerprint of their own.
    Int8,
    /// candle on the CPU: the reference. Needs the feature `candle`.
    Candle,
    /// candle in half precision on the first NVIDIA GPU. Needs the feature `cuda`.
    Cuda,
}

/// Runs a transformer over windows of tokens.
///
/// The packed CPU encoder and candle's models are the two implementations; one test body runs over both.
pub trait Encoder: Send + Sync {
    /// Length of a vector.
    fn dims(&self) -> usize;

    /// A short name of the engine and its number format, which goes into the fingerprint where it changes vectors
    /// by more than rounding.
    fn engine(&self) -> &'static str;

    /// One pooled vector for each window, in order, not normalised.
    ///
    /// Windows hold special tokens already, none is empty, and none is longer than the model's window. The result
    /// for a window does not depend on which others are in the call: to the bit in the packed encoder, up to rounding
    /// in candle, which pads.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Cancelled`] once `run` says so; what the engine itself reports.
    fn encode(&self, windows: &[&[u32]], run: &Run<'_>) -> Result<Array2<f32>, EmbedError>;
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Windows that are ready.
    pub done: usize,
    /// Windows in all.
    pub total: usize,
}

/// What texts cost to embed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Tokens in all windows, in all parts of a bundle.
    pub tokens: usize,
    /// Multiply-adds of the transformers: what a processor's limit is compared with.
    pub multiply_adds: u64,
}

/// What a caller may hand in with a batch.
#[derive(Clone, Copy, Default)]
pub struct Run<'a> {
    /// Set to true from anywhere to stop within some tens of milliseconds.
    pub cancel: Option<&'a AtomicBool>,
    /// Called now and then from a working thread.
    pub progress: Option<&'a (dyn Fn(Progress) + Sync)>,
    /// The threads to use; without one, rayon's current pool.
    pub pool: Option<&'a rayon::ThreadPool>,
}

impl Run<'_> {
    /// Whether the caller asked to stop.
    pub fn cancelled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Runs `job` on the caller's threads.
    pub(crate) fn install<T: Send>(&self, job: impl FnOnce() -> T + Send) -> T {
        match self.pool {
            Some(pool) => pool.install(job),
            None => job(),
        }
    }
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("cancelled", &self.cancelled()).finish_non_exhaustive()
    }
}
