//! Guidelines of a scheme, programme or mission.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use cbp_core::{Evidence, KnowledgeItem, KnowledgeKind, OfficerMention, Section};
use regex::Regex;

use super::heads::regex;
use super::mention::{Mention, mentions};
use super::names::{known, normal_name, year_in};
use super::officers::officers;
use super::outline::{Chapter, chapters};
use super::passage::{Passage, passages};
use crate::Document;
use crate::frac::{expand_post, is_known_post, names_post};
use crate::prose::{Locator, fold, marker};

const OBJECTIVES: [&str; 6] = ["objective", "aim", "purpose", "vision", "उद्देश्य", "लक्ष्य एवं उद्देश्य"];
const COMPONENTS: [&str; 8] =
    ["component", "assistance", "benefit", "intervention", "activities", "घटक", "सहायता", "लाभ"];
const TARGETS: [&str; 6] = ["target", "outlay", "financial", "physical", "लक्ष्य", "वित्तीय"];
const OFFICERS: [&str; 9] = [
    "implementing officer",
    "implementation",
    "institutional",
    "nodal",
    "committee",
    "roles and responsib",
    "क्रियान्वयन",
    "संस्थागत",
    "अधिकारी",
];
/// Passages at the top that may hold the title.
const TOP: usize = 12;

/// Reads the guidelines.
pub(crate) fn scheme(document: &Document, locator: &mut Locator<'_>) -> KnowledgeItem {
    let (title, evidence) = title(document, locator);
    let chapters = chapters(document, locator);
    let about = |words: &[&str]| -> Vec<String> {
        chapters.iter().filter(|c| c.is_about(words)).flat_map(|c| c.points(document)).collect()
    };
    let objectives = about(&OBJECTIVES);
    let summary = if objectives.is_empty() {
        chapters.first().and_then(|c| c.points(document).into_iter().next()).unwrap_or_default()
    } else {
        objectives.join(" ")
    };
    let mut points = about(&COMPONENTS);
    let targets = chapters.iter().filter(|c| c.is_about(&TARGETS) && !c.is_about(&OBJECTIVES));
    points.extend(targets.flat_map(|c| c.points(document)));
    let mut seen = BTreeSet::new();
    points.retain(|p| seen.insert(fold(p)));
    let item = known(&title.name);
    KnowledgeItem {
        id: String::new(),
        kind: title.kind,
        year: title.year.or_else(|| item.and_then(|k| k.year)),
        abbreviation: title.abbreviation.or_else(|| item.and_then(|k| k.abbreviation).map(str::to_owned)),
        name: title.name,
        aliases: Vec::new(),
        summary,
        points,
        officers: implementing(document, &chapters, locator),
        sections: chapters
            .into_iter()
            .map(|c| Section { number: c.number, heading: c.heading, evidence: c.evidence })
            .collect(),
        has_own_document: true,
        evidence,
    }
}

/// The scheme's name at the top of its guidelines.
fn title(document: &Document, locator: &mut Locator<'_>) -> (Mention, Vec<Evidence>) {
    let top = passages(document);
    let fits = |m: &Mention| !matches!(m.kind, KnowledgeKind::Act | KnowledgeKind::Rules);
    let year = top.iter().take(TOP).find_map(|p| year_in(&p.text));
    // Titles are short; only where none names a scheme does running text.
    let (short, long): (Vec<&Passage>, Vec<&Passage>) =
        top.iter().take(TOP).partition(|p| p.heading || p.lines() <= 3);
    for passage in short.into_iter().chain(long) {
        if let Some((kind, start, end)) = guided(&passage.text).filter(|_| passage.lines() <= 3) {
            let name = normal_name(passage.text.get(start..end).unwrap_or_default());
            let mention = Mention { kind, name, year, abbreviation: None, start, end };
            let evidence = passage.quote(start, end, locator);
            return (mention, evidence);
        }
        let found = mentions(&passage.text, &BTreeMap::new());
        if let Some(mut mention) = found.into_iter().find(fits) {
            mention.name = normal_name(passage.text.get(mention.start..mention.end).unwrap_or(&mention.name));
            mention.year = mention.year.or(year);
            let evidence = passage.quote(mention.start, mention.end, locator);
            return (mention, evidence);
        }
    }
    // No word that says scheme: the first heading is its name.
    let first = top.iter().find(|p| p.heading).or_else(|| top.first());
    let name = first.map_or_else(|| document.name.clone(), |p| normal_name(p.first_line()));
    let evidence = first.map(|p| p.quote(0, p.text.len(), locator)).unwrap_or_default();
    let mention = Mention { kind: KnowledgeKind::Scheme, name, year, abbreviation: None, start: 0, end: 0 };
    (mention, evidence)
}

