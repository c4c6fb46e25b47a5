//! The classifier on the shipped model, and on input as it comes.

use std::sync::Arc;

use cbp_core::{Activity, CompetencyModel, Designation, Role};

use super::*;
use crate::embed::{Embedder, ModelSource};

fn embedder() -> Arc<Embedder> {
    Arc::new(Embedder::open(&ModelSource::Shipped).unwrap())
}

/// Every ninth entry of the Karmayogi model and the named ones, without level texts: quick to embed.
fn small(ids: &[&str]) -> CompetencyModel {
    let kcm = CompetencyModel::karmayogi();
    let mut entries = kcm.competencies.iter().enumerate();
    let kept = entries.by_ref().filter(|(i, c)| i % 9 == 0 || ids.contains(&c.id.as_str()));
    let mut model = CompetencyModel {
        competencies: kept.map(|(_, c)| c.clone()).collect(),
        ..CompetencyModel::default()
    };
    for entry in &mut model.competencies {
        entry.levels.clear();
        entry.aliases.clear();
    }
    model
}

fn post(duties: &[&str]) -> Designation {
    let activity = |text: &&str| Activity { text: (*text).into(), evidence: Vec::new() };
    let role = Role { activities: duties.iter().map(activity).collect(), ..Role::default() };
    Designation { roles: vec![role], ..Designation::default() }
}

#[test]
fn duties_find_their_competency_in_both_languages_and_a_driver_makes_no_policy() {
    let model = small(&["FUN-046", "FUN-086", "FUN-071"]);
    let place = |id: &str| model.competencies.iter().position(|c| c.id == id).unwrap();
    let classifier = Classifier::new(embedder(), &model, ClassifyOptions::default()).unwrap();
    let policy = place("FUN-046");
    let found = classifier
        .classify(&["Formulate the policy of the State on rural roads", "राज्य की ग्रामीण सड़क नीति बनाना"], 3)
        .unwrap();
    for matches in &found {
        assert!(matches.iter().any(|m| m.entry == policy), "{matches:?}");
        assert!(matches.is_sorted_by(|a, b| a.score >= b.score));
    }
    let needs = classifier
        .posts(&[
            post(&[
                "Drive the official vehicle",
                "Keep the vehicle clean",
                "Maintain the log book of the vehicle",
            ]),
            post(&["Set the policy of the Department", "Advise the Minister on policy"]),
        ])
        .unwrap();
    assert!(needs[0].iter().all(|need| need.entry != policy || need.confidence < 0.5), "{:?}", needs[0]);
    assert!(needs[1].iter().any(|need| need.entry == policy), "{:?}", needs[1]);
}

#[test]
fn any_text_is_answered() {
    let model = small(&[]);
    let classifier = Classifier::new(embedder(), &model, ClassifyOptions::default()).unwrap();
    let long = "Maintain the cash book and reconcile it with the bank. ".repeat(190);
    assert!(long.len() > 10_000);
    let texts = ["", " \u{7}\u{0} ", "Budget", "बजट budget தமிழ் report", "audit\u{0}\u{1b}[31m paras", &long];
    let found = classifier.classify(&texts, 4).unwrap();
    let counts: Vec<usize> = found.iter().map(Vec::len).collect();
    assert_eq!(counts, [0, 0, 4, 4, 4, 4]);
    assert!(found.iter().flatten().all(|m| m.score.is_finite() && (0.0..=1.0).contains(&m.confidence)));
    let turned: Vec<&str> = texts.iter().rev().copied().collect();
    let again = classifier.classify(&turned, 4).unwrap();
    for (one, other) in found.iter().zip(again.iter().rev()) {
        assert_eq!(
            one.iter().map(|m| m.entry).collect::<Vec<_>>(),
            other.iter().map(|m| m.entry).collect::<Vec<_>>()
        );
    }
    assert!(classifier.classify(&[], 4).unwrap().is_empty());
    assert_eq!(classifier.classify(&["Budget"], 1_000).unwrap()[0].len(), model.competencies.len());
}

#[test]
fn a_taxonomy_must_have_names_and_may_have_one_entry() {
    let mut model = small(&[]);
    model.competencies.truncate(1);
    let classifier = Classifier::new(embedder(), &model, ClassifyOptions::default()).unwrap();
    assert_eq!(classifier.classify(&["Budget"], 3).unwrap()[0].len(), 1);
    model.competencies[0].sub_theme = "  ".into();
    let refused = Classifier::new(embedder(), &model, ClassifyOptions::default());
    assert!(matches!(refused, Err(ClassifyError::NoName { .. })));
    model.competencies.clear();
    let refused = Classifier::new(embedder(), &model, ClassifyOptions::default());
    assert!(matches!(refused, Err(ClassifyError::NoEntry)));
}
