//! PDF: bytes to pages of words, blocks and drawings.
//!
//! lopdf loads and decrypts; everything above objects is here. [`PdfFile`] keeps the document with its budgets,
//! the interpreter turns content streams into placed glyphs ([`PageGeometry`]), and the layout turns those into words,
//! lines and blocks.

mod cmap;
mod damage;
mod encoding;
mod file;
mod font;
mod furniture;
mod geometry;
mod interp;
mod layout;
mod lex;
mod matrix;
mod objects;
mod operands;
mod order;
mod page;
mod paths;
mod program;
mod read;
mod show;
mod simple;
mod structure;
mod texts;
mod widths;
mod words;

pub(crate) use file::PdfFile;
pub use font::{Font, TextSource};
pub use geometry::{Glyph, PageGeometry};
pub(crate) use layout::is_item;
pub use read::{pdf_geometry, read_pdf};
