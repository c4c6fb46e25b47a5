//! Names of laws and schemes: normalised, compared, and known national ones with their short forms.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use cbp_core::{
    KnowledgeKind,
    sound::{consonants, spelled},
};

use super::mention::names_purpose;
use crate::prose::{collapse, fold, has_devanagari, table_rows};

/// A national law or scheme that papers name in many ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) kind: KnowledgeKind,
    pub(crate) year: Option<u16>,
    pub(crate) abbreviation: Option<&'static str>,
    pub(crate) name: &'static str,
    /// Its name in Hindi, where the table has one.
    pub(crate) hindi: Option<&'static str>,
}

struct Table {
    items: Vec<Known>,
    /// Folded name, other name or short form to the item, and whether it is a short form.
    names: BTreeMap<String, (usize, bool)>,
    /// English names by their consonants run together, to the item.
    heard: BTreeMap<String, usize>,
    longest: usize,
    /// First words of the names.
    first: BTreeSet<String>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table {
            items: Vec::new(),
            names: BTreeMap::new(),
            heard: BTreeMap::new(),
            longest: 1,
            first: BTreeSet::new(),
        };
        for row in table_rows(include_str!("../../data/named_works.tsv")) {
            let (Some(kind), Some(name)) = (row.first().and_then(|k| kind_named(k)), row.get(3)) else {
                continue;
            };
            let others: Vec<&'static str> = row
                .get(4)
                .map_or_else(Vec::new, |o| o.split('|').map(str::trim).filter(|n| !n.is_empty()).collect());
            let at = table.items.len();
            let short = row.get(2).copied().filter(|a| !a.is_empty());
            for spelling in others.iter().copied().chain([*name]).chain(short) {
                let key = name_key(spelling);
                table.longest = table.longest.max(key.split(' ').count());
                table.first.extend(key.split(' ').next().map(str::to_owned));
                let sound = heard(&key);
                if !has_devanagari(spelling) && sound.len() >= HEARD {
                    table.heard.entry(sound).or_insert(at);
                }
                table.names.entry(key).or_insert((at, is_short_form(spelling)));
            }
            table.items.push(Known {
                kind,
                year: row.get(1).and_then(|y| y.parse().ok()),
                abbreviation: short,
                name,
                hindi: others.iter().copied().find(|o| has_devanagari(o)),
            });
        }
        table
    })
}

fn kind_named(name: &str) -> Option<KnowledgeKind> {
    Some(match name {
        "act" => KnowledgeKind::Act,
        "rules" => KnowledgeKind::Rules,
        "scheme" => KnowledgeKind::Scheme,
        "programme" => KnowledgeKind::Programme,
        "policy" => KnowledgeKind::Policy,
        _ => return None,
    })
}

/// The known item of this name or short form.
pub(crate) fn known(name: &str) -> Option<&'static Known> {
    known_key(&name_key(name)).map(|(item, _)| item)
}

/// The known item of a folded name, and whether the name is a short form.
pub(crate) fn known_key(key: &str) -> Option<(&'static Known, bool)> {
    let in_hindi_letters = || Some((*table().heard.get(&heard(key))?, false));
    let written = table().names.get(key).copied();
    let (at, short) = written.or_else(|| in_hindi_letters().filter(|_| has_devanagari(key)))?;
    table().items.get(at).map(|item| (item, short))
}

/// Fewest consonants by which an English name in Hindi letters is known.
const HEARD: usize = 6;

/// A folded name by its consonants run together: "नेशनल हेल्थ मिशन" sounds like "national health mission".
fn heard(key: &str) -> String {
    key.split(' ').map(consonants).collect()
}

/// True where a known name begins with the folded word.
pub(crate) fn begins_known(word: &str) -> bool {
    let key = name_key(word);
    let spoken = || {
        let sound = heard(&key);
        let mut from = table().heard.range(sound.clone()..);
        sound.len() > 1 && from.next().is_some_and(|(name, _)| name.starts_with(&sound))
    };
    table().first.contains(key.split(' ').next().unwrap_or_default()) || (has_devanagari(word) && spoken())
}

/// Most words of a known name.
pub(crate) fn longest_known() -> usize {
    table().longest
}

/// True for "MGNREGA", "PMAY-G", "DAY-NRLM", "PM-KISAN", "GeM": mostly capitals, no lower-case word.
pub(crate) fn is_short_form(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    let first = text.chars().next().is_some_and(char::is_uppercase);
    first
        && (2..=12).contains(&letters.len())
        && capitals >= 2
        && capitals * 2 >= letters.len()
        && !text.contains(' ')
}

/// What spellings of one name have in common: folded, without year and articles, with the usual variants joined.
pub(crate) fn name_key(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<Cow<'_, str>> =
        folded.split(' ').map(|word| letters(word).map_or(Cow::Borrowed(word), Cow::Owned)).collect();
    let mut out: Vec<&str> = Vec::new();
    for word in words.iter().map(AsRef::as_ref) {
        match word {
            "the" | "of" | "and" | "for" | "in" | "to" | "on" | "from" | "एवं" | "और" | "तथा" | "व"
            | "एवम" | "एंड" => {}
            _ if names_purpose(word) => {}
            "yojna" => out.push("yojana"),
            "abhiyaan" => out.push("abhiyan"),
            "program" | "प्रोग्राम" => out.push("programme"),
            "एक्ट" => out.push("act"),
            "स्कीम" => out.push("scheme"),
            "रूल्स" => out.push("rules"),
            "awas" => out.push("awaas"),
            "grameen" | "gramin" | "ग्रामीण"
                if out.last().is_some_and(|w| *w == "yojana" || *w == "योजना") =>
            {
                out.push(if word == "ग्रामीण" { word } else { "gramin" });
            }
            "pradhanmantri" => out.extend(["pradhan", "mantri"]),
            "mukhya" | "मुख्य" => out.push(word),
            "mantri" if out.last() == Some(&"mukhya") => {
                out.pop();
                out.push("mukhyamantri");
            }
            "मंत्री" if out.last() == Some(&"मुख्य") => {
                out.pop();
                out.push("मुख्यमंत्री");
            }
            _ if year_of(word).is_some() => {}
            _ => out.push(word),
        }
    }
    out.join(" ")
}

