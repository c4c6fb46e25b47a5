//! Whatever the bytes, a reader answers with a document or a typed error.

#![allow(clippy::expect_used, clippy::panic)]

use std::io::{Cursor, Read, Write};

use cbp_ingest::{Document, IngestError, Limits, ReadOptions, read_document};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

fn fixture(path: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn read(name: &str, bytes: &[u8]) -> Result<Document, IngestError> {
    read_document(name, bytes, &ReadOptions::default())
}

/// Packs members into a zip file.
fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a member begins");
        zip.write_all(bytes).expect("a member is written");
    }
    zip.finish().expect("the zip file ends").into_inner()
}

/// The members of a zip file with one of them changed.
fn with_member(bytes: &[u8], change: &str, by: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).expect("a member");
        let name = member.name().expect("a name").into_owned();
        let mut content = Vec::new();
        member.read_to_end(&mut content).expect("its content");
        if name == change {
            by(&mut content);
        }
        members.push((name, content));
    }
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    packed(&members)
}

fn word_file(body: &str) -> Vec<u8> {
    let xml = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    packed(&[("word/document.xml", xml.as_bytes())])
}

#[test]
fn a_zip_bomb_is_refused_before_it_fills_the_memory() {
    let bomb = packed(&[("word/document.xml", &vec![b' '; 64 << 20])]);
    assert!(bomb.len() < 1 << 20);
    let error = read("bomb.docx", &bomb).expect_err("a ratio of a thousand");
    assert!(matches!(error, IngestError::Limit { limit: 400, .. }), "{error}");
    let limits = Limits { zip_ratio: u64::MAX, stream_bytes: 1 << 20, ..Limits::default() };
    let options = ReadOptions { limits, ..ReadOptions::default() };
    let error = read_document("bomb.docx", &bomb, &options).expect_err("more than a mebibyte");
    assert!(matches!(error, IngestError::Limit { limit: 1_048_576, .. }), "{error}");
}

#[test]
fn deep_xml_is_refused() {
    let deep = word_file(&"<w:sdt>".repeat(10_000));
    assert!(matches!(read("deep.docx", &deep), Err(IngestError::Limit { limit: 256, .. })));
}

#[test]
fn a_workbook_with_two_far_cells_is_small() {
    let bytes = with_member(&fixture("formats/work-allocation.xlsx"), "xl/worksheets/sheet1.xml", |xml| {
        *xml = br#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
            <row r="1"><c r="A1" t="inlineStr"><is><t>far</t></is></c></row>
            <row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>apart</t></is></c></row>
            </sheetData></worksheet>"#
            .to_vec();
    });
    let document = read("far.xlsx", &bytes).expect("two cells");
    assert!(document.pages[0].blocks.iter().any(|b| b.text.contains("far")));
}

#[test]
fn the_bytes_tell_the_format_and_the_error_says_what_was_found() {
    assert!(read("letter.pdf", &fixture("formats/work-allocation.docx")).is_ok());
    for (bytes, found) in [
        (&b""[..], "empty"),
        (&b" \r\n\n"[..], "white space"),
        (&b"\xFF\xD8\xFF\xE0\x00\x10JFIF"[..], "JPEG"),
        (&b"{\\rtf1\\ansi hello}"[..], "Rich Text"),
        (&b"<!DOCTYPE html><html><body>login</body></html>"[..], "web page"),
    ] {
        let error = read("letter.docx", bytes).expect_err("no document");
        assert!(
            matches!(error, IngestError::UnknownFormat { .. }) && error.to_string().contains(found),
            "{error}"
        );
    }
}

#[test]
fn a_truncated_office_file_is_damaged() {
    for path in ["formats/work-allocation.docx", "formats/work-allocation.xlsx"] {
        let bytes = fixture(path);
        let error = read(path, &bytes[..bytes.len() / 2]).expect_err("half a file");
        assert!(matches!(error, IngestError::Damaged { .. }), "{error}");
    }
}

/// A few changes of single bytes: where (as a share of the length) and to what.
fn changes() -> impl Strategy<Value = Vec<(f64, u8)>> {
    prop::collection::vec((0.0..1.0f64, any::<u8>()), 1..12)
}

fn change(bytes: &mut [u8], changes: &[(f64, u8)]) {
    let length = bytes.len();
    for (share, byte) in changes {
        if let Some(place) = bytes.get_mut((share * length as f64) as usize) {
            *place = *byte;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(head in 0usize..7, tail in prop::collection::vec(any::<u8>(), 0..3000)) {
        let heads: [&[u8]; 7] = [
            b"", b"%PDF-1.7\n", b"PK\x03\x04", &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], b"\xFF\xFE", b"a,b\n",
            b"| a | b |\n|---|---|\n",
        ];
        let _ = read("random", &[heads[head], &tail].concat());
    }

    #[test]
    fn changed_word_files(at in changes()) {
        let changed = with_member(&fixture("formats/work-allocation.docx"), "word/document.xml", |xml| change(xml, &at));
        let _ = read("changed.docx", &changed);
        let mut whole = fixture("formats/work-allocation.docx");
        change(&mut whole, &at);
        let _ = read("changed.docx", &whole);
    }

    #[test]
    fn changed_workbooks(at in changes(), member in 0usize..3) {
        let member = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"][member];
        let changed = with_member(&fixture("formats/work-allocation.xlsx"), member, |xml| change(xml, &at));
        let _ = read("changed.xlsx", &changed);
    }

    #[test]
    fn changed_pdfs(at in changes()) {
        let mut whole = fixture("departments/hindi-mahila-bal-vikas/karya-vibhajan.pdf");
        change(&mut whole, &at);
        let _ = read("changed.pdf", &whole);
    }

    #[test]
    fn any_text(text in "\\PC{0,200}(\n\\PC{0,60}){0,12}") {
        let _ = read("note.txt", text.as_bytes());
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let _ = read("note.txt", &wide);
    }
}
