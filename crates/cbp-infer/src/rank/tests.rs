//! What an index promises, on small catalogues.

#![allow(clippy::float_cmp)] // Values that must be met exactly.

use cbp_core::{Catalogue, CompetencyRef, CompetencyType, Course, CourseTag};
use ndarray::{Array2, array};

use proptest::prelude::*;

use super::{
    CourseIndex, Filter, Held, Need, Official, Post, RankError, RankOptions, Recommender, Required, Weights,
    score::Query, tags::Prior,
};
use crate::arch::Isa;

fn catalogue(names: &[&str]) -> Catalogue {
    let course =
        |(i, name): (usize, &&str)| Course { id: format!("c{i}"), name: (*name).into(), ..Course::default() };
    Catalogue { courses: names.iter().enumerate().map(course).collect(), ..Catalogue::default() }
}

#[test]
fn broken_catalogues_are_refused_and_the_course_is_named() {
    let two = catalogue(&["a", "b"]);
    let build = |vectors: Array2<f32>| CourseIndex::from_vectors(&two, &vectors, "m");
    for bad in [f32::NAN, f32::INFINITY] {
        let got = build(array![[1.0, 0.0], [bad, 1.0]]);
        assert!(matches!(got, Err(RankError::CourseVector { course, .. }) if course == "c1"));
    }
    let got = build(array![[0.0, 0.0], [0.0, 1.0]]);
    assert!(matches!(got, Err(RankError::CourseVector { course, .. }) if course == "c0"));
    assert!(matches!(build(array![[1.0, 0.0]]), Err(RankError::Count { .. })));
    let mut twice = two.clone();
    twice.courses[1].id = "c0".into();
    let got = CourseIndex::from_vectors(&twice, &Array2::ones((2, 2)), "m");
    assert!(matches!(got, Err(RankError::DuplicateCourse { id }) if id == "c0"));
    let none = CourseIndex::from_vectors(&Catalogue::default(), &Array2::ones((0, 2)), "m");
    assert!(matches!(none, Err(RankError::Empty)));
}

#[test]
fn broken_needs_are_refused() {
    let index = CourseIndex::from_vectors(&catalogue(&["a"]), &array![[1.0, 0.0]], "m").unwrap();
    let rank = |need: Need, vector: Array2<f32>| {
        index.rank_vectors(&[need], &vector, 3, &Filter::default(), &RankOptions::default())
    };
    assert!(matches!(rank(Need::of("x"), array![[1.0, 0.0, 0.0]]), Err(RankError::Dimensions { .. })));
    assert!(matches!(rank(Need::of("x"), array![[f32::NAN, 0.0]]), Err(RankError::NeedVector { .. })));
    let need = Need { level: Some(1.5), ..Need::of("x") };
    assert!(matches!(rank(need, array![[1.0, 0.0]]), Err(RankError::Need { .. })));
    let got = index.rank(&[Need::of("x")], 3, &Filter::default(), &RankOptions::default());
    assert!(matches!(got, Err(RankError::NoEmbedder)));
}

#[test]
fn parts_add_up_and_ties_go_to_the_lower_id() {
    let mut courses = catalogue(&["budget", "audit", "audit", "yoga"]);
    courses.courses[3].competencies.push(CourseTag {
        kind: CompetencyType::Functional,
        id: Some("FUN-001".into()),
        theme: "T".into(),
        sub_theme: "S".into(),
    });
    courses.courses[0].level = Some("Tactical".into());
    let vectors = array![[0.0_f32, 1.0], [1.0, 0.1], [1.0, 0.1], [-1.0, 0.0]];
    let index = CourseIndex::from_vectors(&courses, &vectors, "m").unwrap();
    let need = Need {
        text: "audit".into(),
        competency: Some(CompetencyRef {
            kind: CompetencyType::Functional,
            id: Some("FUN-001".into()),
            theme: "T".into(),
            sub_theme: "S".into(),
        }),
        level: Some(0.5),
    };
    let rank = |options: &RankOptions| {
        let vectors = array![[1.0_f32, 0.0]];
        index
            .rank_vectors(std::slice::from_ref(&need), &vectors, 9, &Filter::default(), options)
            .unwrap()
            .remove(0)
    };
    let ranked = rank(&RankOptions::default());
    assert_eq!(ranked.iter().map(|r| r.course).collect::<Vec<_>>(), [1, 2, 3, 0]);
    for one in &ranked {
        let sum: f64 = one.parts.iter().map(|part| part.contribution).sum();
        assert!((sum - one.score).abs() < 1e-12 && (0.0..=1.0).contains(&one.score));
        let weights: f64 = one.parts.iter().map(|part| part.weight).sum();
        assert!((weights - 1.0).abs() < 1e-12);
        assert!(one.parts.iter().all(|part| part.signal != "prior"), "the catalogue has no data for it");
    }
    let tags = RankOptions::new(Weights { tag: 9.0, ..Weights::default() }).unwrap();
    assert_eq!(rank(&tags)[0].course, 3);
    let negative = ranked.iter().find(|r| r.course == 3).unwrap();
    assert_eq!(negative.parts[0].value, 0.0, "a cosine below 0 counts as 0");
}

