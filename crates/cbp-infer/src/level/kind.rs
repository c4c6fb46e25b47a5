//! Behavioural, functional or domain: the type of a competency that no list knows.

use cbp_core::CompetencyType;

use ndarray::Array2;

use super::LevelError;
use crate::classify::Heads;
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

/// Log-odds for each unit of likeness to an example: few, where much was learned from labelled competencies (chosen on
/// groups left out of A12).
const SHARPNESS: f32 = 5.0;

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

/// What the head of a type is known by.
pub(crate) fn type_head(kind: CompetencyType) -> String {
    format!("type: {kind}")
}

/// The type of each competency text, as probabilities: likeness to the examples, shifted by what labelled competencies
/// taught, where there are heads ([`Heads::beside`] reads those of the embedder's model).
///
/// # Errors
/// [`LevelError::Embed`] where a text cannot be embedded.
pub fn competency_type<T: AsRef<str> + Sync>(
    embedder: &Embedder,
    heads: Option<&Heads>,
    texts: &[T],
) -> Result<Vec<TypeScores>, LevelError> {
    let mut odds = competency_type_unlearned(embedder, texts)?;
    if let Some(heads) = heads {
        let vectors = embedder.embed(texts, TextKind::Query)?;
        for (kind, mut column) in CompetencyType::ALL.into_iter().zip(odds.columns_mut()) {
            let Some(head) = heads.get(&type_head(kind)) else { continue };
            for (odds, vector) in column.iter_mut().zip(vectors.outer_iter()) {
                *odds += head.bias() + head.weights().zip(vector).map(|(w, x)| w * x).sum::<f32>();
            }
        }
    }
    let probabilities = |row: ndarray::ArrayView1<'_, f32>| {
        let mut scores = [0.0; 3];
        let most = row.iter().copied().fold(f32::MIN, f32::max);
        scores.iter_mut().zip(row).for_each(|(score, odds)| *score = f64::from(odds - most).exp());
        let sum: f64 = scores.iter().sum();
        TypeScores(scores.map(|s| s / sum))
    };
    Ok(odds.outer_iter().map(probabilities).collect())
}

/// Log-odds of the three types before anything learned, one row a text.
pub(crate) fn competency_type_unlearned<T: AsRef<str> + Sync>(
    embedder: &Embedder,
    texts: &[T],
) -> Result<Array2<f32>, LevelError> {
    let flat: Vec<&str> = ANCHORS.iter().flat_map(|of| of.iter().copied()).collect();
    let anchors = embedder.embed(&flat, TextKind::Passage)?;
    let similarity = embedder.embed(texts, TextKind::Query)?.dot(&anchors.t());
    let mut odds = Array2::zeros((texts.len(), ANCHORS.len()));
    for (row, mut odds) in similarity.outer_iter().zip(odds.outer_iter_mut()) {
        let mut at = 0;
        for (odds, of) in odds.iter_mut().zip(ANCHORS) {
            *odds = SHARPNESS * row.iter().skip(at).take(of.len()).copied().fold(f32::MIN, f32::max);
            at += of.len();
        }
    }
    Ok(odds)
}
