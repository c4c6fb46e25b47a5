//! Real papers that may not be copied into the project: they stand in `../shared`, beside the repository. Each test says
//! so and ends where they are absent.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;

use cbp_ingest::{
    Document, IngestError, ReadOptions, Verdict, Wellformedness, read_document, wellformedness,
};

/// The file, or none where the folder is absent.
fn shared(file: &str) -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/docs");
    if !root.is_dir() {
        println!("skipped: ../shared is absent");
        return None;
    }
    Some(std::fs::read(root.join(file)).unwrap_or_else(|e| panic!("{file}: {e}")))
}

fn read(file: &str) -> Option<Document> {
    let bytes = shared(file)?;
    Some(read_document(file, &bytes, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}")))
}

fn text(document: &Document) -> String {
    let blocks = document.pages.iter().flat_map(|p| &p.blocks);
    blocks.map(|b| b.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn count(document: &Document, verdict: Verdict) -> usize {
    document.pages.iter().filter(|p| p.verdict == verdict).count()
}

fn health(document: &Document) -> Wellformedness {
    wellformedness(&text(document))
}

#[test]
fn kruti_dev_manuals_decode_to_wellformed_words() {
    for (file, pages) in
        [("uphealth_manual3.pdf", 3), ("uphealth_manual12.pdf", 3), ("rav_kruti_notice.pdf", 15)]
    {
        let Some(document) = read(file) else { return };
        assert!(count(&document, Verdict::LegacyDecoded) >= pages, "{file}");
        let health = health(&document);
        assert!(health.words > 500 && health.good_share() >= 0.99, "{file}: {health:?}");
    }
}

#[test]
fn a_face_with_curled_quotes_is_told_from_one_without() {
    let Some(document) = read("rav_kruti_notice.pdf") else { return };
    let text = text(&document);
    let hits = |word: &str| text.matches(word).count();
    assert!(hits("प्रशिक्षण") >= 3 && hits("प्रषिक्षण") == 0 && hits("वर्श") == 0);
}

#[test]
fn wrong_unicode_maps_are_repaired_from_the_font() {
    let Some(document) = read("hindi_scheme_ayurgyan.pdf") else { return };
    assert_eq!(count(&document, Verdict::Repaired), 29);
    let health = health(&document);
    assert!(health.words > 6_000 && health.good_share() >= 0.995, "{health:?}");
    let text = text(&document);
    for word in ["आयुर्ज्ञान", "विशेषज्ञ", "सुविधाएं", "संबंधित"]
    {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn subsets_without_a_map_are_named_and_their_noise_is_kept_out() {
    let Some(document) = read("mineral_rules_hi.pdf") else { return };
    assert_eq!((count(&document, Verdict::Suspect), count(&document, Verdict::Partial)), (2, 1));
    assert!(document.warnings.iter().filter(|w| w.message.contains("--ocr")).count() >= 3);
    let text = text(&document);
    assert!(text.contains("Mineral (Auction) Amendment Rules, 2023"));
    assert!(health(&document).words < 30, "{text}");
}

#[test]
fn scans_have_no_text_and_say_so() {
    for file in ["rotated_scan.pdf", "cppri_annual_scan.pdf"] {
        let Some(document) = read(file) else { return };
        assert_eq!(count(&document, Verdict::NoTextLayer), document.pages.len(), "{file}");
        assert_eq!(document.warnings.len(), document.pages.len(), "{file}");
    }
}

#[test]
fn locked_files_want_a_password_and_take_one() {
    let Some(bytes) = shared("health_protected.pdf") else { return };
    let read = |password: Option<&str>| {
        let options = ReadOptions { password: password.map(str::to_owned), ..ReadOptions::default() };
        read_document("health_protected.pdf", &bytes, &options)
    };
    assert!(matches!(read(None), Err(IngestError::Locked { .. })));
    assert!(matches!(read(Some("wrong")), Err(IngestError::WrongPassword { .. })));
    let document = read(Some("userpass")).unwrap();
    assert!(text(&document).len() > 500);
}

#[test]
fn an_owner_password_alone_locks_nothing() {
    let Some(document) = read("ssc_enc_report.pdf") else { return };
    assert_eq!(count(&document, Verdict::Good), 3);
}
