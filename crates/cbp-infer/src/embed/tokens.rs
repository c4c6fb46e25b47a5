//! Texts to token ids, and long texts to windows.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use tokenizers::{
    DecoderWrapper, Model, ModelWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper,
    Tokenizer, TokenizerImpl,
    models::{unigram::Unigram, wordpiece::WordPiece},
};

use super::{EmbedError, text};

/// No tokenizer of a sentence encoder is larger than this once expanded, in bytes.
const TOKENIZER_LIMIT: u64 = 128 << 20;

/// A tokenizer with what stands around a text.
pub(crate) struct Tokens {
    path: PathBuf,
    inner: Tokenizer,
    first: u32,
    last: u32,
    rows: usize,
    window: usize,
}

/// The file that holds the tokenizer in `dir`: plain or compressed.
pub(crate) fn tokenizer_file(dir: &Path) -> PathBuf {
    let plain = dir.join("tokenizer.json");
    let packed = dir.join("tokenizer.json.gz");
    if !plain.exists() && packed.exists() { packed } else { plain }
}

/// The token with the largest number.
fn last_token(tokenizer: &Tokenizer) -> Option<(String, u32)> {
    let added = tokenizer.get_added_tokens_decoder().into_iter().map(|(id, token)| (token.content, id));
    let own = match tokenizer.get_model() {
        // Numbered without gaps: no need to copy a vocabulary of a hundred thousand words.
        ModelWrapper::Unigram(model) => {
            let last = model.get_vocab_size().saturating_sub(1) as u32;
            model.id_to_token(last).map(|token| (token, last))
        }
        model => model.get_vocab().into_iter().max_by_key(|(_, id)| *id),
    };
    added.chain(own).max_by_key(|(_, id)| *id)
}

/// Reads `tokenizer.json` or `tokenizer.json.gz` whole.
pub(crate) fn read_tokenizer(path: &Path) -> Result<Vec<u8>, EmbedError> {
    let bytes = std::fs::read(path).map_err(EmbedError::io(path))?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    let damaged = |error: std::io::Error| EmbedError::Tokenizer {
        path: path.to_owned(),
        detail: format!("damaged, it does not unpack ({error})"),
    };
    GzDecoder::new(&bytes[..]).take(TOKENIZER_LIMIT).read_to_end(&mut out).map_err(damaged)?;
    Ok(out)
}

/// A tokenizer with a model of a known kind.
type Of<M> = TokenizerImpl<M, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// Reads a tokenizer's JSON.
///
/// A model of unknown kind is read by way of two trees of JSON values, a good part of the time of opening an encoder.
/// Of the two kinds that sentence encoders have, each says at once that a file is not its own.
fn parse(json: &[u8]) -> tokenizers::Result<Tokenizer> {
    fn of<M: Model + serde::de::DeserializeOwned + Into<ModelWrapper>>(json: &[u8]) -> Option<Tokenizer> {
        Of::<M>::from_bytes(json).ok().map(Tokenizer::from)
    }
    of::<Unigram>(json).or_else(|| of::<WordPiece>(json)).map_or_else(|| Tokenizer::from_bytes(json), Ok)
}

impl Tokens {
    /// Loads a tokenizer for weights with `rows` rows of vocabulary and windows of `window` tokens.
    ///
    /// # Errors
    ///
    /// [`EmbedError::Tokenizer`] if it does not parse, does not put one token before and one behind a text, or
    /// knows tokens beyond `rows`.
    pub(crate) fn load(path: &Path, rows: usize, window: usize) -> Result<Self, EmbedError> {
        let bad = |detail: String| EmbedError::Tokenizer { path: path.to_owned(), detail };
        let mut inner =
            parse(&read_tokenizer(path)?).map_err(|error| bad(format!("not a tokenizer ({error})")))?;
        inner.with_truncation(None).map_err(|error| bad(error.to_string()))?;
        inner.with_padding(None);
        if let Some((token, id)) = last_token(&inner).filter(|(_, id)| *id as usize >= rows) {
            return Err(bad(format!(
                "token `{token}` has number {id}, but the weights have only {rows} rows"
            )));
        }
        let frame = inner.encode_fast("", true).map_err(|error| bad(error.to_string()))?;
        let &[first, last] = frame.get_ids() else {
            let found = frame.get_ids().len();
            return Err(bad(format!(
                "an empty text has {found} tokens where one before and one behind are expected"
            )));
        };
        Ok(Self { path: path.to_owned(), inner, first, last, rows, window })
    }

    /// The windows of a text: one, unless it is longer than a window.
    ///
    /// A long text is split into sentences, which fill windows in order, each window starting with the prefix; a
    /// sentence that is longer than a window is cut where the window ends.
    pub(crate) fn windows(&self, prefix: &str, text: &str) -> Result<Vec<Vec<u32>>, EmbedError> {
        let mut whole = String::with_capacity(prefix.len() + text.len());
        whole.push_str(prefix);
        whole.push_str(text);
        // A token has at most some tens of bytes: a text far beyond the window need not be encoded to know.
        if whole.len() <= self.window * 32 {
            let ids = self.encode(&whole, true)?;
            if ids.len() <= self.window {
                return Ok(vec![ids]);
            }
        }
        let prefix = self.encode(prefix, false)?;
        let room = self.window.saturating_sub(2 + prefix.len()).max(1);
        let mut windows = Vec::new();
        let mut current: Vec<u32> = Vec::new();
        let mut close = |current: &mut Vec<u32>| {
            if !current.is_empty() {
                let mut ids = Vec::with_capacity(current.len() + prefix.len() + 2);
                ids.push(self.first);
                ids.extend(&prefix);
                ids.append(current);
                ids.push(self.last);
                windows.push(ids);
            }
        };
        for sentence in text::sentences(text) {
            let ids = self.encode(sentence, false)?;
            if current.len() + ids.len() > room {
                close(&mut current);
            }
            for piece in ids.chunks(room) {
                if current.len() + piece.len() > room {
                    close(&mut current);
                }
                current.extend(piece);
            }
        }
        close(&mut current);
        Ok(windows)
    }

    fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, EmbedError> {
        let bad = |detail: String| EmbedError::Tokenizer { path: self.path.clone(), detail };
        let encoding = self.inner.encode_fast(text, special).map_err(|error| bad(error.to_string()))?;
        let ids = encoding.get_ids();
        match ids.iter().find(|id| **id as usize >= self.rows) {
            Some(id) => Err(bad(format!("gives token number {id}; the weights have {} rows", self.rows))),
            None => Ok(ids.to_vec()),
        }
    }
}
