//! Heads as bytes, and back.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{About, Head, Heads, KEY, Key, SHIPPED_HEADS};
use crate::classify::ClassifyError;

/// Lesson, bias and scale of a record.
const NUMBERS: usize = 4 + 4 + 4;

/// What tells whether the rest of the first line can be read.
#[derive(Deserialize)]
struct Format {
    format: String,
    version: u32,
}

impl Heads {
    /// The file: a line of JSON, then for each head key, lesson, bias, scale and codes, by rising key.
    ///
    /// # Errors
    /// A number that JSON cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ClassifyError> {
        let about = serde_json::to_string(&self.about)
            .map_err(|e| ClassifyError::Heads { what: SHIPPED_HEADS.to_owned(), detail: e.to_string() })?;
        let mut out = about.into_bytes();
        out.push(b'\n');
        for (key, (lesson, head)) in &self.by_text {
            out.extend(key);
            // So many lessons that four bytes do not hold their number would not fit into the first line.
            out.extend(u32::try_from(*lesson).unwrap_or(u32::MAX).to_le_bytes());
            out.extend(head.bias.to_le_bytes());
            out.extend(head.scale.to_le_bytes());
            out.extend(head.codes.iter().map(|code| code.to_le_bytes()[0]));
        }
        Ok(out)
    }

    /// Reads a file's bytes; `what` names it in errors.
    ///
    /// # Errors
    /// Bytes of another format or version, of another length than the first line says, numbers that are not finite, a
    /// head of a lesson that the first line does not name.
    pub fn from_bytes(what: &str, bytes: &[u8]) -> Result<Self, ClassifyError> {
        let refuse = |detail: String| ClassifyError::Heads { what: what.to_owned(), detail };
        let line = bytes.iter().position(|b| *b == b'\n').ok_or_else(|| refuse("no first line".into()))?;
        let (about, records) = bytes.split_at(line);
        let Format { format, version } = serde_json::from_slice(about).map_err(|e| refuse(e.to_string()))?;
        if format != Self::FORMAT || version != Self::VERSION {
            return Err(ClassifyError::HeadsFormat { what: what.to_owned(), format, version });
        }
        let about: About = serde_json::from_slice(about).map_err(|e| refuse(e.to_string()))?;
        let records = records.get(1..).unwrap_or_default();
        let size = about.dims.saturating_add(KEY + NUMBERS);
        if records.len() != size.saturating_mul(about.heads) {
            return Err(refuse(format!("{} bytes instead of {} heads", records.len(), about.heads)));
        }
        let mut by_text = BTreeMap::new();
        for record in records.chunks_exact(size) {
            let (key, lesson, bias, scale, codes) =
                fields(record).ok_or_else(|| refuse("a short record".into()))?;
            if !(bias.is_finite() && scale.is_finite()) {
                return Err(refuse("a number is not finite".into()));
            }
            if lesson >= about.lessons.len() {
                return Err(refuse(format!("a head of lesson {lesson}, of {}", about.lessons.len())));
            }
            let codes = codes.iter().map(|&b| i8::from_le_bytes([b])).collect();
            by_text.insert(key, (lesson, Head { bias, scale, codes }));
        }
        if by_text.len() != about.heads {
            return Err(refuse("an entry stands twice".into()));
        }
        Ok(Self { about, by_text })
    }
}

/// Key, lesson, bias, scale and codes of a record.
fn fields(record: &[u8]) -> Option<(Key, usize, f32, f32, &[u8])> {
    let (key, rest) = record.split_first_chunk::<KEY>()?;
    let (lesson, rest) = rest.split_first_chunk::<4>()?;
    let (bias, rest) = rest.split_first_chunk::<4>()?;
    let (scale, codes) = rest.split_first_chunk::<4>()?;
    Some((
        *key,
        usize::try_from(u32::from_le_bytes(*lesson)).ok()?,
        f32::from_le_bytes(*bias),
        f32::from_le_bytes(*scale),
        codes,
    ))
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;
    use crate::classify::Calibration;

    fn curve(offset: f64) -> Calibration {
        Calibration { offset, ..Calibration::default() }
    }

    fn heads() -> Heads {
        let mut heads = Heads::of("0123", 3, curve(0.0));
        let noting = ("Noting. Draft notes", Head::new(0.5, &array![1.0, -0.5, 0.0].view()));
        let audit = ("Audit", Head::new(-1.0, &array![0.0, 0.0, 0.0].view()));
        heads.add("Office", Some(curve(1.0)), [noting, audit]);
        let types = ["type: Domain"].map(|text| (text, Head::new(0.1, &array![0.2, 0.0, 0.0].view())));
        heads.add("Types", None, types);
        let roads = ["Roads", "Bridges"].map(|text| (text, Head::new(0.1, &array![0.2, 0.0, 0.0].view())));
        heads.add("Works", Some(curve(2.0)), roads);
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
        assert_eq!(heads.learned_from().collect::<Vec<_>>(), ["Office", "Types", "Works"]);
    }

    #[test]
    fn a_taxonomy_has_the_curve_of_the_lesson_that_most_of_its_heads_come_from() {
        let heads = heads();
        let offset = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            heads.curve(&texts).offset
        };
        let cases: [(&[&str], f64); 7] = [
            (&["Audit", "Noting. Draft notes"], 1.0),
            (&["Roads", "Audit", "Bridges", "Canals"], 2.0),
            (&["Roads", "Audit"], 1.0),
            // Half of the entries or fewer.
            (&["Roads", "Canals"], 0.0),
            (&["Roads", "Canals", "Wells"], 0.0),
            (&["type: Domain"], 0.0),
            (&[], 0.0),
        ];
        for (texts, expected) in cases {
            assert!((offset(texts) - expected).abs() < 1e-12, "{texts:?}");
        }
    }

    #[test]
    fn damage_is_refused() {
        let bytes = heads().to_bytes().unwrap();
        let first = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
        let patched = |at: usize, with: &[u8]| {
            let mut bytes = bytes.clone();
            bytes[at..at + with.len()].copy_from_slice(with);
            bytes
        };
        let lesson = patched(first + KEY, &3_u32.to_le_bytes());
        let nan = patched(first + KEY + 4, &f32::NAN.to_le_bytes());
        for damaged in [&[][..], b"{}\n", &bytes[..bytes.len() - 1], &bytes[..9], &nan, &lesson] {
            assert!(matches!(Heads::from_bytes("x", damaged), Err(ClassifyError::Heads { .. })));
        }
    }

    #[test]
    fn another_version_is_named_with_what_to_do() {
        let first = b"{\"format\":\"cbp-heads\",\"version\":1,\"model\":\"0123\",\"dims\":3,\"heads\":0,\"learned_from\":[]}\n";
        let refused = Heads::from_bytes("models/mine/heads.bin", first).unwrap_err();
        assert!(matches!(&refused, ClassifyError::HeadsFormat { version: 1, .. }), "{refused:?}");
        let told = refused.to_string();
        assert!(told.contains("models/mine/heads.bin") && told.contains("cbp tune heads"), "{told}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Heads::from_bytes("x", &bytes).is_err());
        }
    }
}
