//! Cell-adjacency scores on PDFs with the structure of their tables in XML, as in the ICDAR-2013 table competition.
//!
//! `cargo run -p cbp-ingest --example icdar2013 -- FOLDER [-v]`: for every `NAME.pdf` with a `NAME-str.xml` beside it,
//! precision, recall and F1 of adjacency relations. Tables are found over the whole document: no region is given.
//!
//! A relation joins a cell with text and its nearest cell with text to the right or below; it is right where both
//! texts (letters and digits only) and the direction agree. Relations are compared page by page, so a table that is
//! missed, a table that is none, and a cell that is split all cost. The overall figure is the harmonic mean of mean
//! precision and mean recall over files, as the competition had it; the sums over all relations stand beside it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use cbp_ingest::{BlockKind, ReadOptions, read_document};
use quick_xml::Reader;
use quick_xml::events::Event;

/// A cell of a truth or found table: rows and columns it spans, both ends included.
struct Cell {
    rows: (usize, usize),
    cols: (usize, usize),
    text: String,
}

type Relations = BTreeMap<(u32, String, String, char), usize>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: icdar2013 FOLDER [-v]")?;
    let verbose = arguments.next().is_some_and(|a| a == "-v");
    let mut names: Vec<String> = std::fs::read_dir(&folder)?
        .filter_map(|e| e.ok()?.file_name().into_string().ok()?.strip_suffix("-str.xml").map(str::to_owned))
        .collect();
    names.sort();
    println!("file       precision recall     F1   right found truth");
    let (mut precision_sum, mut recall_sum, mut sums) = (0.0, 0.0, [0usize; 3]);
    for name in &names {
        let truth = truth(&std::fs::read_to_string(Path::new(&folder).join(format!("{name}-str.xml")))?)?;
        let found = found(&Path::new(&folder).join(format!("{name}.pdf")))?;
        let right: usize =
            truth.iter().map(|(key, count)| (*count).min(found.get(key).copied().unwrap_or(0))).sum();
        let counts = [right, found.values().sum(), truth.values().sum()];
        let (precision, recall, f1) = scores(counts);
        println!(
            "{name:<12} {precision:.4} {recall:.4} {f1:.4} {:>7} {:>5} {:>5}",
            counts[0], counts[1], counts[2]
        );
        if verbose {
            difference("missed", &truth, &found);
            difference("wrong ", &found, &truth);
        }
        precision_sum += precision;
        recall_sum += recall;
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let files = names.len().max(1) as f64;
    let (precision, recall) = (precision_sum / files, recall_sum / files);
    let f1 = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
    println!("\nmean of files {precision:.4} {recall:.4} {f1:.4}");
    let (precision, recall, f1) = scores(sums);
    println!("all relations {precision:.4} {recall:.4} {f1:.4}  {} {} {}", sums[0], sums[1], sums[2]);
    Ok(())
}

/// Precision, recall and F1 of right, found and true relations; nothing found is precise.
fn scores([right, found, truth]: [usize; 3]) -> (f64, f64, f64) {
    let share = |of: usize| if of == 0 { 1.0 } else { right as f64 / of as f64 };
    let f1 = if found + truth == 0 { 1.0 } else { 2.0 * right as f64 / (found + truth) as f64 };
    (share(found), share(truth), f1)
}

fn difference(title: &str, of: &Relations, less: &Relations) {
    for ((page, a, b, direction), count) in of {
        let key = (*page, a.clone(), b.clone(), *direction);
        let missing = count.saturating_sub(less.get(&key).copied().unwrap_or(0));
        if missing > 0 {
            println!("    {title} p{page} {direction} {a:.40} | {b:.40}");
        }
    }
}

/// Letters and digits; where there are none, whatever there is.
fn key(text: &str) -> String {
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    if plain.is_empty() { text.split_whitespace().collect() } else { plain }
}

