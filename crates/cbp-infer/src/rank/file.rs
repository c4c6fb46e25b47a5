//! An index in a file that is mapped, not read: opening it costs a checksum, and processes share its memory.
//!
//! Layout, little-endian: the magic `CBPINDEX`; the version, 4 bytes; the length of the head, 4 bytes; the SHA-256 of all
//! that follows; the head as JSON; then sections, each at a multiple of 64 bytes. What is small and quick to
//! compute (filters, tags) is made anew from the catalogue.

use std::{
    fs::File,
    io::Write as _,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use cbp_core::Catalogue;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{CourseIndex, RankError, buffer::Buffer, codes::Codes, index::Parts, words::Words};
use crate::{arch::map_file, embed::Embedder};

const MAGIC: &[u8; 8] = b"CBPINDEX";
const VERSION: u32 = 4;
/// Magic, version, length of the head, checksum.
const FIXED: usize = 8 + 4 + 4 + 32;
/// Sections begin at multiples of this.
const ALIGN: usize = 64;
/// Names of the sections, in their order.
const SECTIONS: [&str; 8] =
    ["catalogue", "vectors", "codes", "scales", "terms", "starts", "postings", "saturation"];

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// Model that made the vectors.
    fingerprint: String,
    dims: usize,
    courses: usize,
    /// Bytes of each section.
    sections: Vec<(String, usize)>,
}

/// Where the sections lie.
fn places(head: usize, lengths: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut at = FIXED + head;
    let place = |length: usize| {
        let from = at.next_multiple_of(ALIGN);
        at = from.saturating_add(length);
        from..at
    };
    lengths.map(place).collect()
}

fn access(path: &Path) -> impl Fn(std::io::Error) -> RankError {
    let path = path.to_owned();
    move |source| RankError::Io { path: path.clone(), source }
}

impl CourseIndex {
    /// Writes the index: to a file beside `path` first, which then takes its name, so that readers see the old
    /// index or the new one and nothing between.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), RankError> {
        let fault = |detail: String| RankError::Index { path: path.to_owned(), detail };
        let catalogue = Catalogue {
            format: Catalogue::FORMAT.into(),
            version: Catalogue::VERSION,
            courses: self.courses().to_vec(),
        };
        let catalogue = serde_json::to_vec(&catalogue).map_err(|e| fault(e.to_string()))?;
        let terms = self.words.terms.join("\n");
        let (codes, scales) = self.codes().stored();
        let sections: [&[u8]; 8] = [
            &catalogue,
            bytemuck::cast_slice(self.vectors()),
            bytemuck::cast_slice(codes),
            bytemuck::cast_slice(scales),
            terms.as_bytes(),
            bytemuck::cast_slice(&self.words.starts),
            bytemuck::cast_slice(&self.words.courses),
            bytemuck::cast_slice(&self.words.saturation),
        ];
        let head = Head {
            fingerprint: self.fingerprint().to_owned(),
            dims: self.dims(),
            courses: self.len(),
            sections: SECTIONS.iter().zip(sections).map(|(name, s)| ((*name).to_owned(), s.len())).collect(),
        };
        let head = serde_json::to_vec(&head).map_err(|e| fault(e.to_string()))?;
        let mut body = head.clone();
        for (section, place) in sections.iter().zip(places(head.len(), sections.iter().map(|s| s.len()))) {
            body.resize(place.start - FIXED, 0);
            body.extend_from_slice(section);
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let draft = path.with_file_name(format!(".{name}.{}.draft", std::process::id()));
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(MAGIC)?;
            file.write_all(&VERSION.to_le_bytes())?;
            file.write_all(&(head.len() as u32).to_le_bytes())?;
            file.write_all(&Sha256::digest(&body))?;
            file.write_all(&body)?;
            file.sync_all()?;
            std::fs::rename(&draft, path)
        };
        write().map_err(|source| {
            // Best effort: the error that matters is the first.
            let _ = std::fs::remove_file(&draft);
            access(path)(source)
        })
    }

    /// Maps an index that [`CourseIndex::save`] wrote, to be used with the model that made it.
    ///
    /// # Errors
    ///
    /// [`RankError::Index`] for a file that is truncated, damaged, of another version or no index at all;
    /// [`RankError::Model`] for one made with another model.
    pub fn open(path: &Path, embedder: &Arc<Embedder>) -> Result<Self, RankError> {
        let mut index = Self::open_without_model(path)?;
        if index.fingerprint() != embedder.fingerprint() {
            return Err(RankError::Model {
                expected: embedder.fingerprint().to_owned(),
                found: index.fingerprint().to_owned(),
            });
        }
        index.use_embedder(embedder);
        Ok(index)
    }

    /// [`CourseIndex::open`] for ranking vectors only.
    ///
    /// # Errors
    ///
    /// As [`CourseIndex::open`], but for the model.
    pub fn open_without_model(path: &Path) -> Result<Self, RankError> {
        let fault = |detail: &str| RankError::Index { path: PathBuf::from(path), detail: detail.to_owned() };
        if cfg!(target_endian = "big") {
            return Err(fault("index files are little-endian and this processor is not"));
        }
        let file = File::open(path).map_err(access(path))?;
        let map = Arc::new(map_file(&file).map_err(access(path))?);
        let fixed = map.get(..FIXED).ok_or_else(|| fault("it is too short to be one"))?;
        let number =
            |at: usize| fixed.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
        if !fixed.starts_with(MAGIC) {
            return Err(fault("it does not begin like one"));
        }
        if number(8) != VERSION {
            return Err(fault(&format!("it has version {}, this program reads {VERSION}", number(8))));
        }
        if map.get(FIXED..).is_none_or(|body| Sha256::digest(body)[..] != fixed[16..]) {
            return Err(fault("its checksum does not fit its contents: it is truncated or damaged"));
        }
        let length = number(12) as usize;
        let head: Head = map
            .get(FIXED..FIXED.saturating_add(length))
            .and_then(|head| serde_json::from_slice(head).ok())
            .ok_or_else(|| fault("its head cannot be read"))?;
        if !head.sections.iter().map(|(name, _)| name.as_str()).eq(SECTIONS) {
            return Err(fault("it has other sections than this program knows"));
        }
        let places = places(length, head.sections.iter().map(|(_, length)| *length));
        let [catalogue, vectors, codes, scales, terms, starts, postings, saturation] = &places[..] else {
            return Err(fault("it lacks a section"));
        };
        let bytes = |place: &Range<usize>| map.get(place.clone()).ok_or_else(|| fault("it ends early"));
        let catalogue: Catalogue = serde_json::from_slice(bytes(catalogue)?)
            .map_err(|e| fault(&format!("its catalogue cannot be read: {e}")))?;
        let terms = std::str::from_utf8(bytes(terms)?).map_err(|_| fault("its terms are not text"))?;
        let odd = || fault("a section does not divide into numbers");
        let parts = Parts {
            vectors: Buffer::mapped(&map, vectors.clone()).ok_or_else(odd)?,
            codes: Codes::from_stored(
                Buffer::mapped(&map, codes.clone()).ok_or_else(odd)?,
                Buffer::mapped(&map, scales.clone()).ok_or_else(odd)?,
                head.dims,
                head.courses,
            )
            .ok_or_else(|| fault("its codes do not fit its courses"))?,
            words: Words {
                terms: terms.split('\n').filter(|term| !term.is_empty()).map(str::to_owned).collect(),
                starts: Buffer::mapped(&map, starts.clone()).ok_or_else(odd)?,
                courses: Buffer::mapped(&map, postings.clone()).ok_or_else(odd)?,
                saturation: Buffer::mapped(&map, saturation.clone()).ok_or_else(odd)?,
                courses_total: head.courses,
            },
            dims: head.dims,
            fingerprint: head.fingerprint,
        };
        let whole = catalogue.courses.len() == head.courses
            && parts.vectors.len() == head.courses.saturating_mul(head.dims)
            && parts.words.starts.len() == parts.words.terms.len() + 1
            && parts.words.courses.len() == parts.words.saturation.len();
        if !whole {
            return Err(fault("its sections do not fit each other"));
        }
        Self::assemble(catalogue.courses, parts)
    }
}

