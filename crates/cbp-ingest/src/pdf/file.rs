//! The object layer: a loaded, decrypted document with its budgets, on top of lopdf.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use lopdf::{Dictionary, LoadOptions, Object, ObjectId, Stream};

use super::damage::lost_objects;
use super::font::FontCache;
use super::structure::without_structure;
use crate::{IngestError, Limits};

/// How many references in a row are followed.
const REFERENCES: usize = 32;

/// A document ready to read pages from.
pub(crate) struct PdfFile {
    pub(crate) doc: lopdf::Document,
    pub(crate) limits: Limits,
    pub(crate) fonts: FontCache,
    /// Page objects in reading order.
    pub(crate) pages: Vec<ObjectId>,
    /// Damage that was found while loading.
    pub(crate) damage: Vec<String>,
    hidden_layers: Vec<ObjectId>,
    inflated: AtomicU64,
    started: Instant,
}

/// Why a stream gave no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamFault {
    /// It inflates beyond the budget of one stream.
    TooLarge,
    /// Its filter is unknown or its data is not what the filter expects.
    Unreadable,
}

impl PdfFile {
    /// Loads and, where needed, decrypts. An empty user password is tried by itself.
    pub(crate) fn load(
        name: &str,
        bytes: &[u8],
        password: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, IngestError> {
        let started = Instant::now();
        if bytes.len() as u64 > limits.bytes {
            return Err(limit(name, "the size of the file in bytes", limits.bytes));
        }
        let options = |force_reconstruct| LoadOptions {
            password: password.map(str::to_owned),
            max_decompressed_size: Some(limits.stream_bytes as usize),
            force_reconstruct,
            filter: Some(without_structure),
            ..LoadOptions::default()
        };
        let damaged = |detail: String| IngestError::Damaged { name: name.to_owned(), format: "PDF", detail };
        let locked = || match password {
            Some(_) => IngestError::WrongPassword { name: name.to_owned() },
            None => IngestError::Locked { name: name.to_owned() },
        };
        let first = lopdf::Document::load_mem_with_options(bytes, options(false));
        let mut damage = Vec::new();
        let doc = match first {
            Ok(doc) => doc,
            Err(error) if is_password_error(&error) => {
                return Err(locked());
            }
            Err(error) => {
                damage.push(format!("the file's index is damaged ({error}); its objects were searched for"));
                lopdf::Document::load_mem_with_options(bytes, options(true))
                    .map_err(|again| damaged(again.to_string()))?
            }
        };
        if doc.is_encrypted() {
            return Err(locked());
        }
        let mut file = Self::new(doc, limits, damage, started);
        file.check_pages(name)?;
        let lost = lost_objects(&file.doc, bytes);
        if file.pages.is_empty() || file.missing_pages() > 0 || lost > 0 {
            let mut still_lost = lost;
            if let Ok(again) = lopdf::Document::load_mem_with_options(bytes, options(true))
                && !again.is_encrypted()
            {
                let mut rebuilt = Self::new(again, limits, file.damage.clone(), started);
                rebuilt.check_pages(name)?;
                let found = lost_objects(&rebuilt.doc, bytes);
                let pages = rebuilt.pages.len().cmp(&file.pages.len());
                if pages.is_gt() || (pages.is_eq() && found < lost) {
                    rebuilt.damage.push("the file's index is damaged; its objects were searched for".into());
                    (file, still_lost) = (rebuilt, found);
                }
            }
            if still_lost > 0 {
                file.damage.push(format!(
                    "{still_lost} object(s) of the file are damaged; text may be missing: ask for a fresh copy"
                ));
            }
            let missing = file.missing_pages();
            if missing > 0 {
                file.damage.push(format!(
                    "the file names {missing} more page(s) than could be found; open and save it again"
                ));
            }
        }
        if file.pages.is_empty() {
            // A security handler that the object layer passes over leaves objects that cannot be read, not an error.
            let encrypted = bytes.windows(8).any(|w| w == b"/Encrypt");
            return Err(if encrypted { locked() } else { IngestError::NoPages { name: name.to_owned() } });
        }
        Ok(file)
    }

    fn new(doc: lopdf::Document, limits: &Limits, damage: Vec<String>, started: Instant) -> Self {
        let mut file = Self {
            doc,
            limits: limits.clone(),
            fonts: FontCache::default(),
            pages: Vec::new(),
            damage,
            hidden_layers: Vec::new(),
            inflated: AtomicU64::new(0),
            started,
        };
        // One more than the limit tells that there are more.
        file.pages = file.doc.page_iter().take(limits.pages.saturating_add(1)).collect();
        file.hidden_layers = file.find_hidden_layers();
        file
    }

    fn check_pages(&self, name: &str) -> Result<(), IngestError> {
        if self.doc.objects.len() > self.limits.objects {
            return Err(limit(name, "the number of objects", self.limits.objects as u64));
        }
        if self.pages.len() > self.limits.pages {
            return Err(limit(name, "the number of pages", self.limits.pages as u64));
        }
        Ok(())
    }

    /// How many pages the tree's root announces beyond those found; absurd announcements do not count.
    fn missing_pages(&self) -> usize {
        let root = self.doc.catalog().ok().and_then(|c| self.dict(c, b"Pages"));
        let announced = root.and_then(|r| self.number(r, b"Count")).unwrap_or(0.0);
        if announced > self.limits.pages as f64 || announced > self.doc.objects.len() as f64 {
            return 0;
        }
        (announced.max(0.0) as usize).saturating_sub(self.pages.len())
    }

    /// Follows references to an object; what is missing or circular is null.
    pub(crate) fn resolve<'a>(&'a self, mut object: &'a Object) -> &'a Object {
        for _ in 0..REFERENCES {
            match object {
                Object::Reference(id) => match self.doc.objects.get(id) {
                    Some(next) => object = next,
                    None => return &Object::Null,
                },
                other => return other,
            }
        }
        &Object::Null
    }

    /// The value of a key, references followed; null where it is absent.
    pub(crate) fn get<'a>(&'a self, dict: &'a Dictionary, key: &[u8]) -> &'a Object {
        dict.get(key).map_or(&Object::Null, |o| self.resolve(o))
    }

    /// A dictionary (or a stream's dictionary) under a key.
    pub(crate) fn dict<'a>(&'a self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        self.as_dict(self.get(dict, key))
    }

