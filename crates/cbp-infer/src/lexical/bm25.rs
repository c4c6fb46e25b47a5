//! BM25 over an inverted index.

use std::collections::HashMap;

use super::{Postings, seek};

/// Parameters of [`Bm25`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bm25Options {
    /// How soon repeated terms saturate.
    pub k1: f32,
    /// How much long texts are held back: 0 not at all, 1 fully.
    pub b: f32,
}

impl Default for Bm25Options {
    fn default() -> Self {
        Self { k1: 1.2, b: 0.75 }
    }
}

/// Why an index was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LexicalError {
    /// A parameter is not finite or out of its range.
    #[error("BM25 {name} is {value}; give a number from {from} to {to}")]
    Parameter {
        /// `k1` or `b`.
        name: &'static str,
        /// What was given.
        value: f32,
        /// Least sensible value.
        from: f32,
        /// Greatest sensible value.
        to: f32,
    },
    /// More texts than an index can number.
    #[error("{found} texts are more than the index can number (4,294,967,295); split them")]
    TooMany {
        /// Number of texts.
        found: usize,
    },
}

/// An immutable BM25 index.
///
/// Scores are deterministic: a document's score is summed in the order of the query's terms.
#[derive(Debug, Clone)]
pub struct Bm25 {
    terms: HashMap<String, u32>,
    /// Postings of term `t` are `postings[starts[t]..starts[t + 1]]`, by document.
    starts: Vec<usize>,
    postings: Vec<(u32, f32)>,
    /// Greatest weight in a term's postings.
    ceilings: Vec<f32>,
    unseen: f32,
    documents: usize,
}

impl Bm25 {
    /// Indexes texts; the position of a text is its number.
    ///
    /// # Errors
    /// A parameter out of range, or more texts than `u32` can number.
    pub fn new<T: AsRef<str>>(texts: &[T], options: Bm25Options) -> Result<Self, LexicalError> {
        Self::weigh(texts.iter().map(|text| vec![(text.as_ref(), 1.0)]), options)
    }

    /// Indexes texts made of weighted fields: a term of a field counts as often as the field weighs.
    ///
    /// # Errors
    /// As [`Bm25::new`].
    pub fn with_fields(documents: &[Vec<(&str, f32)>], options: Bm25Options) -> Result<Self, LexicalError> {
        Self::weigh(documents.iter().map(|fields| exact(fields)), options)
    }

    fn weigh<T: AsRef<str>>(
        texts: impl ExactSizeIterator<Item = Vec<(T, f64)>>,
        options: Bm25Options,
    ) -> Result<Self, LexicalError> {
        let Bm25Options { k1, b } = options;
        for (name, value, to) in [("k1", k1, 100.0), ("b", b, 1.0)] {
            if !(0.0..=to).contains(&value) {
                return Err(LexicalError::Parameter { name, value, from: 0.0, to });
            }
        }
        let documents = texts.len();
        if u32::try_from(documents).is_err() {
            return Err(LexicalError::TooMany { found: documents });
        }
        let Postings { lists, lengths } = Postings::new(texts);
        let mean = (lengths.iter().sum::<f64>() / documents.max(1) as f64) as f32;
        let idf_of = |found: f32| (1.0 + (documents as f32 - found + 0.5) / (found + 0.5)).ln();
        let mut index = Self {
            terms: HashMap::with_capacity(lists.len()),
            starts: vec![0],
            postings: Vec::with_capacity(lists.values().map(Vec::len).sum()),
            ceilings: Vec::with_capacity(lists.len()),
            unseen: idf_of(0.0),
            documents,
        };
        for (number, (term, list)) in (0_u32..).zip(lists) {
            index.terms.insert(term, number);
            let idf = idf_of(list.len() as f32);
            let mut ceiling = 0.0_f32;
            for (document, count) in list {
                let (length, count) =
                    (lengths.get(document as usize).map_or(mean, |&l| l as f32), count as f32);
                let held = k1 * (1.0 - b + b * length / mean.max(f32::MIN_POSITIVE));
                let weight = idf * count * (k1 + 1.0) / (count + held);
                ceiling = ceiling.max(weight);
                index.postings.push((document, weight));
            }
            index.starts.push(index.postings.len());
            index.ceilings.push(ceiling);
        }
        Ok(index)
    }

    /// Number of texts.
    pub const fn len(&self) -> usize {
        self.documents
    }

    /// True where there is no text.
    pub const fn is_empty(&self) -> bool {
        self.documents == 0
    }

