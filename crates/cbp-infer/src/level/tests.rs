//! The leveller with the shipped model and parameters.

use std::sync::{Arc, LazyLock};

use cbp_core::{CompetencyModel, Group, ProficiencyScale, ScaleLevel};

use super::{
    LevelError, LevelEstimate, LevelOptions, LevelParameters, LevelQuery, Leveller, competency_type,
};
use crate::classify::Heads;
use crate::embed::{Embedder, ModelSource};

static EMBEDDER: LazyLock<Arc<Embedder>> =
    LazyLock::new(|| Arc::new(Embedder::open(&ModelSource::Shipped).unwrap()));

fn leveller() -> Leveller {
    let embedder = Arc::clone(&EMBEDDER);
    Leveller::new(embedder, LevelOptions::default()).unwrap()
}

fn scale(levels: u8) -> ProficiencyScale {
    let level = |rank| ScaleLevel { rank, name: format!("L{rank}"), ..ScaleLevel::default() };
    ProficiencyScale { id: "t".into(), name: "t".into(), levels: (1..=levels).map(level).collect() }
}

fn query<'a>(duties: &[&'a str], scale: &'a ProficiencyScale) -> LevelQuery<'a> {
    LevelQuery { duties: duties.to_vec(), level_texts: &[], scale, group: None }
}

fn levels(queries: &[LevelQuery<'_>]) -> Vec<LevelEstimate> {
    leveller().levels(queries).unwrap()
}

#[test]
fn levels_follow_the_work_in_both_languages_on_any_scale() {
    for top in [2, 3, 5, 9] {
        let scale = scale(top);
        let found = levels(&[
            query(&["Receive the dak and enter it in the register"], &scale),
            query(&["Supervise the section and examine proposals of the district"], &scale),
            query(&["Formulate the policy and set the priorities of the State"], &scale),
            query(&["आवक पंजी में डाक दर्ज करना"], &scale),
            query(&["जिले के कर्मचारियों के कार्य का पर्यवेक्षण करना"], &scale),
            query(&["विभाग की नीति तथा प्राथमिकताएँ तय करना"], &scale),
        ]);
        let at: Vec<f64> = found.iter().map(|f| f.position).collect();
        assert!(at[0] < at[1] && at[1] < at[2] && at[3] < at[4] && at[4] < at[5], "{top}: {at:?}");
        let ranks = [0, 2, 3, 5].map(|n: usize| found[n].level.rank);
        assert_eq!(ranks, [1, top, 1, top], "{at:?}");
        assert!(found.iter().all(|f| (1.0..=f64::from(top)).contains(&f.position)));
        assert!(found.iter().all(|f| (0.0..=1.0).contains(&f.confidence)));
    }
}

#[test]
fn the_reason_quotes_the_duty_that_decides() {
    let scale = scale(3);
    let found = &levels(&[query(&["Type letters", "Approve the annual plan of the district"], &scale)])[0];
    assert_eq!(found.duty, 1);
    assert!(found.rationale.contains("\"Approve the annual plan of the district\""), "{}", found.rationale);
}

#[test]
fn the_group_leans_but_does_not_decide() {
    let scale = scale(3);
    let with = |group| LevelQuery {
        group,
        ..query(&["Prepare the monthly statement of expenditure of the division"], &scale)
    };
    let found = levels(&[with(Some(Group::A)), with(Some(Group::D)), with(None)]);
    assert!(found[0].position > found[1].position);
    assert_eq!(found[0].level, found[1].level);
}

#[test]
fn alone_and_in_a_crowd_are_the_same() {
    let kcm = CompetencyModel::karmayogi();
    let entry = kcm.get("FUN-046").unwrap();
    let duties = ["Draft policy clauses", "Keep files", "नीति बनाना"];
    let ask = |duty| LevelQuery { level_texts: &entry.levels, ..query(&[duty], &kcm.scale) };
    let all = levels(&duties.map(ask));
    for (duty, expected) in duties.into_iter().zip(all) {
        assert_eq!(levels(&[ask(duty)])[0], expected);
    }
}

#[test]
fn bad_questions_get_a_reason_or_a_sensible_answer() {
    let (none, one, three) = (scale(0), scale(1), scale(3));
    let leveller = leveller();
    assert!(matches!(
        leveller.levels(&[query(&["Plan"], &none)]),
        Err(LevelError::NoLevels { query: 0, .. })
    ));
    for duties in [&[][..], &[""], &[" \n", "\u{0}\u{1}", "…"]] {
        let asked = [query(&["Plan"], &three), query(duties, &three)];
        assert!(matches!(leveller.levels(&asked), Err(LevelError::NoDuty { query: 1 })), "{duties:?}");
    }
    let single = &leveller.levels(&[query(&["Plan works"], &one)]).unwrap()[0];
    assert_eq!((single.level.rank, single.position, single.confidence), (1, 1.0, 1.0));
    let long = "Inspect works and मार्ग निरीक्षण. ".repeat(400);
    let odd = ["x", long.as_str(), "प्लान plan 计划 योजना", "a\u{0}b\u{7}c plan works", "12345"];
    for duty in odd {
        let found = leveller.levels(&[query(&["", duty], &three)]).unwrap();
        assert!(found[0].position.is_finite() && found[0].duty == 1, "{duty:?}");
    }
    // Level texts that do not match the scale, or are empty, are left aside.
    for texts in [vec!["one".to_owned()], vec![String::new(), "b".into(), "c".into()]] {
        let with = LevelQuery { level_texts: &texts, ..query(&["Plan works"], &three) };
        let without = query(&["Plan works"], &three);
        assert_eq!(leveller.levels(&[with]).unwrap(), leveller.levels(&[without]).unwrap());
    }
    assert_eq!(leveller.levels(&[]).unwrap(), []);
}

#[test]
fn options_and_parameters_are_checked() {
    let embedder = Arc::clone(&EMBEDDER);
    let options = LevelOptions { group: 0.9, ..LevelOptions::default() };
    assert!(matches!(Leveller::new(embedder, options), Err(LevelError::Option { option: "group", .. })));
    let shipped = serde_json::to_string(&LevelParameters::shipped()).unwrap();
    assert_eq!(LevelParameters::from_json("x", &shipped).unwrap(), LevelParameters::shipped());
    for damaged in [
        "",
        "{}",
        &shipped.replace("\"version\":2", "\"version\":9"),
        &shipped.replace("\"words_only\":[", "\"words_only\":[1,"),
    ] {
        assert!(LevelParameters::from_json("x", damaged).is_err());
    }
}

#[test]
fn types_are_told_apart() {
    let embedder = &*EMBEDDER;
    let texts = [
        "stay calm under pressure and learn from mistakes",
        "prepare the annual budget",
        "sharpen drill bits for ore mining",
    ];
    let heads = Heads::beside(embedder).unwrap();
    let found = competency_type(embedder, heads.as_ref(), &texts).unwrap();
    let best: Vec<String> = found.iter().map(|f| f.best().0.to_string()).collect();
    assert_eq!(best, ["Behavioural", "Functional", "Domain"]);
    assert!(found.iter().all(|f| (f.0.iter().sum::<f64>() - 1.0).abs() < 1e-9));
}
