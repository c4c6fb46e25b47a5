//! Rows and spellings that name the same post in the same wing become one designation; each joining is recorded.

use cbp_core::{Designation, Merge};

use super::Harvest;
use super::name::post_key;
use crate::prose::fold;

/// Joins the posts of all harvests, in the order read. Returns the posts and the merges, which name posts by index
/// until ids exist.
pub(crate) fn join(harvests: Vec<Harvest>) -> (Vec<Designation>, Vec<(usize, Merge)>) {
    let mut posts: Vec<Designation> = Vec::new();
    let mut keys: Vec<(String, String)> = Vec::new();
    let mut merges: Vec<(usize, Merge)> = Vec::new();
    for post in harvests.into_iter().flat_map(|h| h.posts) {
        let key = (fold(&post.wing), post_key(&post.name));
        let same = keys.iter().position(|k| *k == key);
        let found = same.or_else(|| keys.iter().position(|k| k.0 == key.0 && misspelt(&k.1, &key.1)));
        let Some(at) = found else {
            keys.push(key);
            posts.push(post);
            continue;
        };
        let Some(first) = posts.get_mut(at) else { continue };
        let reason = if first.name == post.name {
            "the same designation stands again in the same wing"
        } else {
            "two spellings of one designation in the same wing"
        };
        let record = Merge {
            into: String::new(),
            written: vec![first.written.clone(), post.written.clone()],
            reason: reason.to_owned(),
            evidence: post.evidence.clone(),
        };
        match merges.iter_mut().find(|(i, m)| *i == at && m.reason == reason) {
            Some((_, merge)) => {
                merge.written.push(post.written.clone());
                merge.evidence.extend(post.evidence.iter().cloned());
            }
            None => merges.push((at, record)),
        }
        absorb(first, post);
    }
    (posts, merges)
}

/// Adds a row's work to the post that it names again.
fn absorb(first: &mut Designation, again: Designation) {
    let repeated = first.roles == again.roles
        || (!again.roles.is_empty()
            && again.roles.iter().all(|r| first.roles.iter().any(|f| same_role(f, r))));
    first.group = first.group.or(again.group);
    first.headcount = match (first.headcount, again.headcount) {
        // A row that only repeats another gives no further posts.
        (Some(a), Some(b)) if repeated => Some(a.max(b)),
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    };
    first.evidence.extend(again.evidence);
    if repeated {
        return;
    }
    for role in again.roles {
        match first.roles.iter_mut().find(|r| fold(&r.title) == fold(&role.title)) {
            Some(known) => {
                known.evidence.extend(role.evidence);
                for activity in role.activities {
                    if known.activities.iter().all(|a| fold(&a.text) != fold(&activity.text)) {
                        known.activities.push(activity);
                    }
                }
            }
            None => first.roles.push(role),
        }
    }
}

fn same_role(a: &cbp_core::Role, b: &cbp_core::Role) -> bool {
    let texts = |r: &cbp_core::Role| -> Vec<String> { r.activities.iter().map(|x| fold(&x.text)).collect() };
    fold(&a.title) == fold(&b.title) && texts(a) == texts(b)
}

/// True where two keys differ by a slip of the pen: as many words, the same first letters, long words one letter apart.
fn misspelt(a: &str, b: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    a.len() == b.len() && a.iter().zip(&b).all(|(x, y)| x == y || slip(x, y))
}

fn slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Short words and numbers differ for a reason.
    let short = a.len().min(b.len()) < 7 || a.len().abs_diff(b.len()) > 1;
    if short || a.first() != b.first() || a.iter().chain(&b).any(char::is_ascii_digit) {
        return false;
    }
    // In Devanagari a vowel sign can be the whole difference between two words.
    let ascii = a.iter().chain(&b).all(char::is_ascii);
    ascii && distance_at_most_one(&a, &b)
}

/// One letter changed, added, lost, or two neighbours exchanged.
fn distance_at_most_one(a: &[char], b: &[char]) -> bool {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (la, lb) = (a.len(), b.len());
    let middle_a = la.saturating_sub(end.min(la - start.min(la)) + start);
    let middle_b = lb.saturating_sub(end.min(lb - start.min(lb)) + start);
    match (middle_a, middle_b) {
        (0 | 1, 0 | 1) => true,
        (2, 2) => a.get(start) == b.get(start + 1) && a.get(start + 1) == b.get(start),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_and_other_posts_are_not() {
        for (a, b) in [
            ("superintendent", "superintendant"),
            ("assistant engineer", "asistant engineer"),
            ("assistant registrar", "assistnat registrar"),
        ] {
            assert!(misspelt(a, b), "{a} / {b}");
        }
        for (a, b) in [
            ("accountant", "assistant"),
            ("stenographer 1", "stenographer 2"),
            ("superintending engineer", "superintendent engineer"),
            ("auditor", "editor"),
            ("deputy director", "director"),
        ] {
            assert!(!misspelt(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn posts_of_different_wings_stay_apart_and_repeated_rows_add_up() {
        let post = |name: &str, wing: &str, count: u32, duty: &str| Designation {
            name: name.to_owned(),
            written: name.to_owned(),
            wing: wing.to_owned(),
            headcount: Some(count),
            roles: vec![cbp_core::Role { title: duty.to_owned(), ..cbp_core::Role::default() }],
            ..Designation::default()
        };
        let mut harvest = Harvest::new("a.pdf");
        harvest.posts = vec![
            post("Accountant", "Budget", 2, "Cash"),
            post("Accountant", "Audit", 1, "Audit"),
            post("Accountants", "Budget", 3, "Bills"),
        ];
        let (posts, merges) = join(vec![harvest]);
        assert_eq!(posts.len(), 2);
        assert_eq!((posts[0].headcount, posts[0].roles.len()), (Some(5), 2));
        assert_eq!(merges.len(), 1);
        assert_eq!(merges[0].1.written, ["Accountant", "Accountants"]);
    }
}
