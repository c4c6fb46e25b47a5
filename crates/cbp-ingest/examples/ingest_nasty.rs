//! Reads damaged, lying and hostile files, each in a process of its own, and says which broke a promise: no panic or
//! abort, under 15 s, under 1 GiB, and of the text that poppler finds at least 95 % or the damage reported.
//!
//! ```text
//! cargo run --release -p cbp-ingest --example ingest_nasty -- ../shared/docs/nasty [--all]
//! ```
//!
//! What is found is counted by characters as a bag, white space aside. `--all` prints every file, not only the broken.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use cbp_ingest::{ReadOptions, pdf_geometry, read_document};
use unicode_normalization::UnicodeNormalization;

const SECONDS: f64 = 15.0;
const MEGABYTES: u64 = 1024;
const FOUND: f64 = 0.95;

/// What the child prints before the text: what it found, how many complaints, its peak memory.
fn child(path: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let (complaint, text) = match read_document(&path.to_string_lossy(), &bytes, &ReadOptions::default()) {
        Ok(document) => {
            let words = document.pages.iter().flat_map(|p| &p.words).map(|w| w.text.as_str());
            let text = words.collect::<Vec<_>>().join(" ");
            let unread = document.pages.iter().find(|p| p.verdict.loses_text());
            let verdict = unread.map(|p| format!("page {} is {:?}", p.number, p.verdict));
            let warning = document.warnings.first().map(|w| w.message.clone());
            (warning.or(verdict).unwrap_or_default(), text)
        }
        Err(error) => (error.to_string(), String::new()),
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap_or(0);
    // Poppler gives text that is drawn twice, as fake bold and shadows are, twice.
    let pages = pdf_geometry("", &bytes, &ReadOptions::default()).unwrap_or_default();
    let again: usize = pages.iter().map(|p| p.overprinted).sum();
    println!("{peak}\t{again}\t{}", complaint.replace('\n', " "));
    println!("{text}");
    Ok(())
}

/// Runs a program with a time limit; none where it did not end.
#[allow(clippy::type_complexity)] // A tool of one file: naming the tuple would say no more.
fn output(command: &mut Command) -> Result<Option<(bool, String, f64)>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("out");
    let start = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(std::fs::File::create(&file)?).stderr(Stdio::null()).spawn()?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed().as_secs_f64() > 4.0 * SECONDS {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
    Ok(Some((status.success(), text, start.elapsed().as_secs_f64())))
}

/// Share of the characters of `theirs` that `ours` has too, or has once for two drawn over each other.
fn found(ours: &str, again: usize, theirs: &str) -> f64 {
    let bag = |text: &str| {
        let mut bag: BTreeMap<char, usize> = BTreeMap::new();
        text.nfkc()
            // Marks of direction are no text.
            .filter(|c| !c.is_whitespace() && !c.is_control() && !('\u{202A}'..='\u{202E}').contains(c))
            .for_each(|c| *bag.entry(c).or_default() += 1);
        bag
    };
    let (ours, theirs) = (bag(ours), bag(theirs));
    let all: usize = theirs.values().sum();
    let common: usize = theirs.iter().map(|(c, n)| (*n).min(ours.get(c).copied().unwrap_or(0))).sum();
    if all == 0 { 1.0 } else { (common + again).min(all) as f64 / all as f64 }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, path] = arguments.as_slice()
        && flag == "--one"
    {
        child(Path::new(path))?;
        return Ok(ExitCode::SUCCESS);
    }
    let all = arguments.iter().any(|a| a == "--all");
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in arguments.iter().filter(|a| !a.starts_with("--")) {
        for entry in std::fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.sort();
    let (mut broken, mut slowest, mut largest) = (0, 0.0f64, 0);
    for file in &files {
        let ours = output(Command::new(std::env::current_exe()?).arg("--one").arg(file))?;
        let poppler =
            output(Command::new("pdftotext").args(["-q", "-enc", "UTF-8", "-raw"]).arg(file).arg("-"))?;
        let theirs = poppler.map(|(_, text, _)| text).unwrap_or_default();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let verdict = match ours {
            None => "does not end".to_owned(),
            Some((false, ..)) => "panics or aborts".to_owned(),
            Some((true, text, seconds)) => {
                let (head, text) = text.split_once('\n').unwrap_or_default();
                let (peak, rest) = head.split_once('\t').unwrap_or_default();
                let (again, complaint) = rest.split_once('\t').unwrap_or_default();
                let megabytes = peak.parse::<u64>().unwrap_or(0) / 1024;
                (slowest, largest) = (slowest.max(seconds), largest.max(megabytes));
                let share = found(text, again.parse().unwrap_or(0), &theirs);
                let fault = if seconds > SECONDS {
                    "too slow"
                } else if megabytes > MEGABYTES {
                    "too large"
                } else if share < FOUND && complaint.is_empty() {
                    "loses text silently"
                } else {
                    "kept"
                };
                format!(
                    "{fault}: {seconds:.2} s, {megabytes} MiB, {:.1} % of poppler's text; {complaint}",
                    share * 100.0
                )
            }
        };
        let kept = verdict.starts_with("kept");
        broken += usize::from(!kept);
        if all || !kept {
            println!("{name}: {verdict}");
        }
    }
    println!("{} files, {broken} broken; slowest {slowest:.2} s, largest {largest} MiB", files.len());
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
