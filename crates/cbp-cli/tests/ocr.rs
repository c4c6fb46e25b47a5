//! `--ocr` with a stand-in for tesseract: pages that are pictures are read, answers are remembered, and a missing program
//! is named.

// A test may panic: that is how it fails.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use assert_cmd::Command;

/// A document of one page that holds a picture and no text.
fn scan() -> Vec<u8> {
    let picture = "not looked at";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> >> >>"
            .to_owned(),
        "<< /Length 24 >>\nstream\n595 0 0 842 0 0 cm /P Do\nendstream".to_owned(),
        format!(
            "<< /Type /XObject /Subtype /Image /Width 2480 /Height 3508 /BitsPerComponent 8 /ColorSpace /DeviceGray \
             /Filter /DCTDecode /Length {} >>\nstream\n{picture}\nendstream",
            picture.len()
        ),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(out.len());
        writeln!(out, "{number} 0 obj\n{object}\nendobj").unwrap();
    }
    let table = out.len();
    write!(out, "xref\n0 6\n0000000000 65535 f \n").unwrap();
    for place in places {
        writeln!(out, "{place:010} 00000 n ").unwrap();
    }
    write!(out, "trailer << /Root 1 0 R /Size 6 >>\nstartxref\n{table}\n%%EOF\n").unwrap();
    out.into_bytes()
}

/// A program that answers like tesseract and writes down each page that it reads.
fn stand_in(folder: &Path) {
    let log = folder.join("pages.log");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --list-langs ]; then echo hin; echo eng; exit; fi\necho page >> {}\n\
         printf 'level\\n1\\t1\\t0\\t0\\t0\\t0\\t0\\t0\\t2480\\t3508\\t-1\\t\\n'\n\
         printf '5\\t1\\t1\\t1\\t1\\t1\\t100\\t200\\t300\\t60\\t91\\tग्राम\\n'\n\
         printf '5\\t1\\t1\\t1\\t1\\t2\\t450\\t200\\t300\\t60\\t90\\tसभा\\n'\n",
        log.display()
    );
    let program = folder.join("tesseract");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Exit status, standard output and standard error of `cbp ingest --ocr` with only `folder` on the `PATH`.
fn ingest(folder: &Path) -> (i32, String, String) {
    let paper = folder.join("scan.pdf");
    std::fs::write(&paper, scan()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cbp"))
        .env("PATH", folder)
        .env("CBP_CACHE", folder.join("cache"))
        .args(["ingest", "--ocr"])
        .arg(&paper)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_scan_is_read_once_and_then_remembered() {
    let folder = tempfile::tempdir().unwrap();
    stand_in(folder.path());
    let (status, text, err) = ingest(folder.path());
    assert_eq!(status, 0, "{err}");
    assert!(text.contains("ग्राम सभा"), "{text}");
    assert!(err.contains("recognised from its picture"), "{err}");
    assert_eq!(ingest(folder.path()).1, text);
    let pages = std::fs::read_to_string(folder.path().join("pages.log")).unwrap();
    assert_eq!(pages, "page\n", "the second run asks the folder of answers");
}

#[test]
fn without_the_program_the_error_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (status, text, err) = ingest(folder.path());
    assert_eq!((status, text.as_str()), (1, ""));
    assert!(err.contains("tesseract was not found on the PATH; install"), "{err}");
}
