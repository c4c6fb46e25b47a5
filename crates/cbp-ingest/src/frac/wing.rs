//! Wings, divisions and sections as headings name them.

use std::sync::OnceLock;

use super::expand::expand;
use super::headcount::split_headcount;
use super::rank::names_post;
use crate::prose::{collapse, fold, marker, table_rows};

fn words() -> &'static Vec<String> {
    static TABLE: OnceLock<Vec<String>> = OnceLock::new();
    TABLE.get_or_init(|| {
        table_rows(include_str!("../../data/wings.tsv")).filter_map(|r| Some(fold(r.first()?))).collect()
    })
}

/// True where a heading names a wing: one that `department.toml` lists, or by a word such as "section" or "शाखा".
pub(crate) fn is_wing(text: &str, wings: &[String]) -> bool {
    let folded = fold(text);
    if wings.iter().any(|w| folded.contains(&fold(w))) {
        return true;
    }
    let short = folded.split(' ').count() <= 12;
    let has = folded.split(' ').any(|w| words().iter().any(|known| known == w));
    // "Section Officer" is a post, "Establishment Section" is not.
    short && has && !names_post(text)
}

/// True where a heading in running text names a section by a word such as "branch" or "अनुभाग", or is listed.
pub(crate) fn is_section(text: &str, wings: &[String]) -> bool {
    static WORDS: OnceLock<Vec<String>> = OnceLock::new();
    let sections = WORDS.get_or_init(|| {
        let rows = table_rows(include_str!("../../data/wings.tsv")).filter(|r| r.get(1) == Some(&"section"));
        rows.filter_map(|r| Some(fold(r.first()?))).collect()
    });
    let folded = fold(text);
    let listed = wings.iter().any(|w| folded.contains(&fold(w)));
    let words: Vec<&str> = folded.split(' ').collect();
    is_wing(text, wings)
        && (listed || (words.len() >= 2 && words.iter().any(|w| sections.iter().any(|s| s == w))))
}

/// The wing without numbering, strength and stops; spelled as `department.toml` does where it lists it.
pub(crate) fn wing_name(text: &str, wings: &[String]) -> String {
    let line = collapse(text);
    let folded = fold(&line);
    if let Some(wing) = wings.iter().filter(|w| folded.contains(&fold(w))).max_by_key(|w| w.len()) {
        return wing.clone();
    }
    let bare = marker(&line).filter(|(m, _)| m.value > 0).map_or(line.as_str(), |(_, rest)| rest);
    let (bare, _) = split_headcount(bare);
    let bare = bare.trim_matches(|c: char| c.is_whitespace() || ":;.,-\u{2013}\u{2014}".contains(c));
    let bare = bare
        .split_once(':')
        .filter(|(label, _)| words().contains(&fold(label)) || fold(label).starts_with("name of"))
        .map_or(bare, |(_, name)| name.trim());
    expand(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wings_lose_their_numbering_and_strength() {
        let none: &[String] = &[];
        for (text, wing) in [
            ("A. Secretariat Wing (sanctioned strength: 96)", "Secretariat Wing"),
            ("I. Establishment Section:", "Establishment Section"),
            ("(ख) लेखा शाखा", "लेखा शाखा"),
            ("Section: Establishment-I", "Establishment-I"),
        ] {
            assert_eq!(wing_name(text, none), wing);
        }
        assert!(is_wing("Establishment Section", none) && !is_wing("Section Officer", none));
        assert!(!is_wing("Preparation of budget", none));
        let listed = ["महिला सशक्तिकरण शाखा".to_owned()];
        assert_eq!(wing_name("परिशिष्ट-2 महिला सशक्तिकरण शाखा", &listed), listed[0]);
    }
}
