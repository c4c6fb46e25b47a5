//! Whether capitals name an officer or a body.

use cbp_core::KnowledgeKind;

use crate::frac::{begins_with_post, ends_in_post, is_known_post};
use crate::prose::fold;

/// Bodies that are given work like officers are.
const BODIES: [&str; 9] = [
    "authority",
    "council",
    "committee",
    "board",
    "tribunal",
    "commission",
    "collector",
    "magistrate",
    "registrar",
];
/// Names of the rank table that say nothing alone, nor before another word: "Executive Instructions".
const WEAK: [&str; 11] = [
    "officer",
    "officers",
    "executive",
    "assistant",
    "worker",
    "expert",
    "experts",
    "head",
    "chief",
    "teacher",
    "teachers",
];
/// First words of classes of posts.
const CLASSES: [&str; 3] = ["class", "group", "government"];

/// True where what a title is about (the words before "of X", a comma or a bracket) is a post or a body: "Director of
/// Audit" is an officer, "Cadre of Auditors" is not.
pub(super) fn is_officer(title: &str) -> bool {
    let all = fold(title);
    let about = title.split([',', '(']).next().unwrap_or(title);
    let cut = [" of ", " for ", " in "].iter().filter_map(|joint| about.find(joint)).min();
    let about = fold(cut.and_then(|at| about.get(..at)).unwrap_or(about));
    let first = about.split(' ').next().unwrap_or_default();
    // "Ports Authority Act" is a law.
    let law = all.rsplit(' ').next().is_some_and(|last| KnowledgeKind::named(last).is_some());
    if all.is_empty() || law || WEAK.contains(&all.as_str()) || CLASSES.contains(&first) {
        return false;
    }
    let body = all.contains(' ') && about.rsplit(' ').next().is_some_and(is_body);
    // "Head of Office" is a post that the table knows whole; "Director Agriculture" begins with one.
    body || is_known_post(&all)
        || (!WEAK.contains(&first) && begins_with_post(&about))
        || (!WEAK.contains(&about.as_str()) && ends_in_post(&about))
}

/// One body or several: "authority", "magistrates".
fn is_body(word: &str) -> bool {
    let one = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
    BODIES.contains(&one.as_deref().unwrap_or(word.strip_suffix('s').unwrap_or(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_before_of_decide() {
        for title in [
            "Director of Audit",
            "Deputy Directors",
            "Head of Office",
            "Director, Panchayati Raj",
            "Board of Governors",
            "Chief Engineer (Project)",
            "Chief Accounts Officer",
            "Regional Transport Authority",
        ] {
            assert!(is_officer(title), "{title}");
        }
        for title in [
            "Cadre of Auditors",
            "Executive Instructions",
            "Motor Transport Workers Act",
            "Ports Authority of India Act",
            "Class IV",
            "Allowances for Board",
            "Officers",
            "Authority",
        ] {
            assert!(!is_officer(title), "{title}");
        }
    }
}
