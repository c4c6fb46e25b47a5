//! Which courses may be ranked at all.

use std::collections::BTreeMap;

use cbp_core::{Course, Mode, Source};

/// Conditions that a course must meet. An empty list or an absent bound lets every course pass.
///
/// Names are compared without regard to case. A course of unknown length counts with the catalogue's median; one of
/// unknown language or provider passes no list of those.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Languages, by their English names.
    pub languages: Vec<String>,
    /// Who gives the course.
    pub providers: Vec<String>,
    /// How it is delivered.
    pub modes: Vec<Mode>,
    /// Where the record comes from.
    pub sources: Vec<Source>,
    /// Shortest length in hours.
    pub min_hours: Option<f64>,
    /// Greatest length in hours.
    pub max_hours: Option<f64>,
    /// What the learner is, such as `Group B` and `Section Officer`. Courses for others are left out; courses for
    /// all stay.
    pub audience: Vec<String>,
    /// Ids of courses to leave out, such as those already done.
    pub exclude: Vec<String>,
}

impl Filter {
    /// True where every course passes.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }
}

/// A set of courses, one bit each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(crate) fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    pub(crate) fn all(len: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        if let Some(last) = bits.words.last_mut().filter(|_| !len.is_multiple_of(64)) {
            *last = (1 << (len % 64)) - 1;
        }
        bits
    }

    pub(crate) fn set(&mut self, bit: usize, on: bool) {
        if let Some(word) = self.words.get_mut(bit / 64).filter(|_| bit < self.len) {
            *word = *word & !(1 << (bit % 64)) | u64::from(on) << (bit % 64);
        }
    }

    pub(crate) fn has(&self, bit: usize) -> bool {
        self.words.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// The bits that are set, ascending.
    pub(crate) fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(place, &word)| {
            std::iter::successors(Some(word), |&left| Some(left & left.wrapping_sub(1)))
                .take_while(|&left| left != 0)
                .map(move |left| place * 64 + left.trailing_zeros() as usize)
        })
    }
}

/// What filters ask about, turned on its side: for each value the courses that have it.
#[derive(Debug, Clone)]
pub(crate) struct Facets {
    len: usize,
    languages: BTreeMap<String, Bits>,
    providers: BTreeMap<String, Bits>,
    modes: BTreeMap<Mode, Bits>,
    sources: BTreeMap<Source, Bits>,
    /// Courses that are for somebody in particular.
    audiences: BTreeMap<String, Bits>,
    /// Courses that are for all.
    open: Bits,
    hours: Vec<f64>,
    median: f64,
    ids: BTreeMap<String, u32>,
}

