//! Competency tags in common, the course's level, and what speaks for a course whatever the need.

use std::collections::BTreeMap;

use cbp_core::{CompetencyModel, CompetencyRef, CompetencyType, Course};

use super::{
    filter::{Bits, Facets, name_key},
    options::RankOptions,
};
use crate::lexical::terms;

/// Value of a tag that names the competency itself, of one of the same theme, of one of the same type.
const EXACT: f64 = 1.0;
const THEME: f64 = 0.4;
const TYPE: f64 = 0.1;

/// What a scale's full length costs where the course is too easy, and where it is too hard.
const TOO_EASY: f64 = 1.2;
const TOO_HARD: f64 = 0.6;
/// Value of a course that does not say its level.
const UNKNOWN_LEVEL: f64 = 0.6;

/// How well a course's level meets the need's, both from 0 to 1: 1 where they meet; a course that is too easy
/// teaches nothing new and loses twice as much as one that is too hard.
pub(crate) fn level_fit(need: f64, course: Option<f64>) -> f64 {
    course.map_or(UNKNOWN_LEVEL, |course| {
        let over = course - need;
        (1.0 - if over < 0.0 { -over * TOO_EASY } else { over * TOO_HARD }).max(0.0)
    })
}

/// The position of a level's name, from 0 to 1, on the first of the model's scales that knows it.
fn level_position(name: &str) -> Option<f64> {
    let model = CompetencyModel::karmayogi();
    std::iter::once(&model.scale)
        .chain(&model.other_scales)
        .find_map(|scale| Some(scale.place(scale.named(name)?.rank)))
}

/// What is known about each course beside its words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traits {
    /// For each competency key the courses tagged with it, ascending.
    exact: BTreeMap<String, Vec<u32>>,
    theme: BTreeMap<String, Vec<u32>>,
    /// Levels that occur; `None` for "does not say".
    levels: Vec<Option<f64>>,
    /// For each course, the place of its level in `levels` times 8, plus a bit for each type it is tagged with.
    class: Vec<u16>,
    /// Rating, completions and recency, from 0 to 1.
    quality: Vec<f32>,
    has_tags: bool,
    has_levels: bool,
    has_quality: bool,
}

/// A need's tag with the courses that answer it.
#[derive(Debug, Clone)]
pub(crate) struct TagQuery {
    /// Courses with a tag of the competency or of its theme, ascending, and what that is worth.
    listed: Vec<(u32, f64)>,
    kind: u16,
}

fn key(text: &str) -> String {
    terms(text).join(" ")
}

fn kind_bit(kind: CompetencyType) -> u16 {
    match kind {
        CompetencyType::Behavioural => 1,
        CompetencyType::Functional => 2,
        CompetencyType::Domain => 4,
    }
}

fn exact_key(id: Option<&str>, theme: &str, sub_theme: &str) -> String {
    id.map_or_else(|| format!("{}/{}", key(theme), key(sub_theme)), |id| format!("#{}", name_key(id)))
}

impl TagQuery {
    pub(crate) fn new(wanted: &CompetencyRef, traits: &Traits) -> Self {
        let exact = exact_key(wanted.id.as_deref(), &wanted.theme, &wanted.sub_theme);
        let theme = key(&wanted.theme);
        let none = Vec::new();
        let exact = traits.exact.get(&exact).unwrap_or(&none);
        let theme = traits.theme.get(&theme).filter(|_| !theme.is_empty()).unwrap_or(&none);
        let mut listed = Vec::with_capacity(exact.len() + theme.len());
        let mut theme = theme.iter().peekable();
        for &course in exact {
            while let Some(&&before) = theme.peek().filter(|other| ***other <= course) {
                if before < course {
                    listed.push((before, THEME));
                }
                theme.next();
            }
            listed.push((course, EXACT));
        }
        listed.extend(theme.map(|&course| (course, THEME)));
        Self { listed, kind: kind_bit(wanted.kind) }
    }

    /// Courses with a tag of the competency or of its theme, ascending, and what that is worth.
    pub(crate) fn listed(&self) -> &[(u32, f64)] {
        &self.listed
    }
}

