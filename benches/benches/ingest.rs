//! Pages a second by kind of page, ours on one thread, with `pdftotext` beside it where it is installed.
//!
//! ```text
//! cargo bench -p cbp-benches --bench ingest
//! ```
//!
//! The kinds are the sample departments (made by this project: short, clean files) and, where `../shared/docs` is
//! there, every real paper of it that has a text layer. Each measures the whole road, bytes to blocks and tables. The
//! two take turns, and each figure is the median of its turns; below the table stand the medians over the documents.
//!
//! How it can mislead: ours does not read the file from disk, poppler writes its text through a pipe, and the time that
//! its process takes to start is taken off (it is measured first, and printed). Ours also finds tables, poppler lays
//! out columns. A file of one page says little about pages a second. Compare the two of one run, not figures of two.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cbp_ingest::{ReadOptions, read_document};

/// Kind of page, and the file relative to the repository's root.
const FILES: [(&str, &str); 24] = [
    ("sample work allocation", "fixtures/departments/rural-development/work-allocation.pdf"),
    ("sample Kruti Dev", "fixtures/departments/hindi-mahila-bal-vikas/karya-vibhajan.pdf"),
    ("work allocation", "../shared/docs/karnatak_univ_duties_a.pdf"),
    ("organogram", "../shared/docs/iimk_organogram.pdf"),
    ("Act", "../shared/docs/mv_act.pdf"),
    ("Act, dense", "../shared/docs/bnss_act.pdf"),
    ("Act, recognised", "../shared/docs/mmdr_act_img.pdf"),
    ("rules", "../shared/docs/ap_pension_rules.pdf"),
    ("annual report", "../shared/docs/iimk_annual_2014.pdf"),
    ("scheme manual", "../shared/docs/samagra_fmp_2024.pdf"),
    ("scheme guidelines", "../shared/docs/ayurgyan_scheme_en.pdf"),
    ("order", "../shared/docs/ts_go_23.pdf"),
    ("memorandum", "../shared/docs/dghrd_instructions.pdf"),
    ("circular with tables", "../shared/docs/dghrd_hrm_work.pdf"),
    ("permission", "../shared/docs/rav_training_perm.pdf"),
    ("table of modules", "../shared/docs/rav_module_table.pdf"),
    ("budget table", "../shared/docs/budget_2014.pdf"),
    ("encrypted report", "../shared/docs/ssc_enc_report.pdf"),
    ("bilingual gazette", "../shared/docs/gazette_2022_bilingual.pdf"),
    ("Kruti Dev manual", "../shared/docs/uphealth_manual1.pdf"),
    ("Kruti Dev notice", "../shared/docs/rav_kruti_notice.pdf"),
    ("Kruti Dev table", "../shared/docs/uphealth_manual12.pdf"),
    ("wrong Unicode map", "../shared/docs/hindi_scheme_ayurgyan.pdf"),
    ("wrong Unicode map, rules", "../shared/docs/mineral_rules_hi.pdf"),
];

/// Turns of each file: as many as fit into this time, within the bounds.
const TIME: Duration = Duration::from_secs(2);
const TURNS: std::ops::RangeInclusive<usize> = 5..=25;

fn pdftotext(arguments: &[&str], path: Option<&Path>) -> Option<Duration> {
    let start = Instant::now();
    let mut command = Command::new("pdftotext");
    command.args(arguments).args(path).args(path.map(|_| "-")).stdin(Stdio::null()).stderr(Stdio::null());
    command.output().ok()?;
    Some(start.elapsed())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(middle)?);
    Some(f64::midpoint(*low, *high))
}

/// Milliseconds of a read of ours and of poppler's, medians of turns.
fn measure(path: &Path, start: f64, read: impl Fn()) -> (f64, Option<f64>) {
    let begun = Instant::now();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    while ours.len() < *TURNS.start() || ours.len() < *TURNS.end() && begun.elapsed() < TIME {
        let turn = Instant::now();
        read();
        ours.push(turn.elapsed().as_secs_f64() * 1e3);
        let other = pdftotext(&["-q", "-enc", "UTF-8"], Some(path));
        theirs.extend(other.map(|t| (t.as_secs_f64() * 1e3 - start).max(0.0)));
    }
    (median(ours).unwrap_or(f64::NAN), median(theirs))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let options = ReadOptions::default();
    let starts: Vec<f64> =
        (0..20).filter_map(|_| Some(pdftotext(&["-v"], None)?.as_secs_f64() * 1e3)).collect();
    let start = median(starts);
    match start {
        Some(start) => println!("pdftotext starts in {start:.1} ms, which is taken off\n"),
        None => println!("pdftotext is not installed: no peer\n"),
    }
    println!(
        "{:<26} {:>5} {:>10} {:>9} {:>9} {:>7}",
        "kind", "pages", "ms a page", "pages/s", "poppler's", "ratio"
    );
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, file) in FILES {
        let path = root.join(file);
        let Ok(bytes) = std::fs::read(&path) else {
            println!("{kind:<26} skipped: {file} is absent");
            continue;
        };
        let pages = pool.install(|| read_document(file, &bytes, &options))?.pages.len() as f64;
        let (own, other) = measure(&path, start.unwrap_or(0.0), || {
            // A file that could be read once can be read again.
            let _ = pool.install(|| read_document(file, &bytes, &options));
        });
        let speed = |ms: f64| 1e3 * pages / ms;
        print!("{kind:<26} {pages:>5} {:>10.2} {:>9.0}", own / pages, speed(own));
        match other {
            Some(other) => println!(" {:>9.0} {:>7.2}", speed(other), other / own),
            None => println!(),
        }
        ours.push(speed(own));
        theirs.extend(other.map(speed));
        ratios.extend(other.map(|other| other / own));
    }
    let faster = ratios.iter().filter(|r| **r >= 1.0).count();
    if let (Some(own), Some(other), Some(ratio)) = (median(ours), median(theirs), median(ratios.clone())) {
        println!("\nmedian over documents: {own:.0} pages/s, poppler {other:.0}, ratio {ratio:.2}");
        println!("at poppler's speed or better: {faster} of {} documents", ratios.len());
    }
    Ok(())
}
