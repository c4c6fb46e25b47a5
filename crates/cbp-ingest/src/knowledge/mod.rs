//! Acts, rules, schemes and programmes that a department's papers hold or name.

mod collect;
mod heads;
mod mention;
mod names;
mod officers;
mod outline;
mod passage;
mod report;
mod scheme;
mod statute;
mod title;

use std::collections::BTreeMap;

use cbp_core::{KnowledgeBase, KnowledgeItem};

use crate::prose::{Locator, collapse, fold};
use crate::{BlockKind, Document, DocumentKind};
use collect::Collection;
use mention::{Mention, mentions};
use passage::passages;

/// The knowledge base of a department.
///
/// An Act, a set of rules and the guidelines of a scheme become items with their sections, points and officers;
/// programmes of an annual report with their figures. Whatever the other papers name becomes an item as well, with
/// `has_own_document` false. Spellings and short forms of one name are joined. Every item has evidence.
pub fn knowledge_base(docs: &[(Document, DocumentKind)]) -> KnowledgeBase {
    let mut collection = Collection::default();
    let mut own: Vec<KnowledgeItem> = Vec::new();
    for (document, kind) in docs {
        let mut locator = Locator::new(document);
        match kind {
            DocumentKind::Act | DocumentKind::Rules => {
                own.push(statute::statute(document, *kind, &mut locator));
            }
            DocumentKind::SchemeGuidelines => own.push(scheme::scheme(document, &mut locator)),
            _ => {}
        }
    }
    own.retain(|item| !item.evidence.is_empty() && !item.name.is_empty());
    let short = short_forms(docs, &own);
    for item in own {
        let written = item.name.clone();
        collection.add(item, &written);
    }
    for (document, kind) in docs {
        let mut locator = Locator::new(document);
        if *kind == DocumentKind::AnnualReport {
            for item in report::report(document, &short, &mut locator) {
                let written = item.name.clone();
                collection.add(item, &written);
            }
        }
        name_mentions(document, *kind, &short, &mut locator, &mut collection);
    }
    KnowledgeBase { items: collection.finish() }
}

/// Everything that a paper names. Laws name many others: only rules are searched, for the Act that they rest on.
fn name_mentions(
    document: &Document,
    kind: DocumentKind,
    short: &BTreeMap<String, Mention>,
    locator: &mut Locator<'_>,
    collection: &mut Collection,
) {
    let limit = match kind {
        DocumentKind::Act | DocumentKind::Organogram => return,
        DocumentKind::Rules => 2,
        _ => u32::MAX,
    };
    for passage in passages(document).iter().filter(|p| p.block().0 <= limit) {
        if kind == DocumentKind::Rules && !enables(&passage.text) {
            continue;
        }
        for mention in mentions(&passage.text, short) {
            let mut item = report::item_of(&mention);
            item.evidence = passage.quote(mention.start, mention.end, locator);
            let written =
                passage.text.get(mention.start..mention.end).map(names::normal_name).unwrap_or_default();
            if !item.evidence.is_empty() {
                collection.add(item, &written);
            }
        }
    }
}

fn enables(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("powers conferred")
        || lower.contains("power conferred")
        || text.contains("शक्तियों का प्रयोग")
}

/// Short forms that the papers explain: "Nari Shakti Aajeevika Yojana (NSAY)", and tables of abbreviations.
fn short_forms(docs: &[(Document, DocumentKind)], own: &[KnowledgeItem]) -> BTreeMap<String, Mention> {
    let none = BTreeMap::new();
    let mut out: BTreeMap<String, Mention> = BTreeMap::new();
    for item in own {
        if let Some(short) = &item.abbreviation {
            let (kind, name, year) = (item.kind, item.name.clone(), item.year);
            let mention = Mention { kind, name, year, abbreviation: Some(short.clone()), start: 0, end: 0 };
            out.entry(short.clone()).or_insert(mention);
        }
    }
    for (document, kind) in docs {
        if matches!(kind, DocumentKind::Act | DocumentKind::Organogram) {
            continue;
        }
        for passage in passages(document) {
            for mention in mentions(&passage.text, &none) {
                if let Some(short) = mention.abbreviation.clone() {
                    out.entry(short).or_insert(mention);
                }
            }
        }
        for (short, full) in abbreviation_tables(document) {
            if let Some(mut mention) = mentions(&full, &none).into_iter().next() {
                mention.abbreviation = Some(short.clone());
                out.entry(short).or_insert(mention);
            }
        }
    }
    out.retain(|short, _| names::is_short_form(short) || crate::prose::has_devanagari(short));
    out
}

/// Rows of tables whose header says "Short form | Full form".
fn abbreviation_tables(document: &Document) -> Vec<(String, String)> {
    let heads = [
        "short form",
        "abbreviation",
        "abbreviations",
        "acronym",
        "acronyms",
        "short name",
        "संक्षिप्त रूप",
        "संक्षेप",
        "संक्षिप्ति",
    ];
    let mut out = Vec::new();
    let blocks = document.pages.iter().filter(|p| p.verdict.is_readable()).flat_map(|p| &p.blocks);
    for block in blocks {
        let BlockKind::Table(table) = &block.kind else { continue };
        let Some(header) = table.rows.first() else { continue };
        let at = header.cells.iter().position(|c| heads.map(fold).contains(&fold(&c.text)));
        let Some(at) = at else { continue };
        for row in table.rows.iter().skip(1) {
            if let (Some(short), Some(full)) = (row.cells.get(at), row.cells.get(at + 1)) {
                out.push((collapse(&short.text), collapse(&full.text)));
            }
        }
    }
    out
}
