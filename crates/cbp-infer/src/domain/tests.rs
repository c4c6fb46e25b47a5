//! The matcher with the shipped model on an invented department.

use std::sync::{Arc, LazyLock};

use cbp_core::{
    Activity, CompetencyModel, Designation, Evidence, KnowledgeBase, KnowledgeItem, KnowledgeKind,
    OfficerMention, Role,
};

use super::{DomainError, DomainMatcher, DomainNeed, DomainOptions};
use crate::embed::{Embedder, ModelSource};

static EMBEDDER: LazyLock<Arc<Embedder>> =
    LazyLock::new(|| Arc::new(Embedder::open(&ModelSource::Shipped).unwrap()));

fn item(kind: KnowledgeKind, name: &str, short: Option<&str>, summary: &str) -> KnowledgeItem {
    KnowledgeItem {
        id: name.to_lowercase(),
        kind,
        name: name.into(),
        abbreviation: short.map(str::to_owned),
        aliases: Vec::new(),
        year: None,
        summary: summary.into(),
        points: Vec::new(),
        sections: Vec::new(),
        officers: Vec::new(),
        has_own_document: true,
        evidence: vec![Evidence::new(format!("{name}.pdf"), 1, name)],
    }
}

fn base() -> KnowledgeBase {
    let mut boats = item(
        KnowledgeKind::Scheme,
        "Mukhyamantri Nauka Sahayata Yojana",
        Some("MNSY"),
        "Grants to fisher families for buying and repairing boats, engines and nets",
    );
    boats.officers.push(OfficerMention {
        designation: "Fisheries Extension Officer".into(),
        evidence: Evidence::new("boats.pdf", 3, "The Fisheries Extension Officer verifies each boat"),
    });
    let mut bare = item(KnowledgeKind::Scheme, "Scheme Without Papers", Some("SWP"), "");
    bare.evidence.clear();
    KnowledgeBase {
        items: vec![
            item(
                KnowledgeKind::Act,
                "Coastal Fisheries Act, 2004",
                None,
                "An Act to license boats and close seasons",
            ),
            boats,
            item(
                KnowledgeKind::Act,
                "Right to Information Act, 2005",
                Some("RTI Act"),
                "Access to public records",
            ),
            bare,
        ],
    }
}

fn post(name: &str, duties: &[&str]) -> Designation {
    let activities = duties.iter().map(|d| Activity { text: (*d).into(), evidence: Vec::new() }).collect();
    Designation {
        name: name.into(),
        written: name.into(),
        roles: vec![Role { title: "Duties".into(), activities, evidence: Vec::new() }],
        ..Designation::default()
    }
}

fn needs(posts: &[Designation]) -> Vec<Vec<DomainNeed>> {
    let embedder = Arc::clone(&EMBEDDER);
    let kcm = CompetencyModel::karmayogi();
    let base = base();
    DomainMatcher::new(embedder, &base, kcm, DomainOptions::default()).unwrap().posts(posts).unwrap()
}

#[test]
fn named_items_are_needed_with_both_sides_and_the_rest_is_not() {
    let found = needs(&[
        post("Clerk", &["Answer RTI Act requests within thirty days", "Sort letters"]),
        post("Fisheries Extension Officer", &["Visit landing places"]),
        post("Driver", &["Drive the staff car and keep the logbook"]),
        post("Clerk", &["Keep the files of SWP"]),
        post("Clerk", &[]),
    ]);
    let items = |n: usize| found[n].iter().map(|d| d.item).collect::<Vec<_>>();
    assert_eq!(items(0), [2]);
    let need = &found[0][0];
    assert_eq!(need.support.iter().map(|s| s.activity).collect::<Vec<_>>(), [Some(0)]);
    assert_eq!(need.evidence[0].document, "Right to Information Act, 2005.pdf");
    assert!(need.confidence > 0.9 && need.competency.id.is_none());
    assert_eq!(items(1), [1], "an office that the guidelines name");
    assert!(found[1][0].evidence[0].quote.contains("verifies each boat"));
    assert!(items(2).is_empty(), "a driver needs no Act");
    assert!(items(3).is_empty(), "none without a document");
    assert!(items(4).is_empty());
}

#[test]
fn a_duty_that_says_what_an_act_is_about_implies_it_and_any_other_does_not() {
    let found = needs(&[
        post("Inspector", &["License boats and close the fishing seasons"]),
        post("Storekeeper", &["Keep the stock of stationery and furniture"]),
    ]);
    assert_eq!(found[0].iter().map(|need| need.item).collect::<Vec<_>>(), [0]);
    let need = &found[0][0];
    assert!((0.5..=0.8).contains(&need.confidence), "meaning alone is never sure: {}", need.confidence);
    assert_eq!(need.support.len(), 1);
    assert_eq!(need.evidence[0].document, "Coastal Fisheries Act, 2004.pdf");
    assert!(found[1].is_empty());
}

#[test]
fn bad_duties_and_options_are_borne() {
    let long = "Inspect boats. ".repeat(700);
    let found = needs(&[
        post("", &["", " ", "\u{0}\u{1}", "x", long.as_str(), "नौका boats \u{202e}MNSY"]),
        Designation::default(),
    ]);
    assert!(found[0].iter().any(|n| n.item == 1));
    assert!(found[1].is_empty());
    let embedder = Arc::clone(&EMBEDDER);
    let kcm = CompetencyModel::karmayogi();
    let options = DomainOptions { implied: 1.5, ..DomainOptions::default() };
    let refused = DomainMatcher::new(embedder.clone(), &base(), kcm, options).map(|_| ());
    assert!(matches!(refused, Err(DomainError::Option { option: "implied", .. })));
    let nothing = KnowledgeBase::default();
    let matcher = DomainMatcher::new(embedder, &nothing, kcm, DomainOptions::default()).unwrap();
    assert_eq!(matcher.posts(&[post("Clerk", &["Answer RTI requests"])]).unwrap(), [vec![]]);
}
