//! Separated values.

use super::cells::{Loose, table};
use crate::hindi::{FontVote, normalise};
use crate::tables::{header_rows, plain};
use crate::{Block, BlockKind, Document, Format, IngestError, Page, Verdict};

/// Records looked at to tell the separator.
const SAMPLE: usize = 200;

/// The separator of a text of separated values; `None` where it is running text.
///
/// Nearly every record must have the same number of fields, and there must be three, or two of four fields. `named` says
/// that the file's name ends in `.csv`: then one record is enough.
pub(crate) fn separator(text: &str, named: bool) -> Option<u8> {
    [b'\t', b';', b',', b'|']
        .into_iter()
        .filter_map(|separator| {
            let mut reader = reader(text, separator);
            let widths: Vec<(usize, usize)> = reader
                .records()
                .take(SAMPLE)
                .map_while(Result::ok)
                .filter(|r| !(r.len() == 1 && r.get(0).is_none_or(str::is_empty)))
                .map(|r| (r.len(), r.iter().map(str::len).max().unwrap_or(0)))
                .collect();
            let mut counts = std::collections::BTreeMap::new();
            for (width, _) in &widths {
                *counts.entry(*width).or_insert(0usize) += 1;
            }
            let (width, count) = counts.into_iter().max_by_key(|(width, count)| (*count, *width))?;
            // Sentences have commas too, but not the same number in every line, and not between short fields only.
            let even = if named { count * 10 >= widths.len() * 5 } else { count * 100 >= widths.len() * 95 };
            let least = match width {
                _ if named => 1,
                4.. => 2,
                _ => 3,
            };
            (width >= 2 && widths.len() >= least && even).then_some((count * width, separator))
        })
        .max_by_key(|(score, _)| *score)
        .map(|(_, separator)| separator)
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// Reads separated values: one page with one table.
///
/// # Errors
///
/// A record cannot be read, or there are too many cells.
pub(crate) fn read_csv(name: &str, bytes: &[u8], text: &str, separator: u8) -> Result<Document, IngestError> {
    let mut vote = FontVote::default();
    text.split(|c: char| c.is_whitespace() || c == char::from(separator)).for_each(|w| vote.count(w));
    let legacy = vote.layout();
    let mut loose = Vec::new();
    let mut rows = 0;
    for record in reader(text, separator).records() {
        let record = record.map_err(|e| IngestError::Damaged {
            name: name.to_owned(),
            format: "CSV file",
            detail: e.to_string(),
        })?;
        if record.iter().all(|f| f.trim().is_empty()) {
            continue;
        }
        for (col, field) in record.iter().enumerate() {
            let field = field.trim().replace("\r\n", "\n");
            let text = legacy.map_or_else(|| normalise(&field), |layout| layout.decode(&field));
            loose.push(Loose { row: rows, col, rows: 1, cols: 1, text });
        }
        rows += 1;
    }
    let mut table = table(name, loose, &vec![1; rows])?;
    table.header_rows = header_rows(&table.rows, &vec![false; rows]);
    let verdict = match rows {
        0 => Verdict::Empty,
        _ if legacy.is_some() => Verdict::LegacyDecoded,
        _ => Verdict::Good,
    };
    let block = Block { text: plain(&table), kind: BlockKind::Table(table), bbox: None };
    let page = Page { number: 1, verdict, blocks: vec![block], ..Page::default() };
    Ok(Document {
        name: name.to_owned(),
        format: Format::Csv,
        sha256: crate::sha256_hex(bytes),
        pages: vec![page],
        warnings: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_told_from_commas_in_prose() {
        assert_eq!(separator("S.No.;Designation\n1;Director\n2;Officer, Accounts\n", false), Some(b';'));
        assert_eq!(separator("a,b,c\n1,\"x, y\",3\n4,5,6\n", false), Some(b','));
        assert_eq!(separator("a,b\n", true), Some(b','));
        let one_post = "S. No.,Group,Designation,Roles\n1,A,Director,\"Plans, and reports\"\n";
        assert_eq!(separator(one_post, false), Some(b','));
        assert_eq!(separator("Dear Sir, with reference to your letter\nYours, the Director\n", false), None);
        let prose =
            "The Secretary, who heads it, decides.\nOthers advise.\nThey meet, now and then.\nNo more.\n";
        assert_eq!(separator(prose, false), None);
    }
}