/// A Hindi word that spells out three letters or more: "जीएफआर" is "gfr".
fn letters(word: &str) -> Option<String> {
    let spelled = Some(word).filter(|word| has_devanagari(word)).and_then(spelled)?;
    (spelled.len() >= 3).then(|| spelled.to_lowercase())
}

/// A year that laws carry.
pub(crate) fn year_of(word: &str) -> Option<u16> {
    word.parse().ok().filter(|y| (1800..2100).contains(y) && word.len() == 4)
}

/// The last year in a name.
pub(crate) fn year_in(name: &str) -> Option<u16> {
    fold(name).split(' ').rev().find_map(year_of)
}

/// A name as it should stand in a list: no article, no capitals throughout, one comma before the year of a law.
pub(crate) fn normal_name(raw: &str) -> String {
    let mut name = collapse(&without_brackets(raw));
    let edge = |c: char| c.is_whitespace() || "/,;:.-\u{2013}\u{2014}\"'\u{201c}\u{201d}".contains(c);
    name = name.trim_matches(edge).to_owned();
    for article in ["The ", "THE ", "the "] {
        if let Some(rest) = name.strip_prefix(article) {
            name = rest.to_owned();
        }
    }
    if !name.chars().any(char::is_lowercase) && name.contains(' ') {
        name = title_case(&name);
    }
    // "Act 2005", "Act,2005" and "Act - 2005" are "Act, 2005".
    if let Some(year) = name.rsplit(|c: char| !c.is_alphanumeric()).next().and_then(year_of)
        && let Some(bare) = name.strip_suffix(&year.to_string())
    {
        let bare = bare.trim_end_matches(|c: char| c.is_whitespace() || ",-\u{2013}.".contains(c));
        if !bare.ends_with('(') {
            name = format!("{bare}, {year}");
        }
    }
    name
}

/// "Minerals 2[(Development)] Act" without its footnotes, "(RMSA)" and "‘‘आशा’’" without what encloses them.
fn without_brackets(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '[' => {
                // The number before a bracket is a footnote's.
                let digits = out.trim_end();
                let kept = digits.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end().len();
                if kept < out.trim_end().len() && out.len() - kept <= 4 {
                    out.truncate(kept);
                    out.push(' ');
                }
            }
            ']' | '\u{2018}' | '\u{201c}' | '\u{201d}' | '"' => {}
            _ => out.push(c),
        }
    }
    let out = out.replace("\u{2019}\u{2019}", "");
    let inner = out.trim().trim_start_matches('(');
    if out.matches('(').count() != out.matches(')').count()
        || (out.trim().starts_with('(') && out.trim().ends_with(')'))
    {
        let edge = inner.trim_end_matches(')');
        if edge.matches('(').count() == edge.matches(')').count() {
            return edge.to_owned();
        }
    }
    out
}

/// Capitals throughout become a title.
pub(crate) fn title_case(text: &str) -> String {
    let small = ["AND", "OF", "THE", "FOR", "IN", "TO", "ON", "BY", "FROM", "WITH", "AT"];
    let word = |(i, w): (usize, &str)| {
        if i > 0 && small.contains(&w) {
            return w.to_lowercase();
        }
        let mut up = true;
        w.chars()
            .map(|c| {
                let out = if up { c } else { c.to_ascii_lowercase() };
                up = !c.is_alphanumeric() && c != '\'' && c != '\u{2019}';
                out
            })
            .collect()
    };
    text.split(' ').enumerate().map(word).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_and_compared() {
        assert_eq!(
            normal_name("THE MINES AND MINERALS (DEVELOPMENT) ACT,1957"),
            "Mines and Minerals (Development) Act, 1957"
        );
        assert_eq!(normal_name("the Right to Information Act 2005,"), "Right to Information Act, 2005");
        assert_eq!(name_key("Mukhya Mantri Awas Yojna"), name_key("Mukhyamantri Awaas Yojana"));
        assert_eq!(name_key("Right to Information Act, 2005"), name_key("The Right to Information Act"));
    }

    #[test]
    fn national_names_are_known_by_all_their_spellings() {
        for name in ["MGNREGS", "Mahatma Gandhi National Rural Employment Guarantee Scheme", "मनरेगा"]
        {
            assert_eq!(known(name).and_then(|k| k.abbreviation), Some("MGNREGA"), "{name}");
        }
        assert_eq!(known("सूचना का अधिकार अधिनियम, 2005").and_then(|k| k.year), Some(2005));
        for name in ["आरटीआई", "आर.टी.आई. एक्ट", "आरटीआई एक्ट, 2005"]
        {
            assert_eq!(known(name).and_then(|k| k.abbreviation), Some("RTI Act"), "{name}");
        }
        let mission = known("National Health Mission");
        assert!(mission.is_some());
        assert_eq!(known("नेशनल हेल्थ मिशन"), mission);
        assert_eq!(known("विलेज रोड स्कीम"), None);
        assert_eq!(known("Village Road Scheme"), None);
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = table_rows(include_str!("../../data/named_works.tsv")).count();
        assert_eq!(table().items.len(), rows);
    }
}
