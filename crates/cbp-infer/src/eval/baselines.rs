//! What simple methods reach, to print beside a score.

/// Recorded figures for one task. They were measured on its sibling: other groups of the same source.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Method and figure, in the order of the table.
    pub figures: Vec<(&'static str, f64)>,
    /// What this project set out to reach, where it set a goal.
    pub goal: Option<f64>,
}

impl Baseline {
    /// The record of a task.
    pub fn of(task: &str) -> Option<Self> {
        let mut lines = include_str!("../../data/baselines.tsv").lines();
        let header: Vec<&'static str> = lines.next()?.split('\t').collect();
        let fields: Vec<&'static str> =
            lines.map(|l| l.split('\t').collect::<Vec<_>>()).find(|f| f.first() == Some(&task))?;
        let named = header.iter().copied().zip(&fields).skip(2);
        let mut figures: Vec<(&'static str, f64)> =
            named.filter_map(|(name, figure)| Some((name, figure.parse().ok()?))).collect();
        let goal = figures.pop_if(|(name, _)| *name == "goal").map(|(_, goal)| goal);
        Some(Self { figures, goal })
    }

    /// The best of the methods, where any was measured.
    pub fn best(&self) -> Option<(&'static str, f64)> {
        self.figures.iter().copied().reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read() {
        let a1 = Baseline::of("A1_gov_role_skill").unwrap();
        assert_eq!((a1.best(), a1.goal), (Some(("fusion", 0.337)), Some(0.45)));
        let sts = Baseline::of("C7_sts2015").unwrap();
        assert_eq!((sts.best(), sts.goal), (None, None));
        assert_eq!(Baseline::of("nothing"), None);
    }
}
