//! Excel workbooks: every sheet a page, its used cells a table.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader, SheetVisible, Xls, XlsOptions, Xlsx};

use super::cells::{Loose, table};
use super::package::Package;
use crate::tables::{header_rows, plain};
use crate::{Block, BlockKind, Document, Format, IngestError, Limits, Page, ReadWarning, Verdict};

/// Most cells with text of one sheet.
const MOST_CELLS: usize = 2_000_000;
/// Numbers from here on may have lost digits: Excel keeps fifteen.
const EXACT: f64 = 1e15;

/// A sheet as read: cells with text by row and column, and merged areas.
#[derive(Default)]
struct Sheet {
    cells: BTreeMap<(u32, u32), String>,
    /// Rows in which every cell with text is bold.
    plain_rows: std::collections::BTreeSet<u32>,
    merged: Vec<Dimensions>,
    lost_digits: bool,
}

/// Reads an Excel workbook (XLSX).
///
/// # Errors
///
/// The file is locked or damaged, or exceeds a budget.
pub(crate) fn read_xlsx(name: &str, bytes: &[u8], limits: &Limits) -> Result<Document, IngestError> {
    // The spreadsheet reader knows no budgets: nothing is given to it before all of it has been inflated within them.
    Package::open(name, "Excel workbook", bytes, limits)?.check()?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged(name, &e))?;
    let mut sheets = Vec::new();
    for (label, hidden) in labels(&book) {
        let mut sheet = Sheet::default();
        match book.worksheet_cells_reader(&label) {
            Ok(mut reader) => {
                let bold: Vec<bool> = reader
                    .styles()
                    .iter()
                    .map(|s| s.font.as_ref().is_some_and(calamine::Font::is_bold))
                    .collect();
                while let Some((cell, style)) =
                    reader.next_cell_with_style_id().map_err(|e| damaged(name, &e))?
                {
                    let data = cell.get_value();
                    let text = match data {
                        DataRef::SharedString(text) => clean(text),
                        other => sheet.text(&Data::from(other.clone())),
                    };
                    sheet.put(name, cell.get_position(), text)?;
                    if !bold.get(style).copied().unwrap_or(false) && *data != DataRef::Empty {
                        sheet.plain_rows.insert(cell.get_position().0);
                    }
                }
            }
            // A chart sheet has no cells.
            Err(_) => continue,
        }
        sheet.merged = book.merge_cells_by_sheet_name(&label).unwrap_or_default();
        sheets.push((label, hidden, sheet));
    }
    document(name, bytes, Format::Xlsx, sheets, limits)
}

/// Reads a binary Excel workbook (XLS).
///
/// # Errors
///
/// The file is locked or damaged, or exceeds a budget.
pub(crate) fn read_xls(name: &str, bytes: &[u8], limits: &Limits) -> Result<Document, IngestError> {
    // The reader of this old format indexes by what the file says; a panic of it is the file's damage.
    let parsed = std::panic::catch_unwind(|| {
        let mut book: Xls<_> = Xls::new_with_options(Cursor::new(bytes), XlsOptions::default())?;
        let sheets: Vec<_> = labels(&book)
            .into_iter()
            .map(|(label, hidden)| {
                let merged = book.merge_cells_by_sheet_name(&label).unwrap_or_default();
                (book.worksheet_range(&label), merged, label, hidden)
            })
            .collect();
        Ok::<_, calamine::XlsError>(sheets)
    });
    let parsed = match parsed {
        Ok(Ok(parsed)) => parsed,
        Ok(Err(calamine::XlsError::Password)) => {
            return Err(IngestError::LockedOffice { name: name.to_owned() });
        }
        Ok(Err(e)) => return Err(damaged(name, &e)),
        Err(_) => return Err(damaged(name, &"its records contradict each other")),
    };
    let mut sheets = Vec::new();
    for (range, merged, label, hidden) in parsed {
        let mut sheet = Sheet { merged, ..Sheet::default() };
        let Ok(range) = range else { continue };
        let (top, left) = range.start().unwrap_or_default();
        for (row, col, data) in range.used_cells() {
            let text = sheet.text(data);
            sheet.put(name, (top + row as u32, left + col as u32), text)?;
            sheet.plain_rows.insert(top + row as u32);
        }
        sheets.push((label, hidden, sheet));
    }
    document(name, bytes, Format::Xls, sheets, limits)
}

fn damaged(name: &str, detail: &dyn std::fmt::Display) -> IngestError {
    IngestError::Damaged { name: name.to_owned(), format: "Excel workbook", detail: detail.to_string() }
}

/// Names of the sheets, and whether each is hidden.
fn labels<RS: std::io::Read + std::io::Seek>(book: &impl Reader<RS>) -> Vec<(String, bool)> {
    let sheets = book.sheets_metadata().iter();
    sheets.map(|s| (s.name.clone(), s.visible != SheetVisible::Visible)).collect()
}

impl Sheet {
    fn put(&mut self, name: &str, place: (u32, u32), text: String) -> Result<(), IngestError> {
        if text.is_empty() {
            return Ok(());
        }
        if self.cells.len() >= MOST_CELLS {
            let limit = MOST_CELLS as u64;
            return Err(IngestError::Limit { name: name.to_owned(), what: "the cells of a sheet", limit });
        }
        self.cells.insert(place, text);
        Ok(())
    }

