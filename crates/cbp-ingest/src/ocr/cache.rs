//! Remembers what an engine read, by the hash of the picture.

use std::path::PathBuf;

use super::{OcrEngine, OcrError, OcrPage, Picture};
use crate::sha256_hex;

/// An engine with a folder of its former answers: one JSON file for each picture and engine. A picture is read anew
/// where its file is missing or damaged; nothing else depends on the folder.
pub struct OcrCache<E> {
    engine: E,
    folder: PathBuf,
}

impl<E: OcrEngine> OcrCache<E> {
    /// Answers of `engine`, kept in `folder`, which is made when first needed.
    pub fn new(engine: E, folder: impl Into<PathBuf>) -> Self {
        Self { engine, folder: folder.into() }
    }

    fn path(&self, picture: &Picture) -> PathBuf {
        let mut key = self.engine.name().as_bytes().to_vec();
        key.push(0);
        key.extend_from_slice(&picture.dpi.to_le_bytes());
        key.extend_from_slice(&picture.bytes);
        self.folder.join(format!("{}.json", sha256_hex(&key)))
    }
}

impl<E: OcrEngine> OcrEngine for OcrCache<E> {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn read(&self, picture: &Picture) -> Result<OcrPage, OcrError> {
        let path = self.path(picture);
        if let Some(known) = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return Ok(known);
        }
        let page = self.engine.read(picture)?;
        let io = |source| OcrError::Io { path: path.display().to_string(), source };
        std::fs::create_dir_all(&self.folder).map_err(io)?;
        let text = serde_json::to_vec(&page).map_err(|e| io(e.into()))?;
        // Another process may write the same answer: each renames a whole file of its own into place.
        let part = path.with_extension(format!("{}.part", std::process::id()));
        std::fs::write(&part, text).map_err(io)?;
        std::fs::rename(&part, &path).map_err(io)?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counting(AtomicUsize);

    impl OcrEngine for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        fn read(&self, picture: &Picture) -> Result<OcrPage, OcrError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(OcrPage { width: picture.bytes.len() as u32, height: 1, lines: Vec::new() })
        }
    }

    #[test]
    fn a_picture_is_read_once_and_another_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cache = OcrCache::new(Counting(AtomicUsize::new(0)), folder.path().join("new"));
        let picture = |bytes: &[u8]| Picture { bytes: bytes.to_vec(), dpi: 300 };
        let first = cache.read(&picture(b"abc")).unwrap();
        assert_eq!(cache.read(&picture(b"abc")).unwrap(), first);
        assert_eq!(cache.engine.0.load(Ordering::Relaxed), 1);
        assert_eq!(cache.read(&picture(b"abcd")).unwrap().width, 4);
        std::fs::write(cache.path(&picture(b"abc")), b"{").unwrap();
        assert_eq!(cache.read(&picture(b"abc")).unwrap(), first);
        assert_eq!(cache.engine.0.load(Ordering::Relaxed), 3);
    }
}
