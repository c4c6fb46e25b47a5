//! What labelled texts taught about single entries, kept in a file beside the model whose vectors it belongs to.

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
    /// Names of the tasks whose rows were learned from.
    learned_from: Vec<String>,
    curves: Curves,
}

/// From scores to confidences, where a taxonomy has heads and where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curves {
    /// For taxonomies with heads, whose shifts spread the scores.
    pub learned: Calibration,
    /// For all others.
    pub unlearned: Calibration,
}

/// Heads by the text of their entry: any taxonomy that holds the entry profits, one that does not is left as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    about: About,
    by_text: BTreeMap<Key, Head>,
}

impl Heads {
    /// Format name of the file.
    const FORMAT: &str = "cbp-heads";
    /// Version of the format.
    const VERSION: u32 = 1;

    /// No heads yet, for the vectors of this embedder.
    pub fn new(embedder: &Embedder, learned_from: Vec<String>, curves: Curves) -> Self {
        let about = About {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            model: embedder.fingerprint().to_owned(),
            dims: embedder.dims(),
            heads: 0,
            learned_from,
            curves,
        };
        Self { about, by_text: BTreeMap::new() }
    }

    /// Keeps the head of an entry; `text` is its name with its description.
    pub fn insert(&mut self, text: &str, head: Head) {
        self.by_text.insert(key(text), head);
        self.about.heads = self.by_text.len();
    }

    /// The head of an entry.
    pub fn get(&self, text: &str) -> Option<&Head> {
        self.by_text.get(&key(text))
    }

    /// Names of the tasks whose rows were learned from.
    pub fn learned_from(&self) -> &[String] {
        &self.about.learned_from
    }

    /// From scores to confidences, fitted together with the heads.
    pub const fn curves(&self) -> Curves {
        self.about.curves
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

    /// The file: a line of JSON, then for each head key, bias, scale and codes, by rising key.
    ///
    /// # Errors
    /// A number that JSON cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ClassifyError> {
        let about = serde_json::to_string(&self.about)
            .map_err(|e| ClassifyError::Heads { what: SHIPPED_HEADS.to_owned(), detail: e.to_string() })?;
        let mut out = about.into_bytes();
        out.push(b'\n');
        for (key, head) in &self.by_text {
            out.extend(key);
            out.extend(head.bias.to_le_bytes());
            out.extend(head.scale.to_le_bytes());
            out.extend(head.codes.iter().map(|code| code.to_le_bytes()[0]));
        }
        Ok(out)
    }

    /// Reads a file's bytes; `what` names it in errors.
    ///
    /// # Errors
    /// Bytes of another format or version, of another length than the first line says, or numbers that are not finite.
    pub fn from_bytes(what: &str, bytes: &[u8]) -> Result<Self, ClassifyError> {
        let refuse = |detail: String| ClassifyError::Heads { what: what.to_owned(), detail };
        let line = bytes.iter().position(|b| *b == b'\n').ok_or_else(|| refuse("no first line".into()))?;
        let (about, records) = bytes.split_at(line);
        let about: About = serde_json::from_slice(about).map_err(|e| refuse(e.to_string()))?;
        if about.format != Self::FORMAT || about.version != Self::VERSION {
            return Err(refuse(format!("{} version {} is not read here", about.format, about.version)));
        }
        let records = records.get(1..).unwrap_or_default();
        let size = about.dims.saturating_add(KEY + 8);
        if records.len() != size.saturating_mul(about.heads) {
            return Err(refuse(format!("{} bytes instead of {} heads", records.len(), about.heads)));
        }
        let mut by_text = BTreeMap::new();
        for record in records.chunks_exact(size) {
            let (key, bias, scale, codes) = fields(record).ok_or_else(|| refuse("a short record".into()))?;
            if !(bias.is_finite() && scale.is_finite()) {
                return Err(refuse("a number is not finite".into()));
            }
            let codes = codes.iter().map(|&b| i8::from_le_bytes([b])).collect();
            by_text.insert(key, Head { bias, scale, codes });
        }
        if by_text.len() != about.heads {
            return Err(refuse("an entry stands twice".into()));
        }
        Ok(Self { about, by_text })
    }
}

/// Key, bias, scale and codes of a record.
fn fields(record: &[u8]) -> Option<(Key, f32, f32, &[u8])> {
    let (key, rest) = record.split_first_chunk::<KEY>()?;
    let (bias, rest) = rest.split_first_chunk::<4>()?;
    let (scale, codes) = rest.split_first_chunk::<4>()?;
    Some((*key, f32::from_le_bytes(*bias), f32::from_le_bytes(*scale), codes))
}

fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.trim());
    let mut key = Key::default();
    key.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    key
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;

    fn heads() -> Heads {
        let about = About {
            format: Heads::FORMAT.to_owned(),
            version: Heads::VERSION,
            model: "0123".into(),
            dims: 3,
            heads: 0,
            learned_from: vec!["T".into()],
            curves: Curves::default(),
        };
        let mut heads = Heads { about, by_text: BTreeMap::new() };
        heads.insert("Noting. Draft notes", Head::new(0.5, &array![1.0, -0.5, 0.0].view()));
        heads.insert("Audit", Head::new(-1.0, &array![0.0, 0.0, 0.0].view()));
        heads
    }

    #[test]
    fn what_is_written_is_read_and_weights_keep_their_size() {
        let heads = heads();
        assert_eq!(Heads::from_bytes("x", &heads.to_bytes().unwrap()).unwrap(), heads);
        let head = heads.get(" Noting. Draft notes ").unwrap();
        let weights: Vec<f32> = head.weights().collect();
        assert!((weights[0] - 1.0).abs() < 1e-6 && (weights[1] + 0.5).abs() < 0.005, "{weights:?}");
        assert!(heads.get("Noting").is_none());
    }

    #[test]
    fn damage_is_refused() {
        let bytes = heads().to_bytes().unwrap();
        let mut nan = bytes.clone();
        let bias = bytes.iter().position(|b| *b == b'\n').unwrap() + 1 + KEY;
        nan[bias..bias + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        for damaged in [&[][..], b"{}\n", &bytes[..bytes.len() - 1], &bytes[..9], &nan] {
            assert!(matches!(Heads::from_bytes("x", damaged), Err(ClassifyError::Heads { .. })));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Heads::from_bytes("x", &bytes).is_err());
        }
    }
}
