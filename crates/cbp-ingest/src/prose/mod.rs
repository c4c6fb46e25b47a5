//! What the readers of meaning share: folded text, lines of a document, items of a list, the place of a quote.

mod evidence;
mod fold;
mod items;
mod lines;
mod marker;

pub(crate) use evidence::{Locator, Place};
pub(crate) use fold::{collapse, fold, has_devanagari, table_rows};
pub(crate) use items::{Item, split_items};
pub(crate) use lines::{Line, lines};
pub(crate) use marker::{Style, marker};
