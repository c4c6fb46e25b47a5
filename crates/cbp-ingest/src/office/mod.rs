//! Word, Excel, CSV and text files to a [`crate::Document`].

mod cells;
mod csv;
mod docx;
mod docx_styles;
mod package;
mod sheet;
mod text;
mod xml;

pub(crate) use self::csv::{read_csv, separator};
pub(crate) use docx::read_docx;
pub(crate) use package::{Container, container};
pub(crate) use sheet::{read_xls, read_xlsx};
pub(crate) use text::{decode, read_text};
