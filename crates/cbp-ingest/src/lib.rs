//! Reads a government department's papers: bytes to [`Document`], and documents to their meaning.

mod document;
mod error;
mod limits;

pub use document::{
    BBox, Block, BlockKind, Cell, Document, Drawing, Format, Page, ReadWarning, Row, Table, Verdict, Word,
};
pub use error::IngestError;
pub use limits::Limits;
