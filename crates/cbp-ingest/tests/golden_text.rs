//! The words of every page of the sample departments, in order, against files that were read by eye.
//!
//! `CBP_BLESS=1 cargo test -p cbp-ingest --test golden_text` writes them anew; look at the difference before committing.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use cbp_ingest::{ReadOptions, read_pdf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn pdfs() -> Vec<PathBuf> {
    let mut out = Vec::new();
    for department in std::fs::read_dir(fixtures().join("departments")).unwrap() {
        for file in std::fs::read_dir(department.unwrap().path()).unwrap() {
            out.push(file.unwrap().path());
        }
    }
    out.retain(|p| p.extension().is_some_and(|e| e == "pdf"));
    out.sort();
    out
}

/// Pages under a line with their number and verdict; a new line where the next word stands lower or further left.
fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let document = read_pdf("golden.pdf", &bytes, &ReadOptions::default()).unwrap();
    assert!(document.warnings.is_empty(), "{}: {:?}", path.display(), document.warnings);
    let mut out = String::new();
    for page in &document.pages {
        let _ = write!(out, "--- page {} {:?}", page.number, page.verdict);
        let mut last: Option<&cbp_ingest::Word> = None;
        for word in &page.words {
            let same = last.is_some_and(|l| {
                (l.bbox.y0 - word.bbox.y0).abs() < 0.5 * word.size && word.bbox.x0 >= l.bbox.x0
            });
            let _ = write!(out, "{}{}", if same { ' ' } else { '\n' }, word.text);
            last = Some(word);
        }
        out.push('\n');
    }
    out
}

#[test]
fn the_sample_departments_read_word_for_word() {
    let bless = std::env::var_os("CBP_BLESS").is_some();
    let pdfs = pdfs();
    assert!(pdfs.len() >= 9, "{pdfs:?}");
    for pdf in pdfs {
        let name = format!("{}.txt", pdf.file_stem().unwrap().to_string_lossy());
        let golden = fixtures().join("expected/text").join(name);
        let found = text(&pdf);
        if bless {
            std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
            std::fs::write(&golden, &found).unwrap();
        }
        let wanted = std::fs::read_to_string(&golden).unwrap_or_default();
        for (line, (found, wanted)) in found.lines().zip(wanted.lines()).enumerate() {
            assert_eq!(found, wanted, "{}: line {}", golden.display(), line + 1);
        }
        assert_eq!(found.lines().count(), wanted.lines().count(), "{}", golden.display());
    }
}
