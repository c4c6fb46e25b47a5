//! Evidence for each kind, added up: words of the title and the text, and the document's structure.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::DocumentKind;
use crate::frac::{Work, work_in};
use crate::prose::{collapse, table_rows};
use crate::{BlockKind, Document};

/// Where a pattern is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Title,
    Top,
    Text,
}

struct Pattern {
    kind: DocumentKind,
    scope: Scope,
    weight: f64,
    regex: Regex,
}

/// Blocks that count as the title, and their most bytes.
const TITLE: (usize, usize) = (12, 1_600);
/// Most words of a title's line that is not set as a heading.
const LINE: usize = 18;
/// Characters of text that are searched: a document says early what it is.
const TEXT: usize = 40_000;
/// Characters at the top of a letter.
const TOP: usize = 3_000;
/// Times that a pattern counts.
const TIMES: usize = 4;
/// What speaks for "other" before anything is read.
const OTHER: f64 = 1.5;

fn patterns() -> &'static Vec<Pattern> {
    static TABLE: OnceLock<Vec<Pattern>> = OnceLock::new();
    TABLE.get_or_init(|| {
        table_rows(include_str!("../../data/kinds.tsv")).filter_map(|r| pattern(&r)).collect()
    })
}

fn pattern(row: &[&str]) -> Option<Pattern> {
    let kind = DocumentKind::ALL.into_iter().find(|k| Some(&k.id()) == row.first())?;
    let scope = match *row.get(1)? {
        "title" => Scope::Title,
        "top" => Scope::Top,
        "text" => Scope::Text,
        _ => return None,
    };
    let regex = RegexBuilder::new(row.get(3)?).case_insensitive(true).build().ok()?;
    Some(Pattern { kind, scope, weight: row.get(2)?.parse().ok()?, regex })
}

/// The kind of a document, and the confidence in it, 0 to 1.
///
/// Read from its words and structure, never from its file name; a document without readable text is "other" with
/// confidence 0.
pub fn document_kind(doc: &Document) -> (DocumentKind, f64) {
    let title = title(doc);
    let text = opening(doc);
    if text.is_empty() {
        return (DocumentKind::Other, 0.0);
    }
    let top: String = text.chars().take(TOP).collect();
    let mut scores: Vec<(DocumentKind, f64)> = DocumentKind::ALL.map(|k| (k, 0.0)).to_vec();
    let mut add = |kind: DocumentKind, weight: f64| {
        if let Some((_, score)) = scores.iter_mut().find(|(k, _)| *k == kind) {
            *score += weight;
        }
    };
    add(DocumentKind::Other, OTHER);
    for pattern in patterns() {
        match pattern.scope {
            Scope::Title if pattern.regex.is_match(&title) => add(pattern.kind, pattern.weight),
            Scope::Top if pattern.regex.is_match(&top) => add(pattern.kind, pattern.weight),
            Scope::Text => {
                let found = pattern.regex.find_iter(&text).take(TIMES).count();
                add(pattern.kind, pattern.weight * found as f64 / TIMES as f64);
            }
            Scope::Title | Scope::Top => {}
        }
    }
    let Work { posts, share } = work_in(doc);
    // A few posts are not much to go by, unless they are most of the document.
    if posts >= 3 || (posts > 0 && share > 0.5) {
        add(DocumentKind::WorkAllocation, 1.0 + 5.0 * share);
    }
    if let Some(weight) = chart(doc) {
        add(DocumentKind::Organogram, weight);
    }
    best(&scores)
}

/// The short lines at the top: headings and lines of a word or two, no running text.
fn title(doc: &Document) -> String {
    let mut out = String::new();
    let blocks = doc.pages.iter().filter(|p| p.verdict.is_readable()).flat_map(|p| &p.blocks);
    for block in blocks.take(TITLE.0) {
        let text = collapse(&block.text);
        let words = text.split_whitespace().count();
        let heading = matches!(block.kind, BlockKind::Heading(_));
        if matches!(block.kind, BlockKind::Table(_)) || out.len() > TITLE.1 {
            break;
        }
        // Running text ends the title; the lines above a table or in capitals belong to it.
        if !heading && words > LINE {
            continue;
        }
        out.push_str(&text);
        out.push(' ');
    }
    collapse(&out)
}

/// The largest score, and its share by softmax.
fn best(scores: &[(DocumentKind, f64)]) -> (DocumentKind, f64) {
    let top = scores.iter().fold(f64::NEG_INFINITY, |m, (_, s)| m.max(*s));
    let total: f64 = scores.iter().map(|(_, s)| (s - top).exp()).sum();
    let kind = scores.iter().find(|(_, s)| *s >= top).map_or(DocumentKind::Other, |(k, _)| *k);
    (kind, 1.0 / total)
}

/// The first readable text, tables included.
fn opening(doc: &Document) -> String {
    let mut out = String::new();
    for page in doc.pages.iter().filter(|p| p.verdict.is_readable()) {
        for block in page.blocks.iter().filter(|b| b.kind != BlockKind::Furniture) {
            if out.len() > TEXT * 2 {
                return out;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&collapse(&block.text));
        }
    }
    out
}

/// What the drawing says for an organogram: boxes joined by lines on pages with few words.
fn chart(doc: &Document) -> Option<f64> {
    if doc.pages.len() > 6 {
        return None;
    }
    let drawn = doc
        .pages
        .iter()
        .filter(|p| {
            let table = p.blocks.iter().any(|b| matches!(b.kind, BlockKind::Table(_)));
            p.verdict.is_readable()
                && p.drawing.boxes.len() >= 5
                && p.drawing.lines.len() >= 4
                && p.words.len() < 600
                && !table
        })
        .count();
    (drawn > 0).then_some(4.0 * drawn as f64 / doc.pages.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_table_is_read() {
        let rows = table_rows(include_str!("../../data/kinds.tsv")).count();
        assert_eq!(patterns().len(), rows);
    }
}
