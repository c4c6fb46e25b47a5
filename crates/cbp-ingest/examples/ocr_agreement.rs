//! Compares decoded Hindi with what tesseract reads in the pictures of the same pages.
//!
//! ```text
//! cargo run --release -p cbp-ingest --example ocr_agreement -- ../shared/docs/uphealth_manual1.pdf … [--pages 4] \
//!     [--differences]
//! ```
//!
//! Needs `tesseract` (hin+eng) and `pdftoppm`; a page takes 5 to 15 seconds the first time and is then remembered in the
//! system's temporary folder. Pages are taken evenly from those with Hindi text. Both sides are brought to normal form.
//! The figures: F1 of the Hindi words as a bag, and the character error rate in order, white space and punctuation
//! aside. OCR errs too, by one to four characters in a hundred on clean print: the figures bound our errors from above.
//! `--differences` lists where the two differ, page by page, with the letters before, so that an eye on the page can
//! say who errs; whatever it finds, the figures stay raw.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use cbp_ingest::{OcrCache, OcrEngine, Picture, ReadOptions, Tesseract, normalise, read_pdf, wellformedness};

const DPI: u32 = 300;

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{900}'..='\u{963}')
}

fn words(text: &str) -> Vec<String> {
    let plain = normalise(text).replace(['\u{200C}', '\u{200D}'], "");
    let words = plain.split(|c: char| !is_letter(c)).filter(|w| w.chars().any(|c| c > '\u{900}'));
    words.map(str::to_owned).collect()
}

fn f1(ours: &[String], theirs: &[String]) -> f64 {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for word in ours {
        counts.entry(word).or_default().0 += 1;
    }
    for word in theirs {
        counts.entry(word).or_default().1 += 1;
    }
    let common: usize = counts.values().map(|(a, b)| a.min(b)).sum();
    2.0 * common as f64 / (ours.len() + theirs.len()).max(1) as f64
}

/// Where two texts differ, in order: what stands before, ours, theirs. The longer of the two, summed
/// up, is the Levenshtein distance.
fn edits(a: &[char], b: &[char]) -> Vec<[String; 3]> {
    let mut table = vec![vec![0u32; b.len() + 1]; a.len() + 1];
    for i in (0..=a.len()).rev() {
        for j in (0..=b.len()).rev() {
            table[i][j] = match (a.get(i), b.get(j)) {
                (Some(x), Some(y)) if x == y => table[i + 1][j + 1],
                (Some(_), Some(_)) => 1 + table[i + 1][j + 1].min(table[i + 1][j]).min(table[i][j + 1]),
                _ => (a.len() - i + b.len() - j) as u32,
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        let (from, to) = (i, j);
        while (i < a.len() || j < b.len()) && !(i < a.len() && j < b.len() && a[i] == b[j]) {
            let cost = |di: usize, dj: usize| table.get(i + di).and_then(|row| row.get(j + dj)).copied();
            let next = [(1, 1), (1, 0), (0, 1)].into_iter().filter_map(|(x, y)| Some((cost(x, y)?, x, y)));
            let Some((_, x, y)) = next.min_by_key(|step| step.0) else { break };
            (i, j) = (i + x, j + y);
        }
        if (i, j) != (from, to) {
            let before = &a[from.saturating_sub(8)..from];
            out.push([before, &a[from..i], &b[to..j]].map(|part| part.iter().collect()));
        }
        (i, j) = (i + 1, j + 1);
    }
    out
}

/// Levenshtein distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row.last().copied().unwrap_or(0)
}

fn letters(text: &str) -> Vec<char> {
    normalise(text).chars().filter(|c| is_letter(*c)).collect()
}

fn picture(path: &Path, page: u32) -> Result<Picture, Box<dyn Error>> {
    let (page, dpi) = (page.to_string(), DPI.to_string());
    let out = Command::new("pdftoppm")
        .args(["-q", "-gray", "-r", &dpi, "-f", &page, "-l", &page])
        .arg(path)
        .output()?;
    Ok(Picture { bytes: out.stdout, dpi: DPI })
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut wanted, mut differences) = (4, false);
    let mut files: Vec<PathBuf> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--pages" {
            wanted = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(wanted);
        } else if argument == "--differences" {
            differences = true;
        } else {
            files.push(argument.into());
        }
    }
    let engine = OcrCache::new(Tesseract::find("hin+eng")?, std::env::temp_dir().join("cbp-ocr-agreement"));
    println!(
        "{:<32} {:>20} {:>6} {:>6} {:>8} {:>7}",
        "document", "pages", "words", "OCR's", "word F1", "CER"
    );
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let document = read_pdf(&name, &std::fs::read(&file)?, &ReadOptions::default())?;
        let texts: Vec<(u32, String)> = document
            .pages
            .iter()
            .map(|p| (p.number, p.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")))
            .filter(|(_, text)| wellformedness(text).words >= 50)
            .collect();
        let step = texts.len().div_ceil(wanted).max(1);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let (mut errors, mut chars, mut pages) = (0, 0, Vec::new());
        for (number, text) in texts.iter().skip(step / 2).step_by(step) {
            let read = engine.read(&picture(&file, *number)?)?;
            let lines = read.lines.iter().flat_map(|l| &l.words).map(|w| w.text.as_str());
            let seen = lines.collect::<Vec<_>>().join(" ");
            errors += distance(&letters(text), &letters(&seen));
            chars += letters(&seen).len();
            let (mine, other) = (words(text), words(&seen));
            if differences {
                println!("{name}, page {number}, {} words", mine.len());
                for [before, own, theirs] in edits(&letters(text), &letters(&seen)) {
                    println!("  …{before}: [{own}], OCR [{theirs}]");
                }
            }
            ours.extend(mine);
            theirs.extend(other);
            pages.push(number.to_string());
        }
        println!(
            "{name:<32} {:>20} {:>6} {:>6} {:>8.3} {:>7.4}",
            pages.join(","),
            ours.len(),
            theirs.len(),
            f1(&ours, &theirs),
            errors as f64 / chars.max(1) as f64
        );
    }
    Ok(())
}
