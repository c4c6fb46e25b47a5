//! The sample department's Act, rules, guidelines, report and organogram give what `fixtures/expected` says.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

use cbp_core::{KnowledgeBase, KnowledgeItem, KnowledgeKind};
use cbp_ingest::{
    DepartmentFile, Document, DocumentKind, ReadOptions, document_kind, frac_dictionary, knowledge_base,
    organogram, read_document,
};
use serde_json::Value;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn expected() -> Value {
    let path = fixtures().join("expected/rural-development-papers.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn papers() -> Vec<(Document, DocumentKind)> {
    let folder = fixtures().join("departments/rural-development");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "pdf"));
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        let document = read_document(&name, &std::fs::read(path).unwrap(), &ReadOptions::default()).unwrap();
        let kind = document_kind(&document).0;
        (document, kind)
    };
    paths.iter().map(read).collect()
}

fn item<'a>(base: &'a KnowledgeBase, name: &str) -> &'a KnowledgeItem {
    let named = |i: &&KnowledgeItem| i.name == name || i.abbreviation.as_deref() == Some(name);
    let all = || base.items.iter().map(|i| i.name.as_str()).collect::<Vec<_>>();
    base.items.iter().find(named).unwrap_or_else(|| panic!("{name} is not among {:?}", all()))
}

/// Headings as the list in `fixtures` writes them, stops and case of the number aside.
fn headings(item: &KnowledgeItem) -> Vec<String> {
    item.sections.iter().map(|s| plain(&format!("{} {}", s.number, s.heading))).collect()
}

