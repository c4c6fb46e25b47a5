//! What every reader produces: a [`Document`] of [`Page`]s of [`Block`]s, with positions.

use serde::{Deserialize, Serialize};

/// A document as read, whatever its file format was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// File name as the user gave it, without folders; evidence cites it.
    pub name: String,
    /// How the bytes were read.
    pub format: Format,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Pages in order. Sheets of a workbook and sections of a text file count as pages.
    pub pages: Vec<Page>,
    /// What could not be read, page by page; empty when everything was.
    pub warnings: Vec<ReadWarning>,
}

/// File formats that cbp reads, told from the bytes and not from the file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// Portable Document Format.
    Pdf,
    /// Office Open XML text.
    Docx,
    /// Office Open XML workbook.
    Xlsx,
    /// Binary Excel workbook.
    Xls,
    /// Comma-, semicolon- or tab-separated values.
    Csv,
    /// Plain text or Markdown.
    Text,
}

/// One page. Coordinates are points (1/72 inch), origin at the top left, y down, after `/Rotate`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// 1-based number, as a reader of the document would count.
    pub number: u32,
    /// Sheet name, where the page is a sheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Width in points; 0 where the format has no page size.
    pub width: f32,
    /// Height in points; 0 where the format has no page size.
    pub height: f32,
    /// How far the page's text can be trusted.
    pub verdict: Verdict,
    /// Text and tables in reading order.
    pub blocks: Vec<Block>,
    /// Words with their boxes, where the format has positions; organograms are read from these.
    #[serde(default, skip_serializing)]
    pub words: Vec<Word>,
    /// Boxes and lines drawn on the page.
    #[serde(default, skip_serializing)]
    pub drawing: Drawing,
}

/// How the text of a page was come by, and whether to trust it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// The text layer reads well.
    #[default]
    Good,
    /// Some or all text was in a legacy (ASCII-coded) Indic font and was decoded.
    LegacyDecoded,
    /// A wrong Unicode map was repaired from the embedded font.
    Repaired,
    /// The text was recognised from the page's picture.
    Ocr,
    /// Some of the text is not well-formed and was left out; the rest reads well.
    Partial,
    /// There is text, but hardly any is well-formed; it is not passed on.
    Suspect,
    /// The page has pictures and no text.
    NoTextLayer,
    /// The page is encrypted and no password opened it.
    Locked,
    /// The page has neither text nor pictures.
    Empty,
}

impl Verdict {
    /// True where the page's text may be used.
    pub fn is_readable(self) -> bool {
        self == Self::Partial || !self.loses_text()
    }

    /// True where the page holds text that could not be read.
    pub fn loses_text(self) -> bool {
        !matches!(self, Self::Good | Self::LegacyDecoded | Self::Repaired | Self::Ocr | Self::Empty)
    }
}

/// A paragraph, heading, list item or table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// The text, lines joined by `\n`. For a table: cells by tab, rows by `\n`.
    pub text: String,
    /// Where it stands, if the format has positions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bbox: Option<BBox>,
}

/// Kinds of [`Block`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BlockKind {
    /// A heading; 1 is the highest level.
    Heading(u8),
    /// Running text.
    Paragraph,
    /// An item with a bullet, number or letter (kept in the text).
    ListItem,
    /// A running header, footer or page number.
    Furniture,
    /// A table, merged over pages where it goes on; it stands on the page where it begins.
    Table(Table),
}

/// A rectangular table: every row has exactly `columns` cells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Number of columns.
    pub columns: usize,
    /// How many of the first rows are headers.
    pub header_rows: usize,
    /// All rows, headers included.
    pub rows: Vec<Row>,
}

/// A row of a [`Table`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// 1-based page where the row begins.
    pub page: u32,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

/// A cell. A merged cell keeps its text at its top-left place; the places it covers are `covered`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The text, lines joined by `\n`; empty for a covered place.
    pub text: String,
    /// Rows that the cell spans, at least 1.
    pub row_span: usize,
    /// Columns that the cell spans, at least 1.
    pub col_span: usize,
    /// True for a place that a merged cell above or to the left covers.
    pub covered: bool,
    /// Where it stands, if the format has positions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bbox: Option<BBox>,
}

impl Default for Cell {
    fn default() -> Self {
        Self { text: String::new(), row_span: 1, col_span: 1, covered: false, bbox: None }
    }
}

/// An axis-parallel box in page coordinates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct BBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

/// A word with its place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The text, without white space.
    pub text: String,
    /// Where it stands.
    pub bbox: BBox,
    /// Font size in points.
    pub size: f32,
    /// True where the font's name or overprinting says bold.
    pub bold: bool,
}

/// What is drawn on a page apart from text and pictures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// Straight strokes, and thin filled rectangles that serve as rules: from, to.
    pub lines: Vec<[f32; 4]>,
    /// Stroked or filled rectangles, rounded ones included.
    pub boxes: Vec<BBox>,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadWarning {
    /// 1-based page; `None` where it concerns the whole document.
    pub page: Option<u32>,
    /// One sentence: what is wrong and what to do.
    pub message: String,
}
