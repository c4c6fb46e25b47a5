//! Behavioural, functional or domain: the type of a competency that no list knows.

use cbp_core::CompetencyType;

use super::LevelError;
use crate::embed::{Embedder, TextKind};

/// Probabilities of the three types, in the order of [`CompetencyType::ALL`]; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypeScores(pub [f64; 3]);

impl TypeScores {
    /// The likeliest type, the earlier of equals, and its probability.
    pub fn best(&self) -> (CompetencyType, f64) {
        let pairs = CompetencyType::ALL.into_iter().zip(self.0);
        pairs.reduce(|a, b| if b.1 > a.1 { b } else { a }).unwrap_or((CompetencyType::Domain, 0.0))
    }
}

/// What each type is, in examples of this project.
const ANCHORS: [&[&str]; 3] = [
    &[
        "attitude and conduct towards people, such as empathy, integrity and cooperation",
        "managing oneself: taking initiative, coping with pressure, learning from mistakes",
        "thinking clearly, listening, persuading and speaking in public",
    ],
    &[
        "office administration, noting, drafting and record keeping that every department needs",
        "budgeting, procurement, contract and project management in any organisation",
        "use of computers, data analysis, human resource and legal matters across sectors",
    ],
    &[
        "technical knowledge of one sector, such as mining, forestry, textiles or medicine",
        "operating special machinery or equipment of one trade",
        "a particular Act, scheme, standard or process of one industry",
    ],
];

/// The type of each competency text, as probabilities.
///
/// # Errors
/// [`LevelError::Embed`] where a text cannot be embedded.
pub fn competency_type<T: AsRef<str> + Sync>(
    embedder: &Embedder,
    texts: &[T],
) -> Result<Vec<TypeScores>, LevelError> {
    let flat: Vec<&str> = ANCHORS.iter().flat_map(|of| of.iter().copied()).collect();
    let anchors = embedder.embed(&flat, TextKind::Passage)?;
    let vectors = embedder.embed(texts, TextKind::Query)?;
    let similarity = vectors.dot(&anchors.t());
    Ok(similarity
        .outer_iter()
        .map(|row| {
            let mut scores = [0.0; 3];
            let mut at = 0;
            for (score, of) in scores.iter_mut().zip(ANCHORS) {
                let part = row.iter().skip(at).take(of.len()).copied().fold(f32::MIN, f32::max);
                *score = f64::from(part * 20.0).exp();
                at += of.len();
            }
            let sum: f64 = scores.iter().sum();
            TypeScores(scores.map(|s| s / sum))
        })
        .collect())
}
