//! Made-up catalogues, needs and vectors: always the same for the same seed.

use cbp_core::{Catalogue, CompetencyRef, CompetencyType, Course, CourseTag};
use cbp_infer::rank::Need;
use ndarray::Array2;

/// A stream of pseudo-random numbers.
#[derive(Debug, Clone)]
pub struct Noise(u64);

impl Noise {
    /// A stream of its own for each seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number from 0 to below 1.
    pub fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.number() * n as f64) as usize
    }

    /// Unit vectors that point anywhere.
    pub fn vectors(&mut self, rows: usize, dims: usize) -> Array2<f32> {
        let mut all = Array2::from_shape_simple_fn((rows, dims), || {
            // The sum of four even numbers is near enough to a normal one.
            ((0..4).map(|_| self.number()).sum::<f64>() - 2.0) as f32
        });
        for mut row in all.outer_iter_mut() {
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.mapv_inplace(|x| x / length);
        }
        all
    }

    /// A word; low numbers are frequent, as in real texts.
    fn word(&mut self) -> String {
        let rank = (20_000_f64.powf(self.number()) - 1.0) as usize;
        format!("w{rank}x")
    }

    fn words(&mut self, n: usize) -> String {
        (0..n).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn tag(&mut self) -> (CompetencyType, usize) {
        let number = self.below(114);
        (if number < 41 { CompetencyType::Behavioural } else { CompetencyType::Functional }, number)
    }

    /// Courses with titles, descriptions, two tags, a level, a rating, a language, a length; some are for one group only.
    pub fn catalogue(&mut self, courses: usize) -> Catalogue {
        let course = |id: usize| {
            let competencies = (0..2)
                .map(|_| {
                    let (kind, number) = self.tag();
                    CourseTag {
                        kind,
                        id: Some(format!("C-{number}")),
                        theme: format!("theme {}", number % 25),
                        sub_theme: format!("sub {number}"),
                    }
                })
                .collect();
            Course {
                id: format!("do_{id:08}"),
                name: self.words(6),
                description: self.words(30),
                language: if self.number() < 0.1 { "Hindi" } else { "English" }.into(),
                duration_seconds: Some(1800 + self.below(36_000) as u64),
                level: Some(["Operational", "Tactical", "Strategic"][self.below(3)].into()),
                audience: id
                    .is_multiple_of(8)
                    .then(|| format!("Group {}", ["A", "B", "C"][id / 8 % 3]))
                    .into_iter()
                    .collect(),
                rating: Some(3.0 + 2.0 * self.number()),
                competencies,
                ..Course::default()
            }
        };
        Catalogue { courses: (0..courses).map(course).collect(), ..Catalogue::default() }
    }

    /// Courses of which only the ids are known, so that nothing but vectors tells them apart.
    pub fn bare_catalogue(courses: usize) -> Catalogue {
        let course = |id| Course { id: format!("do_{id:08}"), ..Course::default() };
        Catalogue { courses: (0..courses).map(course).collect(), ..Catalogue::default() }
    }

    /// Needs of six words with a competency and a level.
    pub fn needs(&mut self, needs: usize) -> Vec<Need> {
        let need = |_| {
            let (kind, number) = self.tag();
            Need {
                text: self.words(6),
                competency: Some(CompetencyRef {
                    kind,
                    id: Some(format!("C-{number}")),
                    theme: format!("theme {}", number % 25),
                    sub_theme: format!("sub {number}"),
                }),
                level: Some(self.below(3) as f64 / 2.0),
            }
        };
        (0..needs).map(need).collect()
    }
}
