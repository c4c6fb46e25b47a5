//! Where a statement comes from, and what could not be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Words in a document that a line of the plan rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// File name of the document.
    pub document: String,
    /// 1-based page (or sheet).
    pub page: u32,
    /// 0-based block on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u32>,
    /// 0-based table row within the block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Characters `[start, end)` of the block's text, where the quote was found there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(u32, u32)>,
    /// The words themselves, as they stand on the page, white space collapsed.
    pub quote: String,
}

impl Evidence {
    /// Evidence for a quote on a page, with no finer place.
    pub fn new(document: impl Into<String>, page: u32, quote: impl Into<String>) -> Self {
        Self { document: document.into(), page, quote: quote.into(), ..Self::default() }
    }
}

/// Something that the user should know: unread pages, merged rows, dropped records.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// The file it concerns, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The 1-based page it concerns, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// One sentence: what is wrong and what to do.
    pub message: String,
    /// True where input was lost, so that the command's exit status must say so (3).
    #[serde(default)]
    pub input_lost: bool,
}

impl Warning {
    /// A warning that concerns no particular file.
    pub fn general(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// A warning about input that could not be read.
    pub fn lost(document: impl Into<String>, page: Option<u32>, message: impl Into<String>) -> Self {
        Self { document: Some(document.into()), page, message: message.into(), input_lost: true }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(document) = &self.document {
            write!(f, "{document}")?;
            if let Some(page) = self.page {
                write!(f, ", page {page}")?;
            }
            write!(f, ": ")?;
        }
        f.write_str(&self.message)
    }
}
