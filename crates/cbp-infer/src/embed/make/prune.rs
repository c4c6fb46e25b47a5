//! Prune: keeps the rows of the vocabulary that English and the Indian languages use.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Map, Value, json};
use tokenizers::Tokenizer;

use super::draft::{Draft, Stored};
use crate::embed::{EmbedError, text::Script};

/// Words of a list that are common enough for their rarer forms.
const COMMON: usize = 3000;

/// What is kept of a vocabulary.
///
/// A piece stays if all its characters are ASCII, common punctuation or letters of `scripts`, and
/// * it has a letter of an Indian script, or
/// * it has Latin letters and the whole tokenizer uses it to cut a word of `words`, or has at most two letters, or
/// * it has no letters and at most three characters, or is a number of four digits: a year.
///
/// Special tokens always stay.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// Scripts beside Latin.
    pub scripts: BTreeSet<Script>,
    /// English words in lower case, common ones first. Empty keeps every Latin piece.
    pub words: Vec<String>,
}

impl Keep {
    /// Takes the English words from the tokenizer of a model: a `WordPiece` one, which numbers common words first. Its
    /// inner pieces are no words.
    #[must_use]
    pub fn with_words_of(mut self, model: &Draft) -> Self {
        if let Some(vocabulary) = model.tokenizer["model"]["vocab"].as_object() {
            let mut words: Vec<_> = vocabulary
                .iter()
                .filter(|(piece, _)| piece.bytes().all(|b| b.is_ascii_lowercase()))
                .collect();
            words.sort_by_key(|(_, number)| number.as_u64());
            self.words.extend(words.into_iter().map(|(piece, _)| piece.clone()));
        }
        self
    }

    /// Whether a piece stays; `used` are the pieces that cut the words.
    fn piece(&self, piece: &str, wordpiece: bool, used: &BTreeSet<String>) -> bool {
        let bare = piece.strip_prefix(if wordpiece { "##" } else { "▁" }).unwrap_or(piece);
        let (mut indic, mut latin, mut digits, mut count) = (false, false, 0, 0);
        for c in bare.chars() {
            count += 1;
            digits += usize::from(c.is_ascii_digit());
            match Script::of_char(c) {
                Some(Script::Latin) if c.is_ascii() => latin = true,
                Some(script) if self.scripts.contains(&script) => indic = true,
                None if is_common(c) => {}
                _ => return false,
            }
        }
        if wordpiece && bare.starts_with("[unused") {
            return false;
        }
        indic
            || if latin {
                count <= 2 || self.words.is_empty() || used.contains(piece)
            } else {
                count <= 3 || wordpiece || (count == 4 && digits == 4)
            }
    }
}

/// The pieces that a tokenizer cuts `words` into: as they are and Capitalised, the first [`COMMON`] also in UPPER case
/// and behind a bracket or stroke, where no space marks their beginning.
///
/// Cutting with the whole vocabulary is what makes the small one cut alike: an inner piece like `mend` in `amendment`
/// is no word of a list, nor an inner piece of another tokenizer.
fn pieces_of(words: &[String], tokenizer: &Value) -> Result<BTreeSet<String>, EmbedError> {
    let bad = |error: tokenizers::Error| EmbedError::Tokenizer {
        path: "tokenizer.json".into(),
        detail: format!("not a tokenizer ({error})"),
    };
    let tokenizer = Tokenizer::from_bytes(tokenizer.to_string()).map_err(bad)?;
    let mut used = BTreeSet::new();
    for (rank, word) in words.iter().enumerate() {
        let upper = word.to_uppercase();
        let capitalised: String = upper.chars().take(1).chain(word.chars().skip(1)).collect();
        let behind = format!("({capitalised}");
        let forms = [word, &capitalised, &upper, &behind];
        for form in &forms[..if rank < COMMON { 4 } else { 2 }] {
            let cut = tokenizer.encode_fast(form.as_str(), false).map_err(bad)?;
            used.extend(cut.get_ids().iter().filter_map(|id| tokenizer.id_to_token(*id)));
        }
    }
    Ok(used)
}

/// Digits, punctuation and signs of English and Indian print.
fn is_common(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{A0}'..='\u{BF}' | '×' | '÷' | '▁' | '\u{900}'..='\u{D7F}' | '\u{2000}'..='\u{206F}'
        | '\u{20A0}'..='\u{20C0}' | '\u{2190}'..='\u{21FF}' | '\u{2200}'..='\u{22FF}' | '\u{25A0}'..='\u{25FF}')
}

