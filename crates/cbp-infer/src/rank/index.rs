//! The index: a catalogue made ready for ranking.

use std::{fmt::Write as _, sync::Arc};

use cbp_core::{Catalogue, Course, Group};
use ndarray::Array2;
use sha2::{Digest as _, Sha256};

use super::{RankError, buffer::Buffer, codes::Codes, filter::Facets, tags::Traits, words::Words};
use crate::{
    arch::{Isa, dot},
    embed::{Embedder, TextKind},
};

/// A catalogue made ready for ranking: immutable, to be shared between threads.
///
/// The ranking is exact: it is what scoring every course and sorting would give, ties by course id.
///
/// ```no_run
/// use std::sync::Arc;
/// use cbp_infer::{embed::{Embedder, ModelSource}, rank::{CourseIndex, Filter, Need, RankOptions}};
/// # let catalogue = cbp_core::Catalogue::default();
/// let embedder = Arc::new(Embedder::open(&ModelSource::Shipped)?);
/// let index = CourseIndex::build(&catalogue, &embedder)?;
/// let needs = [Need::of("scrutinise tender documents")];
/// for ranked in &index.rank(&needs, 5, &Filter::default(), &RankOptions::default())?[0] {
///     println!("{:.3} {}", ranked.score, index.course(ranked.course).map_or("", |c| &c.name));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CourseIndex {
    courses: Vec<Course>,
    vectors: Buffer<f32>,
    codes: Codes,
    dims: usize,
    fingerprint: String,
    pub(crate) embedder: Option<Arc<Embedder>>,
    /// For each course its place among all ids in order: what ties are broken by.
    order: Vec<u32>,
    pub(crate) words: Words,
    pub(crate) traits: Traits,
    pub(crate) facets: Facets,
}

/// What of an index takes long to make.
pub(crate) struct Parts {
    /// Unit vectors that follow each other.
    pub(crate) vectors: Buffer<f32>,
    pub(crate) codes: Codes,
    pub(crate) words: Words,
    pub(crate) dims: usize,
    pub(crate) fingerprint: String,
}

/// What of a course is embedded.
fn text_of(course: &Course) -> String {
    let mut text = course.name.clone();
    let mut add = |more: &str, before: &str| {
        if !more.trim().is_empty() {
            text.push_str(before);
            text.push_str(more);
        }
    };
    add(&course.description, ". ");
    for tag in &course.competencies {
        add(&tag.sub_theme, "; ");
    }
    for keyword in &course.keywords {
        add(keyword, "; ");
    }
    if text.trim().is_empty() { course.id.clone() } else { text }
}

/// The first 16 bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Why a vector cannot be compared, if so.
pub(crate) fn fault(vector: &[f32]) -> Option<&'static str> {
    if vector.iter().any(|x| !x.is_finite()) {
        Some("holds a number that is not finite")
    } else if vector.iter().all(|&x| x == 0.0) {
        Some("is all zeros")
    } else {
        None
    }
}

/// Scales a vector to length 1, so that a dot product is a cosine. The numbers are those of single precision.
pub(crate) fn unit(vector: &[f32]) -> Vec<f64> {
    let mut wide: Vec<f64> = vector.iter().map(|&x| f64::from(x)).collect();
    let scale = dot(Isa::best(), &wide, vector).sqrt().recip();
    for x in &mut wide {
        *x = f64::from((*x * scale) as f32);
    }
    wide
}

impl CourseIndex {
    /// The most courses that an index holds.
    pub const MAX_COURSES: usize = 1 << 30;

    /// Embeds a catalogue and indexes it.
    ///
    /// # Errors
    ///
    /// An empty catalogue, ids that stand twice, and whatever the embedder refuses.
    pub fn build(catalogue: &Catalogue, embedder: &Arc<Embedder>) -> Result<Self, RankError> {
        let texts: Vec<String> = catalogue.courses.iter().map(text_of).collect();
        let vectors = embedder.embed(&texts, TextKind::Passage)?;
        let mut index = Self::from_vectors(catalogue, &vectors, embedder.fingerprint())?;
        index.use_embedder(embedder);
        Ok(index)
    }

