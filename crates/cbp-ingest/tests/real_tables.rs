//! Tables of real papers in `../shared/docs`: counts, numbers and merged cells as the pages show them.

#![allow(clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use cbp_ingest::{BlockKind, Document, ReadOptions, Table, read_document};

/// Reads a paper; `None` where the papers are absent.
fn read(name: &str) -> Option<Document> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/docs").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: ../shared is absent");
        return None;
    };
    Some(read_document(name, &bytes, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}")))
}

fn tables(document: &Document) -> Vec<&Table> {
    let blocks = document.pages.iter().flat_map(|p| &p.blocks);
    blocks.filter_map(|b| if let BlockKind::Table(t) = &b.kind { Some(t) } else { None }).collect()
}

fn column(table: &Table, col: usize) -> Vec<&str> {
    table.rows.iter().skip(table.header_rows).map(|r| r.cells[col].text.as_str()).collect()
}

#[test]
fn a_table_of_officers_over_four_pages() {
    let Some(document) = read("karnatak_univ_duties_a.pdf") else { return };
    let tables = tables(&document);
    let officers = tables[0];
    assert_eq!((officers.columns, officers.header_rows), (6, 2));
    let numbers: Vec<String> = (1..=37).map(|n| n.to_string()).collect();
    assert_eq!(column(officers, 1), numbers);
    assert!(column(officers, 2).iter().all(|t| !t.is_empty()));
    assert!(column(officers, 5)[1..].iter().all(|t| *t == "-do-"));
    let pages: Vec<u32> = [0, 2, 7, 17, 31].iter().map(|r| officers.rows[*r].page).collect();
    assert_eq!(pages, [5, 5, 6, 7, 8]);
    let sections = tables.last().expect("a second table");
    assert_eq!(column(sections, 0), ["1.", "2.", "3.", "4."]);
    assert_eq!(tables.len(), 2);
}

#[test]
fn organograms_acts_and_letters_have_no_false_tables() {
    for name in ["iimk_organogram.pdf", "ts_go_23.pdf", "rav_training_perm.pdf"] {
        let Some(document) = read(name) else { return };
        assert!(tables(&document).is_empty(), "{name}");
    }
}

#[test]
fn a_sheet_of_a_thousand_rows_most_of_them_blank() {
    let Some(document) = read("nrcp_sheet_1000rows_blank.xlsx") else { return };
    let table = tables(&document)[0];
    assert_eq!((table.columns, table.header_rows), (6, 1));
    let numbers: Vec<String> = (1..=426).map(|n| n.to_string()).collect();
    assert_eq!(column(table, 0), numbers);
    assert_eq!(document.pages[0].blocks.len(), 2, "the title row stands before the table");
}

#[test]
fn a_word_register_keeps_its_header_over_columns() {
    let Some(document) = read("nrcp_169391311696.docx") else { return };
    let table = tables(&document)[0];
    assert_eq!((table.columns, table.header_rows), (18, 2));
    let first = &table.rows[0].cells;
    assert_eq!((first[0].col_span, first[2].row_span, first[3].col_span), (2, 2, 4));
    assert!(first[1].covered && table.rows[1].cells[2].covered);
}
