//! What labelled texts taught about single entries, kept in a file beside the model whose vectors it belongs to.

mod file;

use std::collections::BTreeMap;

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Calibration, ClassifyError};
use crate::embed::Embedder;

/// The file of heads in a model's folder.
pub const SHIPPED_HEADS: &str = "heads.bin";
const KEY: usize = 16;
type Key = [u8; KEY];

/// A shift of one entry's score, linear in the vector of the text; weights as codes of eight bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    bias: f32,
    scale: f32,
    codes: Vec<i8>,
}

impl Head {
    /// Rounds the weights to 1/127 of the largest.
    pub fn new(bias: f32, weights: &ArrayView1<'_, f32>) -> Self {
        let largest = weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
        let scale = largest / 127.0;
        let code = |w: &f32| if scale > 0.0 { (w / scale).round() as i8 } else { 0 };
        Self { bias, scale, codes: weights.iter().map(code).collect() }
    }

    /// What is added for a text whose vector is 0.
    pub const fn bias(&self) -> f32 {
        self.bias
    }

    /// The weights, one for each dimension.
    pub fn weights(&self) -> impl Iterator<Item = f32> + '_ {
        self.codes.iter().map(|&code| f32::from(code) * self.scale)
    }
}

/// What stands in the first line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    format: String,
    version: u32,
    /// Fingerprint of the embedder whose vectors the heads belong to.
    model: String,
    dims: usize,
    heads: usize,
    /// The tasks whose rows were learned from; heads name theirs by its place.
    lessons: Vec<Lesson>,
    /// From scores to confidences, for taxonomies without heads.
    unlearned: Calibration,
}

/// A task that heads were learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lesson {
    task: String,
    /// From scores to confidences, for the taxonomy of the task; none where its entries are not ranked by a classifier.
    curve: Option<Calibration>,
}

/// Heads by the text of their entry: any taxonomy that holds the entry profits, one that does not is left as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    about: About,
    /// With the place of the lesson.
    by_text: BTreeMap<Key, (usize, Head)>,
}

impl Heads {
    /// Format name of the file.
    const FORMAT: &str = "cbp-heads";
    /// Version of the format. In the first, one curve served all taxonomies with heads; in the second, heads were for
    /// vectors that are not centred.
    const VERSION: u32 = 3;

    /// No heads yet, for the vectors of this embedder; `unlearned` is the curve of taxonomies without any.
    pub fn new(embedder: &Embedder, unlearned: Calibration) -> Self {
        Self::of(embedder.fingerprint(), embedder.dims(), unlearned)
    }

    fn of(model: &str, dims: usize, unlearned: Calibration) -> Self {
        let about = About {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            model: model.to_owned(),
            dims,
            heads: 0,
            lessons: Vec::new(),
            unlearned,
        };
        Self { about, by_text: BTreeMap::new() }
    }

    /// Keeps the heads of a task's entries, each with the entry's text (its name with its description), and the curve of
    /// their taxonomy.
    pub fn add<'a>(
        &mut self,
        task: &str,
        curve: Option<Calibration>,
        heads: impl IntoIterator<Item = (&'a str, Head)>,
    ) {
        let lesson = self.about.lessons.len();
        self.about.lessons.push(Lesson { task: task.to_owned(), curve });
        self.by_text.extend(heads.into_iter().map(|(text, head)| (key(text), (lesson, head))));
        self.about.heads = self.by_text.len();
    }

    /// The head of an entry.
    pub fn get(&self, text: &str) -> Option<&Head> {
        self.by_text.get(&key(text)).map(|(_, head)| head)
    }

    /// Names of the tasks whose rows were learned from.
    pub fn learned_from(&self) -> impl Iterator<Item = &str> {
        self.about.lessons.iter().map(|lesson| lesson.task.as_str())
    }

    /// From scores to confidences, for a taxonomy with entries of these texts: the curve of the task that most of the heads
    /// come from (the earlier of equals), where most entries have heads. A few heads among many entries do not change
    /// how scores stand to each other.
    pub fn curve(&self, texts: &[String]) -> Calibration {
        let mut heads = vec![0_usize; self.about.lessons.len()];
        for (lesson, _) in texts.iter().filter_map(|text| self.by_text.get(&key(text))) {
            if let Some(heads) = heads.get_mut(*lesson) {
                *heads += 1;
            }
        }
        let few = heads.iter().sum::<usize>() * 2 <= texts.len();
        let most = heads.iter().zip(&self.about.lessons).rev().max_by_key(|(heads, _)| **heads);
        most.filter(|_| !few).and_then(|(_, lesson)| lesson.curve).unwrap_or(self.about.unlearned)
    }

    /// Reads what lies beside an embedder's model. Heads of another model are left aside, and the log says so: their
    /// shifts would mean nothing.
    ///
    /// # Errors
    /// A file that cannot be read, or is damaged.
    pub fn beside(embedder: &Embedder) -> Result<Option<Self>, ClassifyError> {
        let path = embedder.dir().join(SHIPPED_HEADS);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(ClassifyError::Heads {
                    what: path.display().to_string(),
                    detail: error.to_string(),
                });
            }
        };
        let heads = Self::from_bytes(&path.display().to_string(), &bytes)?;
        if heads.about.model == embedder.fingerprint() && heads.about.dims == embedder.dims() {
            return Ok(Some(heads));
        }
        tracing::warn!(file = %path.display(), "heads of another model are left aside; make them with `cbp tune heads`");
        Ok(None)
    }
}

fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.trim());
    let mut key = Key::default();
    key.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    key
}
