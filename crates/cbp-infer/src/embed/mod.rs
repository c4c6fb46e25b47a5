//! Texts to vectors: a transformer on the CPU, in English and Indian languages, offline.
//!
//! [`Embedder`] is the way in. A model is a directory with one layout ([`Manifest`]); the one that ships is found
//! by itself ([`ModelSource`]). What happens to a text before a model sees it is written down in [`text`].

mod cache;
mod config;
mod embedder;
mod engine;
mod error;
#[cfg(feature = "hub")]
mod hub;
mod layer;
pub mod make;
mod manifest;
mod model;
mod packed;
mod quant;
#[cfg(feature = "candle")]
mod reference;
mod source;
pub mod text;
mod tokens;
mod weights;

pub use cache::VectorCache;
pub use embedder::{Embedder, SHIPPED_VECTORS, TEXT_LIMIT};
pub use engine::{Encoder, Engine, Progress, Run, Work};
pub use error::EmbedError;
pub use manifest::{
    BundleManifest, EncoderManifest, MANIFEST, Manifest, Part, Pooling, Prefixes, TextKind, Upstream,
};
pub use source::{DEFAULT_MODEL, ModelSource, places};
pub use text::Script;

// What training needs of a model beside its vectors.
#[cfg(feature = "candle")]
pub(crate) use {
    config::Config,
    model::{manifest_of, sha256},
    tokens::{Tokens, tokenizer_file},
    weights::Weights,
};