    /// The lists of the query's words, each word once, with how often it occurs, in order of first occurrence; none for a
    /// word that no text has.
    fn counted(&self, query: &str) -> Vec<(Option<u32>, f32)> {
        let mut counted: Vec<(Option<u32>, f32)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (term, list) in seek(query, |term| self.terms.get(term).copied()) {
            let place = *places.entry(term).or_insert_with(|| {
                counted.push((list, 0.0));
                counted.len() - 1
            });
            if let Some((_, count)) = counted.get_mut(place) {
                *count += 1.0;
            }
        }
        counted
    }

    /// Documents that share a term with the query, with their scores above zero, by document number.
    pub fn score(&self, query: &str) -> Vec<(u32, f32)> {
        let mut scores = vec![0.0_f32; self.documents];
        let mut touched = Vec::new();
        for (list, count) in self.counted(query) {
            for &(document, weight) in list.map_or(&[][..], |list| self.list(list)) {
                if let Some(score) = scores.get_mut(document as usize) {
                    if *score == 0.0 {
                        touched.push(document);
                    }
                    *score += count * weight;
                }
            }
        }
        touched.sort_unstable();
        touched.into_iter().filter_map(|d| scores.get(d as usize).map(|&s| (d, s))).collect()
    }

    /// The most that any text could score for this query, had it all of the query's terms at their best; terms that
    /// no text has count with the greatest weight. Divide by it to bring scores of different queries to `0..=1`.
    pub fn ceiling(&self, query: &str) -> f32 {
        let of = |list: Option<u32>| {
            list.and_then(|list| self.ceilings.get(list as usize)).copied().unwrap_or(self.unseen)
        };
        self.counted(query).into_iter().map(|(list, count)| count * of(list)).sum()
    }

    fn list(&self, list: u32) -> &[(u32, f32)] {
        let (from, to) = (self.starts.get(list as usize), self.starts.get(list as usize + 1));
        from.zip(to).and_then(|(&from, &to)| self.postings.get(from..to)).unwrap_or(&[])
    }
}

fn exact<'a>(fields: &[(&'a str, f32)]) -> Vec<(&'a str, f64)> {
    fields.iter().map(|&(text, weight)| (text, f64::from(weight))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::terms, *};

    /// The formula, written down once more without an index.
    fn naive(texts: &[String], query: &str, document: usize) -> f32 {
        let bags: Vec<Vec<String>> = texts.iter().map(|t| terms(t)).collect();
        let mean = bags.iter().map(Vec::len).sum::<usize>() as f32 / bags.len() as f32;
        terms(query)
            .iter()
            .map(|term| {
                let found = bags.iter().filter(|bag| bag.contains(term)).count() as f32;
                let count = bags[document].iter().filter(|t| *t == term).count() as f32;
                let idf = (1.0 + (bags.len() as f32 - found + 0.5) / (found + 0.5)).ln();
                let held = 1.2 * (0.25 + 0.75 * bags[document].len() as f32 / mean.max(f32::MIN_POSITIVE));
                if count == 0.0 { 0.0 } else { idf * count * 2.2 / (count + held) }
            })
            .sum()
    }

    proptest! {
        #[test]
        fn agrees_with_the_formula(
            texts in prop::collection::vec("[abcde ]{0,20}", 1..12),
            query in "[abcdef ]{0,12}",
        ) {
            let index = Bm25::new(&texts, Bm25Options::default()).unwrap();
            let mut all = vec![0.0; texts.len()];
            for (document, score) in index.score(&query) {
                prop_assert!(score > 0.0 && score <= index.ceiling(&query) * 1.0001);
                all[document as usize] = score;
            }
            for (document, score) in all.iter().enumerate() {
                let expected = naive(&texts, &query, document);
                prop_assert!((score - expected).abs() < 1e-4, "{score} {expected}");
            }
        }
    }

    #[test]
    fn fields_weigh() {
        let index = Bm25::with_fields(
            &[vec![("budget", 3.0), ("audit rules", 1.0)], vec![("audit", 3.0), ("budget rules", 1.0)]],
            Bm25Options::default(),
        )
        .unwrap();
        let scores = index.score("budget");
        assert!(scores[0].1 > scores[1].1);
    }

    #[test]
    fn nothing_matches_nothing() {
        let index = Bm25::new::<&str>(&[], Bm25Options::default()).unwrap();
        assert!(index.is_empty() && index.score("a budget").is_empty());
        let index = Bm25::new(&["", "budget"], Bm25Options::default()).unwrap();
        assert_eq!(index.score("").len(), 0);
        assert_eq!(index.score("budgets")[0].0, 1);
    }

    #[test]
    fn senseless_parameters_are_refused() {
        for options in [Bm25Options { k1: f32::NAN, b: 0.5 }, Bm25Options { k1: 1.0, b: 1.5 }] {
            assert!(matches!(Bm25::new(&["a"], options), Err(LexicalError::Parameter { .. })));
        }
    }
}
