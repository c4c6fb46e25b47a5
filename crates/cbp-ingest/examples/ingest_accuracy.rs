//! Prints, for each PDF of a folder, how close our text comes to poppler's and what each costs.
//!
//! ```text
//! cargo run --release -p cbp-ingest --example ingest_accuracy -- ../shared/docs [--dump DIR] [--password WORD]
//! ```
//!
//! The reference is `pdftotext`, page by page, in both of its orders: `-raw` (as the file draws) and its own reading
//! order. White space is left out and compatibility forms are folded (NFKC) on both sides. A page counts in the order
//! that comes nearer, because neither is right everywhere: `-raw` interleaves some columns, the reading order some
//! tables. Our side are the words of the page; tables are stitched over pages, so that blocks do not compare page by
//! page. The column `bag` (F1 of the words as a bag) is of the blocks, over the whole document, and does not depend on
//! the order at all. Where poppler itself is wrong
//! (legacy fonts, broken Unicode maps) the columns measure nothing; there `well-formed` and, with `ocr_agreement`, the
//! page's picture count. Times are for one thread each; poppler's include the start of its process.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use cbp_ingest::{Document, ReadOptions, Wellformedness, read_pdf, wellformedness};
use unicode_normalization::UnicodeNormalization;

/// What is measured on one document.
#[derive(Default)]
struct Score {
    distance: usize,
    raw: usize,
    flow: usize,
    chars: usize,
    bag: Bag,
    hindi: Wellformedness,
}

/// Words in common, ours, theirs.
#[derive(Default)]
struct Bag {
    common: usize,
    ours: usize,
    theirs: usize,
}

impl Bag {
    fn add(&mut self, ours: &str, theirs: &str) {
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for word in words(ours) {
            counts.entry(word).or_default().0 += 1;
        }
        for word in words(theirs) {
            counts.entry(word).or_default().1 += 1;
        }
        for (ours, theirs) in counts.into_values() {
            self.common += ours.min(theirs);
            self.ours += ours;
            self.theirs += theirs;
        }
    }