#[test]
fn an_explanation_is_a_tree_whose_leaves_add_up_to_the_score() {
    let mut courses = catalogue(&["audit of budget", "audit", "yoga"]);
    courses.courses[0].competencies.push(CourseTag {
        kind: CompetencyType::Functional,
        id: None,
        theme: "Finance".into(),
        sub_theme: "Other".into(),
    });
    courses.courses[0].level = Some("Tactical".into());
    courses.courses[1].rating = Some(4.5);
    courses.courses[2].language = "Hindi".into();
    let index =
        CourseIndex::from_vectors(&courses, &array![[0.6_f32, 0.8], [1.0, 0.0], [0.0, 1.0]], "m").unwrap();
    let need = Need {
        text: "audit budgets tenders".into(),
        competency: Some(CompetencyRef {
            kind: CompetencyType::Functional,
            id: Some("FUN-001".into()),
            theme: "Finance".into(),
            sub_theme: "Budget".into(),
        }),
        level: Some(0.5),
    };
    let (vector, options) = (array![[1.0_f32, 0.5]], RankOptions::default().prefer_language("Hindi"));
    let needs = std::slice::from_ref(&need);
    let ranked = index.rank_vectors(needs, &vector, 3, &Filter::default(), &options).unwrap();
    for one in &ranked[0] {
        let tree = index.explain_vectors(&need, &vector, one.course, &options).unwrap();
        assert_eq!(tree.score, one.score);
        for (part, flat) in tree.parts.iter().zip(&one.parts) {
            assert_eq!((&part.signal, part.contribution), (&flat.signal, flat.contribution));
            let below: f64 = part.parts.iter().map(|leaf| leaf.contribution).sum();
            let leaf = matches!(part.signal.as_str(), "dense" | "level");
            assert!(if leaf { part.parts.is_empty() } else { (below - part.contribution).abs() < 1e-12 });
        }
    }
    let of = |course, signal: &str| -> Vec<String> {
        let tree = index.explain_vectors(&need, &vector, course, &options).unwrap();
        let part = tree.parts.into_iter().find(|part| part.signal == signal).unwrap();
        part.parts.into_iter().map(|leaf| leaf.signal).collect()
    };
    assert_eq!(of(0, "lexical"), ["audit", "budget"]);
    assert_eq!((of(0, "tag"), of(1, "tag")), (vec!["same theme".to_owned()], vec![]));
    assert_eq!(of(2, "prior"), ["quality", "language"]);
    assert!(matches!(index.explain_vectors(&need, &vector, 3, &options), Err(RankError::Need { .. })));
}

/// The ranking by the definition: every course that passes is scored, all are sorted.
fn naive(
    index: &CourseIndex,
    query: &Query,
    k: usize,
    filter: &Filter,
    options: &RankOptions,
) -> Vec<(u32, f64)> {
    let allowed = index.facets.allow(filter);
    let prior = Prior::new(&index.traits, &index.facets, options);
    let mut all: Vec<(u32, f64)> =
        allowed.ones().map(|c| (c as u32, query.score(index, &prior, c as u32).0)).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(index.order_of(a.0).cmp(&index.order_of(b.0))));
    all.truncate(k);
    all
}

/// A stream of numbers.
struct Noise(u64);