/// Drops every row of the vocabulary that `keep` does not want.
///
/// # Errors
///
/// If tokenizer and weights do not fit each other, or the tokenizer is damaged or neither Unigram nor `WordPiece`.
pub fn prune(draft: &Draft, keep: &Keep) -> Result<Draft, EmbedError> {
    let used = pieces_of(&keep.words, &draft.tokenizer)?;
    let mut out = draft.clone();
    let bad = |detail: &str| EmbedError::Tokenizer { path: "tokenizer.json".into(), detail: detail.into() };
    let special: BTreeSet<u64> = draft.tokenizer["added_tokens"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|token| token["id"].as_u64())
        .collect();
    // Old numbers in the order of the new ones.
    let mut kept: Vec<usize> = Vec::new();
    match &draft.tokenizer["model"]["vocab"] {
        Value::Array(pieces) => {
            let mut vocabulary = Vec::new();
            for (id, piece) in pieces.iter().enumerate() {
                let text = piece[0].as_str().ok_or_else(|| bad("a piece is not a string"))?;
                if special.contains(&(id as u64)) || keep.piece(text, false, &used) {
                    kept.push(id);
                    vocabulary.push(piece.clone());
                }
            }
            out.tokenizer["model"]["vocab"] = Value::Array(vocabulary);
        }
        Value::Object(pieces) => {
            let mut by_id: BTreeMap<u64, &str> = BTreeMap::new();
            for (piece, id) in pieces {
                by_id.insert(id.as_u64().ok_or_else(|| bad("a token's number is not a number"))?, piece);
            }
            let mut vocabulary = Map::new();
            for (id, piece) in by_id {
                if special.contains(&id) || keep.piece(piece, true, &used) {
                    vocabulary.insert(piece.to_owned(), json!(kept.len()));
                    kept.push(id as usize);
                }
            }
            out.tokenizer["model"]["vocab"] = Value::Object(vocabulary);
        }
        _ => return Err(bad("only Unigram and WordPiece vocabularies can be pruned")),
    }
    let new_id: BTreeMap<u64, usize> = kept.iter().enumerate().map(|(new, &old)| (old as u64, new)).collect();
    let renumber = |value: &mut Value| {
        if let Some(new) = value.as_u64().and_then(|old| new_id.get(&old)) {
            *value = json!(new);
        }
    };
    renumber(&mut out.config["pad_token_id"]);
    if !out.tokenizer["model"]["unk_id"].is_null() {
        renumber(&mut out.tokenizer["model"]["unk_id"]);
    }
    for token in out.tokenizer["added_tokens"].as_array_mut().into_iter().flatten() {
        renumber(&mut token["id"]);
    }
    // Indexing would make what is missing.
    let special = out.tokenizer.pointer_mut("/post_processor/special_tokens").and_then(Value::as_object_mut);
    for token in special.into_iter().flat_map(|tokens| tokens.values_mut()) {
        token["ids"].as_array_mut().into_iter().flatten().for_each(renumber);
    }
    let (name, table) = out
        .tensors
        .iter_mut()
        .find(|(name, _)| name.ends_with("embeddings.word_embeddings.weight"))
        .ok_or_else(|| EmbedError::MissingTensor {
            path: Path::new("model.safetensors").into(),
            name: "embeddings.word_embeddings.weight".into(),
        })?;
    *table = select(table, &kept).ok_or_else(|| bad(&format!("has more tokens than {name} has rows")))?;
    out.config["vocab_size"] = json!(kept.len());
    out.manifest.centring.clear();
    let scripts: Vec<&str> = std::iter::once("latin").chain(keep.scripts.iter().map(|s| s.name())).collect();
    let words = if keep.words.is_empty() { String::new() } else { format!(", {} words", keep.words.len()) };
    out.manifest.made_by.push(format!("prune: {}{words}: {} tokens", scripts.join(" "), kept.len()));
    Ok(out)
}

