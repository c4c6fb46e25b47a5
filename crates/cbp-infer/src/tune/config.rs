//! Recipes: what is trained, on what, and how.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::TuneError;

/// A recipe for a tuned encoder, as its TOML file says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderRecipe {
    /// Name of the model that is made.
    pub name: String,
    /// SPDX expression of its licence; the base's where absent.
    #[serde(default)]
    pub licence: Option<String>,
    /// Decides everything random: groups left out, draws, low-rank starts.
    pub seed: u64,
    /// Longer texts are cut into windows of this many tokens, and one window is drawn.
    pub max_tokens: usize,
    /// The rounds of training.
    pub steps: Steps,
    /// What a step is made of.
    pub batch: Batch,
    /// Which weights change.
    #[serde(default)]
    pub trained: Trained,
    /// How the result is judged.
    pub validation: Validation,
    /// Where pairs come from.
    pub source: Vec<Source>,
}

/// Rounds of training and the optimiser's settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// Steps over which the learning rate falls to zero.
    pub count: usize,
    /// The last step that is done, where a run ends before the rate has fallen to zero.
    #[serde(default)]
    pub until: Option<usize>,
    /// Highest learning rate.
    pub rate: f64,
    /// Share of the steps during which the rate climbs; afterwards it falls to zero.
    pub warmup: f64,
    /// Weight decay of matrices.
    pub decay: f64,
    /// The gradient's greatest length.
    pub clip: f64,
}

/// What a step is made of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Most queries.
    pub queries: usize,
    /// Most tokens in queries and passages together.
    pub tokens: usize,
    /// Hard negatives for each query.
    pub hard: usize,
    /// The base model's nearest passages that hard negatives are drawn from; 0 mines none.
    pub mined: usize,
    /// A passage that scores above this share of the query's own best is taken for an unlabelled right answer, and
    /// is no hard negative.
    pub ceiling: f64,
    /// What cosines are divided by.
    pub temperature: f64,
    /// Weight of the loss from passages to queries.
    pub mirror: f64,
}

/// Which weights change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trained {
    /// The vocabulary and position tables and their norm.
    pub embeddings: bool,
    /// The first encoder layer that changes.
    pub from_layer: usize,
    /// Rank of a low-rank addition to each matrix; 0 trains the matrices themselves.
    pub lora_rank: usize,
    /// What the addition is multiplied with.
    pub lora_scale: f64,
}

impl Default for Trained {
    fn default() -> Self {
        Self { embeddings: false, from_layer: 0, lora_rank: 0, lora_scale: 2.0 }
    }
}

impl Trained {
    /// Whether a weight of this name, without the model's root, changes.
    pub fn covers(&self, name: &str) -> bool {
        name.strip_prefix("encoder.layer.").map_or(self.embeddings, |rest| {
            rest.split('.')
                .next()
                .and_then(|layer| layer.parse().ok())
                .is_some_and(|layer: usize| layer >= self.from_layer)
        })
    }
}

/// How the result is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Share of the groups that are left out of training; 0 trains on all and judges nothing.
    pub share: f64,
    /// Steps between two judgements.
    pub every: usize,
    /// Judgements without improvement after which training stops.
    pub patience: usize,
    /// Most queries of a source that are judged.
    pub queries: usize,
    /// Wrong passages of a source that are judged beside the right ones.
    pub passages: usize,
    /// Shares of the tuned weights, mixed with the base's, that are tried at the end; without validation the first
    /// is taken.
    pub mix: Vec<f64>,
}

/// A source of pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name in logs; must be unique.
    pub name: String,
    /// Who made the texts and under which licence, for the model card.
    #[serde(default)]
    pub licence: String,
    /// How pairs are made of it.
    pub kind: SourceKind,
    /// A task's folder, a table of texts or a file of this project, relative to the folder of data.
    pub path: PathBuf,
    /// For [`SourceKind::Chain`]: the table of upper entries.
    #[serde(default)]
    pub upper: Option<PathBuf>,
    /// For [`SourceKind::Parts`]: what stands between the two texts.
    #[serde(default)]
    pub between: Option<String>,
    /// How often it is drawn, times the square root of its size.
    #[serde(default = "one")]
    pub weight: f64,
    /// Whether hard negatives are mined in it; the base model has to embed all its texts for that.
    #[serde(default = "yes")]
    pub mine: bool,
    /// Whether its left-out groups are judged.
    #[serde(default = "yes")]
    pub judge: bool,
}

const fn one() -> f64 {
    1.0
}

const fn yes() -> bool {
    true
}

/// How pairs are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Queries of a ranking task and their relevant candidates.
    Task,
    /// Rows of a table with `text` (and `group`): what stands behind `between`, and what stands before it.
    Parts,
    /// Rows of a table with `doc_id` and `text`: those whose ids are equal up to the last `_` say the same.
    Names,
    /// Entries whose ids begin with an upper entry's id, and that entry.
    Chain,
    /// A competency model: descriptions, aliases and level texts, and names.
    Competencies,
    /// A course catalogue: descriptions, and titles.
    Courses,
    /// A file of [skills](super::Skill): duties, and the skill; eight groups of skills.
    Skills,
}

