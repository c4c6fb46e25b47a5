//! Which of a table's first rows are its header.

use super::fill::{PageTable, middle_x, middle_y};
use crate::{Page, Row, Word};

/// Most rows that a header has.
const DEEPEST: usize = 6;

/// Marks the header rows of a table on a page.
pub(crate) fn mark_header(table: &mut PageTable, page: &Page) {
    let bold: Vec<bool> = table.rows.iter().take(DEEPEST).map(|r| all_bold(r, page)).collect();
    table.header_rows = header_rows(&table.rows, &bold);
}

/// How many of the first rows are the header: title rows across the table, the rows with column names, and a row of
/// column numbers below them. `bold` says for each row whether all of its text is bold.
pub(crate) fn header_rows(rows: &[Row], bold: &[bool]) -> usize {
    // Where the body is bold too, bold says nothing.
    let bold = |at: usize| bold.get(at).copied().unwrap_or(false) && !bold.iter().all(|b| *b);
    let mut named = 0;
    let mut at = 0;
    while let Some(row) = rows.get(at).filter(|_| at < DEEPEST) {
        if is_title(row) {
            // A title below the column names is a section of the body.
            if named > 0 {
                break;
            }
            at += 1;
            continue;
        }
        // Names that span columns stand above the names of these columns.
        let above_names = row.cells.iter().any(|c| c.col_span > 1 && !c.text.is_empty())
            && !begins_with_number(row)
            && rows.get(at + 1).is_some_and(|below| has_names(below) || bold(at + 1));
        if row.cells.iter().all(|c| c.text.is_empty()) {
            break;
        }
        let heads = has_names(row) || is_numbering(row) || above_names || above_serials(rows, at);
        if !(heads || bold(at) && !begins_with_number(row)) {
            break;
        }
        // A header cell may span rows.
        let deep = row.cells.iter().filter(|c| !c.covered && !c.text.is_empty()).map(|c| c.row_span).max();
        at += deep.unwrap_or(1).max(1);
        named = at;
    }
    if named >= rows.len() { named.min(1) } else { named }
}

/// Two well-known column names, or such names in most cells.
fn has_names(row: &Row) -> bool {
    let names = row.cells.iter().filter(|c| is_column_name(&c.text)).count();
    let filled = row.cells.iter().filter(|c| !c.text.is_empty()).count();
    names >= 2 || names * 2 > filled
}

/// Names in at least two cells, and below them rows numbered 1 and 2.
fn above_serials(rows: &[Row], at: usize) -> bool {
    let filled = |r: &Row| r.cells.iter().filter(|c| !c.text.is_empty()).count();
    let serial = |n: usize, value: u32| {
        let cells = rows.get(at + n).map(|r| r.cells.as_slice()).unwrap_or_default();
        let first = cells.iter().map(|c| c.text.trim_matches(['(', ')', '.', ' '])).find(|t| !t.is_empty());
        first.and_then(|t| t.parse::<u32>().ok()) == Some(value)
    };
    rows.get(at).is_some_and(|r| filled(r) >= 2 && !begins_with_number(r)) && serial(1, 1) && serial(2, 2)
}

/// A serial number in the first cell with text.
fn begins_with_number(row: &Row) -> bool {
    let first = row.cells.iter().map(|c| c.text.trim_matches(['(', ')', '.', ' '])).find(|t| !t.is_empty());
    first.is_some_and(|t| t.chars().all(char::is_numeric))
}

/// One cell with text across the whole table.
fn is_title(row: &Row) -> bool {
    let mut filled = row.cells.iter().filter(|c| !c.text.is_empty());
    let first = filled.next();
    first.is_some_and(|c| c.col_span * 2 > row.cells.len()) && filled.next().is_none()
}

/// Column numbers: 1, 2, 3 in order.
fn is_numbering(row: &Row) -> bool {
    let numbers: Vec<u32> = row
        .cells
        .iter()
        .filter(|c| !c.text.is_empty())
        .map_while(|c| c.text.trim_matches(['(', ')', '.']).parse().ok())
        .collect();
    let filled = row.cells.iter().filter(|c| !c.text.is_empty()).count();
    filled >= 3 && numbers.len() == filled && numbers.windows(2).all(|p| p[1] == p[0] + 1)
}

fn all_bold(row: &Row, page: &Page) -> bool {
    let mut cells = row.cells.iter().filter(|c| !c.text.is_empty()).peekable();
    cells.peek().is_some()
        && cells.all(|c| {
            let Some(area) = c.bbox else { return false };
            let inside = |w: &&Word| {
                let (x, y) = (middle_x(&w.bbox), middle_y(&w.bbox));
                x > area.x0 && x < area.x1 && y > area.y0 && y < area.y1
            };
            page.words.iter().filter(inside).all(|w| w.bold)
        })
}

/// Names that columns of government tables have, in English and Hindi.
fn is_column_name(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "sno",
        "slno",
        "srno",
        "sn",
        "serialno",
        "no",
        "group",
        "grade",
        "designation",
        "nameofpost",
        "post",
        "posts",
        "role",
        "roles",
        "activity",
        "activities",
        "duties",
        "functions",
        "powers",
        "responsibilities",
        "name",
        "remarks",
        "section",
        "wing",
        "department",
        "क्रसं",
        "क्र",
        "क्रमांक",
        "क्रम",
        "समूह",
        "श्रेणी",
        "वर्ग",
        "पदनाम",
        "पद",
        "भूमिका",
        "भूमिकाएँ",
        "भूमिकाएं",
        "गतिविधियाँ",
        "गतिविधियां",
        "कार्य",
        "दायित्व",
        "कर्तव्य",
        "विवरण",
        "अनुभाग",
        "शाखा",
    ];
    let key: String = text
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '\u{900}'..='\u{963}'))
        .flat_map(char::to_lowercase)
        .collect();
    NAMES.contains(&key.as_str())
}
