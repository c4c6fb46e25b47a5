//! `cbp ingest` and `cbp frac`: output, exit statuses, and one sentence for each fault.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path)
}

/// Exit status, standard output and standard error.
fn cbp(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cbp")).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn frac_gives_json_and_counts_rows() {
    let folder = fixture("departments/rural-development");
    let (status, out, err) = cbp(&["frac", folder.to_str().unwrap()]);
    assert_eq!(status, 0, "{err}");
    let frac: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(frac["designations"].as_array().unwrap().len(), 67);
    assert!(err.contains("67 rows read = 67 designations + 0 merged + 0 unreadable"), "{err}");
}

#[test]
fn frac_gives_the_annexure_as_csv_that_is_read_back() {
    let paper = fixture("departments/rural-development/work-allocation.pdf");
    let (status, out, _) = cbp(&["frac", paper.to_str().unwrap(), "--as", "csv"]);
    assert_eq!(status, 0);
    assert!(out.starts_with("S. No.,Group or Grade,Designation,Roles,Activities\n"), "{out}");
    assert!(out.contains("1.1 "), "{out}");
    let numbered =
        out.lines().filter(|l| l.split(',').next().is_some_and(|n| n.parse::<u32>().is_ok())).count();
    assert_eq!(numbered, 67);
}

#[test]
fn ingest_gives_text_markdown_and_json() {
    let paper = fixture("departments/rural-development/guidelines-gram-sampark-sadak.pdf");
    let paper = paper.to_str().unwrap();
    let (status, text, err) = cbp(&["ingest", paper]);
    assert_eq!(status, 0, "{err}");
    assert!(text.contains("Objectives") && err.contains("scheme guidelines"), "{err}");
    let (_, marked, _) = cbp(&["ingest", paper, "--as", "markdown"]);
    assert!(marked.contains("| Year | Roads (km) | Culverts | Outlay (Rs crore) |"), "{marked}");
    let (_, json, _) = cbp(&["ingest", paper, "--as", "json"]);
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["kind"], "scheme-guidelines");
    assert!(value["pages"].as_array().is_some_and(|p| !p.is_empty()));
}

#[test]
fn a_bad_file_among_good_ones_is_named_and_the_status_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("broken.pdf");
    std::fs::write(&bad, b"%PDF-1.4\nnothing").unwrap();
    let good = fixture("departments/rural-development/work-allocation.pdf");
    let (status, out, err) = cbp(&["frac", good.to_str().unwrap(), bad.to_str().unwrap()]);
    assert_eq!(status, 3, "{err}");
    assert!(err.contains("broken.pdf") && out.contains("Principal Secretary"), "{err}");
}

#[test]
fn faults_are_one_sentence_with_the_cure() {
    let (status, out, err) = cbp(&["ingest", "no-such-file.pdf"]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(err.contains("no-such-file.pdf") && err.contains("check that the file exists"), "{err}");
    let paper = fixture("departments/rural-development/organogram.pdf");
    let (status, _, err) = cbp(&["frac", paper.to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(err.contains("organogram.pdf") && err.contains("give the work allocation"), "{err}");
    assert_eq!(cbp(&["frac"]).0, 2);
    assert_eq!(cbp(&["ingest", "x.pdf", "--as", "poem"]).0, 2);
}

#[test]
fn a_faulty_description_of_the_department_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("department.toml"), "name = \"X\"\nwing = []\n").unwrap();
    std::fs::copy(
        fixture("departments/rural-development/work-allocation.pdf"),
        folder.path().join("work-allocation.pdf"),
    )
    .unwrap();
    let (status, _, err) = cbp(&["frac", folder.path().to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(err.contains("department.toml: line 2") && err.contains("wings"), "{err}");
}

/// As root, a rename over a device would put a file in its place for every program of the machine.
#[cfg(unix)]
#[test]
fn an_output_that_is_a_pipe_or_a_device_is_written_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let paper = fixture("departments/rural-development/guidelines-gram-sampark-sadak.pdf");
    let paper = paper.to_str().unwrap();
    let (_, printed, _) = cbp(&["ingest", paper]);
    let (status, piped, err) = cbp(&["ingest", paper, "-o", "/dev/stdout"]);
    assert_eq!((status, piped), (0, printed), "{err}");
    let (status, _, err) = cbp(&["ingest", paper, "-o", "/dev/null"]);
    assert_eq!(status, 0, "{err}");
    assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn readers_that_leave_early_are_no_failure() {
    let folder = fixture("departments/rural-development");
    let mut running = std::process::Command::new(env!("CARGO_BIN_EXE_cbp"))
        .arg("frac")
        .arg(folder)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Before it has written anything.
    drop((running.stdout.take(), running.stderr.take()));
    assert_eq!(running.wait().unwrap().code(), Some(0));
}