impl Noise {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }

    fn number(&mut self) -> f32 {
        self.below(1 << 20) as f32 / (1 << 19) as f32 - 1.0
    }

    fn words(&mut self, n: usize) -> String {
        let all =
            ["budget", "audit", "noting", "drafting", "yoga", "योजना", "tender", "law", "gender", "data"];
        (0..self.below(n + 1)).map(|_| all[self.below(all.len())]).collect::<Vec<_>>().join(" ")
    }

    fn tag(&mut self) -> CourseTag {
        let sub = self.below(6);
        CourseTag {
            kind: CompetencyType::ALL[self.below(3)],
            id: (sub > 2).then(|| format!("FUN-{sub}")),
            theme: format!("theme {}", sub % 2),
            sub_theme: format!("sub {sub}"),
        }
    }

    fn course(&mut self, id: usize) -> Course {
        Course {
            id: format!("c{:04}", id * 7919 % 10_000),
            name: self.words(4),
            description: self.words(9),
            language: ["", "Hindi", "English"][self.below(3)].into(),
            level: [None, Some("Operational"), Some("Tactical"), Some("Strategic")][self.below(4)]
                .map(Into::into),
            competencies: (0..self.below(3)).map(|_| self.tag()).collect(),
            rating: (self.below(2) > 0).then(|| f64::from(self.number()) + 3.0),
            audience: [None, None, Some("Group B"), Some("Clerk")][self.below(4)]
                .into_iter()
                .map(Into::into)
                .collect(),
            year: (self.below(2) > 0).then(|| 2010 + self.below(15) as u16),
            ..Course::default()
        }
    }

    fn need(&mut self) -> Need {
        let tag = self.tag();
        Need {
            text: self.words(5),
            competency: (self.below(3) > 0).then_some(CompetencyRef {
                kind: tag.kind,
                id: tag.id,
                theme: tag.theme,
                sub_theme: tag.sub_theme,
            }),
            level: (self.below(3) > 0).then(|| self.below(5) as f64 / 4.0),
        }
    }

    /// Vectors in clusters, some of them equal.
    fn vectors(&mut self, n: usize, dims: usize) -> Array2<f32> {
        let mut rows: Vec<Vec<f32>> = Vec::with_capacity(n);
        for i in 0..n {
            let row = match self.below(4) {
                0 if i > 0 => rows[self.below(i)].clone(),
                1 if i > 0 => rows[self.below(i)].iter().map(|x| x + 0.02 * self.number()).collect(),
                _ => (0..dims).map(|_| self.number() + 1e-3).collect(),
            };
            rows.push(row);
        }
        Array2::from_shape_fn((n, dims), |(i, j)| rows[i][j])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_path_gives_the_ranking_of_the_naive_scorer(
        seed: u64,
        (n, dims) in prop_oneof![(1_usize..80, 1_usize..40), (500_usize..1300, 3_usize..20)],
        needs in prop_oneof![1_usize..9, 40_usize..110],
        k in 0_usize..30,
        weights in prop::array::uniform5(prop_oneof![Just(0.0), 0.01_f64..1.0]),
        filtered in 0_u8..4,
        prefer: bool,
    ) {
        let mut noise = Noise(seed);
        let courses = Catalogue {
            courses: (0..n).map(|i| noise.course(i)).collect(), ..Catalogue::default()
        };
        let vectors = noise.vectors(n, dims);
        let index = CourseIndex::from_vectors(&courses, &vectors, "m").unwrap();
        let wanted: Vec<Need> = (0..needs).map(|_| noise.need()).collect();
        let wanted_vectors = noise.vectors(needs, dims);
        let mut options = RankOptions::new(Weights::of(weights)).unwrap_or_default();
        if prefer {
            options = options.prefer_language("hindi");
        }
        let filter = match filtered {
            0 => Filter::default(),
            1 => Filter { languages: vec!["Hindi".into()], ..Filter::default() },
            2 => Filter { exclude: (0..n / 2).map(|_| courses.courses[noise.below(n)].id.clone()).collect(),
                          ..Filter::default() },
            _ => Filter { languages: vec!["Klingon".into()], ..Filter::default() },
        };
        let queries = index.queries(&wanted, &wanted_vectors, &options).unwrap();
        for isa in Isa::available() {
            let got = index.top(&queries, k, &filter, &options, isa);
            for (query, hits) in queries.iter().zip(&got) {
                let want = naive(&index, query, k, &filter, &options);
                let got: Vec<(u32, f64)> = hits.iter().map(|hit| (hit.course, hit.score)).collect();
                prop_assert_eq!(got, want, "{:?}", isa);
            }
        }
    }
}

