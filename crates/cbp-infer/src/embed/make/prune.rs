//! Prune: keeps the rows of the vocabulary that English and the Indian languages use.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Map, Value, json};

use super::draft::{Draft, Stored};
use crate::embed::{EmbedError, text::Script};

/// What is kept of a vocabulary.
///
/// A piece stays if all its characters are ASCII, common punctuation or letters of `scripts`, and
/// * it has a letter of an Indian script, or
/// * it has Latin letters and is a word (or an inner piece) of `words`, or has at most two letters, or
/// * it has no letters and at most three characters.
///
/// Special tokens always stay.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    /// Scripts beside Latin.
    pub scripts: BTreeSet<Script>,
    /// The vocabulary of an English model, in lower case: words as they are, inner pieces with `##` in front.
    /// Empty keeps every Latin piece.
    pub words: BTreeSet<String>,
}

impl Keep {
    /// Takes the English words from the tokenizer of a model (a `WordPiece` one).
    #[must_use]
    pub fn with_words_of(mut self, model: &Draft) -> Self {
        if let Some(vocabulary) = model.tokenizer["model"]["vocab"].as_object() {
            self.words.extend(vocabulary.keys().cloned());
        }
        self
    }

    fn piece(&self, piece: &str, wordpiece: bool) -> bool {
        let (bare, inner) = if wordpiece {
            piece.strip_prefix("##").map_or((piece, false), |bare| (bare, true))
        } else {
            piece.strip_prefix('▁').map_or((piece, true), |bare| (bare, false))
        };
        let (mut indic, mut latin, mut count) = (false, false, 0);
        for c in bare.chars() {
            count += 1;
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
        let word = || {
            let lower = bare.to_lowercase();
            self.words.is_empty() || self.words.contains(&if inner { format!("##{lower}") } else { lower })
        };
        indic || if latin { count <= 2 || word() } else { count <= 3 || wordpiece }
    }
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
/// If tokenizer and weights do not fit each other, or the tokenizer is neither Unigram nor `WordPiece`.
pub fn prune(draft: &Draft, keep: &Keep) -> Result<Draft, EmbedError> {
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
                if special.contains(&(id as u64)) || keep.piece(text, false) {
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
                if special.contains(&id) || keep.piece(piece, true) {
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
    let special = out.tokenizer["post_processor"]["special_tokens"].as_object_mut();
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
mod tests {
    use super::*;

    #[test]
    fn pieces_of_english_and_hindi_stay() {
        let keep = Keep {
            scripts: [Script::Devanagari].into(),
            words: ["office", "##ing", "the"].map(String::from).into(),
        };
        for piece in ["▁office", "▁Office", "ing", "▁the", "ab", "▁x", "▁कार्य", "ालय", "▁2024", "।", "—", ","]
        {
            assert_eq!(keep.piece(piece, false), piece != "▁2024", "{piece}");
        }
        for piece in ["▁офис", "▁proyecto", "é", "▁büro", "中", "কা", "▁......"] {
            assert!(!keep.piece(piece, false), "{piece}");
        }
        let english = Keep::default();
        assert!(
            english.piece("office", true) && english.piece("##ment", true) && english.piece("2024", true)
        );
        assert!(
            !english.piece("[unused7]", true) && !english.piece("कार", true) && !english.piece("é", true)
        );
    }
}