/// Adds the relations of one table.
fn relate(page: u32, cells: &[Cell], out: &mut Relations) {
    let filled: Vec<&Cell> = cells.iter().filter(|c| !c.text.is_empty()).collect();
    let mut places: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (index, cell) in filled.iter().enumerate() {
        for row in cell.rows.0..=cell.rows.1 {
            for col in cell.cols.0..=cell.cols.1 {
                places.insert((row, col), index);
            }
        }
    }
    let (last_row, last_col) = (
        filled.iter().map(|c| c.rows.1).max().unwrap_or(0),
        filled.iter().map(|c| c.cols.1).max().unwrap_or(0),
    );
    for (index, cell) in filled.iter().enumerate() {
        let mut next = std::collections::BTreeSet::new();
        for row in cell.rows.0..=cell.rows.1 {
            let right = (cell.cols.1 + 1..=last_col).find_map(|col| places.get(&(row, col)));
            next.extend(right.map(|other| (*other, '>')));
        }
        for col in cell.cols.0..=cell.cols.1 {
            let below = (cell.rows.1 + 1..=last_row).find_map(|row| places.get(&(row, col)));
            next.extend(below.map(|other| (*other, 'v')));
        }
        for (other, direction) in next {
            if other != index {
                let key = (page, cell.text.clone(), filled[other].text.clone(), direction);
                *out.entry(key).or_default() += 1;
            }
        }
    }
}

fn found(path: &Path) -> Result<Relations, Box<dyn Error>> {
    let name = path.to_string_lossy();
    let document = read_document(&name, &std::fs::read(path)?, &ReadOptions::default())?;
    let mut out = Relations::new();
    for block in document.pages.iter().flat_map(|p| &p.blocks) {
        let BlockKind::Table(table) = &block.kind else { continue };
        let mut by_page: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
        for (row, cells) in table.rows.iter().enumerate() {
            for (col, cell) in cells.cells.iter().enumerate().filter(|(_, c)| !c.covered) {
                by_page.entry(cells.page).or_default().push(Cell {
                    rows: (row, row + cell.row_span - 1),
                    cols: (col, col + cell.col_span - 1),
                    text: key(&cell.text),
                });
            }
        }
        for (page, cells) in by_page {
            relate(page, &cells, &mut out);
        }
    }
    Ok(out)
}

fn truth(xml: &str) -> Result<Relations, Box<dyn Error>> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut out = Relations::new();
    let (mut page, mut cells, mut in_content) = (1, Vec::<Cell>::new(), false);
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                let number = |name: &str| -> Option<usize> {
                    start.try_get_attribute(name).ok()??.value.trim().parse().ok()
                };
                match start.local_name().into_inner() {
                    "region" => page = number("page").unwrap_or(1) as u32,
                    "cell" => {
                        let (row, col) = (number("start-row").unwrap_or(0), number("start-col").unwrap_or(0));
                        cells.push(Cell {
                            rows: (row, number("end-row").unwrap_or(row)),
                            cols: (col, number("end-col").unwrap_or(col)),
                            text: String::new(),
                        });
                    }
                    "content" => in_content = true,
                    _ => {}
                }
            }
            Event::End(end) => match end.local_name().into_inner() {
                "content" => in_content = false,
                "region" => {
                    for cell in &mut cells {
                        cell.text = key(&cell.text);
                    }
                    relate(page, &cells, &mut out);
                    cells.clear();
                }
                _ => {}
            },
            Event::Text(text) if in_content => {
                if let Some(cell) = cells.last_mut() {
                    cell.text.push_str(&text.into_inner());
                }
            }
            Event::GeneralRef(entity) if in_content => {
                let known = match entity.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    _ => quick_xml::escape::resolve_xml_entity(&entity).unwrap_or_default().to_owned(),
                };
                if let Some(cell) = cells.last_mut() {
                    cell.text.push_str(&known);
                }
            }
            Event::CData(text) if in_content => {
                if let Some(cell) = cells.last_mut() {
                    cell.text.push_str(&text.into_inner());
                }
            }
            Event::Eof => return Ok(out),
            _ => {}
        }
    }
}