#[cfg(feature = "candle")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_device_gives_the_ranking_without_one(
        seed: u64,
        (n, dims) in prop_oneof![(1_usize..80, 1_usize..40), (8_100_usize..8_300, 3_usize..20)],
        needs in prop_oneof![1_usize..9, 500_usize..520],
        k in 0_usize..30,
        weights in prop::array::uniform5(prop_oneof![Just(0.0), 0.01_f64..1.0]),
        filtered: bool,
    ) {
        use super::{DeviceIndex, RankDevice};
        let mut noise = Noise(seed);
        let courses = Catalogue {
            courses: (0..n).map(|i| noise.course(i)).collect(), ..Catalogue::default()
        };
        let vectors = noise.vectors(n, dims);
        let index = std::sync::Arc::new(CourseIndex::from_vectors(&courses, &vectors, "m").unwrap());
        let wanted: Vec<Need> = (0..needs).map(|_| noise.need()).collect();
        let vectors = noise.vectors(needs, dims);
        let options = RankOptions::new(Weights::of(weights)).unwrap_or_default();
        let languages = if filtered { vec!["Hindi".into()] } else { Vec::new() };
        let filter = Filter { languages, ..Filter::default() };
        let want = index.rank_vectors(&wanted, &vectors, k, &filter, &options).unwrap();
        for device in [RankDevice::Cpu, RankDevice::Cuda] {
            let on_device = match DeviceIndex::new(std::sync::Arc::clone(&index), device) {
                Err(RankError::Device { device: "CUDA", .. }) => continue,
                other => other.unwrap(),
            };
            let got = on_device.rank_vectors(&wanted, &vectors, k, &filter, &options).unwrap();
            prop_assert_eq!(&got, &want, "{:?}", device);
        }
    }
}

#[test]
fn a_catalogue_of_several_spans_and_parts_is_ranked_as_by_the_definition() {
    let mut noise = Noise(11);
    let n = 17_000;
    let course = |i| Course { id: format!("c{i:06}"), ..noise.course(i) };
    let courses = Catalogue { courses: (0..n).map(course).collect(), ..Catalogue::default() };
    let index = CourseIndex::from_vectors(&courses, &noise.vectors(n, 6), "m").unwrap();
    let wanted: Vec<Need> = (0..7).map(|_| noise.need()).collect();
    let vectors = noise.vectors(7, 6);
    let options = RankOptions::default();
    let queries = index.queries(&wanted, &vectors, &options).unwrap();
    let masked = (0..n).step_by(100).map(|i| format!("c{i:06}")).collect();
    let filters = [
        Filter::default(),
        Filter { exclude: masked, ..Filter::default() },
        Filter { languages: vec!["Hindi".into()], ..Filter::default() },
    ];
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for filter in &filters {
            let got = pool.install(|| index.top(&queries, 12, filter, &options, Isa::best()));
            for (query, hits) in queries.iter().zip(&got) {
                let got: Vec<(u32, f64)> = hits.iter().map(|hit| (hit.course, hit.score)).collect();
                assert_eq!(got, naive(&index, query, 12, filter, &options), "{threads} threads");
            }
        }
    }
}