fn plain(text: &str) -> String {
    text.replace('.', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn listed(paper: &Value, key: &str) -> Vec<String> {
    paper[key].as_array().unwrap().iter().map(|h| plain(h.as_str().unwrap())).collect()
}

#[test]
fn acts_and_rules_give_title_year_chapters_sections_and_officers() {
    let base = knowledge_base(&papers());
    let papers = expected();
    let cases = [
        ("Narmadanchal Gram Vikas and Panchayat Works Act, 2009", "act", KnowledgeKind::Act, 2009),
        (
            "Narmadanchal Panchayat (Accounts, Works and Social Audit) Rules, 2012",
            "rules",
            KnowledgeKind::Rules,
            2012,
        ),
    ];
    for (name, key, kind, year) in cases {
        let found = item(&base, name);
        assert_eq!((found.kind, found.year, found.has_own_document), (kind, Some(year), true), "{name}");
        let all = headings(found);
        let chapter = |h: &&String| h.starts_with("CHAPTER") || h.starts_with("PART");
        let (chapters, sections): (Vec<&String>, Vec<&String>) = all.iter().partition(chapter);
        assert_eq!(chapters, listed(&papers[key], "chapters").iter().collect::<Vec<_>>());
        assert_eq!(sections, listed(&papers[key], "sections").iter().collect::<Vec<_>>());
    }
    let act = item(&base, cases[0].0);
    assert!(
        act.summary.starts_with("An Act to provide for planned development of villages"),
        "{}",
        act.summary
    );
    let officers: Vec<&str> = act.officers.iter().map(|o| o.designation.as_str()).collect();
    for officer in [
        "Panchayat Secretary",
        "District Panchayat Raj Officer",
        "Chief Engineer",
        "Block Development Officer",
        "Junior Engineer",
        "State Gram Vikas Council",
        "Programme Authority",
        "Collector",
        "Commissioner, Rural Development",
        "Director, Panchayati Raj",
        "Director, Social Audit Unit",
        "Director of Local Fund Audit",
    ] {
        assert!(officers.contains(&officer), "{officer} is not among {officers:?}");
    }
}

#[test]
fn guidelines_give_objective_components_targets_and_officers() {
    let base = knowledge_base(&papers());
    let papers = expected();
    let cases = [
        ("Mukhyamantri Gram Sampark Sadak Yojana", "guidelines-gram-sampark-sadak", "MGSSY"),
        ("Nari Shakti Aajeevika Yojana", "guidelines-nari-shakti-aajeevika", "NSAY"),
    ];
    for (name, key, short) in cases {
        let found = item(&base, name);
        assert_eq!((found.kind, found.has_own_document), (KnowledgeKind::Scheme, true));
        assert_eq!(found.abbreviation.as_deref(), Some(short));
        assert_eq!(headings(found), listed(&papers[key], "chapters"));
        let table = papers[key]["tables"][1].as_array().unwrap();
        let officers: Vec<&str> = found.officers.iter().map(|o| o.designation.as_str()).collect();
        for row in table.iter().skip(1) {
            for officer in row[0].as_str().unwrap().split(" and ") {
                assert!(officers.contains(&officer), "{officer} is not among {officers:?}");
            }
        }
    }
    let roads = item(&base, cases[0].0);
    assert!(
        roads.summary.starts_with("Connect every habitation of 100 or more persons"),
        "{}",
        roads.summary
    );
    assert!(roads.points.iter().any(|p| p.starts_with("New connectivity")), "{:?}", roads.points);
    let target = "2024-25: Roads (km) 1,400; Culverts 2,750; Outlay (Rs crore) 790";
    assert!(roads.points.iter().any(|p| p == target), "{:?}", roads.points);
}

#[test]
fn the_report_gives_programmes_with_figures_and_mentions_become_items() {
    let base = knowledge_base(&papers());
    let papers = expected();
    for row in papers["annual-report"]["tables"][0].as_array().unwrap().iter().skip(1) {
        let found = item(&base, row[0].as_str().unwrap());
        let figure = format!("Achievement {}", row[3].as_str().unwrap());
        assert!(found.points.iter().any(|p| p.contains(&figure)), "{}: {:?}", found.name, found.points);
    }
    for (name, year) in [
        ("Right to Information Act, 2005", Some(2005)),
        ("DDU-GKY", Some(2014)),
        ("JJM", Some(2019)),
        ("POSH Act", Some(2013)),
    ] {
        let found = item(&base, name);
        assert_eq!((found.year, found.has_own_document), (year, false), "{name}");
        assert!(!found.evidence.is_empty());
    }
    let mut ids: Vec<&str> = base.items.iter().map(|i| i.id.as_str()).collect();
    ids.dedup();
    assert_eq!(ids.len(), base.items.len());
    assert_eq!(ids.first(), Some(&"k001"));
}

#[test]
fn one_law_is_one_item_and_every_quote_stands_on_its_page() {
    let docs = papers();
    let base = knowledge_base(&docs);
    let same = |short: &str| base.items.iter().filter(|i| i.abbreviation.as_deref() == Some(short)).count();
    for short in ["MGNREGA", "PMAY-G", "DAY-NRLM", "MGSSY", "NSAY", "RTI Act"] {
        assert_eq!(same(short), 1, "{short}: {:?}", base.items.iter().map(|i| &i.name).collect::<Vec<_>>());
    }
    for item in &base.items {
        assert!(!item.evidence.is_empty(), "{}", item.name);
        let sections = item.sections.iter().map(|s| &s.evidence);
        let officers = item.officers.iter().map(|o| &o.evidence);
        for evidence in item.evidence.iter().chain(sections).chain(officers) {
            let (document, _) = docs.iter().find(|(d, _)| d.name == evidence.document).unwrap();
            let page = document.pages.iter().find(|p| p.number == evidence.page).unwrap();
            let printed: Vec<&str> = page.words.iter().map(|w| w.text.as_str()).collect();
            let printed = printed.join(" ");
            for word in evidence.quote.split(' ') {
                assert!(printed.contains(word), "{}: {word} is not on the page of {evidence:?}", item.name);
            }
        }
    }
}

#[test]
fn the_organogram_is_read_as_drawn_and_merged() {
    let docs = papers();
    let (chart, kind) = docs.iter().find(|(d, _)| d.name == "organogram.pdf").unwrap();
    assert_eq!(*kind, DocumentKind::Organogram);
    let tree = organogram(chart);
    let edge =
        |p: &cbp_ingest::OrganogramPost| p.reports_to.map(|up| (tree.posts[up].name.clone(), p.name.clone()));
    let mut edges: Vec<(String, String)> = tree.posts.iter().filter_map(edge).collect();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let papers = expected();
    let mut wanted: Vec<(String, String)> =
        papers["organogram"].as_array().unwrap().iter().map(|e| (text(&e["from"]), text(&e["to"]))).collect();
    edges.sort();
    wanted.sort();
    assert_eq!(edges, wanted);
    assert!(tree.warnings.is_empty());
    let engineer = tree.posts.iter().find(|p| p.name == "Junior Engineer").unwrap();
    assert_eq!(engineer.headcount, Some(288));
    let frac = frac_dictionary(&docs, &DepartmentFile::default());
    let post = |name: &str| frac.designations.iter().find(|d| d.name == name).unwrap();
    assert_eq!(post("Chief Engineer").reports_to.as_ref(), Some(&post("Principal Secretary").id));
    let assistant = post("Assistant Section Officer");
    let officer =
        frac.designations.iter().find(|d| d.name == "Section Officer" && d.wing == assistant.wing).unwrap();
    assert_eq!(assistant.reports_to.as_ref(), Some(&officer.id));
    assert_eq!(post("Financial Adviser").headcount, Some(1));
}
