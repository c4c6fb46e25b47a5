//! Service groups as papers write them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cbp_core::Group;

use crate::prose::{fold, table_rows};

fn spellings() -> &'static BTreeMap<String, Group> {
    static TABLE: OnceLock<BTreeMap<String, Group>> = OnceLock::new();
    TABLE.get_or_init(|| {
        table_rows(include_str!("../../data/groups.tsv"))
            .filter_map(|row| {
                let group = match *row.first()? {
                    "A" => Group::A,
                    "B" => Group::B,
                    "C" => Group::C,
                    "D" => Group::D,
                    _ => Group::Contractual,
                };
                Some((fold(row.get(1)?), group))
            })
            .collect()
    })
}

/// The group that a cell of a group column names; also "Group 'B' (Gazetted)" and pay levels of the Seventh Commission.
pub(crate) fn group_cell(text: &str) -> Option<Group> {
    let folded = fold(text);
    if let Some(group) = spellings().get(&folded) {
        return Some(*group);
    }
    group_phrase(text).or_else(|| pay_level(&folded))
}

/// The group that a heading such as "Group A officers" names; single letters do not count.
pub(crate) fn group_phrase(text: &str) -> Option<Group> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').collect();
    for length in [3, 2, 1] {
        for window in words.windows(length) {
            let phrase = window.join(" ");
            if phrase.chars().count() > 3
                && let Some(group) = spellings().get(&phrase)
            {
                return Some(*group);
            }
        }
    }
    None
}

/// "Level 11", "L-7": from level 10 group A, from 6 group B, below group C.
fn pay_level(folded: &str) -> Option<Group> {
    let rest = folded.strip_prefix("pay ").unwrap_or(folded);
    let rest = rest.strip_prefix("level").or_else(|| rest.strip_prefix('l'))?;
    let level: u32 = rest.trim().split(' ').next()?.trim_end_matches('a').parse().ok()?;
    match level {
        10..=18 => Some(Group::A),
        6..=9 => Some(Group::B),
        1..=5 => Some(Group::C),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_in_every_spelling() {
        for (text, group) in [
            ("Group A", Group::A),
            ("B", Group::B),
            ("Group 'C'", Group::C),
            ("Group-B (Gazetted)", Group::B),
            ("Class III", Group::C),
            ("समूह घ", Group::D),
            ("संविदा", Group::Contractual),
            ("Contractual", Group::Contractual),
            ("Level-11", Group::A),
            ("तृतीय श्रेणी", Group::C),
        ] {
            assert_eq!(group_cell(text), Some(group), "{text}");
        }
        assert_eq!(group_cell("Secretariat"), None);
        assert_eq!(group_phrase("A. Secretariat Wing"), None);
    }
}
