//! Recommendations for any number of officials: lines in, lines out, in bounded memory.

use std::{
    borrow::Cow,
    io::{BufRead, Read as _, Result, Write},
};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Official, Recommender};

/// Records that are in memory at a time.
pub(super) const CHUNK: usize = 8192;
/// The longest line that is read, in bytes: no file makes the memory grow beyond a chunk of these.
const LONGEST: u64 = 1 << 16;

/// A share of the officials: every `of`-th line, beginning with the `part`-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `of`.
    pub part: u64,
    /// Number of shares.
    pub of: u64,
}

impl Default for Shard {
    fn default() -> Self {
        Self { part: 1, of: 1 }
    }
}

impl Shard {
    /// Numbers of the records that are the share's, but for the first `done`.
    pub(super) fn due(self, done: u64) -> impl Iterator<Item = u64> {
        let first = (self.part - 1).saturating_add(done.saturating_mul(self.of));
        std::iter::successors(Some(first), move |number| number.checked_add(self.of))
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    /// Reads `i/n`, such as `2/8`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err(format!("\"{text}\" is no share; write i/n with i from 1 to n, such as 2/8")),
        }
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchReport {
    /// Officials that were answered now.
    pub officials: u64,
    /// Of those, records that could not be read or whose post is unknown.
    pub failed: u64,
}

/// An answer, as a line of JSON or a row of columns.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'a, str>>,
    #[serde(borrow)]
    courses: Vec<Choice<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    course: Cow<'a, str>,
    score: f64,
    #[serde(borrow)]
    competency: Cow<'a, str>,
}

/// Reads a line, however it is encoded; of one that is longer than [`LONGEST`] only the beginning. `None` at the end.
fn line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if input.take(LONGEST).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(Some(line))
}

fn official(line: &[u8], number: u64) -> std::result::Result<Official, String> {
    if line.len() as u64 >= LONGEST {
        return Err(format!("line {number} is longer than {LONGEST} bytes"));
    }
    serde_json::from_slice(line).map_err(|e| format!("line {number} is no official: {e}"))
}

