//! Budgets that keep a lying or damaged file from eating the machine.

use std::time::Duration;

/// Budgets of one document. Every reader checks them and stops with [`crate::IngestError::Limit`].
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Largest file, in bytes.
    pub bytes: u64,
    /// Most pages (or sheets).
    pub pages: usize,
    /// Most objects of a PDF.
    pub objects: usize,
    /// Most bytes that one compressed stream or zip member may inflate to.
    pub stream_bytes: u64,
    /// Most bytes that all streams of one document may inflate to.
    pub total_bytes: u64,
    /// Deepest nesting of Form `XObject`s.
    pub form_depth: usize,
    /// Most content operators on one page.
    pub operators: usize,
    /// Most glyphs on one page.
    pub glyphs: usize,
    /// Most entries of one character map.
    pub cmap_entries: usize,
    /// Deepest nesting of XML elements.
    pub xml_depth: usize,
    /// Largest ratio of inflated to compressed size of a zip member.
    pub zip_ratio: u64,
    /// Wall-clock time for one document, recognition of pictures aside.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            pages: 5_000,
            objects: 2_000_000,
            stream_bytes: 128 << 20,
            total_bytes: 512 << 20,
            form_depth: 12,
            operators: 4_000_000,
            glyphs: 400_000,
            cmap_entries: 200_000,
            xml_depth: 256,
            zip_ratio: 400,
            deadline: Duration::from_secs(12),
        }
    }
}
