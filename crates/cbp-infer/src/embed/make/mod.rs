//! Makes model directories: import from upstream packages, prune, quantise, centre.
//!
//! Each step takes a [`Draft`], a model in memory, and gives another; the same input gives the same bytes.

mod centre;
mod draft;
mod e5s1;
mod prune;
mod quantise;
mod recipe;

pub use centre::centre;
pub use draft::Draft;
#[cfg(feature = "candle")]
pub(crate) use draft::{Stored, write_file};
pub use prune::{Keep, prune};
pub use quantise::{Rounding, Widths, quantise};
pub use recipe::{Recipe, Source};