impl Traits {
    pub(crate) fn new(courses: &[Course]) -> Self {
        let mut traits = Self::default();
        let newest = courses.iter().filter_map(|c| c.year).max();
        let most = courses.iter().filter_map(|c| c.completions).max().unwrap_or(0);
        for (place, course) in courses.iter().enumerate() {
            let place = place as u32;
            let mut kinds = 0;
            for tag in &course.competencies {
                kinds |= kind_bit(tag.kind);
                let exact = exact_key(tag.id.as_deref(), &tag.theme, &tag.sub_theme);
                for (map, key) in [(&mut traits.exact, exact), (&mut traits.theme, key(&tag.theme))] {
                    let list = map.entry(key).or_default();
                    if list.last() != Some(&place) {
                        list.push(place);
                    }
                }
            }
            let level = course.level.as_deref().and_then(level_position);
            let known = traits.levels.iter().position(|&l| l == level);
            let number = known.unwrap_or_else(|| {
                traits.levels.push(level);
                traits.levels.len() - 1
            });
            traits.class.push((number * 8) as u16 | kinds);
            traits.has_tags |= kinds > 0;
            traits.has_levels |= level.is_some();
            let rating = course.rating.filter(|r| r.is_finite()).map(|r| (r / 5.0).clamp(0.0, 1.0));
            let completed = course
                .completions
                .map(|n| if most > 0 { (n as f64).ln_1p() / (most as f64).ln_1p() } else { 0.0 });
            let recent = course
                .year
                .zip(newest)
                .map(|(year, newest)| 1.0 - f64::from(newest.abs_diff(year).min(10)) / 10.0);
            traits.has_quality |= rating.or(completed).or(recent).is_some();
            let half = |value: Option<f64>| value.unwrap_or(0.5);
            traits.quality.push((0.5 * half(rating) + 0.25 * half(completed) + 0.25 * half(recent)) as f32);
        }
        traits
    }

    pub(crate) const fn has_tags(&self) -> bool {
        self.has_tags
    }

    pub(crate) const fn has_levels(&self) -> bool {
        self.has_levels
    }

    /// True where the prior tells courses apart.
    pub(crate) fn has_prior(&self, options: &RankOptions) -> bool {
        self.has_quality || options.language().is_some() || options.organisation().is_some()
    }

    /// Level of a course from 0 to 1, where it says one.
    pub(crate) fn level_of(&self, course: u32) -> Option<f64> {
        let class = self.class.get(course as usize)?;
        self.levels.get(usize::from(class / 8)).copied().flatten()
    }

    /// Level signal of a course.
    pub(crate) fn level(&self, need: f64, course: u32) -> f64 {
        level_fit(need, self.level_of(course))
    }

    /// Tag signal of a course.
    pub(crate) fn tag(&self, query: &TagQuery, course: u32) -> f64 {
        match query.listed.binary_search_by_key(&course, |one| one.0) {
            Ok(place) => query.listed.get(place).map_or(0.0, |one| one.1),
            Err(_) => self.typed(query, course),
        }
    }

    /// What of a tag a value of [`Traits::tag`] is for.
    pub(crate) fn tag_meets(value: f64) -> Option<&'static str> {
        [(EXACT, "same competency"), (THEME, "same theme"), (TYPE, "same type")]
            .into_iter()
            .find_map(|(least, name)| (value >= least).then_some(name))
    }

    /// What a course gets for being tagged with the need's type.
    pub(crate) fn typed(&self, query: &TagQuery, course: u32) -> f64 {
        let typed = self.class.get(course as usize).is_some_and(|class| class & query.kind > 0);
        if typed { TYPE } else { 0.0 }
    }

    /// A course's level and types as one small number, a place of [`Traits::class_scores`].
    pub(crate) fn class(&self, course: u32) -> u16 {
        self.class.get(course as usize).copied().unwrap_or(0)
    }

    /// What each class gets in the score for its level and its types.
    pub(crate) fn class_scores(
        &self,
        weights: [f64; 5],
        tag: Option<&TagQuery>,
        level: Option<f64>,
    ) -> Vec<f32> {
        let [_, _, of_tag, of_level, _] = weights;
        let score = |class: usize| {
            let fit = level.map_or(0.0, |need| level_fit(need, self.levels[class / 8]));
            let typed = tag.is_some_and(|tag| class as u16 & tag.kind > 0);
            (of_level * fit + if typed { of_tag * TYPE } else { 0.0 }) as f32
        };
        (0..self.levels.len() * 8).map(score).collect()
    }
}

