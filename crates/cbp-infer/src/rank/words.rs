//! Words in common: BM25 over the fields of a course, as the share of the need's information that the course holds.
//!
//! A posting is how far a term is saturated in a course, from 0 to 1; a need's term weighs its share of the need's
//! inverse document frequencies. Their sum is a number from 0 to 1 that compares across needs: BM25 divided by the
//! most that it can be. Terms that no course has count in the share, so that a need in unknown words leans on its
//! embedding.

use cbp_core::Course;

use super::buffer::Buffer;
use crate::lexical::{Postings, seek};

/// How soon repeated terms saturate, and how much long texts are held back.
const K1: f64 = 1.2;
const B: f64 = 0.5;

/// An inverted index of the courses' words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    /// Terms, sorted; a term's place is its number.
    pub(crate) terms: Vec<String>,
    /// Postings of term `t` are those from `starts[t]` to `starts[t + 1]`.
    pub(crate) starts: Buffer<u64>,
    /// Courses, ascending within a term.
    pub(crate) courses: Buffer<u32>,
    /// How far the term is saturated there.
    pub(crate) saturation: Buffer<f32>,
    pub(crate) courses_total: usize,
}

/// A course's fields and how often a word of each counts.
fn fields(course: &Course) -> Vec<(String, f64)> {
    let tags: Vec<&str> = course
        .competencies
        .iter()
        .flat_map(|tag| [tag.theme.as_str(), tag.sub_theme.as_str()])
        .chain(course.keywords.iter().map(String::as_str))
        .collect();
    vec![
        (course.name.clone(), 3.0),
        (tags.join(" \n"), 2.0),
        (course.description.clone(), 1.0),
        (course.provider.clone(), 0.5),
    ]
}

impl Words {
    pub(crate) fn new(courses: &[Course]) -> Self {
        let Postings { lists, lengths } = Postings::new(courses.iter().map(fields));
        let mean = (lengths.iter().sum::<f64>() / lengths.len().max(1) as f64).max(f64::MIN_POSITIVE);
        let (mut starts, mut holders, mut saturations) = (vec![0], Vec::new(), Vec::new());
        let mut terms = Vec::with_capacity(lists.len());
        for (term, list) in lists {
            for (course, count) in list {
                let length = lengths.get(course as usize).copied().unwrap_or(mean);
                let saturation = count / (count + K1 * (1.0 - B + B * length / mean));
                holders.push(course);
                saturations.push(saturation as f32);
            }
            starts.push(holders.len() as u64);
            terms.push(term);
        }
        Self {
            terms,
            starts: starts.into(),
            courses: holders.into(),
            saturation: saturations.into(),
            courses_total: courses.len(),
        }
    }

    fn idf(&self, found: usize) -> f64 {
        let (all, found) = (self.courses_total as f64, found as f64);
        (1.0 + (all - found + 0.5) / (found + 0.5)).ln()
    }

    fn range(&self, term: u32) -> std::ops::Range<usize> {
        let at = |i: usize| self.starts.get(i).map_or(0, |&start| start as usize);
        at(term as usize)..at(term as usize + 1)
    }

    /// A term by its number, as it is indexed: its stem.
    pub(crate) fn term(&self, term: u32) -> &str {
        self.terms.get(term as usize).map_or("", String::as_str)
    }

    /// The postings of a term.
    pub(crate) fn postings(&self, term: u32) -> (&[u32], &[f32]) {
        let range = self.range(term);
        (self.courses.get(range.clone()).unwrap_or(&[]), self.saturation.get(range).unwrap_or(&[]))
    }

    /// The terms of a need that some course has, ascending, each with its share of the need's information.
    pub(crate) fn query(&self, text: &str) -> Vec<(u32, f64)> {
        let number = |term: &str| self.terms.binary_search_by(|known| known.as_str().cmp(term)).ok();
        let mut wanted = seek(text, number);
        wanted.sort_unstable();
        wanted.dedup_by(|a, b| a.0 == b.0);
        let mut all = 0.0;
        let mut known = Vec::with_capacity(wanted.len());
        for (_, number) in wanted {
            let weight = self.idf(number.map_or(0, |n| self.range(n as u32).len()));
            all += weight;
            known.extend(number.map(|n| (n as u32, weight)));
        }
        known.sort_by_key(|&(number, _)| number);
        for (_, weight) in &mut known {
            *weight /= all;
        }
        known
    }

    /// The terms of a need that a course has: each with its share of the need's information, and how far it is saturated.
    pub(crate) fn parts<'a>(
        &'a self,
        query: &'a [(u32, f64)],
        course: u32,
    ) -> impl Iterator<Item = (u32, f64, f64)> + 'a {
        query.iter().filter_map(move |&(term, share)| {
            let (courses, saturation) = self.postings(term);
            let place = courses.binary_search(&course).ok()?;
            Some((term, share, f64::from(*saturation.get(place)?)))
        })
    }

    /// The value of a course for a need, from 0 to 1: the definition that everything faster is held to.
    pub(crate) fn value(&self, query: &[(u32, f64)], course: u32) -> f64 {
        self.parts(query, course).fold(0.0, |value, (_, share, saturation)| value + share * saturation)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that must be met exactly.
mod tests {
    use super::*;

    fn course(name: &str, description: &str) -> Course {
        Course { name: name.into(), description: description.into(), ..Course::default() }
    }

    #[test]
    fn the_course_with_the_words_is_first_and_values_stay_within_one() {
        let words = Words::new(&[
            course("Noting and drafting", "writing office notes"),
            course("Office work", "drafts, notes, registers"),
            course("Yoga", ""),
        ]);
        let query = words.query("draft notes");
        let values: Vec<f64> = (0..3).map(|c| words.value(&query, c)).collect();
        assert!(values[0] > values[1] && values[1] > 0.0 && values[2] == 0.0);
        assert!(values.iter().all(|v| (0.0..=1.0).contains(v)));
    }

    #[test]
    fn unknown_words_lower_the_share_of_the_known() {
        let words = Words::new(&[course("Budget", ""), course("Audit", "")]);
        let sum = |text: &str| words.query(text).iter().map(|(_, share)| share).sum::<f64>();
        assert!((sum("budget audit") - 1.0).abs() < 1e-12);
        assert!(sum("budget zzz") < 0.5);
        assert!(words.query("zzz").is_empty() && words.query("").is_empty());
    }

    #[test]
    fn hindi_inflections_meet() {
        let words = Words::new(&[course("ग्राम पंचायत की योजना", ""), course("योग", "")]);
        let query = words.query("योजनाओं");
        assert!(words.value(&query, 0) > 0.0 && words.value(&query, 1) == 0.0);
    }
}
