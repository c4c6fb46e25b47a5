//! Word files: the main part's paragraphs, lists, tables and text boxes.

use quick_xml::events::BytesStart;

use super::cells::{Loose, push_line, table};
use super::docx_styles::{Numbering, Style, Styles};
use super::package::Package;
use super::text::decode;
use super::xml::{Item, Xml, attribute, is_on};
use crate::LegacyLayout;
use crate::hindi::{layout_by_name, normalise};
use crate::tables::{header_rows, plain};
use crate::{Block, BlockKind, Document, Format, IngestError, Limits, Page, Verdict};

/// Widest table in grid columns; a span that claims more is cut.
const MOST_COLUMNS: usize = 500;

/// Reads a Word file (DOCX).
///
/// Pages are those that Word noted when it last laid the text out, else those that the author broke by hand.
///
/// # Errors
///
/// The file is locked or damaged, or exceeds a budget.
pub(crate) fn read_docx(name: &str, bytes: &[u8], limits: &Limits) -> Result<Document, IngestError> {
    let mut package = Package::open(name, "Word file", bytes, limits)?;
    let mut part = |path: &str| Ok::<_, IngestError>(package.read(path)?.map(|b| decode(&b).0));
    let Some(main) = part("word/document.xml")? else {
        let detail = "it has no text part".to_owned();
        return Err(IngestError::Damaged { name: name.to_owned(), format: "Word file", detail });
    };
    let styles = match part("word/styles.xml")? {
        Some(text) => Styles::parse(name, &text, limits)?,
        None => Styles::default(),
    };
    let numbering = match part("word/numbering.xml")? {
        Some(text) => Numbering::parse(name, &text, limits)?,
        None => Numbering::default(),
    };
    let mut notes = Vec::new();
    for path in ["word/footnotes.xml", "word/endnotes.xml"] {
        notes.extend(part(path)?);
    }
    let mut reader = Docx::new(name, &main, limits, &styles, numbering);
    let mut placed = reader.blocks(&mut Props::default())?;
    let (last, mut legacy) = (reader.page, reader.legacy);
    for text in &notes {
        let mut reader = Docx { page: last, ..Docx::new(name, text, limits, &styles, Numbering::default()) };
        placed.extend(reader.blocks(&mut Props::default())?);
        legacy |= reader.legacy;
    }
    if last as usize > limits.pages {
        let limit = limits.pages as u64;
        return Err(IngestError::Limit { name: name.to_owned(), what: "the number of pages", limit });
    }
    let mut pages: Vec<Page> = (1..=last).map(|number| Page { number, ..Page::default() }).collect();
    for placed in placed {
        if let Some(page) = pages.get_mut(placed.page.max(1) as usize - 1) {
            page.blocks.push(placed.block);
        }
    }
    for page in &mut pages {
        page.verdict = match page.blocks.is_empty() {
            true => Verdict::Empty,
            false if legacy => Verdict::LegacyDecoded,
            false => Verdict::Good,
        };
    }
    Ok(Document {
        name: name.to_owned(),
        format: Format::Docx,
        sha256: crate::sha256_hex(bytes),
        pages,
        warnings: Vec::new(),
    })
}

/// A block with its page.
struct Placed {
    page: u32,
    block: Block,
    bold: bool,
}

/// What a cell's properties say.
#[derive(Debug, Default)]
struct Props {
    span: usize,
    goes_on: bool,
    goes_on_left: bool,
}

struct Docx<'a> {
    name: &'a str,
    xml: Xml<'a>,
    styles: &'a Styles,
    numbering: Numbering,
    page: u32,
    /// Word noted where its pages broke.
    laid_out: bool,
    /// Some text was in a legacy font.
    legacy: bool,
    /// Blocks that belong behind the paragraph or table being read: text boxes, inner tables.
    after: Vec<Placed>,
}

impl<'a> Docx<'a> {
    fn new(name: &'a str, text: &'a str, limits: &Limits, styles: &'a Styles, numbering: Numbering) -> Self {
        Self {
            name,
            xml: Xml::new(name, text, limits),
            styles,
            numbering,
            page: 1,
            laid_out: text.contains("lastRenderedPageBreak"),
            legacy: false,
            after: Vec::new(),
        }
    }