/// The prior signal of a ranking: the mean of what is known of quality, language and organisation.
pub(crate) struct Prior<'a> {
    quality: Option<&'a [f32]>,
    /// What is preferred, and the courses that meet it; `None` where no course does.
    preferred: Vec<(&'static str, Option<&'a Bits>)>,
}

impl<'a> Prior<'a> {
    pub(crate) fn new(traits: &'a Traits, facets: &'a Facets, options: &RankOptions) -> Self {
        let language = options.language().map(|name| ("language", facets.in_language(name)));
        let organisation = options.organisation().map(|name| ("organisation", facets.of_provider(name)));
        Self {
            quality: traits.has_quality.then_some(&traits.quality[..]),
            preferred: language.into_iter().chain(organisation).collect(),
        }
    }

    /// What is known of a course: names and values from 0 to 1.
    pub(crate) fn parts(&self, course: u32) -> impl Iterator<Item = (&'static str, f64)> {
        let place = course as usize;
        let quality = self.quality.map(|all| ("quality", all.get(place).map_or(0.5, |&q| f64::from(q))));
        let meets = move |bits: Option<&Bits>| f64::from(u8::from(bits.is_some_and(|bits| bits.has(place))));
        quality.into_iter().chain(self.preferred.iter().map(move |&(name, bits)| (name, meets(bits))))
    }

    /// The mean of what is known of a course; 0 where that is nothing.
    pub(crate) fn value(&self, course: u32) -> f64 {
        let (sum, count) =
            self.parts(course).fold((0.0, 0.0), |(sum, count), (_, value)| (sum + value, count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that must be met exactly.
mod tests {
    use super::*;
    use cbp_core::CourseTag;

    #[test]
    fn too_easy_costs_more_than_too_hard() {
        assert!((level_fit(0.5, Some(0.5)) - 1.0).abs() < 1e-12);
        assert!(level_fit(0.5, Some(0.0)) < level_fit(0.5, Some(1.0)));
        assert!(level_fit(0.5, Some(1.0)) > level_fit(0.5, None));
        assert!(level_fit(1.0, Some(0.0)).abs() < 1e-12);
    }

    #[test]
    fn names_of_any_scale_have_a_position() {
        assert_eq!(level_position("Operational"), Some(0.0));
        assert_eq!(level_position("intermediate"), Some(0.5));
        assert_eq!(level_position("Strategic"), Some(1.0));
        assert_eq!(level_position("very nice"), None);
    }

    #[test]
    fn a_tag_counts_by_its_nearest_match() {
        let tag = |theme: &str, sub: &str, id: Option<&str>| CourseTag {
            kind: CompetencyType::Functional,
            id: id.map(Into::into),
            theme: theme.into(),
            sub_theme: sub.into(),
        };
        let tagged = |tag| Course { competencies: vec![tag], ..Course::default() };
        let traits = Traits::new(&[
            tagged(tag("Office", "Noting & Drafting", Some("FUN-001"))),
            tagged(tag("Office", "Filing", None)),
            tagged(tag("Money", "Budgets", None)),
            Course::default(),
        ]);
        let values = |id: Option<&str>, theme: &str, sub: &str| {
            let wanted = CompetencyRef {
                kind: CompetencyType::Functional,
                id: id.map(Into::into),
                theme: theme.into(),
                sub_theme: sub.into(),
            };
            let query = TagQuery::new(&wanted, &traits);
            (0..4).map(|c| traits.tag(&query, c)).collect::<Vec<_>>()
        };
        assert_eq!(values(Some("fun-001"), "Office", "x"), [EXACT, THEME, TYPE, 0.0]);
        assert_eq!(values(None, "office", "filing"), [THEME, EXACT, TYPE, 0.0]);
        assert_eq!(values(None, "", ""), [TYPE, TYPE, TYPE, 0.0]);
    }
}
