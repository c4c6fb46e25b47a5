//! The order of seniority.

use std::collections::BTreeMap;

use cbp_core::{Designation, Group};

use super::rank::standing;

/// Order of seniority: indices into `posts`, the most senior first.
///
/// Groups A to D follow each other. Inside a group, the order of the paper stands within a wing, and the wings are
/// merged by the rank table: at each step the wing whose remaining posts hold the most senior one goes on; ties go to
/// the wing named first.
pub(crate) fn by_seniority(posts: &[Designation]) -> Vec<usize> {
    let mut wings: Vec<Vec<usize>> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, post) in posts.iter().enumerate() {
        let wing = *index.entry(post.wing.as_str()).or_insert_with(|| {
            wings.push(Vec::new());
            wings.len() - 1
        });
        if let Some(members) = wings.get_mut(wing) {
            members.push(i);
        }
    }
    for members in &mut wings {
        members.sort_by_key(|&i| posts.get(i).map(|post| key(post).0));
    }
    // For each place in a wing, the most senior post from there on.
    let ahead: Vec<Vec<(u8, u8)>> = wings
        .iter()
        .map(|members| {
            let mut best = (u8::MAX, u8::MAX);
            let mut keys: Vec<(u8, u8)> = members
                .iter()
                .rev()
                .map(|&i| {
                    best = best.min(posts.get(i).map_or(best, key));
                    best
                })
                .collect();
            keys.reverse();
            keys
        })
        .collect();
    let mut next = vec![0_usize; wings.len()];
    let mut order = Vec::with_capacity(posts.len());
    while order.len() < posts.len() {
        let wing = (0..wings.len())
            .filter_map(|w| Some((*ahead.get(w)?.get(*next.get(w)?)?, w)))
            .min()
            .map(|(_, w)| w);
        let Some(wing) = wing else { break };
        let taken = wings.get(wing).zip(next.get(wing)).and_then(|(members, &n)| members.get(n));
        order.extend(taken);
        if let Some(n) = next.get_mut(wing) {
            *n += 1;
        }
    }
    order
}

/// Group (contractual posts by the group that such posts usually have), then rank.
fn key(post: &Designation) -> (u8, u8) {
    let known = standing(&post.name);
    let group = match post.group {
        Some(Group::Contractual) | None => known.map(|s| s.group),
        given => given,
    };
    let group = match group {
        Some(Group::A) => 0,
        Some(Group::B) => 1,
        Some(Group::D) => 3,
        _ => 2,
    };
    (group, known.map_or(40, |s| s.rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_follow_each_other_and_wings_are_merged_by_rank_inside_them() {
        let post = |name: &str, wing: &str, group| Designation {
            name: name.to_owned(),
            wing: wing.to_owned(),
            group,
            ..Designation::default()
        };
        let posts = [
            post("Deputy Director", "Field", Some(Group::A)),
            post("Inspector", "Field", Some(Group::B)),
            post("Secretary", "Secretariat", Some(Group::A)),
            post("Clerk", "Secretariat", Some(Group::C)),
            post("Accounts Officer", "Secretariat", Some(Group::B)),
            post("Officer on a matter unknown to the table", "Secretariat", Some(Group::A)),
        ];
        let names: Vec<&str> = by_seniority(&posts).into_iter().map(|i| posts[i].name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Secretary",
                "Deputy Director",
                "Officer on a matter unknown to the table",
                "Accounts Officer",
                "Inspector",
                "Clerk"
            ]
        );
    }
}
