//! The sample departments are recovered exactly: every row, role and activity, and every quote stands where it says.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use cbp_core::{Evidence, FracDictionary, Group};
use cbp_ingest::{
    Block, BlockKind, Cell, DepartmentFile, Document, DocumentKind, Format, Page, ReadOptions, Row, Table,
    Verdict, annexure_csv, document_kind, frac_dictionary, read_document,
};
use serde_json::Value;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn expected(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixtures().join("expected").join(name)).unwrap()).unwrap()
}

/// All papers of a sample department with their kinds, and its description.
fn department(folder: &str) -> (Vec<(Document, DocumentKind)>, DepartmentFile) {
    let folder = fixtures().join("departments").join(folder);
    let toml = std::fs::read_to_string(folder.join("department.toml")).unwrap();
    let mut names: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "pdf"))
        .collect();
    names.sort();
    let docs = names
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            let document =
                read_document(&name, &std::fs::read(path).unwrap(), &ReadOptions::default()).unwrap();
            let kind = document_kind(&document).0;
            (document, kind)
        })
        .collect();
    (docs, DepartmentFile::from_toml("department.toml", &toml).unwrap())
}

fn letter(group: Option<Group>) -> String {
    group.map_or_else(String::new, |g| g.to_string())
}

/// Rows, roles and activities against the list in `fixtures/expected`, in the order of the paper.
fn assert_recovered(frac: &FracDictionary, expected: &Value) {
    let rows = expected["rows"].as_array().unwrap();
    let count = |key: &str| expected["counts"][key].as_u64().unwrap() as usize;
    assert_eq!(rows.len(), count("rows"));
    assert!(frac.rows.balances(), "{:?}", frac.rows);
    assert_eq!(frac.rows.read as usize, rows.len(), "{:?}", frac.warnings);
    assert_eq!(frac.rows.unreadable, 0);
    let roles: usize = frac.designations.iter().map(|d| d.roles.len()).sum();
    assert_eq!(roles, count("roles"));
    assert_eq!(frac.designations.iter().map(|d| d.activities().count()).sum::<usize>(), count("activities"));
    let names: BTreeSet<&str> = frac.designations.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names.len(), count("distinct_designations"));
    for row in rows {
        let (name, wing) = (row["designation"].as_str().unwrap(), row["wing"].as_str().unwrap());
        let found = frac.designations.iter().find(|d| d.name == name && d.wing == wing);
        let found = found.unwrap_or_else(|| panic!("{name} in {wing} was not found"));
        assert_eq!(letter(found.group), row["group"].as_str().unwrap(), "{name}");
        let count = row["headcount"].as_u64().unwrap() as u32;
        // The table prints the number of posts only where there are several.
        assert_eq!(found.headcount.unwrap_or(1), count, "{name}");
        let got: Vec<(&str, Vec<&str>)> = found
            .roles
            .iter()
            .map(|r| (r.title.as_str(), r.activities.iter().map(|a| a.text.as_str()).collect()))
            .collect();
        let wanted: Vec<(&str, Vec<&str>)> = row["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| {
                let tasks = r["activities"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
                (r["name"].as_str().unwrap(), tasks)
            })
            .collect();
        assert_eq!(got, wanted, "{name}");
    }
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts of a page: its blocks, and each cell of each row that begins there or on the page before.
fn texts_of(document: &Document, page: u32) -> Vec<String> {
    let mut out = Vec::new();
    for p in &document.pages {
        for block in &p.blocks {
            if let BlockKind::Table(table) = &block.kind {
                let rows = table.rows.iter().filter(|r| r.page == page || r.page + 1 == page);
                out.extend(rows.flat_map(|r| r.cells.iter().map(|c| collapse(&c.text))));
            } else if p.number == page {
                out.push(collapse(&block.text));
            }
        }
    }
    out
}

fn all_evidence(frac: &FracDictionary) -> Vec<&Evidence> {
    let mut out = Vec::new();
    for post in &frac.designations {
        assert!(!post.evidence.is_empty(), "{} has no evidence", post.name);
        out.extend(&post.evidence);
        for role in &post.roles {
            assert!(!role.evidence.is_empty(), "{} has no evidence", role.title);
            out.extend(&role.evidence);
            for activity in &role.activities {
                assert!(!activity.evidence.is_empty(), "{} has no evidence", activity.text);
                out.extend(&activity.evidence);
            }
        }
    }
    out
}