    /// An object as a dictionary, a stream giving its own.
    pub(crate) fn as_dict<'a>(&'a self, object: &'a Object) -> Option<&'a Dictionary> {
        match self.resolve(object) {
            Object::Dictionary(d) => Some(d),
            Object::Stream(s) => Some(&s.dict),
            _ => None,
        }
    }

    /// A number under a key.
    pub(crate) fn number(&self, dict: &Dictionary, key: &[u8]) -> Option<f64> {
        self.as_number(self.get(dict, key))
    }

    /// An object as a number.
    pub(crate) fn as_number(&self, object: &Object) -> Option<f64> {
        match self.resolve(object) {
            Object::Integer(i) => Some(*i as f64),
            Object::Real(r) if r.is_finite() => Some(f64::from(*r)),
            _ => None,
        }
    }

    /// A name under a key.
    pub(crate) fn name<'a>(&'a self, dict: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
        self.get(dict, key).as_name().ok()
    }

    /// Numbers of an array under a key.
    pub(crate) fn numbers(&self, dict: &Dictionary, key: &[u8]) -> Vec<f64> {
        let array = self.get(dict, key).as_array();
        array.map(|a| a.iter().filter_map(|o| self.as_number(o)).collect()).unwrap_or_default()
    }

    /// A key of a page, inherited from its ancestors where the page lacks it.
    pub(crate) fn inherited<'a>(&'a self, page: &'a Dictionary, key: &[u8]) -> &'a Object {
        let mut node = page;
        for _ in 0..REFERENCES {
            let value = self.get(node, key);
            if !value.is_null() {
                return value;
            }
            match self.dict(node, b"Parent") {
                Some(parent) => node = parent,
                None => break,
            }
        }
        &Object::Null
    }

    /// The decoded bytes of a stream, counted against the document's budget.
    pub(crate) fn data(&self, stream: &Stream) -> Result<Vec<u8>, StreamFault> {
        let limit = self.limits.stream_bytes as usize;
        let result = if stream.dict.has(b"Filter") {
            stream.decompressed_content_with_limit(limit)
        } else {
            stream.get_plain_content_with_limit(limit)
        };
        match result {
            Ok(data) => {
                self.inflated.fetch_add(data.len() as u64, Ordering::Relaxed);
                Ok(data)
            }
            Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => {
                self.inflated.fetch_add(limit as u64, Ordering::Relaxed);
                Err(StreamFault::TooLarge)
            }
            Err(_) => Err(StreamFault::Unreadable),
        }
    }

    /// Fails once the document has used up its bytes or its time.
    pub(crate) fn check_budget(&self, name: &str) -> Result<(), IngestError> {
        if self.inflated.load(Ordering::Relaxed) > self.limits.total_bytes {
            return Err(limit(name, "the size of all inflated streams in bytes", self.limits.total_bytes));
        }
        if self.is_late() {
            return Err(limit(name, "the reading time in seconds", self.limits.deadline.as_secs()));
        }
        Ok(())
    }

    /// True once the deadline has passed or the bytes are used up.
    pub(crate) fn is_spent(&self) -> bool {
        self.is_late() || self.inflated.load(Ordering::Relaxed) > self.limits.total_bytes
    }

    fn is_late(&self) -> bool {
        self.started.elapsed() > self.limits.deadline
    }

    /// Layers that a viewer hides when it opens the document.
    fn find_hidden_layers(&self) -> Vec<ObjectId> {
        let Some(properties) = self.doc.catalog().ok().and_then(|c| self.dict(c, b"OCProperties")) else {
            return Vec::new();
        };
        let Some(default) = self.dict(properties, b"D") else { return Vec::new() };
        let ids = |dict: &Dictionary, key: &[u8]| -> Vec<ObjectId> {
            let array = self.get(dict, key).as_array();
            array.map(|a| a.iter().filter_map(|o| o.as_reference().ok()).collect()).unwrap_or_default()
        };
        let mut hidden = ids(default, b"OFF");
        if self.name(default, b"BaseState") == Some(b"OFF") {
            let shown = ids(default, b"ON");
            hidden.extend(ids(properties, b"OCGs").into_iter().filter(|id| !shown.contains(id)));
        }
        hidden
    }

    /// True where an optional-content group (or membership) is hidden.
    pub(crate) fn is_hidden_layer(&self, object: &Object) -> bool {
        if self.hidden_layers.is_empty() {
            return false;
        }
        if let Object::Reference(id) = object
            && self.hidden_layers.contains(id)
        {
            return true;
        }
        // A membership dictionary: hidden where every group of it is.
        let Some(dict) = self.as_dict(object) else { return false };
        match dict.get(b"OCGs") {
            Ok(Object::Reference(id)) => self.hidden_layers.contains(id),
            Ok(Object::Array(groups)) if !groups.is_empty() => {
                groups.iter().all(|g| g.as_reference().is_ok_and(|id| self.hidden_layers.contains(&id)))
            }
            _ => false,
        }
    }
}

fn limit(name: &str, what: &'static str, limit: u64) -> IngestError {
    IngestError::Limit { name: name.to_owned(), what, limit }
}

fn is_password_error(error: &lopdf::Error) -> bool {
    use lopdf::Error;
    matches!(error, Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_))
}