impl Steps {
    /// How many steps are done at most.
    pub fn last(&self) -> usize {
        self.until.map_or(self.count, |until| until.min(self.count))
    }
}

impl EncoderRecipe {
    /// Reads and checks a recipe.
    ///
    /// # Errors
    ///
    /// [`TuneError::Recipe`] with what is wrong; [`TuneError::Io`].
    pub fn read(path: &Path) -> Result<Self, TuneError> {
        let text = fs::read_to_string(path).map_err(TuneError::io(path))?;
        let wrong = |detail: String| TuneError::Recipe { path: path.to_owned(), detail };
        let recipe: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        recipe.check().map_err(wrong)?;
        Ok(recipe)
    }

    /// Sixteen hexadecimal digits that stand for everything in the recipe.
    #[cfg(feature = "candle")]
    pub(crate) fn hash(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        crate::embed::sha256(&json).chars().take(16).collect()
    }

    fn check(&self) -> Result<(), String> {
        let (s, b, v) = (&self.steps, &self.batch, &self.validation);
        let positive = |x: f64| x.is_finite() && x > 0.0;
        let share = |x: f64| (0.0..1.0).contains(&x);
        let rules = [
            (!self.name.trim().is_empty(), "name must not be empty"),
            ((8..=512).contains(&self.max_tokens), "max_tokens must be 8 to 512"),
            (s.count > 0 && s.last() > 0, "steps.count and steps.until must be positive"),
            (positive(s.rate) && positive(s.clip), "steps.rate and steps.clip must be positive"),
            (
                share(s.warmup) && share(s.decay),
                "steps.warmup and steps.decay must be at least 0 and below 1",
            ),
            (b.queries > 1 && b.tokens > 0, "batch.queries must be at least 2 and batch.tokens positive"),
            (positive(b.temperature), "batch.temperature must be positive"),
            (b.mirror.is_finite() && b.mirror >= 0.0, "batch.mirror must not be negative"),
            (positive(b.ceiling), "batch.ceiling must be positive"),
            (b.hard == 0 || b.mined > 0, "batch.hard needs batch.mined"),
            (share(v.share), "validation.share must be at least 0 and below 1"),
            (v.every > 0, "validation.every must be positive"),
            (
                !v.mix.is_empty() && v.mix.iter().all(|m| positive(*m) && *m <= 1.0),
                "validation.mix needs shares above 0, up to 1",
            ),
            (!self.source.is_empty(), "there must be a [[source]]"),
            (self.source.iter().all(|s| positive(s.weight)), "weights of sources must be positive"),
        ];
        if let Some((_, rule)) = rules.iter().find(|(holds, _)| !holds) {
            return Err((*rule).into());
        }
        let mut names: Vec<&str> = self.source.iter().map(|source| source.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("two sources are named \"{}\"", pair[0])),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        name = "m"
        seed = 1
        max_tokens = 64
        [steps]
        count = 10
        rate = 1e-4
        warmup = 0.1
        decay = 0.01
        clip = 1.0
        [batch]
        queries = 8
        tokens = 500
        hard = 1
        mined = 5
        ceiling = 0.95
        temperature = 0.05
        mirror = 0.5
        [validation]
        share = 0.25
        every = 5
        patience = 2
        queries = 10
        passages = 10
        mix = [1.0]
        [[source]]
        name = "a"
        kind = "task"
        path = "a"
    "#;

    fn read(text: &str) -> Result<EncoderRecipe, TuneError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        EncoderRecipe::read(file.path())
    }

    #[test]
    fn a_sound_recipe_reads_with_its_defaults() {
        let recipe = read(SOUND).unwrap();
        assert_eq!(recipe.trained, Trained::default());
        assert!(recipe.source[0].mine && recipe.source[0].weight > 0.0);
    }

    #[test]
    fn nonsense_is_refused_with_the_rule_that_it_breaks() {
        for (from, to, rule) in [
            ("name = \"m\"", "name = \" \"", "name must not be empty"),
            ("max_tokens = 64", "max_tokens = 4", "max_tokens"),
            ("count = 10", "count = 0", "steps.count"),
            ("rate = 1e-4", "rate = nan", "steps.rate"),
            ("queries = 8", "queries = 1", "batch.queries"),
            ("temperature = 0.05", "temperature = 0.0", "temperature"),
            ("mined = 5", "mined = 0", "batch.hard"),
            ("share = 0.25", "share = 1.0", "validation.share"),
            ("mix = [1.0]", "mix = []", "validation.mix"),
            ("seed = 1", "sed = 1", "unknown field `sed`"),
        ] {
            let error = read(&SOUND.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(rule), "{error}");
        }
        let twice = format!("{SOUND}[[source]]\nname = \"a\"\nkind = \"task\"\npath = \"b\"\n");
        assert!(read(&twice).unwrap_err().to_string().contains("two sources"));
    }

    #[test]
    fn layers_are_told_by_number() {
        let trained = Trained { from_layer: 2, ..Trained::default() };
        assert!(trained.covers("encoder.layer.2.output.dense.weight"));
        assert!(trained.covers("encoder.layer.10.output.dense.weight"));
        assert!(!trained.covers("encoder.layer.1.output.dense.weight"));
        assert!(!trained.covers("embeddings.word_embeddings.weight"));
    }
}
