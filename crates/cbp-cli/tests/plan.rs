//! `cbp plan` as a user meets it: the sample department, and everything that can be wrong with what it is given.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use cbp_core::{CapacityBuildingPlan, CompetencyType, Evidence, Group};
use cbp_ingest::{Document, ReadOptions, read_document};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn cbp() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cbp"));
    // Nothing of an earlier run may help or harm.
    command.env("CBP_CACHE", "");
    command
}

/// A work allocation of one post, enough for a plan.
const SMALL: &str = "S. No.,Group,Designation,Roles,Activities\n\
    1,B,Accounts Officer,Accounts and audit,\"1. Check bills before payment\n2. Prepare the annual budget estimates\"\n";

fn small_department() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("work-allocation.csv"), SMALL).unwrap();
    folder
}

/// Runs `cbp plan` and returns the exit status and standard error.
fn plan(arguments: &[&Path]) -> (i32, String) {
    let output = cbp().arg("plan").args(arguments).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn read_plan(folder: &Path) -> CapacityBuildingPlan {
    serde_json::from_str(&fs::read_to_string(folder.join("plan.json")).unwrap()).unwrap()
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Everything that stands on a page or in a table that begins on or before it, without white space.
fn page_text(document: &Document, number: u32) -> String {
    document
        .pages
        .iter()
        .filter(|page| page.number <= number)
        .flat_map(|page| &page.blocks)
        .map(|block| squeeze(&block.text))
        .collect()
}

#[test]
fn the_sample_department_is_planned_whole_and_the_same_on_any_number_of_threads() {
    let department = fixtures().join("departments/rural-development");
    let out = tempfile::tempdir().unwrap();
    let (one, two) = (out.path().join("one"), out.path().join("two"));
    for (threads, folder) in [("1", &one), ("2", &two)] {
        cbp().args(["--threads", threads, "plan"]).arg(&department).arg("-o").arg(folder).assert().code(0);
    }
    for file in ["plan.json", "plan.html", "plan.xlsx", "gaps.csv", "calendar.csv"] {
        let bytes = fs::read(one.join(file)).unwrap();
        assert!(!bytes.is_empty(), "{file} is empty");
        assert!(bytes == fs::read(two.join(file)).unwrap(), "{file} depends on the number of threads");
    }

    let plan = read_plan(&one);
    let expected: serde_json::Value = serde_json::from_str(
        &fs::read_to_string(fixtures().join("expected/rural-development.json")).unwrap(),
    )
    .unwrap();
    let count = |name: &str| expected["counts"][name].as_u64().unwrap();
    assert!(plan.rows.balances());
    assert_eq!(u64::from(plan.rows.read), count("rows"));
    assert_eq!(plan.designations.len() as u64, u64::from(plan.rows.designations));
    let activities: usize = plan.designations.iter().flat_map(|d| &d.roles).map(|r| r.activities.len()).sum();
    assert_eq!(activities as u64, count("activities"));
    assert!(plan.designations.windows(2).all(|pair| pair[0].sort_order < pair[1].sort_order));

    let documents: Vec<Document> = fs::read_dir(&department)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "pdf"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            read_document(&name, &fs::read(path).unwrap(), &ReadOptions::default()).unwrap()
        })
        .collect();
    let stands = |piece: &Evidence| {
        let document = documents.iter().find(|d| d.name == piece.document).unwrap();
        page_text(document, piece.page).contains(&squeeze(&piece.quote))
    };
    let mut kinds = std::collections::BTreeSet::new();
    for post in &plan.designations {
        assert!(!post.requirements.is_empty(), "{} needs nothing", post.name);
        assert!(post.selection.hours <= post.selection.budget_hours + 1e-9);
        assert!(post.requirements.iter().map(|r| r.weight).sum::<f64>() <= 1.0 + 1e-9);
        for need in &post.requirements {
            kinds.insert(need.competency.kind);
            assert_eq!(need.competency.kind == CompetencyType::Domain, need.competency.id.is_none());
            assert!((0.0..=1.0).contains(&need.confidence));
            assert!(!need.level_rationale.is_empty());
            let covered = need.courses.iter().any(|course| course.discarded.is_none());
            assert_eq!(covered, need.coverage != cbp_core::Coverage::None, "{}: {}", post.name, need.id);
            assert!(!need.evidence.is_empty());
            for piece in &need.evidence {
                assert!(stands(piece), "not on the page: {piece:?}");
            }
            for course in &need.courses {
                let sum: f64 = course.parts.iter().map(|p| p.contribution).sum();
                assert!((sum - course.score).abs() < 1e-9);
            }
        }
    }
    assert_eq!(kinds.len(), 3, "a type is missing");
    nobody_gets_a_course_for_others(&plan);
    assert!(!plan.gaps.is_empty() && !plan.calendar.is_empty());
}

