//! Acts and rules: title, long title, chapters, sections with headings, and who is named in each.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use cbp_core::{Evidence, KnowledgeItem, KnowledgeKind, OfficerMention, Section};
use regex::Regex;

use super::heads::{heads, regex};
use super::mention::mentions;
use super::names::{known, normal_name, year_in};
use super::officers::officers;
use crate::prose::{Line, Locator, Place, collapse, fold, lines};
use crate::{Document, DocumentKind};

/// Lines in which the name is looked for: bilingual gazettes have the English text after the Hindi one.
const TITLE_LINES: usize = 4_000;

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
        // A list of sections before the text names each once more; chapters may be numbered anew in each part.
        let same = |s: &Section| {
            s.number == head.number && (head.order.is_some() || fold(&s.heading) == fold(&head.heading))
        };
        let known_at = sections.iter().position(same);
        let at = known_at.unwrap_or_else(|| {
            let quoted: Vec<String> = body.iter().take(head.height).map(|l| l.text.to_owned()).collect();
            let evidence = quote(&body[..body.len().min(1)], &quoted, locator);
            sections.push(Section { number: head.number.clone(), heading: head.heading.clone(), evidence });
            sections.len() - 1
        });
        // A list of sections may cut a heading where the text does not.
        if let Some(section) = sections.get_mut(at)
            && head.heading.len() > section.heading.len()
            && fold(&head.heading).starts_with(&fold(&section.heading))
        {
            section.heading.clone_from(&head.heading);
        }
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
    static DATED: OnceLock<Option<Regex>> = OnceLock::new();
    static HINDI: OnceLock<Option<Regex>> = OnceLock::new();
    static UNDATED: OnceLock<Option<Regex>> = OnceLock::new();
    let dated =
        regex(&DATED, r"(?:may|shall) be called (?:as )?(?:the )?(?P<t>[^.;:”]{6,200}?,? ?(?:19|20)\d\d)\b");
    let undated = regex(
        &UNDATED,
        r"(?:may|shall) be called (?:as )?(?:the )?(?P<t>[^.;:”]{6,200}?(?:Act|Rules|Regulations|Code))\b",
    );
    let mut text = String::new();
    let mut starts = Vec::new();
    for line in lines.iter().take(TITLE_LINES) {
        starts.push(text.len());
        text.push_str(&collapse(line.text));
        text.push(' ');
    }
    let hindi = regex(
        &HINDI,
        r"संक्षिप्त नाम\s+(?P<t>[^।;]{4,160}?(?:नियमावली|अधिनियम|विनियम|संहिता|नियम),?\s*(?:19|20)\d\d)",
    );
    let mut at = [dated, undated, hindi]
        .into_iter()
        .flatten()
        .find_map(|r| r.captures(&text))
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
