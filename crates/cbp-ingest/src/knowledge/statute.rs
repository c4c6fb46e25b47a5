//! Acts and rules: title, long title, chapters, sections with headings, and who is named in each.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use cbp_core::{Evidence, KnowledgeItem, KnowledgeKind, OfficerMention, Section};
use regex::Regex;

use super::mention::mentions;
use super::names::{known, normal_name, year_in};
use super::officers::officers;
use crate::prose::{Line, Locator, Place, collapse, fold, lines};
use crate::{Document, DocumentKind};

/// A heading of a chapter or section in the text.
struct Head {
    line: usize,
    number: String,
    heading: String,
    /// Lines that the heading takes.
    height: usize,
    order: Option<(u32, String)>,
}

fn regex(cell: &'static OnceLock<Option<Regex>>, pattern: &str) -> Option<&'static Regex> {
    cell.get_or_init(|| Regex::new(pattern).ok()).as_ref()
}

fn chapter_line(line: &str) -> Option<(String, String)> {
    static CHAPTER: OnceLock<Option<Regex>> = OnceLock::new();
    let found = regex(
        &CHAPTER,
        r"^(?P<n>(?:CHAPTER|Chapter|PART|Part|अध्याय|भाग|परिच्छेद)\s*[-–—:]?\s*(?:[IVXLC]+|\d+|[०-९]+|[A-Z]|[क-ह]|एक|दो|तीन|चार|पाँच|पांच|छह|सात|आठ|नौ|दस)(?:-?[A-Z])?)\s*[.:–—-]*\s*(?P<h>.*)$",
    )?
    .captures(line)?;
    let heading = found.name("h").map_or("", |m| m.as_str()).trim();
    // "Part II of the Schedule applies" is a sentence.
    let sentence =
        heading.chars().next().is_some_and(char::is_lowercase) || heading.split_whitespace().count() > 14;
    let number = collapse(found.name("n")?.as_str());
    (!sentence).then(|| (number, heading.to_owned()))
}

fn section_line(line: &str) -> Option<(u32, String, String)> {
    static SECTION: OnceLock<Option<Regex>> = OnceLock::new();
    let found = regex(
        &SECTION,
        r#"^[\["“\d\]]{0,0}(?:(?:Section|SECTION|Rule|RULE|Regulation|धारा|नियम)\s+)?(?P<n>[0-9०-९]{1,4})(?P<s>-?[A-Z]{0,2}|[क-ह]?)\s*[.:–—-]+\s*(?P<h>\S.*)$"#,
    )?
    .captures(line)?;
    let digits: String = found
        .name("n")?
        .as_str()
        .chars()
        .map(|c| match c {
            '\u{966}'..='\u{96f}' => char::from(b'0' + (c as u32 - 0x966) as u8),
            _ => c,
        })
        .collect();
    let suffix = found.name("s").map_or("", |m| m.as_str()).trim_start_matches('-');
    Some((digits.parse().ok()?, suffix.to_owned(), found.name("h")?.as_str().to_owned()))
}

/// Reads an Act or a set of rules.
pub(crate) fn statute(document: &Document, kind: DocumentKind, locator: &mut Locator<'_>) -> KnowledgeItem {
    let lines = lines(document);
    let (name, name_evidence) = title(document, &lines, locator);
    let kind = if kind == DocumentKind::Act { KnowledgeKind::Act } else { KnowledgeKind::Rules };
    let (summary, summary_evidence) = long_title(&lines, locator);
    let heads = heads(&lines);
    let mut sections: Vec<Section> = Vec::new();
    let mut found: Vec<OfficerMention> = Vec::new();
    let mut seen: BTreeSet<(String, usize)> = BTreeSet::new();
    for (k, head) in heads.iter().enumerate() {
        let stop = heads.get(k + 1).map_or(lines.len(), |h| h.line);
        let body = lines.get(head.line..stop).unwrap_or_default();
        let known_at =
            sections.iter().position(|s| s.number == head.number && fold(&s.heading) == fold(&head.heading));
        let at = known_at.unwrap_or_else(|| {
            let quoted: Vec<String> = body.iter().take(head.height).map(|l| l.text.to_owned()).collect();
            let evidence = quote(&body[..body.len().min(1)], &quoted, locator);
            sections.push(Section { number: head.number.clone(), heading: head.heading.clone(), evidence });
            sections.len() - 1
        });
        if head.order.is_some() {
            for (officer, evidence) in named(body, locator) {
                if seen.insert((fold(&officer), at)) {
                    found.push(OfficerMention { designation: officer, evidence });
                }
            }
        }
    }
    let mut evidence = name_evidence;
    evidence.extend(summary_evidence);
    let item = known(&name);
    KnowledgeItem {
        id: String::new(),
        kind,
        year: year_in(&name).or_else(|| item.and_then(|k| k.year)),
        abbreviation: item.and_then(|k| k.abbreviation).map(str::to_owned),
        name,
        aliases: Vec::new(),
        summary,
        points: Vec::new(),
        sections,
        officers: found,
        has_own_document: true,
        evidence,
    }
}

/// Evidence at a line for words of it.
fn quote(at: &[Line<'_>], words: &[String], locator: &mut Locator<'_>) -> Evidence {
    let Some(line) = at.first() else { return Evidence::default() };
    let place = Place { block_page: line.page, block: line.block, page: line.page, row: None };
    locator.quote(place, words).into_iter().next().unwrap_or_default()
}

/// Officers in the lines of a section, each with its line.
fn named(body: &[Line<'_>], locator: &mut Locator<'_>) -> Vec<(String, Evidence)> {
    let mut text = String::new();
    let mut starts = Vec::new();
    for line in body.iter().take(400) {
        starts.push(text.len());
        text.push_str(&collapse(line.text));
        text.push(' ');
    }
    let mut out = Vec::new();
    for officer in officers(text.trim_end()) {
        let line = starts.partition_point(|&s| s <= officer.start).saturating_sub(1);
        let last = starts.partition_point(|&s| s < officer.end).saturating_sub(1);
        let words: Vec<String> =
            body.get(line..=last).unwrap_or_default().iter().map(|l| l.text.to_owned()).collect();
        out.push((officer.name, quote(body.get(line..).unwrap_or_default(), &words, locator)));
    }
    out
}

/// The name: from "This Act may be called …" if it says so, else from the lines at the top.
fn title(document: &Document, lines: &[Line<'_>], locator: &mut Locator<'_>) -> (String, Vec<Evidence>) {
    static CALLED: OnceLock<Option<Regex>> = OnceLock::new();
    let called = regex(
        &CALLED,
        r"(?:may|shall) be called (?:as )?(?:the )?(?P<t>[^.;:”]{6,200}?(?:(?:19|20)\d\d(?: \(Act No)?|Rules|Act|Regulations))[.,;”]",
    );
    let mut text = String::new();
    let mut starts = Vec::new();
    for line in lines.iter().take(900) {
        starts.push(text.len());
        text.push_str(&collapse(line.text));
        text.push(' ');
    }
    let mut at = called
        .and_then(|r| r.captures(&text))
        .and_then(|c| c.name("t"))
        .map(|m| (normal_name(m.as_str()), m.start(), m.end()));
    if at.is_none() {
        let top: String = lines.iter().take(30).map(|l| collapse(l.text) + " ").collect();
        let best = mentions(top.trim_end(), &std::collections::BTreeMap::new())
            .into_iter()
            .find(|m| matches!(m.kind, KnowledgeKind::Act | KnowledgeKind::Rules));
        at = best.map(|m| (normal_name(top.get(m.start..m.end).unwrap_or(&m.name)), m.start, m.end));
    }
    if at.is_none() {
        // A title without a word that says law: the first heading.
        let first = lines.iter().take(30).find(|l| l.heading.is_some()).or_else(|| lines.first());
        let name = first.map_or_else(|| document.name.clone(), |l| normal_name(l.text));
        let evidence = first.map(|l| quote(std::slice::from_ref(l), &[l.text.to_owned()], locator));
        return (name, evidence.into_iter().collect());
    }
    let Some((name, start, end)) = at else { return (document.name.clone(), Vec::new()) };
    let line = starts.partition_point(|&s| s <= start).saturating_sub(1);
    let last = starts.partition_point(|&s| s < end).saturating_sub(1);
    let words: Vec<String> =
        lines.get(line..=last).unwrap_or_default().iter().map(|l| l.text.to_owned()).collect();
    (name, vec![quote(lines.get(line..).unwrap_or_default(), &words, locator)])
}

/// "An Act to provide for …", or the powers under which rules are made.
fn long_title(lines: &[Line<'_>], locator: &mut Locator<'_>) -> (String, Option<Evidence>) {
    let starts = ["an act to ", "in exercise of the power", "to provide for "];
    let at = lines.iter().take(900).position(|l| {
        let folded = l.text.trim_start_matches(['[', '(']).to_lowercase();
        starts.iter().any(|s| folded.starts_with(s)) || l.text.contains("शक्तियों का प्रयोग करते हुए")
    });
    let Some(at) = at else { return (String::new(), None) };
    let mut words = Vec::new();
    for line in lines.iter().skip(at).take(8) {
        words.push(line.text.to_owned());
        if line.text.trim_end().ends_with(['.', ':', '\u{964}']) || line.text.trim_end().ends_with(":-") {
            break;
        }
    }
    let evidence = quote(lines.get(at..).unwrap_or_default(), &words, locator);
    (collapse(&words.join(" ")), Some(evidence))
}

/// Chapters and sections in order. Sections are numbered from 1 upwards; a list of them before the text counts once.
fn heads(lines: &[Line<'_>]) -> Vec<Head> {
    let mut out: Vec<Head> = Vec::new();
    let mut last: Option<(u32, String)> = None;
    let mut first_heading = String::new();
    for (i, line) in lines.iter().enumerate() {
        if let Some((number, heading)) = chapter_line(line.text) {
            let (heading, height) = if heading.is_empty() { heading_below(lines, i) } else { (heading, 1) };
            out.push(Head { line: i, number, heading: clean(&heading), height, order: None });
            continue;
        }
        let Some((number, suffix, rest)) = section_line(line.text) else { continue };
        let Some((heading, height)) = section_heading(lines, i, &rest) else { continue };
        let restart = number == 1 && !first_heading.is_empty() && fold(&heading) == fold(&first_heading);
        let next = match &last {
            None => number == 1,
            Some((n, s)) => {
                (number > *n && number <= n + 8) || (number == *n && !suffix.is_empty() && suffix > *s)
            }
        };
        if !(restart || next) {
            continue;
        }
        if last.is_none() {
            first_heading.clone_from(&heading);
        }
        last = Some((number, suffix.clone()));
        let shown = format!("{number}{suffix}");
        out.push(Head { line: i, number: shown, heading, height, order: last.clone() });
    }
    out
}

/// The heading of a chapter on the lines below its number.
fn heading_below(lines: &[Line<'_>], at: usize) -> (String, usize) {
    let mut heading = String::new();
    let mut height = 1;
    for line in lines.iter().skip(at + 1).take(3) {
        let upper = line.text.chars().any(char::is_uppercase) && !line.text.chars().any(char::is_lowercase);
        let whole = section_line(line.text).is_some()
            || chapter_line(line.text).is_some()
            || fold(line.text) == "sections";
        if whole || line.text.chars().count() > 120 || (!heading.is_empty() && !upper) {
            break;
        }
        if !heading.is_empty() {
            heading.push(' ');
        }
        heading.push_str(line.text);
        height += 1;
    }
    (heading, height)
}

/// The heading at the start of a section: up to a full stop that a dash, a bracket or a capital follows.
fn section_heading(lines: &[Line<'_>], at: usize, rest: &str) -> Option<(String, usize)> {
    let mut text = collapse(rest);
    let mut height = 1;
    let block = lines.get(at)?.block;
    loop {
        if let Some(end) = heading_end(&text) {
            let heading = clean(text.get(..end)?);
            let words = heading.split_whitespace().count();
            let starts = heading.chars().next()?;
            let noise = ["inserted by", "substituted", "omitted", "w.e.f", "deleted by", "ibid"];
            let lower = heading.to_lowercase();
            let fits = (1..=30).contains(&words) && !starts.is_lowercase() && starts.is_alphabetic();
            return (fits && !noise.iter().any(|n| lower.contains(n))).then_some((heading, height));
        }
        let next = lines.get(at + height).filter(|l| l.block == block && height < 4)?;
        text.push(' ');
        text.push_str(&collapse(next.text));
        height += 1;
    }
}

fn heading_end(text: &str) -> Option<usize> {
    for (i, c) in text.char_indices() {
        let after = text.get(i + c.len_utf8()..).unwrap_or("");
        let next = after.trim_start().chars().next();
        let stops = match c {
            '.' => {
                after.is_empty()
                    || after.starts_with(['\u{2014}', '\u{2013}', '-'])
                    || (after.starts_with(' ')
                        && next.is_some_and(|n| {
                            n == '('
                                || n == '\u{2014}'
                                || n == '-'
                                || n == '\u{2013}'
                                || n.is_uppercase()
                                || n == '"'
                                || n == '\u{201c}'
                                || n.is_ascii_digit()
                        }))
            }
            ':' => after.is_empty() || after.starts_with([' ', '-', '\u{2014}', '\u{2013}']),
            '\u{2014}' | '\u{964}' => true,
            _ => false,
        };
        if stops && i > 2 {
            return Some(i);
        }
    }
    None
}

fn clean(heading: &str) -> String {
    let edge = |c: char| c.is_whitespace() || ".:;,-\u{2013}\u{2014}\u{964}".contains(c);
    collapse(heading.trim_matches(edge))
}