/// Courses for somebody in particular go to those, and some do.
fn nobody_gets_a_course_for_others(plan: &CapacityBuildingPlan) {
    let text = fs::read_to_string(fixtures().join("catalogue.json")).unwrap();
    let catalogue: cbp_core::Catalogue = serde_json::from_str(&text).unwrap();
    let audience = |id: &str| &catalogue.courses.iter().find(|c| c.id == id).unwrap().audience;
    let mut meant = 0;
    for post in &plan.designations {
        let group = post.group.map(Group::in_words).unwrap_or_default();
        let listed = post.requirements.iter().flat_map(|r| &r.courses).map(|c| &c.course);
        for course in listed.chain(post.selection.courses.iter().map(|c| &c.course)) {
            let who = audience(course);
            assert!(
                who.is_empty() || who.contains(&post.name) || who.contains(&group),
                "{}: {course}",
                post.name
            );
            meant += usize::from(!who.is_empty());
        }
    }
    assert!(meant > 0, "no course for a particular audience was recommended");
}

#[test]
fn a_broken_document_or_record_costs_only_itself() {
    let folder = small_department();
    fs::write(
        folder.path().join("scheme.pdf"),
        [0x25, 0x50, 0x44, 0x46, 0x2d, 0x31, 0x2e, 0x37, 0x0a, 0xff, 0x00],
    )
    .unwrap();
    let catalogue = folder.path().join("courses.json");
    fs::write(&catalogue, r#"[{"id": "do_1", "name": "Treasury bills and payments"}, {"name": "no id"}]"#)
        .unwrap();
    let out = folder.path().join("out");
    let documents = [folder.path().join("work-allocation.csv"), folder.path().join("scheme.pdf")];
    let (code, message) =
        plan(&[&documents[0], &documents[1], Path::new("-o"), &out, Path::new("--catalogue"), &catalogue]);
    assert_eq!(code, 3, "{message}");
    assert!(message.contains("scheme.pdf") && message.contains("courses.json"), "{message}");
    let plan = read_plan(&out);
    assert_eq!(plan.designations.len(), 1);
    assert!(plan.warnings.iter().any(|w| w.input_lost && w.document.as_deref() == Some("scheme.pdf")));
}

#[test]
fn what_cannot_go_on_fails_in_one_sentence_with_the_file_and_the_cure() {
    let folder = small_department();
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let noise = folder.path().join("noise.pdf");
    fs::write(&noise, [0u8, 159, 146, 150, 7, 0, 0, 1, 2, 3]).unwrap();
    let twice = folder.path().join("twice.csv");
    fs::write(&twice, "id,name\nC1,Budgeting\nC1,Audit\n").unwrap();
    let broken = folder.path().join("broken.json");
    fs::write(&broken, "{\"courses\": [").unwrap();
    let letter = folder.path().join("letter.txt");
    fs::write(&letter, "The meeting is on Monday. Please bring the file.\n").unwrap();
    let allocation = folder.path().join("work-allocation.csv");
    let (out, blocked) = (folder.path().join("out"), allocation.join("out"));
    let o = Path::new("-o");
    let useless = folder.path().join("useless.json");
    fs::write(&useless, r#"[{"name": "no id"}]"#).unwrap();
    let cases: [(&str, Vec<&Path>, &str); 9] = [
        ("an empty folder", vec![&empty, o, &out], "empty"),
        ("a file that is not there", vec![Path::new("nowhere.pdf"), o, &out], "nowhere.pdf"),
        ("a file that is no document", vec![&noise, o, &out], "noise.pdf"),
        ("a duplicate id", vec![&allocation, o, &out, Path::new("--competencies"), &twice], "twice.csv"),
        ("a broken catalogue", vec![&allocation, o, &out, Path::new("--catalogue"), &broken], "broken.json"),
        ("an output that cannot be written", vec![&allocation, o, &blocked], "work-allocation.csv"),
        ("no usable course", vec![&allocation, o, &out, Path::new("--catalogue"), &useless], "has no id"),
        ("no course", vec![&allocation, o, &out, Path::new("--languages"), Path::new("Latin")], "English"),
        ("no work allocation", vec![&letter, o, &out], "letter.txt"),
    ];
    for (what, arguments, named) in cases {
        let (code, message) = plan(&arguments);
        assert_eq!(code, 1, "{what}: {message}");
        let failures: Vec<&str> = message.lines().filter(|l| !l.contains("warning:")).collect();
        assert_eq!(failures.len(), 1, "{what}: {message}");
        assert!(message.contains(named) && message.contains(';'), "{what}: {message}");
        assert!(!out.join("plan.json").exists(), "{what} left a plan");
    }
}

#[test]
fn wrong_settings_are_wrong_usage() {
    let folder = small_department();
    let allocation = folder.path().join("work-allocation.csv");
    let out = folder.path().join("out");
    let (code, message) = plan(&[&allocation, Path::new("-o"), &out, Path::new("--hours"), Path::new("0")]);
    assert_eq!((code, message.contains("hours")), (2, true), "{message}");
    assert_eq!(cbp().arg("plan").output().unwrap().status.code(), Some(2));
}
