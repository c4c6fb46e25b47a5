//! Kernels. The only place with `unsafe` code; nothing here knows about texts, models or courses.
//!
//! Each kernel is written once over the tiny [`simd::Simd`] trait and compiled for every instruction set; which
//! one runs is decided once, at run time. The portable twin is always compiled and is what tests compare with.

#![allow(unsafe_code)]
// A kernel that is generic over the instruction set only works when it is inlined into the function that enables
// the instructions, and it takes pointers and extents one by one.
#![allow(clippy::inline_always, clippy::too_many_arguments)]

mod codes;
mod exact;
mod gemm;
mod int8;
mod isa;
mod limit;
mod map;
mod math;
mod numbers;
mod pages;
mod quads;
mod scan;
mod sift;
mod simd;

pub(crate) use codes::{Codes, Int8Matrix};
pub(crate) use exact::{dot, dots, fetch};
pub(crate) use gemm::{Epilogue, PANEL, PackedMatrix, gemm, gemm_panels};
pub(crate) use int8::int8_gemm;
pub(crate) use isa::Isa;
pub(crate) use limit::multiply_adds;
pub(crate) use map::map_file;
pub(crate) use math::{add_layer_norm, layer_norm, softmax};
pub(crate) use numbers::Width;
pub(crate) use pages::{Pages, Space};
pub(crate) use scan::{Block, LANES, Line, Panels, QUAD, ROWS, ZERO, scan};
pub(crate) use sift::{peaks, sift};
