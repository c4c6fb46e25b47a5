//! Pages a second by kind of page, ours on one thread, with `pdftotext` beside it where it is installed.
//!
//! The kinds are the sample departments (made by this project: short, clean files) and, where `../shared/docs` is
//! there, real papers of each kind: an Act, an annual report, a gazette in two languages, a Kruti Dev manual, a wrong
//! Unicode map. Each measures the whole road, bytes to blocks and tables.
//!
//! How it can mislead: poppler's figure includes the start of a process and its output through a pipe, some 3 ms, which
//! a short file feels; ours does not read the file from disk. Ours also finds tables, poppler lays out columns.
//! Compare ratios of one run, not figures of two.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cbp_ingest::{ReadOptions, read_document};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Kind of page, and the file relative to the repository's root.
const FILES: [(&str, &str); 8] = [
    ("sample-work-allocation", "fixtures/departments/rural-development/work-allocation.pdf"),
    ("sample-kruti-dev", "fixtures/departments/hindi-mahila-bal-vikas/karya-vibhajan.pdf"),
    ("act", "../shared/docs/mv_act.pdf"),
    ("rules-dense", "../shared/docs/bnss_act.pdf"),
    ("annual-report", "../shared/docs/iimk_annual_2014.pdf"),
    ("gazette-bilingual", "../shared/docs/gazette_2022_bilingual.pdf"),
    ("kruti-dev-manual", "../shared/docs/uphealth_manual1.pdf"),
    ("wrong-unicode-map", "../shared/docs/hindi_scheme_ayurgyan.pdf"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pdftotext(path: &Path) -> Option<()> {
    let mut command = Command::new("pdftotext");
    command.args(["-q", "-enc", "UTF-8"]).arg(path).arg("-").stdout(Stdio::piped());
    command.output().ok().map(drop)
}

fn pages_a_second(c: &mut Criterion) {
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else { return };
    let options = ReadOptions::default();
    let poppler = Command::new("pdftotext").arg("-v").stderr(Stdio::null()).status().is_ok();
    for (kind, file) in FILES {
        let path = root().join(file);
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!("{kind}: skipped, {file} is absent");
            continue;
        };
        let Ok(document) = read_document(file, &bytes, &options) else { continue };
        let mut group = c.benchmark_group(kind);
        group.throughput(Throughput::Elements(document.pages.len() as u64));
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
        group.bench_function("cbp", |b| {
            b.iter(|| pool.install(|| read_document(file, &bytes, &options).map(|d| d.pages.len())));
        });
        if poppler {
            group.bench_function("pdftotext", |b| b.iter(|| pdftotext(&path)));
        }
        group.finish();
    }
}

criterion_group!(benches, pages_a_second);
criterion_main!(benches);