    /// Indexes a catalogue whose courses are embedded already, one row each, by the model of this fingerprint.
    ///
    /// Such an index ranks vectors ([`CourseIndex::rank_vectors`]), not texts.
    ///
    /// # Errors
    ///
    /// An empty catalogue, ids that stand twice, and a vector of zeros or with a number that is not finite: the
    /// course is named.
    pub fn from_vectors(
        catalogue: &Catalogue,
        vectors: &Array2<f32>,
        fingerprint: &str,
    ) -> Result<Self, RankError> {
        let courses = &catalogue.courses;
        if courses.is_empty() {
            return Err(RankError::Empty);
        }
        if courses.len() > Self::MAX_COURSES {
            return Err(RankError::TooMany { found: courses.len(), limit: Self::MAX_COURSES });
        }
        if vectors.nrows() != courses.len() {
            return Err(RankError::Count { expected: courses.len(), found: vectors.nrows() });
        }
        let vectors = vectors.as_standard_layout();
        // Rows that follow each other are slices.
        let rows = || vectors.outer_iter().map(|row| row.to_slice().unwrap_or_default());
        for (course, row) in courses.iter().zip(rows()) {
            if let Some(detail) = fault(row) {
                return Err(RankError::CourseVector { course: course.id.clone(), detail });
            }
        }
        let flat = Buffer::filled(vectors.len(), |flat| {
            for (row, out) in rows().zip(flat.chunks_exact_mut(vectors.ncols())) {
                out.iter_mut().zip(unit(row)).for_each(|(out, x)| *out = x as f32);
            }
        });
        let parts = Parts {
            codes: Codes::new(&flat, vectors.ncols()),
            vectors: flat,
            words: Words::new(courses),
            dims: vectors.ncols(),
            fingerprint: fingerprint.to_owned(),
        };
        Self::assemble(courses.clone(), parts)
    }

    /// Puts an index together from what takes long to make and what does not.
    pub(crate) fn assemble(courses: Vec<Course>, parts: Parts) -> Result<Self, RankError> {
        if courses.is_empty() {
            return Err(RankError::Empty);
        }
        let mut by_id: Vec<u32> = (0..courses.len() as u32).collect();
        let id = |place: &u32| courses[*place as usize].id.as_str();
        by_id.sort_by_key(|place| id(place));
        if let Some([twice, _]) = by_id.array_windows().find(|[a, b]| id(a) == id(b)) {
            return Err(RankError::DuplicateCourse { id: id(twice).to_owned() });
        }
        let mut order = vec![0; courses.len()];
        for (rank, place) in by_id.iter().enumerate() {
            order[*place as usize] = rank as u32;
        }
        Ok(Self {
            order,
            traits: Traits::new(&courses),
            facets: Facets::new(&courses),
            words: parts.words,
            vectors: parts.vectors,
            codes: parts.codes,
            dims: parts.dims,
            fingerprint: parts.fingerprint,
            embedder: None,
            courses,
        })
    }

    /// Ranks texts with this embedder from now on.
    pub(crate) fn use_embedder(&mut self, embedder: &Arc<Embedder>) {
        self.embedder = Some(Arc::clone(embedder));
    }

    /// Number of courses, never 0.
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        self.courses.len()
    }

    /// Length of a vector.
    pub const fn dims(&self) -> usize {
        self.dims
    }

    /// Fingerprint of the model that made the vectors.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// 32 hexadecimal digits that stand for the courses and their vectors.
    pub fn identity(&self) -> String {
        let mut told = Sha256::new();
        told.update(format!("{} {:?}", self.fingerprint, self.courses));
        told.update(bytemuck::cast_slice::<f32, u8>(&self.vectors));
        hex(&told.finalize())
    }

    /// The course at a place of the catalogue.
    pub fn course(&self, place: u32) -> Option<&Course> {
        self.courses.get(place as usize)
    }

    /// Place of the course with this id.
    pub fn place(&self, id: &str) -> Option<u32> {
        self.facets.place(id)
    }

    /// Hours of a course, taken as the catalogue's median where unknown.
    pub fn hours(&self, place: u32) -> f64 {
        self.facets.hours(place as usize)
    }

    /// What a post is to courses that are meant for somebody in particular, as [`Filter::audience`](super::Filter::audience)
    /// takes it: its group, and its name where a course names it, so that posts that no course names share their rankings.
    pub fn audience(&self, name: &str, group: Option<Group>) -> Vec<String> {
        // Somebody of no known group is somebody all the same: an empty list would let every course pass.
        let group = group.map_or_else(|| "Group not known".to_owned(), Group::in_words);
        let named = self.facets.is_audience(name).then(|| name.to_owned());
        std::iter::once(group).chain(named).collect()
    }

    /// Level of a course from 0 to 1, where it says one.
    pub fn level_of(&self, place: u32) -> Option<f64> {
        self.traits.level_of(place)
    }

    /// Place of a course among all ids in order: what ties are broken by.
    pub(crate) fn order_of(&self, course: u32) -> u32 {
        self.order.get(course as usize).copied().unwrap_or(u32::MAX)
    }

    /// The courses, as the catalogue had them.
    pub fn courses(&self) -> &[Course] {
        &self.courses
    }

    pub(crate) fn vectors(&self) -> &[f32] {
        &self.vectors
    }

    pub(crate) const fn codes(&self) -> &Codes {
        &self.codes
    }

    /// The unit vector of a course.
    pub(crate) fn vector(&self, course: u32) -> &[f32] {
        let from = course as usize * self.dims;
        self.vectors.get(from..from + self.dims).unwrap_or(&[])
    }

    /// Cosine of two courses.
    pub(crate) fn cosine(&self, a: u32, b: u32) -> f64 {
        let wide: Vec<f64> = self.vector(a).iter().map(|&x| f64::from(x)).collect();
        dot(Isa::best(), &wide, self.vector(b))
    }
}
