//! From duties to what a post needs.

use std::collections::BTreeMap;

use cbp_core::Designation;

use super::{Classifier, ClassifyError, Match};
use crate::Support;

/// Entries that one duty may support.
const TOP: usize = 3;
/// A duty's entry counts from this confidence on. The cut that makes F1 largest is half the F1 that it reaches (Lipton,
/// Elkan and Narayanaswamy, 2014); on groups left out, single activities reached .38 (A4, 2,087 entries) to .58 (A5, 37).
const COUNTS: f64 = 0.3;
/// A role's title says less than its activities do.
const ROLE: f64 = 0.5;

/// A post needs an entry of the taxonomy.
#[derive(Debug, Clone, PartialEq)]
pub struct PostNeed {
    /// Place of the entry in the taxonomy.
    pub entry: usize,
    /// Probability that the post needs it, 0 to 1.
    pub confidence: f64,
    /// Share of the post's duties that ask for it, 0 to 1.
    pub weight: f64,
    /// The duties, in the post's order.
    pub support: Vec<Support>,
}

/// A duty of a post: a role's title or an activity.
struct Duty<'a> {
    role: usize,
    activity: Option<usize>,
    text: &'a str,
}

fn duties(post: &Designation) -> Vec<Duty<'_>> {
    let mut duties = Vec::new();
    for (role, held) in post.roles.iter().enumerate() {
        duties.push(Duty { role, activity: None, text: &held.title });
        let activities = held.activities.iter().enumerate();
        duties.extend(activities.map(|(a, activity)| Duty { role, activity: Some(a), text: &activity.text }));
    }
    duties
}

impl Classifier {
    /// What each post needs, the most certain first, ties by the taxonomy's order.
    ///
    /// A need is as certain as its duties together, each counted as independent evidence; its weight is its share of
    /// what all duties ask for. A post whose duties say nothing clear needs the one entry that they together make
    /// likeliest; only a post without words needs nothing.
    ///
    /// # Errors
    /// As [`Classifier::classify`].
    pub fn posts(&self, posts: &[Designation]) -> Result<Vec<Vec<PostNeed>>, ClassifyError> {
        let duties: Vec<Vec<Duty<'_>>> = posts.iter().map(duties).collect();
        let texts: Vec<&str> = duties.iter().flatten().map(|d| d.text).collect();
        let mut found = self.classify(&texts, TOP)?.into_iter();
        Ok(duties.into_iter().map(|duties| needs(&duties, &mut found)).collect())
    }
}

fn needs(duties: &[Duty<'_>], found: &mut impl Iterator<Item = Vec<Match>>) -> Vec<PostNeed> {
    let found: Vec<Vec<Match>> = found.take(duties.len()).collect();
    let clear = needs_from(duties, &found, COUNTS);
    if !clear.is_empty() {
        return clear;
    }
    // Nobody does nothing: where no duty is clear, what they together make likeliest, as unsure as it is.
    needs_from(duties, &found, 0.0).into_iter().take(1).map(|need| PostNeed { weight: 1.0, ..need }).collect()
}

/// Needs from the entries that duties ask for with this confidence at least.
fn needs_from(duties: &[Duty<'_>], found: &[Vec<Match>], least: f64) -> Vec<PostNeed> {
    let mut needs: BTreeMap<usize, (f64, Vec<Support>)> = BTreeMap::new();
    let mut asked = 0.0;
    for (duty, matches) in duties.iter().zip(found) {
        let scale = if duty.activity.is_none() { ROLE } else { 1.0 };
        for matched in matches.iter().filter(|m| m.confidence >= least) {
            let strength = scale * matched.confidence;
            let (doubt, support) = needs.entry(matched.entry).or_insert((1.0, Vec::new()));
            *doubt *= 1.0 - strength;
            support.push(Support { role: duty.role, activity: duty.activity, share: strength });
            asked += strength;
        }
    }
    let need = |(entry, (doubt, mut support)): (usize, (f64, Vec<Support>))| {
        let total: f64 = support.iter().map(|s| s.share).sum();
        for piece in &mut support {
            piece.share /= total;
        }
        PostNeed { entry, confidence: 1.0 - doubt, weight: total / asked, support }
    };
    let mut list: Vec<PostNeed> = needs.into_iter().map(need).collect();
    list.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.entry.cmp(&b.entry)));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(entry: usize, confidence: f64) -> Match {
        Match { entry, score: confidence, confidence }
    }

    #[test]
    fn duties_add_up_and_shares_are_shares() {
        let duties = [
            Duty { role: 0, activity: None, text: "Accounts" },
            Duty { role: 0, activity: Some(0), text: "Check bills" },
            Duty { role: 0, activity: Some(1), text: "Keep the cash book" },
        ];
        let found = vec![
            vec![matched(4, 0.6)],
            vec![matched(4, 0.5), matched(7, 0.1)],
            vec![matched(4, 0.5), matched(2, 0.5)],
        ];
        let list = needs(&duties, &mut found.into_iter());
        assert_eq!(list.iter().map(|n| n.entry).collect::<Vec<_>>(), [4, 2]);
        assert!((list[0].confidence - (1.0 - 0.7 * 0.5 * 0.5)).abs() < 1e-12);
        assert!((list.iter().map(|n| n.weight).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(list.iter().all(|n| (n.support.iter().map(|s| s.share).sum::<f64>() - 1.0).abs() < 1e-12));
        assert!(needs(&duties, &mut std::iter::empty()).is_empty());
        let unclear =
            vec![vec![matched(4, 0.2)], vec![matched(7, 0.1)], vec![matched(7, 0.15), matched(4, 0.1)]];
        let list = needs(&duties, &mut unclear.into_iter());
        assert_eq!(list.iter().map(|n| (n.entry, n.support.len())).collect::<Vec<_>>(), [(7, 2)]);
    }
}
