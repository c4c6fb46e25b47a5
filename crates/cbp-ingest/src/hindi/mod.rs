//! Hindi that arrives broken: fonts that code Devanagari as ASCII, glyph order instead of letter order, and the
//! check that tells text from noise.

mod check;
mod invert;
mod kruti;
mod kruti_table;
mod legacy;
mod shape;

pub use check::{Wellformedness, wellformedness};
pub(crate) use invert::invert;
pub(crate) use kruti::logical_order;
pub use kruti::{decode_kruti, encode_kruti};
pub(crate) use kruti_table::{PRE_I, REPH};
pub(crate) use legacy::{FontVote, legacy_by_name};
pub(crate) use shape::has_devanagari;
pub use shape::normalise;
