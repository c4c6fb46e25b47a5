//! What a catalogue's word for a level means on the competency model's scale.

use cbp_core::{CompetencyModel, ProficiencyScale};

/// Rank that a course teaches on the model's own scale; `None` where the catalogue says nothing that any scale knows.
///
/// A word of another scale is carried over by its relative place: the middle of five levels is the middle of three.
pub(super) fn taught_rank(written: Option<&str>, model: &CompetencyModel) -> Option<u8> {
    let written = written?;
    if let Some(level) = model.scale.named(written) {
        return Some(level.rank);
    }
    let other = |scale: &ProficiencyScale| {
        let found = scale.named(written)?;
        let place = scale.place(found.rank);
        let top = model.scale.levels.len() as f64;
        model.scale.at(1.0 + place * (top - 1.0)).map(|level| level.rank)
    };
    model.other_scales.iter().find_map(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_scales_keep_their_place() {
        let model = CompetencyModel::karmayogi();
        assert_eq!(taught_rank(Some("Tactical"), model), Some(2));
        assert_eq!(taught_rank(Some("beginner"), model), Some(1));
        assert_eq!(taught_rank(Some("ustad"), model), Some(3));
        assert_eq!(taught_rank(Some("for everybody"), model), None);
        assert_eq!(taught_rank(None, model), None);
    }
}
