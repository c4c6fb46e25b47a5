//! The sample departments' work allocations, row by row against `fixtures/expected`.

#![allow(clippy::expect_used, clippy::panic)]

use cbp_ingest::{BlockKind, Document, Format, ReadOptions, Table, read_document};
use serde_json::{Value, json};

fn fixture(path: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn read(path: &str) -> Document {
    read_document(path, &fixture(path), &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn expected(name: &str) -> Vec<Value> {
    let value: Value =
        serde_json::from_slice(&fixture(&format!("expected/{name}.json"))).expect("valid JSON");
    value["rows"].as_array().expect("rows").clone()
}

fn tables(document: &Document) -> Vec<&Table> {
    let blocks = document.pages.iter().flat_map(|p| &p.blocks);
    blocks.filter_map(|b| if let BlockKind::Table(t) = &b.kind { Some(t) } else { None }).collect()
}

/// The text that holds at a place: its own, or that of the merged cell that covers it.
fn text_at(table: &Table, row: usize, col: usize) -> String {
    for r in (0..=row).rev() {
        for c in (0..=col).rev() {
            let cell = &table.rows[r].cells[c];
            if !cell.covered && r + cell.row_span > row && c + cell.col_span > col {
                return cell.text.clone();
            }
        }
    }
    panic!("nothing owns row {row} column {col}");
}

/// Splits the lines of a cell at its item marks `1.`, `(a)`, `•`.
fn items(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
        let digits = head.trim_matches(['(', ')', '.']);
        let mark = head == "•"
            || (head.ends_with(['.', ')']) && digits.parse::<u32>().is_ok_and(|n| n < 20))
            || (head.starts_with('(') && head.ends_with(')') && digits.len() == 1);
        match out.last_mut() {
            Some(last) if !mark => {
                last.push(' ');
                last.push_str(line);
            }
            _ => out.push(if mark { rest } else { line }.to_owned()),
        }
    }
    out
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of the tables in the shape of the expected JSON.
fn rows(tables: &[&Table]) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    let mut wing = String::new();
    let mut serial = String::new();
    for table in tables {
        for row in table.header_rows..table.rows.len() {
            let cells = &table.rows[row].cells;
            if cells[0].col_span == 5 {
                let title = flat(&cells[0].text);
                let title = title.split_once(['.', ')']).expect("a lettered title").1.trim();
                title.split(" (sanctioned").next().expect("one part").clone_into(&mut wing);
                continue;
            }
            let [number, group, post, role, activities] = [0, 1, 2, 3, 4].map(|c| text_at(table, row, c));
            let duty = json!({ "name": flat(&role), "activities": items(&activities) });
            if number == serial {
                let last = out.last_mut().expect("a row before its sub-row");
                last["roles"].as_array_mut().expect("roles").push(duty);
                continue;
            }
            serial.clone_from(&number);
            out.push(json!({
                "sno": number.parse::<u32>().expect("a serial number"),
                "group": flat(&group), "designation": flat(&post), "wing": wing, "roles": [duty],
            }));
        }
    }
    // Roles are numbered only where there are several.
    for row in &mut out {
        let roles = row["roles"].as_array_mut().expect("roles");
        if roles.len() > 1 {
            for (n, role) in roles.iter_mut().enumerate() {
                let name = role["name"].as_str().expect("text");
                let bare = name.strip_prefix(&format!("{}. ", n + 1)).unwrap_or(name).to_owned();
                role["name"] = bare.into();
            }
        }
    }
    out
}

/// The expected rows as printed: headcount behind the designation, the group with its word.
fn as_printed(rows: Vec<Value>, posts: &str, group: impl Fn(&str) -> String) -> Vec<Value> {
    rows.into_iter()
        .map(|mut row| {
            let count = row["headcount"].as_u64();
            let name = row["designation"].as_str().expect("text");
            let printed = match count {
                Some(n) if n > 1 => format!("{name} ({n} {posts})"),
                _ => name.to_owned(),
            };
            row["designation"] = printed.into();
            row["group"] = group(row["group"].as_str().expect("text")).into();
            row.as_object_mut().expect("an object").remove("headcount");
            row
        })
        .collect()
}

fn same(found: &[Value], wanted: &[Value]) {
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.len(), wanted.len());
}

fn english_group(group: &str) -> String {
    if group == "Contractual" { group.to_owned() } else { format!("Group {group}") }
}

#[test]
fn every_row_of_the_english_pdf() {
    let document = read("departments/rural-development/work-allocation.pdf");
    let tables = tables(&document);
    assert_eq!(tables.len(), 1, "one table over all pages");
    assert_eq!(tables[0].header_rows, 1);
    same(&rows(&tables), &as_printed(expected("rural-development"), "posts", english_group));
    let beside: Vec<&str> = document.pages[1]
        .blocks
        .iter()
        .map(|b| b.text.as_str())
        .filter(|t| !t.starts_with("Annexure to"))
        .collect();
    assert!(beside.is_empty(), "text of the table was left on page 2: {beside:?}");
}

#[test]
fn every_row_of_the_kruti_dev_page() {
    let document = read("departments/hindi-mahila-bal-vikas/karya-vibhajan.pdf");
    let found = rows(&tables(&document)[1..]);
    let wanted: Vec<Value> = as_printed(expected("hindi-mahila-bal-vikas"), "पद", |g| match g {
        "A" => "समूह क".into(),
        "B" => "समूह ख".into(),
        "C" => "समूह ग".into(),
        "D" => "समूह घ".into(),
        _ => "संविदा".into(),
    });
    same(&found, &wanted[wanted.len() - 3..]);
}

#[test]
fn every_row_of_the_word_file() {
    let document = read("formats/work-allocation.docx");
    assert_eq!(document.format, Format::Docx);
    let tables = tables(&document);
    assert_eq!((tables.len(), tables[0].header_rows), (1, 1));
    same(&rows(&tables), &as_printed(expected("rural-development"), "posts", english_group));
}

#[test]
fn every_row_of_the_workbook() {
    let document = read("formats/work-allocation.xlsx");
    assert_eq!(document.format, Format::Xlsx);
    let tables = tables(&document);
    assert_eq!((tables.len(), tables[0].header_rows), (1, 1));
    same(&rows(&tables), &as_printed(expected("rural-development"), "posts", english_group));
}
