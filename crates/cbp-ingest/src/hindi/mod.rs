//! Hindi that arrives broken: fonts that code Devanagari as ASCII, glyph order instead of letter order, and the
//! check that tells text from noise.

mod check;
mod context;
mod invert;
mod layout;
mod layouts;
mod legacy;
mod order;
mod shape;

pub use check::{Wellformedness, wellformedness};
pub(crate) use invert::invert;
pub use layout::LegacyLayout;
pub(crate) use legacy::{FontVote, layout_by_name};
pub(crate) use order::{PRE_I, REPH, logical_order};
pub use shape::normalise;
pub(crate) use shape::{VIRAMA, has_devanagari};