/// A name as filters compare it.
pub(crate) fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Facets {
    pub(crate) fn new(courses: &[Course]) -> Self {
        let len = courses.len();
        let mut known: Vec<f64> = courses.iter().filter_map(Course::hours).collect();
        known.sort_by(f64::total_cmp);
        let median = known.get(known.len() / 2).copied().unwrap_or(1.0);
        let mut facets = Self {
            len,
            languages: BTreeMap::new(),
            providers: BTreeMap::new(),
            modes: BTreeMap::new(),
            sources: BTreeMap::new(),
            audiences: BTreeMap::new(),
            open: Bits::none(len),
            hours: Vec::with_capacity(len),
            median,
            ids: BTreeMap::new(),
        };
        for (place, course) in courses.iter().enumerate() {
            let new = || Bits::none(len);
            for (map, name) in
                [(&mut facets.languages, &course.language), (&mut facets.providers, &course.provider)]
            {
                let key = name_key(name);
                if !key.is_empty() {
                    map.entry(key).or_insert_with(new).set(place, true);
                }
            }
            facets.modes.entry(course.mode).or_insert_with(new).set(place, true);
            facets.sources.entry(course.source).or_insert_with(new).set(place, true);
            facets.open.set(place, course.audience.is_empty());
            for name in &course.audience {
                facets.audiences.entry(name_key(name)).or_insert_with(new).set(place, true);
            }
            facets.hours.push(course.hours().unwrap_or(median));
            facets.ids.insert(course.id.clone(), place as u32);
        }
        facets
    }

    /// Hours of a course, the median where unknown.
    pub(crate) fn hours(&self, course: usize) -> f64 {
        self.hours.get(course).copied().unwrap_or(self.median)
    }

    /// Place of the course with this id.
    pub(crate) fn place(&self, id: &str) -> Option<u32> {
        self.ids.get(id).copied()
    }

    /// Courses in this language, `None` where none is.
    pub(crate) fn in_language(&self, language: &str) -> Option<&Bits> {
        self.languages.get(&name_key(language))
    }

    /// Courses of this provider, `None` where there is none.
    pub(crate) fn of_provider(&self, provider: &str) -> Option<&Bits> {
        self.providers.get(&name_key(provider))
    }

    /// Whether a course is meant for somebody of this name in particular.
    pub(crate) fn is_audience(&self, name: &str) -> bool {
        self.audiences.contains_key(&name_key(name))
    }

    /// The courses that pass a filter.
    pub(crate) fn allow(&self, filter: &Filter) -> Bits {
        let mut allowed = Bits::all(self.len);
        let names = |map: &BTreeMap<String, Bits>, wanted: &[String]| {
            let mut any = Bits::none(self.len);
            for bits in wanted.iter().filter_map(|name| map.get(&name_key(name))) {
                any.or(bits);
            }
            any
        };
        if !filter.languages.is_empty() {
            allowed.and(&names(&self.languages, &filter.languages));
        }
        if !filter.providers.is_empty() {
            allowed.and(&names(&self.providers, &filter.providers));
        }
        if !filter.modes.is_empty() {
            let mut any = Bits::none(self.len);
            filter.modes.iter().filter_map(|mode| self.modes.get(mode)).for_each(|bits| any.or(bits));
            allowed.and(&any);
        }
        if !filter.sources.is_empty() {
            let mut any = Bits::none(self.len);
            filter.sources.iter().filter_map(|s| self.sources.get(s)).for_each(|bits| any.or(bits));
            allowed.and(&any);
        }
        if !filter.audience.is_empty() {
            let mut any = names(&self.audiences, &filter.audience);
            any.or(&self.open);
            allowed.and(&any);
        }
        if filter.min_hours.is_some() || filter.max_hours.is_some() {
            let (from, to) = (filter.min_hours.unwrap_or(0.0), filter.max_hours.unwrap_or(f64::INFINITY));
            for (place, hours) in self.hours.iter().enumerate() {
                if !(from..=to).contains(hours) {
                    allowed.set(place, false);
                }
            }
        }
        for place in filter.exclude.iter().filter_map(|id| self.place(id)) {
            allowed.set(place as usize, false);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn course(id: usize, (language, mode, hours, audience): (u8, u8, Option<u8>, u8)) -> Course {
        Course {
            id: format!("c{id}"),
            language: ["", "Hindi", "English"][usize::from(language % 3)].into(),
            mode: [Mode::Online, Mode::Offline, Mode::Blended][usize::from(mode % 3)],
            duration_seconds: hours.map(|h| u64::from(h) * 3600),
            audience: [vec![], vec!["Group A".to_owned()], vec!["Clerk".to_owned(), "Group B".to_owned()]]
                [usize::from(audience % 3)]
            .clone(),
            ..Course::default()
        }
    }

    proptest! {
        #[test]
        fn bitmaps_agree_with_reading_each_course(
            rows in prop::collection::vec((any::<u8>(), any::<u8>(), prop::option::of(1_u8..9), any::<u8>()), 1..150),
            languages in prop::collection::vec(prop::sample::select(vec!["hindi", "ENGLISH", "Tamil"]), 0..3),
            modes in prop::collection::vec(prop::sample::select(vec![Mode::Online, Mode::Offline]), 0..2),
            (least, most) in (prop::option::of(0.0..5.0_f64), prop::option::of(0.0..9.0_f64)),
            audience in prop::collection::vec(prop::sample::select(vec!["clerk", "group a", "Driver"]), 0..3),
            out in prop::collection::vec(0_usize..160, 0..5),
        ) {
            let courses: Vec<Course> = rows.into_iter().enumerate().map(|(i, row)| course(i, row)).collect();
            let facets = Facets::new(&courses);
            let filter = Filter {
                languages: languages.iter().map(ToString::to_string).collect(),
                modes: modes.clone(),
                min_hours: least,
                max_hours: most,
                audience: audience.iter().map(ToString::to_string).collect(),
                exclude: out.iter().map(|i| format!("c{i}")).collect(),
                ..Filter::default()
            };
            let allowed = facets.allow(&filter);
            for (i, course) in courses.iter().enumerate() {
                let hours = course.hours().unwrap_or(facets.median);
                let passes = (languages.is_empty()
                    || languages.iter().any(|l| l.eq_ignore_ascii_case(&course.language)))
                    && (modes.is_empty() || modes.contains(&course.mode))
                    && least.is_none_or(|least| hours >= least)
                    && most.is_none_or(|most| hours <= most)
                    && (audience.is_empty()
                        || course.audience.is_empty()
                        || audience.iter().any(|a| course.audience.iter().any(|c| c.eq_ignore_ascii_case(a))))
                    && !out.contains(&i);
                prop_assert_eq!(allowed.has(i), passes, "course {}", i);
            }
            prop_assert_eq!(allowed.ones().count(), (0..courses.len()).filter(|&i| allowed.has(i)).count());
            prop_assert!(allowed.ones().all(|i| allowed.has(i)));
        }
    }
}
