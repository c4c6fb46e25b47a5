//! What an index promises, on small catalogues.

#![allow(clippy::float_cmp)] // Values that must be met exactly.

use cbp_core::{Catalogue, CompetencyRef, CompetencyType, Course, CourseTag};
use ndarray::{Array2, array};

use super::{CourseIndex, Filter, Need, RankError, RankOptions, Weights};

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
