//! Texts of this project that teach: skills with duties at each level.

/// A skill, and duties that ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill<'a> {
    /// Its name, and behind the first full stop what it is, if the file says so.
    pub text: &'a str,
    /// A duty at each level, the lowest first.
    pub duties: Vec<&'a str>,
}

impl<'a> Skill<'a> {
    /// Reads a file of skills: paragraphs of a skill and its duties, a line each; lines that begin with `#` are notes.
    pub fn read(file: &'a str) -> Vec<Self> {
        let mut skills: Vec<Self> = Vec::new();
        let mut inside = false;
        for line in file.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            match skills.last_mut().filter(|_| inside) {
                _ if line.is_empty() => inside = false,
                Some(skill) => skill.duties.push(line),
                None => {
                    skills.push(Self { text: line, duties: Vec::new() });
                    inside = true;
                }
            }
        }
        skills
    }

    /// Its name alone.
    pub fn name(&self) -> &'a str {
        self.text.split_once(". ").map_or(self.text, |(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_skills() {
        let file =
            "# note\nPump care. Keeping pumps going.\nClean\nRepair\n\n\nलेखा\nलिखना\nजाँचना\nनीति बनाना\n";
        let skills = Skill::read(file);
        assert_eq!(skills.len(), 2);
        assert_eq!((skills[0].name(), &skills[0].duties[..]), ("Pump care", &["Clean", "Repair"][..]));
        assert_eq!((skills[1].name(), skills[1].duties.len()), ("लेखा", 3));
        assert!(Skill::read("").is_empty() && Skill::read("# note").is_empty());
    }
}