/// Each quote is in the page's text, and each of its words is printed on that very page.
fn assert_quotes_stand(frac: &FracDictionary, docs: &[(Document, DocumentKind)]) {
    for evidence in all_evidence(frac) {
        let (document, kind) = docs.iter().find(|(d, _)| d.name == evidence.document).unwrap();
        assert!(!evidence.quote.is_empty());
        let texts = texts_of(document, evidence.page);
        // The lines of a box of an organogram may be blocks of their own.
        let drawn = *kind == DocumentKind::Organogram;
        assert!(drawn || texts.iter().any(|t| t.contains(&evidence.quote)), "{evidence:?}");
        let page = document.pages.iter().find(|p| p.number == evidence.page).unwrap();
        let printed = collapse(&page.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "));
        for word in evidence.quote.split(' ') {
            assert!(printed.contains(word), "{word} is not on page {}: {evidence:?}", evidence.page);
        }
        if let Some((start, end)) = evidence.span {
            let block = &page.blocks[evidence.block.unwrap() as usize];
            let cut: String = block.text.chars().skip(start as usize).take((end - start) as usize).collect();
            assert_eq!(collapse(&cut), evidence.quote);
        }
    }
}

#[test]
fn the_english_department_is_recovered_exactly() {
    let (docs, dept) = department("rural-development");
    let frac = frac_dictionary(&docs, &dept);
    assert_recovered(&frac, &expected("rural-development.json"));
    assert_quotes_stand(&frac, &docs);
    assert_eq!(frac.department.name, "Department of Rural Development");
}

/// The table that `expected` describes, as an office file gives it: groups once, counts in the designation cell.
fn table_of(expected: &Value) -> Document {
    let cell = |text: String| Cell { text, ..Cell::default() };
    let row = |cells: Vec<String>| Row { page: 1, cells: cells.into_iter().map(cell).collect() };
    let names = ["क्र.सं.", "समूह", "पदनाम", "भूमिकाएँ", "कार्य एवं गतिविधियाँ"];
    let mut rows = vec![row(names.map(str::to_owned).to_vec())];
    let (mut wing, mut group) = ("", "");
    for post in expected["rows"].as_array().unwrap() {
        if post["wing"].as_str().unwrap() != wing {
            wing = post["wing"].as_str().unwrap();
            group = "";
            let mut heading = row(vec![format!("(क) {wing}"); 5]);
            heading.cells[0].col_span = 5;
            for covered in &mut heading.cells[1..] {
                *covered = Cell { covered: true, ..Cell::default() };
            }
            rows.push(heading);
        }
        let letter = post["group"].as_str().unwrap();
        let shown = match letter {
            _ if letter == group => "",
            "A" => "समूह क",
            "B" => "समूह ख",
            "C" => "समूह ग",
            "D" => "समूह घ",
            _ => "संविदा",
        };
        group = letter;
        for (i, role) in post["roles"].as_array().unwrap().iter().enumerate() {
            let tasks = role["activities"].as_array().unwrap().iter().enumerate();
            let tasks: Vec<String> =
                tasks.map(|(k, a)| format!("({}) {}", k + 1, a.as_str().unwrap())).collect();
            let first = |text: String| if i == 0 { text } else { String::new() };
            rows.push(row(vec![
                first(post["sno"].to_string()),
                first(shown.to_owned()),
                first(format!("{} ({} पद)", post["designation"].as_str().unwrap(), post["headcount"])),
                format!("{}. {}", i + 1, role["name"].as_str().unwrap()),
                tasks.join("\n"),
            ]));
        }
    }
    let table = Table { columns: 5, header_rows: 1, rows };
    let block = Block { kind: BlockKind::Table(table), text: String::new(), bbox: None };
    Document {
        name: "karya-vibhajan.docx".to_owned(),
        format: Format::Docx,
        sha256: String::new(),
        pages: vec![Page { number: 1, blocks: vec![block], ..Page::default() }],
        warnings: Vec::new(),
    }
}

#[test]
fn the_hindi_department_is_recovered_exactly_from_its_table() {
    let expected = expected("hindi-mahila-bal-vikas.json");
    let docs = [(table_of(&expected), DocumentKind::WorkAllocation)];
    assert_recovered(&frac_dictionary(&docs, &DepartmentFile::default()), &expected);
}

#[test]
fn the_hindi_department_is_recovered_exactly_from_its_papers() {
    let (docs, dept) = department("hindi-mahila-bal-vikas");
    let frac = frac_dictionary(&docs, &dept);
    assert_recovered(&frac, &expected("hindi-mahila-bal-vikas.json"));
    assert_quotes_stand(&frac, &docs);
    // Two pages of Unicode text, and one in a font that codes Devanagari as ASCII.
    let verdicts: Vec<Verdict> = docs[0].0.pages.iter().map(|p| p.verdict).collect();
    assert_eq!(verdicts, [Verdict::Good, Verdict::Good, Verdict::LegacyDecoded]);
}

#[test]
fn office_files_say_the_same() {
    for name in ["work-allocation.docx", "work-allocation.xlsx"] {
        let bytes = std::fs::read(fixtures().join("formats").join(name)).unwrap();
        let document = read_document(name, &bytes, &ReadOptions::default()).unwrap();
        assert_eq!(document_kind(&document).0, DocumentKind::WorkAllocation, "{name}");
        let frac = frac_dictionary(&[(document, DocumentKind::WorkAllocation)], &DepartmentFile::default());
        assert_recovered(&frac, &expected("rural-development.json"));
    }
}

#[test]
fn the_annexure_as_csv_says_the_same() {
    let (docs, dept) = department("rural-development");
    let frac = frac_dictionary(&docs, &dept);
    let csv = annexure_csv(&frac);
    let mut rows: Vec<Row> = Vec::new();
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes()).records() {
        let cells = record.unwrap().iter().map(|t| Cell { text: t.to_owned(), ..Cell::default() }).collect();
        rows.push(Row { page: 1, cells });
    }
    let table = Table { columns: 5, header_rows: 1, rows };
    let block = Block { kind: BlockKind::Table(table), text: String::new(), bbox: None };
    let page = Page { number: 1, blocks: vec![block], ..Page::default() };
    let document = Document {
        name: "annexure.csv".to_owned(),
        format: Format::Csv,
        sha256: String::new(),
        pages: vec![page],
        warnings: Vec::new(),
    };
    let again = frac_dictionary(&[(document, DocumentKind::WorkAllocation)], &dept);
    assert_recovered(&again, &expected("rural-development.json"));
}