/// What guidelines are for, where their title says so without a name that is told by its capitals: kind, start and end
/// of "SCHEME FOR X" in "GUIDELINES FOR CENTRAL SECTOR SCHEME FOR X".
fn guided(title: &str) -> Option<(KnowledgeKind, usize, usize)> {
    static TITLE: OnceLock<Option<Regex>> = OnceLock::new();
    let found = regex(
        &TITLE,
        r"(?i)\bguidelines?\s+(?:for|of|on)\s+(?:the\s+|implementation\s+of\s+|implementing\s+)*(?:(?:revised|new|central(?:ly)?|state|sector|sponsored|plan)\s+)*(?P<t>(?P<k>scheme|mission|programme|program|yojana|abhiyan)\s+(?:for|of|on)\s+\S.*)$",
    )?
    .captures(title)?;
    let kind = KnowledgeKind::named(found.name("k")?.as_str())?;
    let name = found.name("t").filter(|t| t.as_str().split(' ').count() <= 16)?;
    Some((kind, name.start(), name.end()))
}

/// Officers that the guidelines give something to do: a table's first column, "X: duty" items, else all that are named.
fn implementing(document: &Document, chapters: &[Chapter], locator: &mut Locator<'_>) -> Vec<OfficerMention> {
    let mut out: Vec<OfficerMention> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |name: &str, evidence: Vec<Evidence>| {
        let designation = expand_post(name);
        if let Some(evidence) = evidence.into_iter().next()
            && seen.insert(fold(&designation))
        {
            out.push(OfficerMention { designation, evidence });
        }
    };
    for chapter in chapters.iter().filter(|c| c.is_about(&OFFICERS)) {
        for passage in &chapter.passages {
            if passage.column == Some(0) {
                // "Assistant Engineer and Junior Engineer" are two officers.
                for part in passage.text.split(" and ").filter(|p| names_post(p)) {
                    add(part, passage.quote(0, passage.text.len(), locator));
                }
                continue;
            }
            if passage.column.is_some() {
                continue;
            }
            let text = marker(&passage.text).map_or(passage.text.as_str(), |(_, rest)| rest);
            let head = text.split_once(':').map(|(head, _)| head).filter(|h| h.split(' ').count() <= 8);
            match head.filter(|h| names_post(h)) {
                Some(head) => {
                    let parts = head.split(" and ").flat_map(|p| p.split(" एवं ")).map(str::trim);
                    for part in parts.filter(|p| names_post(p) || is_known_post(p)) {
                        add(part, passage.quote(0, passage.text.len(), locator));
                    }
                }
                None => {
                    for officer in officers(&passage.text) {
                        add(&officer.name, passage.quote(officer.start, officer.end, locator));
                    }
                }
            }
        }
    }
    if out.is_empty() {
        let mut add = |name: String, evidence: Vec<Evidence>| {
            if let Some(evidence) = evidence.into_iter().next()
                && out.iter().all(|o: &OfficerMention| fold(&o.designation) != fold(&name))
            {
                out.push(OfficerMention { designation: name, evidence });
            }
        };
        for passage in passages(document) {
            for officer in officers(&passage.text) {
                add(officer.name, passage.quote(officer.start, officer.end, locator));
            }
        }
    }
    out
}
