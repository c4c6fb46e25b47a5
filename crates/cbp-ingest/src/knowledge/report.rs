//! Annual reports: programmes with their figures, and the year's priorities.

use std::collections::BTreeMap;

use cbp_core::{KnowledgeItem, KnowledgeKind};

use super::mention::{Mention, mentions};
use super::names::normal_name;
use super::outline::{chapters, row_point};
use super::passage::{Passage, passages};
use crate::prose::{Locator, collapse, fold};
use crate::{BlockKind, Document};

const PROGRAMME: [&str; 10] = [
    "programme",
    "program",
    "scheme",
    "name of scheme",
    "name of the scheme",
    "programme scheme",
    "scheme programme",
    "योजना",
    "कार्यक्रम",
    "योजना का नाम",
];
const PRIORITIES: [&str; 6] = ["priorit", "thrust", "focus area", "way forward", "प्राथमिकत", "प्राथमिकता"];

/// An empty item for a name.
pub(crate) fn item_of(mention: &Mention) -> KnowledgeItem {
    KnowledgeItem {
        id: String::new(),
        kind: mention.kind,
        name: mention.name.clone(),
        abbreviation: mention.abbreviation.clone(),
        aliases: Vec::new(),
        year: mention.year,
        summary: String::new(),
        points: Vec::new(),
        sections: Vec::new(),
        officers: Vec::new(),
        has_own_document: false,
        evidence: Vec::new(),
    }
}

/// Programmes of a report with their figures, and the priorities that name one.
pub(crate) fn report(
    document: &Document,
    short: &BTreeMap<String, Mention>,
    locator: &mut Locator<'_>,
) -> Vec<KnowledgeItem> {
    let mut out = Vec::new();
    let all = passages(document);
    for page in document.pages.iter().filter(|p| p.verdict.is_readable()) {
        for (b, block) in page.blocks.iter().enumerate() {
            let BlockKind::Table(table) = &block.kind else { continue };
            let head = table.header_rows.max(1);
            let header: Vec<String> = table
                .rows
                .get(head - 1)
                .map_or_else(Vec::new, |r| r.cells.iter().map(|c| collapse(&c.text)).collect());
            let Some(column) = header.iter().position(|h| PROGRAMME.map(fold).contains(&fold(h))) else {
                continue;
            };
            if header.len() < 2 {
                continue;
            }
            for (r, row) in table.rows.iter().enumerate().skip(head) {
                let place = (page.number, b as u32);
                let cell = all
                    .iter()
                    .find(|p| p.block() == place && p.row() == Some(r as u32) && p.column == Some(column));
                let Some(cell) = cell else { continue };
                out.extend(programme(cell, row_point(&header, row), short, locator));
            }
        }
    }
    for chapter in chapters(document, locator).iter().filter(|c| c.is_about(&PRIORITIES)) {
        for passage in &chapter.passages {
            for mention in mentions(&passage.text, short) {
                let mut item = item_of(&mention);
                item.points.push(passage.text.clone());
                item.evidence = passage.quote(mention.start, mention.end, locator);
                out.push(item);
            }
        }
    }
    out
}

fn programme(
    cell: &Passage,
    point: Option<String>,
    short: &BTreeMap<String, Mention>,
    locator: &mut Locator<'_>,
) -> Option<KnowledgeItem> {
    let totals = ["total", "grand total", "others", "other", "कुल", "योग", "अन्य"];
    if totals.contains(&fold(&cell.text).as_str()) || !cell.text.chars().any(char::is_alphabetic) {
        return None;
    }
    let mention = mentions(&cell.text, short).into_iter().next().unwrap_or_else(|| Mention {
        kind: KnowledgeKind::Programme,
        name: normal_name(&cell.text),
        year: None,
        abbreviation: None,
        start: 0,
        end: cell.text.len(),
    });
    let mut item = item_of(&mention);
    item.points.extend(point);
    item.evidence = cell.quote(0, cell.text.len(), locator);
    Some(item)
}