    /// A value as a reader of the sheet would see it.
    fn text(&mut self, data: &Data) -> String {
        match data {
            Data::Empty => String::new(),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => clean(text),
            Data::Int(n) => n.to_string(),
            Data::Float(n) => {
                self.lost_digits |= n.abs() >= EXACT;
                number(*n)
            }
            Data::Bool(b) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
            Data::DateTime(when) => date(when),
            Data::Error(error) => error.to_string(),
        }
    }
}

/// Fifteen digits, which is what Excel keeps and shows; no exponent.
fn number(n: f64) -> String {
    format!("{n:.14e}").parse::<f64>().unwrap_or(n).to_string()
}

fn date(when: &ExcelDateTime) -> String {
    if when.is_duration() {
        let minutes = (when.as_f64() * 1440.0).round() as i64;
        return format!("{}:{:02}", minutes / 60, (minutes % 60).abs());
    }
    let (year, month, day, hour, minute, second, _) = when.to_ymd_hms_milli();
    if when.as_f64() < 1.0 {
        return format!("{hour:02}:{minute:02}:{second:02}");
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

/// Lines without blanks at their ends.
fn clean(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn document(
    name: &str,
    bytes: &[u8],
    format: Format,
    sheets: Vec<(String, bool, Sheet)>,
    limits: &Limits,
) -> Result<Document, IngestError> {
    if sheets.is_empty() {
        return Err(IngestError::NoPages { name: name.to_owned() });
    }
    if sheets.len() > limits.pages {
        let limit = limits.pages as u64;
        return Err(IngestError::Limit { name: name.to_owned(), what: "the number of sheets", limit });
    }
    let mut pages = Vec::new();
    let mut warnings = Vec::new();
    for (at, (label, hidden, sheet)) in sheets.into_iter().enumerate() {
        let number = at as u32 + 1;
        let warn = |message: String| ReadWarning { page: Some(number), message };
        if sheet.lost_digits {
            warnings.push(warn(format!(
                "sheet {label} has numbers of more than fifteen digits, of which Excel kept fifteen; format such columns as text"
            )));
        }
        if hidden && !sheet.cells.is_empty() {
            warnings.push(warn(format!("sheet {label} is hidden; it was read all the same")));
        }
        let blocks = blocks(name, number, sheet)?;
        let verdict = if blocks.is_empty() { Verdict::Empty } else { Verdict::Good };
        pages.push(Page { number, label: Some(label), verdict, blocks, ..Page::default() });
    }
    Ok(Document { name: name.to_owned(), format, sha256: crate::sha256_hex(bytes), pages, warnings })
}

/// Title rows as headings, the rest as one table without its blank rows and columns.
fn blocks(name: &str, page: u32, sheet: Sheet) -> Result<Vec<Block>, IngestError> {
    let Sheet { cells, plain_rows, merged, .. } = sheet;
    let mut rows: Vec<u32> = cells.keys().map(|(r, _)| *r).collect();
    rows.dedup();
    let mut columns: Vec<u32> = cells.keys().map(|(_, c)| *c).collect();
    columns.sort_unstable();
    columns.dedup();
    // A merged area may span rows and columns that are blank elsewhere: spans count those that are kept.
    let spans: BTreeMap<(u32, u32), (u32, u32)> = merged.iter().map(|m| (m.start, m.end)).collect();
    let within = |of: &[u32], from: u32, to: u32| {
        of.partition_point(|v| *v <= to).saturating_sub(of.partition_point(|v| *v < from))
    };
    let mut loose: Vec<Loose> = Vec::with_capacity(cells.len());
    for ((row, col), text) in cells {
        let (bottom, right) = spans.get(&(row, col)).copied().unwrap_or((row, col));
        loose.push(Loose {
            row: rows.partition_point(|r| *r < row),
            col: columns.partition_point(|c| *c < col),
            rows: within(&rows, row, bottom).max(1),
            cols: within(&columns, col, right).max(1),
            text,
        });
    }
    let count = |row: usize| loose.iter().filter(|c| c.row == row).count();
    let mut blocks = Vec::new();
    let mut titles = 0;
    // Rows of a single cell above the first row with several are titles.
    while titles < rows.len().min(10) && count(titles) == 1 {
        titles += 1;
    }
    if titles == rows.len() || columns.len() < 2 {
        titles = rows.len();
    }
    let (head, body): (Vec<Loose>, Vec<Loose>) = loose.into_iter().partition(|c| c.row < titles);
    for cell in head {
        let bold = !rows.get(cell.row).is_some_and(|r| plain_rows.contains(r));
        let kind = if bold { BlockKind::Heading(2) } else { BlockKind::Paragraph };
        blocks.push(Block { kind, text: cell.text, bbox: None });
    }
    if body.is_empty() {
        return Ok(blocks);
    }
    let body: Vec<Loose> = body.into_iter().map(|c| Loose { row: c.row - titles, ..c }).collect();
    let mut table = table(name, body, &vec![page; rows.len() - titles])?;
    let bold: Vec<bool> = rows.iter().skip(titles).map(|r| !plain_rows.contains(r)).collect();
    table.header_rows = header_rows(&table.rows, &bold);
    blocks.push(Block { text: plain(&table), kind: BlockKind::Table(table), bbox: None });
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_all_their_digits() {
        assert_eq!(number(1234.0), "1234");
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(1e21), "1000000000000000000000");
    }
}
