//! A paper as headings with what stands under each: guidelines of schemes, annual reports.

use std::sync::OnceLock;

use cbp_core::Evidence;
use regex::Regex;

use super::passage::{Passage, passages};
use crate::prose::{Locator, collapse, fold, split_items};
use crate::{BlockKind, Document, Format, Table};

/// A heading and its passages.
pub(crate) struct Chapter {
    /// "1." or "Chapter 2"; empty where headings are not numbered.
    pub(crate) number: String,
    pub(crate) heading: String,
    pub(crate) evidence: Evidence,
    pub(crate) passages: Vec<Passage>,
}

impl Chapter {
    /// True where the folded heading has one of the words.
    pub(crate) fn is_about(&self, words: &[&str]) -> bool {
        let folded = fold(&self.heading);
        words.iter().any(|w| folded.contains(&fold(w)))
    }

    /// Single statements under the heading: items of lists, rows of tables with the table's headers.
    pub(crate) fn points(&self, document: &Document) -> Vec<String> {
        let wrapped = document.format == Format::Pdf;
        let mut out = Vec::new();
        for passage in self.passages.iter().filter(|p| p.column.is_none()) {
            out.extend(split_items(&passage.raw(), wrapped).iter().map(crate::prose::Item::text));
        }
        for table in tables_of(document, self) {
            out.extend(table_points(table));
        }
        out
    }
}

fn tables_of<'a>(document: &'a Document, chapter: &Chapter) -> Vec<&'a Table> {
    let mut places: Vec<(u32, u32)> =
        chapter.passages.iter().filter(|p| p.column.is_some()).map(Passage::block).collect();
    places.dedup();
    places
        .into_iter()
        .filter_map(|(page, block)| {
            let page = document.pages.iter().find(|p| p.number == page)?;
            match &page.blocks.get(block as usize)?.kind {
                BlockKind::Table(table) => Some(table),
                _ => None,
            }
        })
        .collect()
}

/// Rows of a table as statements: "MGNREGA: Target 2024-25 410; Achievement 388".
pub(crate) fn table_points(table: &Table) -> Vec<String> {
    let head = table.header_rows.max(1);
    let header: Vec<String> = table
        .rows
        .get(head - 1)
        .map_or_else(Vec::new, |r| r.cells.iter().map(|c| collapse(&c.text)).collect());
    table.rows.iter().skip(head).filter_map(|row| row_point(&header, row)).collect()
}

/// One row as a statement; `None` for an empty one.
pub(crate) fn row_point(header: &[String], row: &crate::Row) -> Option<String> {
    let cells: Vec<String> = row.cells.iter().map(|c| collapse(&c.text)).collect();
    let first = cells.first().filter(|c| !c.is_empty())?;
    let rest: Vec<String> = cells
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, c)| !c.is_empty())
        .map(|(i, c)| {
            header.get(i).filter(|h| !h.is_empty()).map_or_else(|| c.clone(), |h| format!("{h} {c}"))
        })
        .collect();
    Some(if rest.is_empty() { first.clone() } else { format!("{first}: {}", rest.join("; ")) })
}

/// The chapters of a document. What stands before the first heading is left out.
pub(crate) fn chapters(document: &Document, locator: &mut Locator<'_>) -> Vec<Chapter> {
    let mut out: Vec<Chapter> = Vec::new();
    let all = passages(document);
    let numbered = all.iter().filter(|p| p.column.is_none() && numbered_heading(p, 0).is_some()).count() >= 3;
    let mut last = 0;
    for passage in all {
        let head = if passage.column.is_some() {
            None
        } else if numbered {
            numbered_heading(&passage, last)
        } else if passage.heading {
            Some((String::new(), passage.text.clone(), 0))
        } else {
            None
        };
        match head {
            Some((number, heading, value)) => {
                last = value.max(last);
                let evidence =
                    passage.quote(0, passage.text.len(), locator).into_iter().next().unwrap_or_default();
                let mut passages = Vec::new();
                passages.extend(passage.after_heading(&format!("{number} {heading}")));
                out.push(Chapter { number, heading, evidence, passages });
            }
            None => {
                if let Some(chapter) = out.last_mut() {
                    chapter.passages.push(passage);
                }
            }
        }
    }
    out
}

/// "3. Eligibility", "Chapter 3 Programmes", "अध्याय 2 …", "Annex Abbreviations": number, heading, value.
fn numbered_heading(passage: &Passage, last: u32) -> Option<(String, String, u32)> {
    static HEADING: OnceLock<Option<Regex>> = OnceLock::new();
    let regex = HEADING
        .get_or_init(|| {
            Regex::new(
                r"^(?:(?P<c>(?:Chapter|CHAPTER|अध्याय|Part|PART|Section|भाग)\s*[-–:]?\s*(?P<cn>\d{1,2}|[IVX]+|[०-९]+))|(?P<a>Annex(?:ure)?|ANNEX(?:URE)?|अनुलग्नक|परिशिष्ट)(?:\s*[-–]?\s*(?:\d+|[IVX]+|[A-Z]))?|(?P<n>\d{1,2}|[०-९]{1,2})\.0?)[\s.:–—-]+(?P<h>\S.*)$",
            )
            .ok()
        })
        .as_ref()?;
    let line = passage.first_line();
    let found = regex.captures(line)?;
    let heading = collapse(found.name("h")?.as_str());
    let words = heading.split_whitespace().count();
    let start = heading.chars().next()?;
    if words > 14 || start.is_lowercase() || heading.ends_with([';', ',']) {
        return None;
    }
    if let Some(chapter) = found.name("c") {
        let value = crate::frac::number(found.name("cn")?.as_str()).unwrap_or(last + 1);
        return Some((collapse(chapter.as_str()), heading, value));
    }
    if let Some(annex) = found.name("a") {
        // "Annexure B" is a label without a heading.
        if heading.chars().filter(|c| c.is_alphabetic()).count() < 6 {
            return None;
        }
        return Some((annex.as_str().to_owned(), heading, last));
    }
    let label = found.name("n")?.as_str();
    let value = crate::frac::number(label)?;
    // A numbered paragraph is a sentence; a heading is short, in sequence, and has no full stop.
    let sentence =
        words > 9 || heading.ends_with(['.', '\u{964}']) || !(passage.heading || passage.lines() <= 2);
    let sequence = value > last && value <= last + 2;
    ((last == 0 || sequence) && !sentence).then(|| (format!("{label}."), heading, value))
}