#[cfg(test)]
mod tests {
    use cbp_core::Course;
    use ndarray::Array2;

    use super::*;
    use crate::rank::{Filter, Need, RankOptions};

    fn index() -> CourseIndex {
        let course = |i: usize| Course {
            id: format!("c{i}"),
            name: ["Budget", "Audit and accounts", "योजना"][i % 3].into(),
            ..Course::default()
        };
        let courses = Catalogue { courses: (0..40).map(course).collect(), ..Catalogue::default() };
        let vectors = Array2::from_shape_fn((40, 6), |(i, j)| ((i * 7 + j * 3) % 11) as f32 - 4.5);
        CourseIndex::from_vectors(&courses, &vectors, "model one").unwrap()
    }

    #[test]
    fn a_mapped_index_ranks_as_the_one_that_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("i.cbpindex");
        let made = index();
        made.save(&path).unwrap();
        let opened = CourseIndex::open_without_model(&path).unwrap();
        let needs = [Need::of("audit of accounts"), Need::of("योजनाओं")];
        let vectors = Array2::from_shape_fn((2, 6), |(i, j)| (i + j) as f32 - 2.0);
        let rank = |index: &CourseIndex| {
            index.rank_vectors(&needs, &vectors, 7, &Filter::default(), &RankOptions::default()).unwrap()
        };
        assert_eq!(rank(&made), rank(&opened));
        assert_eq!(opened.fingerprint(), "model one");
        // Saving again replaces the file while the old mapping lives on.
        opened.save(&path).unwrap();
        assert_eq!(rank(&made), rank(&opened));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn damaged_and_foreign_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("i.cbpindex");
        index().save(&path).unwrap();
        let good = std::fs::read(&path).unwrap();
        let refused = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            match CourseIndex::open_without_model(&path) {
                Err(RankError::Index { detail, .. }) => detail,
                other => panic!("{other:?}"),
            }
        };
        for cut in [1, 20, FIXED, FIXED + 30, good.len() / 2, good.len() - 1] {
            refused(&good[..cut]);
        }
        for place in [0, 9, 14, 17, FIXED + 5, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[place] ^= 0x41;
            refused(&bad);
        }
        assert!(
            refused(b"PK\x03\x04 something else that is long enough to hold a head of its own")
                .contains("begin")
        );
        let mut newer = good.clone();
        newer[8] = 9;
        assert!(refused(&newer).contains("version 9"));
        let missing = CourseIndex::open_without_model(&folder.path().join("none"));
        assert!(matches!(missing, Err(RankError::Io { .. })));
    }
}
