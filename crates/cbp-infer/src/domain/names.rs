//! Names of Acts, rules, schemes and programmes as people write them.

use cbp_core::{KnowledgeItem, KnowledgeKind};

/// A word of a text: folded for comparison, with its place and whether it was written in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Lower case; letters, digits and signs of Indian scripts only.
    pub(super) text: String,
    /// Starts with a capital, or is of a script without them.
    pub(super) proper: bool,
    /// Two or more letters, all capitals.
    pub(super) capitals: bool,
}

/// The words of `text`. A hyphen, a bracket and every other mark separates; `&` is "and".
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let spelled = text.replace('&', " and ");
    let inside = |c: char| {
        c.is_alphanumeric()
            || (('\u{900}'..='\u{d7f}').contains(&c) && !matches!(c, '।' | '॥'))
            || matches!(c, '\u{200c}' | '\u{200d}')
    };
    spelled
        .split(|c: char| !inside(c))
        .filter(|w| !w.is_empty())
        .map(|word| {
            let first = word.chars().next();
            let letters = || word.chars().filter(|c| c.is_alphabetic());
            Token {
                text: word.to_lowercase().replace(['\u{200c}', '\u{200d}'], ""),
                proper: first.is_some_and(|c| !c.is_lowercase()),
                capitals: letters().count() > 1 && letters().all(char::is_uppercase),
            }
        })
        .collect()
}

/// How surely a spelling means its item.
pub(super) const SURE: [(Spelling, f64); 4] =
    [(Spelling::Full, 0.97), (Spelling::Abbreviation, 0.95), (Spelling::Core, 0.90), (Spelling::Start, 0.72)];

/// Ways to write an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// The name or an alias.
    Full,
    /// The abbreviation, in capitals.
    Abbreviation,
    /// The name without its kind and year.
    Core,
    /// The distinctive start of a scheme's name.
    Start,
}

/// Words that say only what kind of thing a name names, beside those that [`KnowledgeKind::named`] knows.
const KINDS: [&str; 8] =
    ["code", "rule", "regulation", "schemes", "guidelines", "manual", "order", "दिशानिर्देश"];

fn is_kind(word: &str) -> bool {
    KnowledgeKind::named(word).is_some() || KINDS.contains(&word)
}

/// Words that many names start with and that therefore tell no two apart.
const TITLES: [&str; 21] = [
    "the",
    "mukhyamantri",
    "mukhya",
    "mantri",
    "pradhan",
    "pradhanmantri",
    "rashtriya",
    "national",
    "state",
    "central",
    "chief",
    "minister",
    "s",
    "prime",
    "deendayal",
    "मुख्यमंत्री",
    "प्रधानमंत्री",
    "राष्ट्रीय",
    "राज्य",
    "प्रधान",
    "मंत्री",
];

/// Words too common in duties to identify a name.
const COMMON: [&str; 60] = [
    "of",
    "and",
    "for",
    "to",
    "in",
    "on",
    "under",
    "rural",
    "urban",
    "public",
    "development",
    "employment",
    "health",
    "education",
    "water",
    "food",
    "women",
    "child",
    "children",
    "land",
    "works",
    "services",
    "service",
    "general",
    "finance",
    "financial",
    "social",
    "welfare",
    "village",
    "district",
    "gram",
    "panchayat",
    "information",
    "right",
    "rights",
    "protection",
    "management",
    "training",
    "security",
    "safety",
    "civil",
    "labour",
    "skill",
    "housing",
    "roads",
    "road",
    "sadak",
    "livelihood",
    "livelihoods",
    "audit",
    "accounts",
    "का",
    "की",
    "के",
    "एवं",
    "और",
    "तथा",
    "महिला",
    "बाल",
    "विकास",
];

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.starts_with(['1', '2']) && text.bytes().all(|b| b.is_ascii_digit())
}

fn folded(name: &str) -> Vec<String> {
    let mut words: Vec<String> = tokens(name).into_iter().map(|t| t.text).collect();
    if words.first().is_some_and(|w| w == "the") {
        words.remove(0);
    }
    words
}

/// The spellings by which an item is found, each as folded words.
pub(super) fn spellings(item: &KnowledgeItem) -> Vec<(Vec<String>, Spelling)> {
    let mut out: Vec<(Vec<String>, Spelling)> = Vec::new();
    let mut add = |words: Vec<String>, how: Spelling| {
        if !words.is_empty() && !out.iter().any(|(w, _)| *w == words) {
            out.push((words, how));
        }
    };
    let short = |name: &str| {
        let found = tokens(name);
        found.len() <= 3 && found.first().is_some_and(|t| t.capitals)
    };
    for name in std::iter::once(&item.name).chain(&item.aliases) {
        let full = folded(name);
        if short(name) {
            add(full, Spelling::Abbreviation);
            continue;
        }
        // A single common word ("Rules") is no name.
        if full.iter().all(|w| is_kind(w) || is_year(w) || COMMON.contains(&w.as_str())) {
            add(full.clone(), Spelling::Full);
            continue;
        }
        let core: Vec<String> = full.iter().filter(|w| !is_year(w)).cloned().collect::<Vec<_>>();
        add(full.clone(), Spelling::Full);
        add(core.clone(), Spelling::Full);
        let bare: Vec<String> = trim_kind(&core);
        if bare.len() > 2 || bare.iter().filter(|w| !COMMON.contains(&w.as_str())).count() > 1 {
            add(bare.clone(), Spelling::Core);
        }
        if matches!(item.kind, KnowledgeKind::Scheme | KnowledgeKind::Programme) {
            let start: Vec<String> =
                bare.iter().skip_while(|w| TITLES.contains(&w.as_str())).cloned().collect();
            let distinctive = |w: &String| !COMMON.contains(&w.as_str()) && !is_kind(w);
            // Two words of which one is distinctive, unless nothing else is left of the name.
            if let [a, b, ..] = start.as_slice()
                && (distinctive(a) || distinctive(b))
            {
                add(
                    vec![a.clone(), b.clone()],
                    if start.len() > 2 { Spelling::Start } else { Spelling::Core },
                );
            }
        }
    }
    if let Some(abbreviation) = &item.abbreviation {
        let words = folded(abbreviation);
        let joined = words.concat();
        add(words, Spelling::Abbreviation);
        add(vec![joined], Spelling::Abbreviation);
    }
    out
}

fn trim_kind(words: &[String]) -> Vec<String> {
    let end = words.iter().rposition(|w| !is_kind(w)).map_or(0, |i| i + 1);
    words.get(..end).unwrap_or_default().to_vec()
}

/// The one name that plans use: the name, with the abbreviation in brackets where it is not in it.
pub(super) fn display(item: &KnowledgeItem) -> String {
    let name = item.name.split_whitespace().collect::<Vec<_>>().join(" ");
    match item.abbreviation.as_deref().map(str::trim) {
        Some(short) if !short.is_empty() && !name.to_lowercase().contains(&short.to_lowercase()) => {
            format!("{name} ({short})")
        }
        _ => name,
    }
}

/// What "the Act" or "the Rules" in a duty can mean.
pub(super) fn kind_of(word: &str) -> Option<KnowledgeKind> {
    KnowledgeKind::named(word).filter(|kind| matches!(kind, KnowledgeKind::Act | KnowledgeKind::Rules))
}
