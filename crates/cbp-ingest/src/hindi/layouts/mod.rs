//! What the keys of each family of legacy fonts draw: typed codes and meaning, the usual key first. The meanings are in
//! glyph order, with [`PRE_I`](super::PRE_I) for a short i and [`REPH`](super::REPH) for a reph; a key with an empty
//! meaning draws a part of the letter before it.

pub(super) mod chanakya;
pub(super) mod dv_tt;
pub(super) mod kruti;
pub(super) mod walkman;