#[test]
fn threads_and_batches_change_nothing() {
    let mut noise = Noise(7);
    let courses = Catalogue { courses: (0..3000).map(|i| noise.course(i)).collect(), ..Catalogue::default() };
    let index = CourseIndex::from_vectors(&courses, &noise.vectors(3000, 24), "m").unwrap();
    let needs: Vec<Need> = (0..70).map(|_| noise.need()).collect();
    let vectors = noise.vectors(70, 24);
    let (filter, options) = (Filter::default(), RankOptions::default());
    let rank = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| index.rank_vectors(&needs, &vectors, 10, &filter, &options).unwrap())
    };
    let all = rank(1);
    assert_eq!(rank(3), all);
    for (i, need) in needs.iter().enumerate().step_by(9) {
        let vector = vectors.select(ndarray::Axis(0), &[i]);
        let alone = index.rank_vectors(std::slice::from_ref(need), &vector, 10, &filter, &options).unwrap();
        assert_eq!(alone[0], all[i]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn people_get_what_ranking_each_from_scratch_gives(
        seed: u64,
        n in prop_oneof![1_usize..60, 1200_usize..1500],
        k in 1_usize..20,
    ) {
        let mut noise = Noise(seed);
        let courses = Catalogue {
            courses: (0..n).map(|i| noise.course(i)).collect(), ..Catalogue::default()
        };
        let index = CourseIndex::from_vectors(&courses, &noise.vectors(n, 12), "m").unwrap();
        let options = RankOptions::default();
        let posts: Vec<Post> = (0..3)
            .map(|post| {
                let required = (0..=noise.below(5)).map(|_| {
                    let tag = noise.tag();
                    let competency =
                        CompetencyRef { kind: tag.kind, id: tag.id, theme: tag.theme, sub_theme: tag.sub_theme };
                    let level = 1 + noise.below(3) as u8;
                    let text = format!("{} {level}", competency.sub_theme);
                    let need = Need { text, competency: Some(competency.clone()), level: Some(0.5) };
                    Required { competency, level, weight: 0.1 + noise.below(5) as f64 / 10.0, need }
                });
                let required = required.collect();
                let audience = [vec![], vec!["Group B".into()], vec!["Clerk".into(), "Group C".into()]];
                Post { names: vec![format!("Post {post}")], audience: audience[post].clone(), required }
            })
            .collect();
        let mut vectors = Array2::zeros((0, 0));
        let recommender = Recommender::with_vectors(&index, &posts, &options, |needs| {
            vectors = noise.vectors(needs.len(), 12);
            Ok(vectors.clone())
        }).unwrap();
        let mut distinct: Vec<Need> = Vec::new();
        for need in posts.iter().flat_map(|post| &post.required).map(|one| &one.need) {
            // Requirements of one competency and level share the first one's need.
            if !distinct.iter().any(|other| same(other, need)) {
                distinct.push(need.clone());
            }
        }
        let queries = index.queries(&distinct, &vectors, &options).unwrap();
        let prior = Prior::new(&index.traits, &index.facets, &options);
        for _ in 0..6 {
            let Post { names, audience, required } = &posts[noise.below(3)];
            let official = Official {
                id: "p".into(),
                designation: names[0].to_uppercase(),
                held: (0..noise.below(4)).map(|_| {
                    let one = &required[noise.below(required.len())];
                    let competency = one.competency.id.clone().unwrap_or(one.competency.sub_theme.clone());
                    Held { competency, level: noise.below(4) as u8 }
                }).collect(),
                done: (0..noise.below(n)).map(|_| courses.courses[noise.below(n)].id.clone()).collect(),
                languages: if noise.below(2) > 0 { vec!["hindi".into()] } else { Vec::new() },
                hours: None,
            };
            let mut want: Vec<(f64, u32)> = Vec::new();
            let most = required.iter().map(|one| one.weight).fold(0.0, f64::max);
            for course in 0..n as u32 {
                let details = &courses.courses[course as usize];
                let fits = !official.done.contains(&details.id)
                    && (official.languages.is_empty() || details.language == "Hindi")
                    && (audience.is_empty() || details.audience.is_empty()
                        || details.audience.iter().any(|one| audience.contains(one)));
                let best = required.iter().filter_map(|one| {
                    let name = one.competency.id.clone().unwrap_or(one.competency.sub_theme.clone());
                    let has = official.held.iter().filter(|h| h.competency == name).map(|h| h.level).max();
                    let missing = f64::from(one.level.saturating_sub(has.unwrap_or(0))) / f64::from(one.level);
                    let place = distinct.iter().position(|other| same(other, &one.need)).unwrap();
                    let score = queries[place].score(&index, &prior, course).0;
                    (missing > 0.0).then(|| score * (one.weight / most * missing))
                }).max_by(f64::total_cmp);
                want.extend(best.filter(|_| fits).map(|score| (score, course)));
            }
            want.sort_by(|a, b| b.0.total_cmp(&a.0).then(index.order_of(a.1).cmp(&index.order_of(b.1))));
            want.truncate(k);
            let got = recommender.recommend(&official, k).unwrap();
            let got: Vec<(f64, u32)> = got.iter().map(|one| (one.score, one.course)).collect();
            prop_assert_eq!(got, want);
        }
        let stranger = Official { designation: "Pilot".into(), ..Official::default() };
        let refused = matches!(recommender.recommend(&stranger, 3), Err(RankError::Post { .. }));
        prop_assert!(refused);
    }
}

/// Whether two requirements share a ranked list.
fn same(a: &Need, b: &Need) -> bool {
    let name = |need: &Need| need.competency.as_ref().map(|c| c.id.clone().unwrap_or(c.sub_theme.clone()));
    a.text == b.text && name(a) == name(b)
}
