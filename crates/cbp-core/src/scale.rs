//! Proficiency scales are data: any number of ordered levels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An ordered proficiency scale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProficiencyScale {
    /// Stable id, such as `kcm-3`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Levels, the lowest first.
    pub levels: Vec<ScaleLevel>,
}

/// A level of a [`ProficiencyScale`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScaleLevel {
    /// 1 is the lowest.
    pub rank: u8,
    /// Name, such as "Tactical".
    pub name: String,
    /// Hindi name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_hi: Option<String>,
    /// Other names in use, such as "Intermediate".
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What the level means.
    #[serde(default)]
    pub definition: String,
}

/// A level on a named scale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Level {
    /// Id of the scale.
    pub scale: String,
    /// 1 is the lowest.
    pub rank: u8,
    /// The level's name.
    pub name: String,
}

impl ProficiencyScale {
    /// The level at a real-valued position on `1..=levels`, rounded half up and clamped; `None` on an empty scale.
    pub fn at(&self, position: f64) -> Option<Level> {
        let top = self.levels.len();
        let rank = if position.is_finite() {
            (position + 0.5).floor().clamp(1.0, top.max(1) as f64) as usize
        } else {
            1
        };
        self.levels.get(rank - 1).map(|l| Level {
            scale: self.id.clone(),
            rank: l.rank,
            name: l.name.clone(),
        })
    }

    /// Place of a rank on the scale, from 0 (lowest) to 1 (highest); the one level of a scale is in the middle.
    pub fn place(&self, rank: u8) -> f64 {
        let steps = self.levels.len().saturating_sub(1);
        if steps == 0 {
            return 0.5;
        }
        (f64::from(rank.saturating_sub(1)) / steps as f64).min(1.0)
    }

    /// The level of this name or alias, ignoring case.
    pub fn named(&self, name: &str) -> Option<Level> {
        let name = name.trim();
        self.levels
            .iter()
            .find(|l| {
                l.name.eq_ignore_ascii_case(name) || l.aliases.iter().any(|a| a.eq_ignore_ascii_case(name))
            })
            .map(|l| Level { scale: self.id.clone(), rank: l.rank, name: l.name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> ProficiencyScale {
        let level = |rank, name: &str| ScaleLevel { rank, name: name.into(), ..ScaleLevel::default() };
        ProficiencyScale {
            id: "t".into(),
            name: "t".into(),
            levels: vec![level(1, "Low"), level(2, "Mid"), level(3, "High")],
        }
    }

    #[test]
    fn positions_round_half_up_and_clamp() {
        let scale = three();
        let rank = |x| scale.at(x).map(|l| l.rank);
        assert_eq!(
            [rank(-4.0), rank(1.49), rank(1.5), rank(9.0), rank(f64::NAN)],
            [Some(1), Some(1), Some(2), Some(3), Some(1)]
        );
        assert_eq!(ProficiencyScale::default().at(1.0), None);
    }

    #[test]
    fn places_stay_between_nought_and_one() {
        let one = ProficiencyScale { levels: vec![ScaleLevel::default()], ..ProficiencyScale::default() };
        for (scale, rank, place) in [
            (&three(), 1, 0.0),
            (&three(), 2, 0.5),
            (&three(), 3, 1.0),
            (&one, 1, 0.5),
            (&three(), 0, 0.0),
            (&three(), 9, 1.0),
        ] {
            assert!((scale.place(rank) - place).abs() < 1e-12, "{rank} of {}", scale.levels.len());
        }
    }

    #[test]
    fn names_ignore_case() {
        assert_eq!(three().named(" mid ").map(|l| l.rank), Some(2));
        assert_eq!(three().named("none"), None);
    }
}
