//! The competency model and the sample catalogue that ship: complete, sound, and in this project's own words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cbp_core::{Catalogue, CompetencyModel, CompetencyType};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

#[test]
fn the_model_is_the_whole_closed_list() {
    let model = CompetencyModel::karmayogi();
    let ids: Vec<&str> = model.competencies.iter().map(|c| c.id.as_str()).collect();
    let wanted: Vec<String> =
        (1..=114).map(|n| format!("{}-{n:03}", if n <= 41 { "BEH" } else { "FUN" })).collect();
    assert_eq!(ids, wanted);
    assert_eq!(model.domain_themes.len(), 181);
    for c in &model.competencies {
        let kind =
            if c.id.starts_with("BEH") { CompetencyType::Behavioural } else { CompetencyType::Functional };
        assert_eq!(c.kind, Some(kind), "{}", c.id);
        assert_eq!(c.levels.len(), 3, "{}", c.id);
        for text in &c.levels {
            let n = text.split_whitespace().count();
            assert!((10..=35).contains(&n), "{}: {n} words in {text}", c.id);
        }
        assert!(c.levels.iter().collect::<BTreeSet<_>>().len() == 3, "{}", c.id);
        assert!(!c.description.is_empty() && !c.aliases.is_empty(), "{}", c.id);
        for name in [&c.theme_hi, &c.sub_theme_hi] {
            let name = name.as_deref().unwrap_or_default();
            assert!(name.chars().any(|c| ('\u{900}'..='\u{97f}').contains(&c)), "{}: {name}", c.id);
        }
    }
}

#[test]
fn a_name_or_alias_leads_to_one_sub_theme() {
    let model = CompetencyModel::karmayogi();
    let mut owners: BTreeMap<Vec<String>, BTreeSet<&str>> = BTreeMap::new();
    for c in &model.competencies {
        for name in c.aliases.iter().chain([&c.sub_theme]) {
            let key = words(&name.replace('&', " and "));
            owners.entry(key).or_default().insert(&c.sub_theme);
        }
    }
    // Two names stand twice in the model itself, under different themes; each counts as one name here.
    let shared: Vec<_> = owners.iter().filter(|(_, names)| names.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:?}");
}

#[test]
fn the_sample_catalogue_loads_whole_and_its_tags_are_in_the_model() {
    let model = CompetencyModel::karmayogi();
    let path = root().join("fixtures/catalogue.json");
    let json = std::fs::read_to_string(&path).expect("fixtures/catalogue.json");
    let (catalogue, warnings) = Catalogue::from_json("catalogue.json", &json, model).expect("loads");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(catalogue.courses.len() >= 300);
    let languages: BTreeSet<_> = catalogue.courses.iter().map(|c| c.language.as_str()).collect();
    assert!(languages.len() >= 3 && languages.contains("English") && languages.contains("Hindi"));
    for course in &catalogue.courses {
        assert!(course.duration_seconds.is_some_and(|s| s > 0), "{}", course.id);
        assert!(course.level.as_deref().is_none_or(|l| model.level(l).is_some()), "{}", course.id);
        assert!(!course.description.is_empty(), "{}", course.id);
        for tag in &course.competencies {
            assert_eq!(tag.id.is_none(), tag.kind == CompetencyType::Domain, "{}: {tag:?}", course.id);
        }
    }
}

/// No text of ours repeats as many as six words in a row of the official ones.
#[test]
fn texts_are_our_own() {
    let shared = std::env::var_os("CBP_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let Ok(official) = std::fs::read_to_string(shared.join("data/kcm/kcm.json")) else {
        eprintln!("skipped: the official texts are not at {}", shared.display());
        return;
    };
    let official = words(&official);
    let runs: BTreeSet<&[String]> = official.windows(6).collect();
    for c in &CompetencyModel::karmayogi().competencies {
        for text in c.levels.iter().chain([&c.description]) {
            let ours = words(text);
            let same = ours.windows(6).find(|w| runs.contains(w));
            assert!(same.is_none(), "{}: {same:?}", c.id);
        }
    }
}