/// The rows of a tensor in the given order.
fn select(tensor: &Stored, rows: &[usize]) -> Option<Stored> {
    let width = tensor.bytes.len() / *tensor.shape.first().filter(|rows| **rows > 0)?;
    let mut bytes = Vec::with_capacity(rows.len() * width);
    for row in rows {
        bytes.extend_from_slice(tensor.bytes.get(row * width..(row + 1) * width)?);
    }
    let mut shape = tensor.shape.clone();
    shape[0] = rows.len();
    Some(Stored { dtype: tensor.dtype, shape, bytes })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::embed::manifest::{EncoderManifest, Pooling, Prefixes};

    /// An encoder of a hidden width of one, whose rows are numbered.
    fn unigram(pieces: &[(&str, f64)]) -> Draft {
        let manifest = EncoderManifest {
            name: "small".into(),
            licence: "MIT".into(),
            upstream: vec![],
            made_by: vec![],
            dims: 1,
            pooling: Pooling::Mean,
            prefixes: Prefixes::default(),
            max_tokens: 8,
            files: BTreeMap::new(),
            centring: BTreeMap::new(),
        };
        let bytes = (0..pieces.len()).flat_map(|row| (row as f32).to_le_bytes()).collect();
        let table = Stored { dtype: safetensors::Dtype::F32, shape: vec![pieces.len(), 1], bytes };
        Draft {
            manifest,
            config: json!({ "pad_token_id": 0 }),
            tokenizer: json!({
                "version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null, "decoder": null,
                "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
                "model": { "type": "Unigram", "unk_id": 0, "vocab": pieces },
            }),
            tensors: [("embeddings.word_embeddings.weight".to_owned(), table)].into(),
            texts: BTreeMap::new(),
        }
    }

    #[test]
    fn words_are_cut_as_before_in_every_case() {
        let letters = ["▁", "a", "m", "e", "n", "d", "t", "A", "M", "E", "N", "D", "T", "f", "r"];
        let mut pieces: Vec<(&str, f64)> = letters.map(|letter| (letter, -9.0)).into();
        let used = ["▁a", "mend", "ment", "▁A", "MEND", "MENT"];
        pieces.extend(used.map(|piece| (piece, -4.0)));
        // What cuts no word of the list, though it has Latin letters only; a year; Hindi; Russian.
        let others = ["▁frame", "adem", "▁2024", "20245", "▁कार्य", "▁офис"];
        pieces.extend(others.map(|piece| (piece, -4.0)));
        let whole = unigram(&pieces);
        let keep = Keep {
            scripts: [Script::Devanagari].into(),
            words: ["amend", "amendment"].map(String::from).into(),
        };
        let small = prune(&whole, &keep).unwrap();
        let left: Vec<&str> = small.tokenizer["model"]["vocab"]
            .as_array()
            .unwrap()
            .iter()
            .map(|piece| piece[0].as_str().unwrap())
            .collect();
        for piece in letters.iter().chain(&used).chain(&["▁2024", "▁कार्य"]) {
            assert!(left.contains(piece), "{piece}");
        }
        assert_eq!(left.len(), letters.len() + used.len() + 2);
        // Rows move with their pieces.
        let rows = &small.tensors["embeddings.word_embeddings.weight"];
        let number = |piece: &str| pieces.iter().position(|(p, _)| *p == piece).unwrap() as f32;
        let want: Vec<u8> = left.iter().flat_map(|piece| number(piece).to_le_bytes()).collect();
        assert_eq!((rows.bytes.clone(), rows.shape[0]), (want, left.len()));
        let cut = |draft: &Draft, word: &str| {
            let tokenizer = Tokenizer::from_bytes(draft.tokenizer.to_string()).unwrap();
            tokenizer.encode(word, false).unwrap().get_tokens().to_vec()
        };
        for word in ["amendment", "Amendment", "AMENDMENT", "amend"] {
            assert_eq!(cut(&small, word), cut(&whole, word));
        }
        assert_eq!(cut(&small, "Amendment"), ["▁A", "mend", "ment"]);
    }

    #[test]
    fn foreign_letters_go_and_word_pieces_stay() {
        let keep = Keep { scripts: [Script::Devanagari].into(), words: vec!["the".to_owned()] };
        let used = ["▁the".to_owned()].into();
        for piece in ["▁the", "ab", "▁x", "ालय", "।", "—", ",", "2024"] {
            assert!(keep.piece(piece, false, &used), "{piece}");
        }
        for piece in ["the", "▁proyecto", "é", "▁büro", "中", "কা", "▁......", "▁12,5"] {
            assert!(!keep.piece(piece, false, &used), "{piece}");
        }
        let (english, none) = (Keep::default(), BTreeSet::new());
        for piece in ["office", "##ment", "2024"] {
            assert!(english.piece(piece, true, &none), "{piece}");
        }
        for piece in ["[unused7]", "कार", "é"] {
            assert!(!english.piece(piece, true, &none), "{piece}");
        }
    }
}
