//! Vectors that were computed before, by fingerprint, kind and text.
//!
//! A store is one file for each model, append-only, of records of one size: a key, the vector, a checksum. Several
//! processes may share it: appending takes a lock on the file, reading needs none. A process that dies in the middle of
//! an append leaves a partial record at the end, which readers pass over and the next writer cuts off; a record whose
//! checksum is wrong counts as absent. What a cache returns is bit for bit what the model computed.

use std::collections::{HashMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use memmap2::Mmap;
use sha2::{Digest, Sha256};

use super::{EmbedError, TextKind};

/// Vectors kept in memory unless [`VectorCache::with_capacity`] says otherwise.
const CAPACITY: usize = 1 << 16;
const MAGIC: &[u8; 8] = b"CBPVEC\x00\x01";
/// Magic, dimensions, fingerprint.
const HEADER: usize = 8 + 4 + 32;
const KEY: usize = 16;
const CHECKSUM: usize = 4;

type Key = [u8; KEY];

/// A cache of vectors for one [`Embedder`](super::Embedder), in memory with a bound, and in a file if it has one.
#[derive(Debug)]
pub struct VectorCache {
    capacity: usize,
    folder: Option<PathBuf>,
    recent: Mutex<Recent>,
    stores: Vec<Store>,
}

/// The newest vectors; the oldest goes first.
#[derive(Debug, Default)]
struct Recent {
    vectors: HashMap<Key, Box<[f32]>>,
    order: VecDeque<Key>,
}

/// A file of vectors.
#[derive(Debug)]
struct Store {
    path: PathBuf,
    fingerprint: String,
    dims: usize,
    /// The records that were there when the file was opened; it only grows.
    map: Option<Mmap>,
    places: HashMap<Key, usize>,
}

impl VectorCache {
    /// A cache that lives as long as its embedder.
    pub fn in_memory() -> Self {
        Self { capacity: CAPACITY, folder: None, recent: Mutex::default(), stores: Vec::new() }
    }

    /// A cache that keeps vectors in a folder, one file for each model.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..Self::in_memory() }
    }

    /// `$CBP_CACHE`, else `cbp/vectors` in `$XDG_CACHE_HOME` or `~/.cache`; `None` where none of these is set, and
    /// where `$CBP_CACHE` is empty, which turns the file off.
    pub fn usual_folder() -> Option<PathBuf> {
        if let Some(folder) = std::env::var_os("CBP_CACHE") {
            return (!folder.is_empty()).then(|| folder.into());
        }
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or(home);
        cache.map(|cache| cache.join("cbp/vectors"))
    }

    /// Sets how many vectors stay in memory.
    #[must_use]
    pub const fn with_capacity(mut self, vectors: usize) -> Self {
        self.capacity = vectors;
        self
    }

    /// Opens the files for a model: the one that ships beside it, if there is one, and the folder's.
    pub(super) fn attach(
        &mut self,
        fingerprint: &str,
        dims: usize,
        shipped: Option<&Path>,
    ) -> Result<(), EmbedError> {
        self.stores.clear();
        *self.recent() = Recent::default();
        if let Some(shipped) = shipped.filter(|path| path.is_file()) {
            self.stores.push(Store::open(shipped.to_owned(), fingerprint, dims)?);
        }
        if let Some(folder) = &self.folder {
            std::fs::create_dir_all(folder).map_err(EmbedError::io(folder))?;
            self.stores.push(Store::open(folder.join(format!("{fingerprint}.vec")), fingerprint, dims)?);
        }
        Ok(())
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        // A vector is put in whole or not at all, so a panic elsewhere cannot have left half of one.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vector of a normalised text.
    pub(super) fn get(&self, kind: TextKind, text: &str) -> Option<Vec<f32>> {
        let key = key(kind, text);
        if let Some(vector) = self.recent().vectors.get(&key) {
            return Some(vector.to_vec());
        }
        self.stores.iter().find_map(|store| store.get(&key))
    }

    /// Keeps new vectors. The file is a convenience: where it cannot be written the vectors stay in memory only, and
    /// the log says so.
    pub(super) fn put(&self, kind: TextKind, new: &[(&str, Vec<f32>)]) {
        let keyed: Vec<(Key, &[f32])> = new.iter().map(|(text, v)| (key(kind, text), v.as_slice())).collect();
        {
            let mut recent = self.recent();
            for (key, vector) in &keyed {
                if recent.vectors.insert(*key, (*vector).into()).is_none() {
                    recent.order.push_back(*key);
                }
                while recent.vectors.len() > self.capacity {
                    let Some(oldest) = recent.order.pop_front() else { break };
                    recent.vectors.remove(&oldest);
                }
            }
        }
        if self.folder.is_some()
            && let Some(store) = self.stores.last()
            && let Err(error) = store.append(&keyed)
        {
            tracing::warn!(file = %store.path.display(), %error, "vectors were not kept for the next run");
        }
    }
}

fn key(kind: TextKind, text: &str) -> Key {
    let mut hash = Sha256::new();
    hash.update(format!("{kind:?}\n"));
    hash.update(text);
    let digest = hash.finalize();
    let mut key = Key::default();
    key.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    key
}

fn checksum(record: &[u8]) -> [u8; CHECKSUM] {
    let mut crc = flate2::Crc::new();
    crc.update(record);
    crc.sum().to_le_bytes()
}

impl Store {
    const fn record(&self) -> usize {
        KEY + self.dims * 4 + CHECKSUM
    }

    fn header(&self) -> Vec<u8> {
        let mut header = MAGIC.to_vec();
        header.extend((self.dims as u32).to_le_bytes());
        header.extend(self.fingerprint.bytes().chain(std::iter::repeat(0)).take(32));
        header
    }

    /// Opens a file, or notes where it will be. A file of another model or of another program is an error, never
    /// overwritten.
    fn open(path: PathBuf, fingerprint: &str, dims: usize) -> Result<Self, EmbedError> {
        let mut store =
            Self { path, fingerprint: fingerprint.into(), dims, map: None, places: HashMap::new() };
        let file = match File::open(&store.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(store),
            Err(error) => return Err(EmbedError::io(&store.path)(error)),
        };
        let length = file.metadata().map_err(EmbedError::io(&store.path))?.len();
        if length < HEADER as u64 {
            // A writer died before the header was whole; the next one starts the file anew.
            return Ok(store);
        }
        let map = crate::arch::map_file(&file).map_err(EmbedError::io(&store.path))?;
        if map.get(..HEADER) != Some(store.header().as_slice()) {
            return Err(EmbedError::ForeignCache { path: store.path });
        }
        let records = map.get(HEADER..).unwrap_or_default().chunks_exact(store.record());
        for (place, record) in records.enumerate() {
            if let Some(key) = record.first_chunk::<KEY>() {
                store.places.insert(*key, place);
            }
        }
        store.map = Some(map);
        Ok(store)
    }

    fn get(&self, key: &Key) -> Option<Vec<f32>> {
        let start = HEADER + self.places.get(key)? * self.record();
        let record = self.map.as_ref()?.get(start..start + self.record())?;
        let (body, sum) = record.split_last_chunk::<CHECKSUM>()?;
        if *sum != checksum(body) {
            return None;
        }
        let numbers = body.get(KEY..)?.chunks_exact(4);
        Some(numbers.map(|b| b.first_chunk().map_or(0.0, |b| f32::from_le_bytes(*b))).collect())
    }

    /// Appends records under a lock, after cutting off what a killed writer left.
    fn append(&self, records: &[(Key, &[f32])]) -> std::io::Result<()> {
        let fresh: Vec<&(Key, &[f32])> = records.iter().filter(|(key, _)| self.get(key).is_none()).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(fresh.len() * self.record());
        for (key, vector) in fresh {
            let start = bytes.len();
            bytes.extend_from_slice(key);
            bytes.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
            let sum = checksum(bytes.get(start..).unwrap_or_default());
            bytes.extend_from_slice(&sum);
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.path)?;
        file.lock()?;
        let header = self.header();
        let length = file.metadata()?.len();
        let whole = if length < HEADER as u64 {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&header)?;
            HEADER as u64
        } else {
            let mut found = vec![0; HEADER];
            file.read_exact(&mut found)?;
            if found != header {
                return Err(std::io::Error::other("the file is of another model"));
            }
            length - (length - HEADER as u64) % self.record() as u64
        };
        // Only a partial record is cut: no reader has mapped it as a record.
        file.set_len(whole)?;
        file.seek(SeekFrom::Start(whole))?;
        file.write_all(&bytes)
        // The lock goes with the file.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINT: &str = "0123456789abcdef0123456789abcdef";

    fn cache(folder: &Path) -> VectorCache {
        let mut cache = VectorCache::in_folder(folder);
        cache.attach(PRINT, 3, None).unwrap();
        cache
    }

    fn get(cache: &VectorCache, text: &str) -> Option<Vec<f32>> {
        cache.get(TextKind::Query, text)
    }

    #[test]
    fn vectors_come_back_bit_for_bit_in_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let vector = vec![0.1, -0.0, f32::MIN_POSITIVE];
        cache(folder.path()).put(TextKind::Query, &[("a", vector.clone())]);
        let next = cache(folder.path());
        let found = get(&next, "a").unwrap();
        assert!(found.iter().zip(&vector).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert_eq!(get(&next, "b"), None);
        assert_eq!(next.get(TextKind::Passage, "a"), None);
    }

    #[test]
    fn a_killed_writer_and_a_flipped_bit_cost_one_record_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{PRINT}.vec"));
        cache(folder.path()).put(TextKind::Query, &[("a", vec![1.0; 3]), ("b", vec![2.0; 3])]);
        let mut bytes = std::fs::read(&path).unwrap();
        for cut in 1..=32 {
            std::fs::write(&path, &bytes[..bytes.len() - cut.min(bytes.len())]).unwrap();
            let torn = cache(folder.path());
            assert!(get(&torn, "b").is_none());
            torn.put(TextKind::Query, &[("b", vec![2.0; 3])]);
            let mended = cache(folder.path());
            assert_eq!(
                (get(&mended, "a"), get(&mended, "b")),
                (Some(vec![1.0; 3]), Some(vec![2.0; 3])),
                "{cut}"
            );
        }
        bytes[HEADER + KEY] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let flipped = cache(folder.path());
        assert_eq!((get(&flipped, "a"), get(&flipped, "b")), (None, Some(vec![2.0; 3])));
        // Computed anew it takes the place of the damaged one.
        flipped.put(TextKind::Query, &[("a", vec![1.0; 3])]);
        assert_eq!(get(&cache(folder.path()), "a"), Some(vec![1.0; 3]));
    }

    #[test]
    fn several_writers_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4_u8 {
                let folder = folder.path();
                scope.spawn(move || {
                    let cache = cache(folder);
                    for n in 0..20_u8 {
                        let text = format!("{writer}-{n}");
                        cache.put(TextKind::Query, &[(&text, vec![f32::from(writer), f32::from(n), 0.5])]);
                    }
                });
            }
        });
        let all = cache(folder.path());
        for (writer, n) in (0..4_u8).flat_map(|w| (0..20_u8).map(move |n| (w, n))) {
            assert_eq!(get(&all, &format!("{writer}-{n}")), Some(vec![f32::from(writer), f32::from(n), 0.5]));
        }
    }

    #[test]
    fn a_foreign_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{PRINT}.vec"));
        std::fs::write(&path, [7; 200]).unwrap();
        let refused = VectorCache::in_folder(folder.path()).attach(PRINT, 3, None);
        assert!(matches!(refused, Err(EmbedError::ForeignCache { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), [7; 200]);
    }

    #[test]
    fn memory_holds_no_more_than_its_bound() {
        let mut cache = VectorCache::in_memory().with_capacity(2);
        cache.attach(PRINT, 1, None).unwrap();
        for (n, text) in ["a", "b", "c"].into_iter().enumerate() {
            cache.put(TextKind::Query, &[(text, vec![n as f32])]);
        }
        assert_eq!(["a", "b", "c"].map(|t| get(&cache, t).is_some()), [false, true, true]);
    }
}