    /// Reads on to the end of the element that was started last.
    fn blocks(&mut self, props: &mut Props) -> Result<Vec<Placed>, IngestError> {
        let floor = self.xml.depth();
        let mut out = Vec::new();
        loop {
            match self.xml.next()? {
                Item::Start(start) => match start.local_name().into_inner() {
                    "p" => {
                        let outer = std::mem::take(&mut self.after);
                        out.extend(self.paragraph()?);
                        out.append(&mut std::mem::replace(&mut self.after, outer));
                    }
                    "tbl" => {
                        let outer = std::mem::take(&mut self.after);
                        out.extend(self.table()?);
                        out.append(&mut std::mem::replace(&mut self.after, outer));
                    }
                    "tcPr" => self.cell_props(props)?,
                    local if is_skipped(local) => self.xml.skip()?,
                    _ => {}
                },
                Item::End if self.xml.depth() < floor => return Ok(out),
                Item::Eof => return Ok(out),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self) -> Result<Option<Placed>, IngestError> {
        let floor = self.xml.depth();
        let mut style = self.styles.resolve(None);
        let mut run = style.clone();
        let mut text = Runs::default();
        let mut page = self.page;
        let mut bold = true;
        loop {
            match self.xml.next()? {
                Item::Start(start) => match start.local_name().into_inner() {
                    "pPr" => style = self.paragraph_props()?,
                    "r" => run = style.clone(),
                    "rPr" => self.run_props(&mut run)?,
                    "t" => {
                        let piece = self.text()?;
                        bold &= run.bold == Some(true) || piece.trim().is_empty();
                        text.push(&piece, run.font.as_deref().and_then(layout_by_name));
                    }
                    "tab" => text.push(" ", None),
                    "noBreakHyphen" => text.push("-", None),
                    "cr" => text.push("\n", None),
                    "br" => {
                        if attribute(&start, "type").as_deref() != Some("page") {
                            text.push("\n", None);
                        } else if !self.laid_out {
                            self.page += 1;
                        }
                    }
                    "lastRenderedPageBreak" => self.page += 1,
                    "txbxContent" => {
                        let boxed = self.blocks(&mut Props::default())?;
                        self.after.extend(boxed);
                    }
                    local if is_skipped(local) => self.xml.skip()?,
                    _ => {}
                },
                Item::End if self.xml.depth() < floor => break,
                Item::Eof => break,
                _ => {}
            }
            if text.is_empty() {
                page = self.page;
            }
        }
        self.legacy |= text.legacy;
        let text = text.finish();
        if text.is_empty() {
            return Ok(None);
        }
        let mark = style.list.as_ref().filter(|(id, _)| id != "0");
        let mark = mark.and_then(|(id, level)| self.numbering.next_mark(id, *level));
        let listed = mark.is_some();
        let text = mark.map_or(text.clone(), |mark| format!("{mark} {text}"));
        let kind = match style.outline {
            Some(level) if level < 9 => BlockKind::Heading(level + 1),
            _ if listed || crate::pdf::is_item(&text) => BlockKind::ListItem,
            _ if bold && text.chars().count() <= 160 && !text.ends_with(['.', ';', ',', '।']) => {
                BlockKind::Heading(3)
            }
            _ => BlockKind::Paragraph,
        };
        Ok(Some(Placed { page, block: Block { kind, text, bbox: None }, bold }))
    }

    fn text(&mut self) -> Result<String, IngestError> {
        let floor = self.xml.depth();
        let mut out = String::new();
        loop {
            match self.xml.next()? {
                Item::Text(text) => out.push_str(&text),
                Item::End if self.xml.depth() < floor => return Ok(out),
                Item::Eof => return Ok(out),
                _ => {}
            }
        }
    }

    /// Calls `see` with every element inside the one that was started last.
    fn inside(&mut self, mut see: impl FnMut(&BytesStart<'_>)) -> Result<(), IngestError> {
        let floor = self.xml.depth();
        loop {
            match self.xml.next()? {
                Item::Start(start) => see(&start),
                Item::End if self.xml.depth() < floor => return Ok(()),
                Item::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn paragraph_props(&mut self) -> Result<Style, IngestError> {
        let (mut id, mut list, mut level, mut outline) = (None, None, None, None);
        self.inside(|start| {
            let value = || attribute(start, "val");
            match start.local_name().into_inner() {
                "pStyle" => id = value(),
                "numId" => list = value(),
                "ilvl" => level = value().and_then(|v| v.parse().ok()),
                "outlineLvl" => outline = value().and_then(|v| v.parse().ok()),
                _ => {}
            }
        })?;
        let mut style = self.styles.resolve(id.as_deref());
        style.outline = outline.or(style.outline);
        if let Some(list) = list {
            style.list = Some((list, level.unwrap_or(0)));
        } else if let (Some((_, own)), Some(level)) = (&mut style.list, level) {
            *own = level;
        }
        Ok(style)
    }

    fn run_props(&mut self, run: &mut Style) -> Result<(), IngestError> {
        let styles = self.styles;
        self.inside(|start| match start.local_name().into_inner() {
            "rFonts" => run.font = attribute(start, "ascii").or(run.font.take()),
            "b" => run.bold = Some(is_on(start)),
            "rStyle" => {
                let style = styles.resolve(attribute(start, "val").as_deref());
                run.bold = style.bold.or(run.bold);
            }
            _ => {}
        })
    }

    fn cell_props(&mut self, props: &mut Props) -> Result<(), IngestError> {
        self.inside(|start| {
            let value = attribute(start, "val");
            match start.local_name().into_inner() {
                "gridSpan" => props.span = value.and_then(|v| v.parse().ok()).unwrap_or(1),
                "vMerge" => props.goes_on = value.as_deref() != Some("restart"),
                "hMerge" => props.goes_on_left = value.as_deref() != Some("restart"),
                _ => {}
            }
        })
    }

    /// A table; one of a single column is a frame, and gives its contents.
    fn table(&mut self) -> Result<Vec<Placed>, IngestError> {
        let floor = self.xml.depth();
        let mut grid = Grid::default();
        let mut contents = Vec::new();
        let begun = self.page;
        loop {
            match self.xml.next()? {
                Item::Start(start) => match start.local_name().into_inner() {
                    "tr" => {
                        grid.next_row(self.page);
                        self.row(&mut grid, &mut contents)?;
                    }
                    local if is_skipped(local) || local == "tblPr" => self.xml.skip()?,
                    _ => {}
                },
                Item::End if self.xml.depth() < floor => break,
                Item::Eof => break,
                _ => {}
            }
        }
        let marked = grid.header;
        let mut table = table(self.name, grid.cells, &grid.pages)?;
        if table.columns < 2 {
            return Ok(contents);
        }
        table.header_rows = marked.max(header_rows(&table.rows, &grid.bold));
        let block = Block { text: plain(&table), kind: BlockKind::Table(table), bbox: None };
        Ok(vec![Placed { page: begun, block, bold: false }])
    }

    fn row(&mut self, grid: &mut Grid, contents: &mut Vec<Placed>) -> Result<(), IngestError> {
        let floor = self.xml.depth();
        loop {
            match self.xml.next()? {
                Item::Start(start) => match start.local_name().into_inner() {
                    "gridBefore" => {
                        let skip = attribute(&start, "val").and_then(|v| v.parse().ok()).unwrap_or(0);
                        grid.at = (grid.at + skip).min(MOST_COLUMNS);
                    }
                    "tblHeader" if is_on(&start) && grid.header + 1 == grid.pages.len() => grid.header += 1,
                    "tc" => {
                        let mut props = Props::default();
                        let blocks = self.blocks(&mut props)?;
                        grid.add(&props, &blocks);
                        contents.extend(blocks);
                    }
                    local if is_skipped(local) => self.xml.skip()?,
                    _ => {}
                },
                Item::End if self.xml.depth() < floor => return Ok(()),
                Item::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

/// Deleted text, the second version of a drawing for old programs, and section properties.
fn is_skipped(local: &str) -> bool {
    matches!(local, "Fallback" | "del" | "moveFrom" | "sectPr" | "instrText")
}

/// The cells of a table while it is read.
#[derive(Default)]
struct Grid {
    cells: Vec<Loose>,
    pages: Vec<u32>,
    bold: Vec<bool>,
    /// First rows that the author marked to be repeated on every page.
    header: usize,
    /// Next free grid column of the row.
    at: usize,
    /// For each grid column the cell of the row above that ends in it.
    above: Vec<Option<usize>>,
    here: Vec<Option<usize>>,
}

impl Grid {
    fn next_row(&mut self, page: u32) {
        self.pages.push(page);
        self.bold.push(true);
        self.at = 0;
        self.above = std::mem::take(&mut self.here);
    }

    fn add(&mut self, props: &Props, blocks: &[Placed]) {
        let span = props.span.clamp(1, MOST_COLUMNS).min((MOST_COLUMNS - self.at.min(MOST_COLUMNS)).max(1));
        let row = self.pages.len().saturating_sub(1);
        let mut text = String::new();
        for placed in blocks {
            push_line(&mut text, &placed.block.text);
        }
        if let Some(bold) = self.bold.last_mut() {
            *bold &= blocks.iter().all(|b| b.bold);
        }
        let continued = if props.goes_on_left {
            self.here.last().copied().flatten()
        } else if props.goes_on {
            self.above.get(self.at).copied().flatten()
        } else {
            None
        };
        let index = continued.unwrap_or(self.cells.len());
        if let Some(cell) = self.cells.get_mut(index) {
            cell.rows = cell.rows.max(row + 1 - cell.row);
            cell.cols = cell.cols.max(self.at + span - cell.col);
            push_line(&mut cell.text, &text);
        } else {
            self.cells.push(Loose { row, col: self.at, rows: 1, cols: span, text });
        }
        self.here.resize(self.at, None);
        self.here.resize(self.at + span, Some(index));
        self.at += span;
    }
}

/// The text of a paragraph, run by run: letters of legacy fonts are decoded together.
#[derive(Default)]
struct Runs {
    done: String,
    run: String,
    run_layout: Option<LegacyLayout>,
    legacy: bool,
}

impl Runs {
    fn push(&mut self, text: &str, layout: Option<LegacyLayout>) {
        if layout != self.run_layout {
            self.close();
            self.run_layout = layout;
        }
        self.legacy |= layout.is_some() && !text.trim().is_empty();
        self.run.push_str(text);
    }

    fn close(&mut self) {
        let run = std::mem::take(&mut self.run);
        if let Some(layout) = self.run_layout {
            self.done.push_str(&layout.decode(&run));
        } else if run.is_ascii() {
            self.done.push_str(&run);
        } else {
            self.done.push_str(&normalise(&run));
        }
    }

    fn is_empty(&self) -> bool {
        self.done.trim().is_empty() && self.run.trim().is_empty()
    }

    /// The text with single blanks.
    fn finish(mut self) -> String {
        self.close();
        let lines = self.done.split('\n').map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }
}