#[test]
fn wings_are_found_without_a_description_of_the_department() {
    let (docs, dept) = department("rural-development");
    let bare = frac_dictionary(&docs, &DepartmentFile::default());
    let wings = |f: &FracDictionary| f.designations.iter().map(|d| d.wing.clone()).collect::<BTreeSet<_>>();
    assert_eq!(wings(&bare), wings(&frac_dictionary(&docs, &dept)));
    assert_eq!(bare.department.name, "Department of Rural Development");
}

#[test]
fn designations_are_in_order_of_seniority() {
    let (docs, dept) = department("rural-development");
    let frac = frac_dictionary(&docs, &dept);
    for (place, post) in frac.designations.iter().enumerate() {
        assert_eq!(post.sort_order as usize, place + 1);
        assert_eq!(post.id, format!("d{:03}", place + 1));
    }
    assert_eq!(frac.designations[0].name, "Principal Secretary");
    let place = |name: &str| frac.designations.iter().position(|d| d.name == name).unwrap();
    assert!(place("Chief Engineer") < place("Under Secretary"));
    assert!(place("Executive Engineer") < place("Section Officer"));
    assert!(place("Section Officer") < place("Junior Assistant"));
}

#[test]
fn kinds_are_read_from_the_text() {
    let (docs, dept) = department("rural-development");
    let kind = |name: &str| docs.iter().find(|(d, _)| d.name == name).unwrap().1;
    assert_eq!(kind("work-allocation.pdf"), DocumentKind::WorkAllocation);
    assert_eq!(kind("organogram.pdf"), DocumentKind::Organogram);
    assert_eq!(kind("annual-report-2024-25.pdf"), DocumentKind::AnnualReport);
    assert_eq!(kind("act-gram-vikas-2009.pdf"), DocumentKind::Act);
    assert_eq!(kind("rules-panchayat-2012.pdf"), DocumentKind::Rules);
    assert_eq!(kind("guidelines-gram-sampark-sadak.pdf"), DocumentKind::SchemeGuidelines);
    assert_eq!(kind("guidelines-nari-shakti-aajeevika.pdf"), DocumentKind::SchemeGuidelines);
    assert_eq!(dept.kind_of("work-allocation.pdf"), Some(DocumentKind::WorkAllocation));
    let (hindi, _) = department("hindi-mahila-bal-vikas");
    let kind = |name: &str| hindi.iter().find(|(d, _)| d.name == name).unwrap().1;
    assert_eq!(kind("karya-vibhajan.pdf"), DocumentKind::WorkAllocation);
}
