//! Seniority of posts, from a table of names.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cbp_core::Group;

use crate::prose::{fold, table_rows};

/// Rank (1 the most senior) and the usual group of posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    /// 1 is the most senior.
    pub(crate) rank: u8,
    /// Group that such posts usually have.
    pub(crate) group: Group,
}

/// Longest name in the table, in words.
const LONGEST: usize = 7;

fn ranks() -> &'static BTreeMap<String, Standing> {
    static TABLE: OnceLock<BTreeMap<String, Standing>> = OnceLock::new();
    TABLE.get_or_init(|| {
        table_rows(include_str!("../../data/ranks.tsv"))
            .filter_map(|row| {
                let group = match *row.get(1)? {
                    "A" => Group::A,
                    "B" => Group::B,
                    "C" => Group::C,
                    _ => Group::D,
                };
                Some((fold(row.get(2)?), Standing { rank: row.first()?.parse().ok()?, group }))
            })
            .collect()
    })
}

/// The name without what stands in brackets or after a comma.
pub(crate) fn head(name: &str) -> &str {
    let end = name.find(['(', ',', '[']).unwrap_or(name.len());
    match name.get(..end).map(str::trim) {
        Some(head) if !head.is_empty() => head,
        _ => name,
    }
}

/// Where a post stands; `None` where its name holds no name of the table.
pub(crate) fn standing(name: &str) -> Option<Standing> {
    longest(head(name)).or_else(|| longest(name))
}

/// True where the text names a post.
pub(crate) fn names_post(text: &str) -> bool {
    standing(text).is_some()
}

/// True where the whole text is a name of the table.
pub(crate) fn is_known_post(text: &str) -> bool {
    ranks().contains_key(&fold(text))
}

/// True where the first words are a name of the table.
pub(crate) fn begins_with_post(text: &str) -> bool {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').map(singular).collect();
    (1..=words.len()).any(|n| words.get(..n).is_some_and(|w| ranks().contains_key(&w.join(" "))))
}

/// True where the last words are a name of the table.
pub(crate) fn ends_in_post(text: &str) -> bool {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').map(singular).collect();
    (0..words.len()).any(|n| words.get(n..).is_some_and(|w| ranks().contains_key(&w.join(" "))))
}

fn longest(text: &str) -> Option<Standing> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').map(singular).collect();
    for length in (1..=LONGEST.min(words.len())).rev() {
        let mut best: Option<Standing> = None;
        for start in 0..=words.len() - length {
            let Some(found) = words.get(start..start + length).and_then(|w| ranks().get(&w.join(" "))) else {
                continue;
            };
            let step: i16 = words.get(..start).map_or(0, |before| before.iter().map(|w| modifier(w)).sum());
            let rank = (i16::from(found.rank) + step).clamp(1, 99) as u8;
            let here = Standing { rank, group: found.group };
            if best.is_none_or(|b| here < b) {
                best = Some(here);
            }
        }
        if best.is_some() {
            return best;
        }
    }
    None
}

/// How far a word before a known name moves it down.
fn modifier(word: &str) -> i16 {
    match word {
        "senior" | "chief" | "वरिष्ठ" | "मुख्य" => -1,
        "additional" | "अपर" | "अतिरिक्त" => 1,
        "joint" | "संयुक्त" | "junior" | "कनिष्ठ" => 2,
        "deputy" | "उप" => 3,
        "sub" => 4,
        "assistant" | "सहायक" => 6,
        _ => 0,
    }
}

fn singular(word: &str) -> &str {
    let cut = word.strip_suffix('s').filter(|w| w.len() > 4 && w.is_ascii() && !w.ends_with('s'));
    match cut {
        Some(one) if ranks().contains_key(one) => one,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_known_name_decides() {
        let rank = |n| standing(n).map(|s| s.rank);
        assert!(rank("Principal Secretary") < rank("Joint Secretary (Administration)"));
        assert!(rank("Joint Secretary") < rank("Under Secretary"));
        assert!(rank("Section Officer") < rank("Assistant Section Officer"));
        assert!(rank("Panchayat Secretary") > rank("Section Officer"));
        assert!(rank("Deputy Conservator of Forests") > rank("Conservator of Forests"));
        assert!(rank("प्रमुख सचिव") < rank("अनुभाग अधिकारी"));
        assert_eq!(rank("Project Director, DRDA"), rank("Project Directors"));
        assert_eq!(rank("Preparation of the budget"), None);
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = table_rows(include_str!("../../data/ranks.tsv")).count();
        assert!(rows >= 600 && ranks().len() + 20 > rows, "{} of {rows}", ranks().len());
    }
}