impl Recommender<'_> {
    /// Reads officials, one JSON object a line, and writes the best `k` courses of each, one line for each of the
    /// shard's, in their order. `done` lines of the shard are passed over: what an earlier run that was stopped has
    /// written. A record that cannot be read is answered with its error; the others go on. `watch` is told how many are
    /// done.
    ///
    /// # Errors
    ///
    /// If the input cannot be read or the output not be written.
    pub fn recommend_lines(
        &self,
        mut input: impl BufRead,
        output: &mut impl Write,
        k: usize,
        shard: Shard,
        done: u64,
        watch: &mut dyn FnMut(u64),
    ) -> Result<BatchReport> {
        let mut report = BatchReport::default();
        let mut due = shard.due(done).peekable();
        let mut lines = std::iter::from_fn(|| line(&mut input).transpose())
            .zip(0_u64..)
            .filter(|(_, number)| due.next_if_eq(number).is_some())
            .map(|(line, number)| Ok((line?, number + 1)));
        loop {
            let chunk = lines.by_ref().take(CHUNK).collect::<Result<Vec<(Vec<u8>, u64)>>>()?;
            if chunk.is_empty() {
                return Ok(report);
            }
            self.answer_all(&chunk, |(line, number)| official(line, *number), k, output, &mut report)?;
            watch(report.officials);
        }
    }

    /// Answers records in their order.
    pub(super) fn answer_all<R: Sync>(
        &self,
        records: &[R],
        official: impl Fn(&R) -> std::result::Result<Official, String> + Sync,
        k: usize,
        output: &mut impl Write,
        report: &mut BatchReport,
    ) -> Result<()> {
        let answers: Vec<(Vec<u8>, bool)> =
            records.par_iter().map(|record| self.answer(&official(record), k)).collect();
        for (answer, failed) in answers {
            output.write_all(&answer)?;
            report.officials += 1;
            report.failed += u64::from(failed);
        }
        // What is written is whole lines: a run that stops here can be taken up again.
        output.flush()
    }

    fn answer(&self, official: &std::result::Result<Official, String>, k: usize) -> (Vec<u8>, bool) {
        let advice = official
            .as_ref()
            .map_err(String::clone)
            .and_then(|official| self.recommend(official, k).map_err(|error| error.to_string()));
        let id = official.as_ref().map_or("", |official| official.id.as_str()).into();
        let (courses, error) = match advice {
            Ok(advice) => {
                let choice = |one: &super::Advice| Choice {
                    course: self.index().course(one.course).map_or("", |course| &course.id).into(),
                    score: one.score,
                    competency: self.competency(one.gap).into(),
                };
                (advice.iter().map(choice).collect(), None)
            }
            Err(error) => (Vec::new(), Some(error.into())),
        };
        let failed = error.is_some();
        // Text and finite numbers always have a JSON form.
        let mut answer = serde_json::to_vec(&Answer { id, error, courses }).unwrap_or_default();
        answer.push(b'\n');
        (answer, failed)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use cbp_core::{Catalogue, CompetencyRef, CompetencyType, Course};
    use ndarray::Array2;

    use super::*;
    use crate::rank::{CourseIndex, Need, Post, RankOptions, Required};

    /// Runs a test with a recommender for clerks.
    pub(in crate::rank) fn with_recommender(test: impl FnOnce(&Recommender<'_>)) {
        let course = |i| Course { id: format!("c{i}"), name: format!("word{i}"), ..Course::default() };
        let catalogue = Catalogue { courses: (0..30).map(course).collect(), ..Catalogue::default() };
        let vectors = Array2::from_shape_fn((30, 5), |(i, j)| ((i * 5 + j * 3) % 7) as f32 - 3.1);
        let index = CourseIndex::from_vectors(&catalogue, &vectors, "m").unwrap();
        let competency = CompetencyRef {
            kind: CompetencyType::Functional,
            id: Some("FUN-001".into()),
            theme: String::new(),
            sub_theme: "Drafting".into(),
        };
        let required = vec![Required { competency, level: 2, weight: 1.0, need: Need::of("word3") }];
        let posts = [Post { names: vec!["Clerk".into()], required, ..Post::default() }];
        let made = Array2::from_shape_fn((1, 5), |(_, j)| j as f32 - 1.5);
        test(&Recommender::with_vectors(&index, &posts, &RankOptions::default(), |_| Ok(made)).unwrap());
    }

    #[test]
    fn shards_are_read_strictly() {
        assert_eq!("2/8".parse(), Ok(Shard { part: 2, of: 8 }));
        for bad in ["", "2", "0/3", "4/3", "a/b", "1/0", "-1/2"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shards_and_resumed_runs_together_are_the_whole() {
        with_recommender(whole_from_parts);
    }

    fn whole_from_parts(recommender: &Recommender<'_>) {
        let record = |i: usize| {
            let post = if i == 7 { "Pilot" } else { "clerk" };
            format!("{{\"id\":\"p{i}\",\"designation\":\"{post}\",\"done\":[\"c{}\"]}}\n", i % 30)
        };
        let input: String = (0..50).map(record).chain(["no JSON\n".to_owned()]).collect();
        let run = |shard, done| {
            let mut out = Vec::new();
            let report =
                recommender.recommend_lines(input.as_bytes(), &mut out, 3, shard, done, &mut |_| ()).unwrap();
            (String::from_utf8(out).unwrap(), report)
        };
        let (all, report) = run(Shard::default(), 0);
        assert_eq!(report, BatchReport { officials: 51, failed: 2 });
        let all: Vec<&str> = all.lines().collect();
        assert!(all[0].starts_with(r#"{"id":"p0","courses":[{"course":"c"#) && all[7].contains("Pilot"));
        assert!(all[50].contains("line 51 is no official"));
        for part in 1..=3 {
            let (lines, _) = run(Shard { part, of: 3 }, 0);
            let want: Vec<&str> = all.iter().skip(part as usize - 1).step_by(3).copied().collect();
            assert_eq!(lines.lines().collect::<Vec<_>>(), want);
            let (rest, _) = run(Shard { part, of: 3 }, 5);
            assert_eq!(rest.lines().collect::<Vec<_>>(), want[5..]);
        }
    }
    #[test]
    fn lines_of_any_length_and_encoding_are_read_one_by_one() {
        let long = vec![b'x'; LONGEST as usize + 9];
        let mut input = &[b"\xFF\n", &long[..], b"\n\nlast"].concat()[..];
        let mut lengths = Vec::new();
        while let Some(line) = line(&mut input).unwrap() {
            lengths.push(line.len() as u64);
        }
        assert_eq!(lengths, [2, LONGEST, 1, 4]);
    }
}