    fn f1(&self) -> f64 {
        if self.ours + self.theirs == 0 {
            1.0
        } else {
            2.0 * self.common as f64 / (self.ours + self.theirs) as f64
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(|w| w.nfkc().collect()).collect()
}

/// What is compared: folded characters without white space and control characters.
fn folded(text: &str) -> Vec<char> {
    text.nfkc().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

/// Levenshtein distance, 64 rows at a time (Myers 1999, in Hyyrö's form for long patterns).
fn distance(a: &[char], b: &[char]) -> usize {
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len());
    }
    let blocks = a.len().div_ceil(64);
    let mut masks: BTreeMap<char, Vec<u64>> = BTreeMap::new();
    for (i, &c) in a.iter().enumerate() {
        masks.entry(c).or_insert_with(|| vec![0; blocks])[i / 64] |= 1 << (i % 64);
    }
    let none = vec![0; blocks];
    let mut plus = vec![u64::MAX; blocks];
    let mut minus = vec![0u64; blocks];
    let mut score = a.len();
    let last = 1u64 << ((a.len() - 1) % 64);
    for c in b {
        let mask = masks.get(c).unwrap_or(&none);
        // The row above the first grows by one with every column.
        let (mut carry_plus, mut carry_minus) = (1u64, 0u64);
        for block in 0..blocks {
            let (p, m) = (plus[block], minus[block]);
            let eq = mask[block] | carry_minus;
            let x = mask[block] | m;
            let d = ((eq & p).wrapping_add(p) ^ p) | eq;
            let mut up = m | !(d | p);
            let mut down = p & d;
            if block + 1 == blocks {
                score += usize::from(up & last != 0);
                score -= usize::from(down & last != 0);
            }
            let (next_plus, next_minus) = (up >> 63, down >> 63);
            up = up << 1 | carry_plus;
            down = down << 1 | carry_minus;
            (carry_plus, carry_minus) = (next_plus, next_minus);
            plus[block] = down | !(x | up);
            minus[block] = up & x;
        }
    }
    score
}

/// Pages of `pdftotext`'s output, and how long it took in milliseconds.
fn poppler(path: &Path, password: Option<&str>, raw: bool) -> Result<(Vec<String>, f64), Box<dyn Error>> {
    let mut command = Command::new("pdftotext");
    command.args(["-enc", "UTF-8", "-q"]);
    if raw {
        command.arg("-raw");
    }
    if let Some(password) = password {
        command.args(["-upw", password]);
    }
    let start = Instant::now();
    let output = command.arg(path).arg("-").output()?;
    let time = start.elapsed().as_secs_f64() * 1e3;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut pages: Vec<String> = text.split('\u{c}').map(str::to_owned).collect();
    pages.pop();
    Ok((pages, time))
}

/// The blocks of a page.
fn page_text(document: &Document, index: usize) -> String {
    let blocks = document.pages.get(index).map(|p| p.blocks.as_slice()).unwrap_or_default();
    blocks.iter().map(|b| b.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The words of a page, in the order of the file.
fn page_words(document: &Document, index: usize) -> String {
    let words = document.pages.get(index).map(|p| p.words.as_slice()).unwrap_or_default();
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn score(document: &Document, raw: &[String], flow: &[String]) -> Score {
    let mut out = Score::default();
    for index in 0..document.pages.len().max(raw.len()) {
        let ours = page_words(document, index);
        let get = |pages: &[String]| pages.get(index).cloned().unwrap_or_default();
        let (raw, flow) = (get(raw), get(flow));
        let text = folded(&ours);
        let to_raw = distance(&text, &folded(&raw));
        let to_flow = distance(&text, &folded(&flow));
        out.raw += to_raw;
        out.flow += to_flow;
        out.distance += to_raw.min(to_flow);
        out.chars += folded(&raw).len();
    }
    let pages: Vec<String> = (0..document.pages.len()).map(|i| page_text(document, i)).collect();
    let ours = pages.join("\n");
    out.bag.add(&ours, &flow.join("\n"));
    out.hindi = wellformedness(&ours);
    out
}

fn verdicts(document: &Document) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for page in &document.pages {
        *counts.entry(format!("{:?}", page.verdict)).or_default() += 1;
    }
    counts.into_iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

fn measure(path: &Path, options: &ReadOptions, dump: Option<&Path>) -> Result<String, Box<dyn Error>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = std::fs::read(path)?;
    let start = Instant::now();
    let document = match read_pdf(&name, &bytes, options) {
        Ok(document) => document,
        Err(error) => return Ok(format!("{name:<32} {error}")),
    };
    let ours = start.elapsed().as_secs_f64() * 1e3;
    let password = options.password.as_deref();
    let (raw, _) = poppler(path, password, true)?;
    let (flow, theirs) = poppler(path, password, false)?;
    let s = score(&document, &raw, &flow);
    if let Some(folder) = dump {
        let pages: Vec<String> = (0..document.pages.len()).map(|i| page_text(&document, i)).collect();
        std::fs::write(folder.join(format!("{name}.ours.txt")), pages.join("\n\u{c}\n"))?;
        std::fs::write(folder.join(format!("{name}.raw.txt")), raw.join("\n\u{c}\n"))?;
        std::fs::write(folder.join(format!("{name}.flow.txt")), flow.join("\n\u{c}\n"))?;
    }
    let rate = |d: usize| d as f64 / s.chars.max(1) as f64;
    let pages = document.pages.len().max(1) as f64;
    let hindi = if s.hindi.words == 0 {
        "-".to_owned()
    } else {
        format!("{:.1} % of {}", 100.0 * s.hindi.good_share(), s.hindi.words)
    };
    Ok(format!(
        "{name:<32} {:>5} {:>9.4} {:>7.4} {:>7.4} {:>6.3} {:>7.2} {:>7.2}  {hindi:<18} {}",
        document.pages.len(),
        rate(s.distance),
        rate(s.raw),
        rate(s.flow),
        s.bag.f1(),
        ours / pages,
        theirs / pages,
        verdicts(&document),
    ))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut options = ReadOptions::default();
    let mut dump = None;
    let mut inputs: Vec<PathBuf> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--dump" => dump = arguments.next().map(PathBuf::from),
            "--password" => options.password = arguments.next(),
            _ => inputs.push(argument.into()),
        }
    }
    let mut files = Vec::new();
    for input in inputs {
        if input.is_dir() {
            let entries = std::fs::read_dir(&input)?.collect::<Result<Vec<_>, _>>()?;
            files.extend(
                entries.into_iter().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "pdf")),
            );
        } else {
            files.push(input);
        }
    }
    files.sort();
    if let Some(folder) = &dump {
        std::fs::create_dir_all(folder)?;
    }
    println!(
        "{:<32} {:>5} {:>9} {:>7} {:>7} {:>6} {:>7} {:>7}  {:<18} verdicts of pages",
        "document", "pages", "CER", "to raw", "to flow", "bag", "ms/page", "poppler", "well-formed hindi"
    );
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    for file in files {
        println!(
            "{}",
            pool.install(|| measure(&file, &options, dump.as_deref()).map_err(|e| e.to_string()))?
        );
    }
    Ok(())
}
