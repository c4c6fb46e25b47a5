//! Numbered and bulleted items: one cell or paragraph to its single items.

use super::collapse;
use super::marker::{Marker, Style, marker};

/// An item with its marks and lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The mark, where it has one.
    pub(crate) marker: Option<Marker>,
    /// Its lines as they stand, the mark taken off.
    pub(crate) lines: Vec<String>,
}

impl Item {
    /// The item as one line.
    pub(crate) fn text(&self) -> String {
        join(&self.lines)
    }
}

/// Lines joined; a word broken at its hyphen is closed up.
fn join(lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines {
        let line = collapse(line);
        let hyphenated = out.ends_with('-')
            && out.chars().rev().nth(1).is_some_and(char::is_alphabetic)
            && line.chars().next().is_some_and(char::is_lowercase);
        if !out.is_empty() && !hyphenated {
            out.push(' ');
        }
        out.push_str(&line);
    }
    out
}

/// Splits text into single items.
///
/// A mark that continues the sequence starts an item; lines without one go on with the item before. Text without any
/// mark: where lines are not wrapped (`wrapped` false: office files), each line is an item; else a line that starts
/// after a finished sentence is. A single run of text is cut at inline marks, at semicolons, and between sentences.
pub(crate) fn split_items(text: &str, wrapped: bool) -> Vec<Item> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let mut items: Vec<Item> = Vec::new();
    let mut open: Vec<Marker> = Vec::new();
    let mut marked = false;
    for line in &lines {
        match marker(line).and_then(|(m, rest)| accept(m, &mut open).map(|m| (m, rest))) {
            Some((mark, rest)) => {
                marked = true;
                let lines = if rest.is_empty() { Vec::new() } else { vec![rest.to_owned()] };
                items.push(Item { marker: Some(mark), lines });
            }
            None => match items.last_mut() {
                Some(item) if wrapped || item.lines.is_empty() || !ends_sentence(item) => {
                    item.lines.push((*line).to_owned());
                }
                _ if marked && wrapped => {}
                _ => items.push(Item { marker: None, lines: vec![(*line).to_owned()] }),
            },
        }
    }
    if !marked {
        items = unmarked(&lines, wrapped);
    }
    items.into_iter().flat_map(cut).filter(|i| i.text().chars().any(char::is_alphanumeric)).collect()
}

/// Takes a mark that starts or continues a sequence; `open` holds the sequences that are being counted.
fn accept(mark: Marker, open: &mut Vec<Marker>) -> Option<Marker> {
    if matches!(mark.style, Style::Bullet(_) | Style::Decimal) {
        return Some(mark);
    }
    // "i." may be the ninth letter, "v" the twenty-second.
    let readings: &[Marker] = &[mark, as_letter(mark).unwrap_or(mark)];
    for reading in readings {
        if let Some(at) = open.iter().rposition(|o| o.style == reading.style)
            && open.get(at).is_some_and(|o| o.value + 1 == reading.value)
        {
            open.truncate(at);
            open.push(*reading);
            return Some(*reading);
        }
    }
    if mark.value == 1 || (open.is_empty() && mark.value <= 40) {
        open.retain(|o| o.style != mark.style);
        open.push(mark);
        return Some(mark);
    }
    // A gap in the numbering: a number or bracketed letter left out still numbers.
    if let Some(at) = open.iter().rposition(|o| o.style == mark.style)
        && open.get(at).is_some_and(|o| mark.value > o.value && mark.value <= o.value + 3)
    {
        open.truncate(at);
        open.push(mark);
        return Some(mark);
    }
    None
}

fn as_letter(mark: Marker) -> Option<Marker> {
    let value = match (mark.style, mark.value) {
        (Style::Roman, 1) => 9,
        (Style::Roman, 5) => 22,
        (Style::Roman, 10) => 24,
        _ => return None,
    };
    Some(Marker { style: Style::Letter, value })
}

fn ends_sentence(item: &Item) -> bool {
    item.lines.last().is_some_and(|l| l.trim_end().ends_with(['.', ';', '\u{964}', ':']))
}

/// Lines without marks.
fn unmarked(lines: &[&str], wrapped: bool) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let widest = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let mut last = "";
    for line in lines {
        // A wrapped line fills its column; a short one followed by a capital ended its item.
        let ended = last.ends_with(['.', ';', '\u{964}'])
            || (last.chars().count() * 10 < widest * 6
                && line.chars().next().is_some_and(char::is_uppercase));
        match items.last_mut() {
            Some(item) if wrapped && !ended => item.lines.push((*line).to_owned()),
            _ => items.push(Item { marker: None, lines: vec![(*line).to_owned()] }),
        }
        last = line;
    }
    items
}

/// Cuts one item at inline marks, semicolons and sentence ends.
fn cut(item: Item) -> Vec<Item> {
    let text = item.text();
    let parts = inline_marks(&text, item.marker)
        .or_else(|| semicolons(&text))
        .or_else(|| sentences(&text))
        .unwrap_or_default();
    if parts.len() < 2 {
        return vec![item];
    }
    let marker = item.marker;
    parts.into_iter().map(|p| Item { marker, lines: vec![p] }).collect()
}

/// "1. this 2. that": at least two marks in sequence from the first, the first at the start (`taken` where it was
/// taken off already) or after a colon.
fn inline_marks(text: &str, taken: Option<Marker>) -> Option<Vec<String>> {
    let mut cuts: Vec<(usize, usize, Marker)> = taken.map(|m| (0, 0, m)).into_iter().collect();
    let mut at_word = true;
    for (i, c) in text.char_indices() {
        if at_word
            && !c.is_whitespace()
            && let Some((mark, rest)) = text.get(i..).and_then(marker)
            && mark.style != Style::Decimal
        {
            let dash = matches!(mark.style, Style::Bullet('-' | '\u{2013}' | '\u{2014}' | '*'));
            let before = text.get(..i).map_or("", str::trim_end);
            let fits = match cuts.last() {
                None => {
                    (before.is_empty() || before.ends_with([':', '-', '\u{2013}']))
                        && (mark.value <= 1)
                        && !dash
                }
                Some((_, _, last)) => {
                    let style = last.style == mark.style;
                    style && (mark.value == last.value + 1 || (mark.value == 0 && last.value == 0))
                }
            };
            if fits {
                cuts.push((i, text.len() - rest.len(), mark));
            }
        }
        at_word = c.is_whitespace();
    }
    if cuts.len() < 2 {
        return None;
    }
    let mut parts = Vec::new();
    let first = cuts.first()?.0;
    let lead = text.get(..first)?.trim();
    if !lead.is_empty() {
        parts.push(lead.to_owned());
    }
    for (n, (_, start, _)) in cuts.iter().enumerate() {
        let end = cuts.get(n + 1).map_or(text.len(), |c| c.0);
        parts.push(text.get(*start..end)?.trim().to_owned());
    }
    Some(parts)
}

/// Clauses by semicolon, where every clause has words enough to be a task.
fn semicolons(text: &str) -> Option<Vec<String>> {
    if !text.contains(';') {
        return None;
    }
    let parts: Vec<String> = text
        .split(';')
        .map(|p| p.trim().trim_start_matches("and ").trim_end_matches(" and").trim().to_owned())
        .filter(|p| !p.is_empty())
        .collect();
    let whole = parts.iter().all(|p| p.split_whitespace().count() >= 3);
    (whole && parts.len() >= 2).then_some(parts)
}

/// Words that are written with a full stop in the middle of a sentence.
const SHORT_WORDS: [&str; 16] = [
    "govt", "dept", "deptt", "asstt", "addl", "supdt", "engg", "admn", "estt", "misc", "approx", "distt",
    "regd", "secy", "sect", "resp",
];

/// Sentences, where a full stop follows a word of length and a capital follows it.
fn sentences(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (i, c) in text.char_indices() {
        let danda = c == '\u{964}';
        if !danda && c != '.' {
            continue;
        }
        let before = text.get(start..i)?;
        let after = text.get(i + c.len_utf8()..)?;
        let word = before.rsplit(|w: char| w.is_whitespace() || w == '.').next().unwrap_or("");
        let next = after.trim_start().chars().next();
        let spaced = after.starts_with(char::is_whitespace);
        let short = SHORT_WORDS.contains(&word.to_lowercase().as_str());
        let stops =
            danda || (spaced && !short && word.chars().count() >= 4 && word.chars().any(char::is_lowercase));
        if stops && next.is_some_and(|n| !n.is_lowercase()) && before.split_whitespace().count() >= 3 {
            parts.push(text.get(start..i)?.trim().to_owned());
            start = i + c.len_utf8();
        }
    }
    let rest = text.get(start..)?.trim();
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    (parts.len() >= 2 && parts.iter().all(|p| p.split_whitespace().count() >= 3)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, wrapped: bool) -> Vec<String> {
        split_items(text, wrapped).iter().map(Item::text).collect()
    }

    #[test]
    fn marks_of_every_kind_start_items() {
        for (line, rest) in [
            ("1. One", "One"),
            ("12) Twelve", "Twelve"),
            ("(3) Three", "Three"),
            ("(a) Letter", "Letter"),
            ("iv. Roman", "Roman"),
            ("\u{2022} Bullet", "Bullet"),
            ("\u{f0b7} Symbol", "Symbol"),
            ("- Dash", "Dash"),
            ("(क) अक्षर", "अक्षर"),
            ("१. अंक", "अंक"),
            ("1.2 Decimal", "Decimal"),
        ] {
            assert_eq!(marker(line).map(|m| m.1), Some(rest), "{line}");
        }
        for line in ["-do-", "2.5 lakh rupees", "Rs. 500", "2005 and later", "etc.", "Dr. Rao"] {
            assert_eq!(marker(line), None, "{line}");
        }
    }

    #[test]
    fn wrapped_lines_stay_with_their_item() {
        assert_eq!(
            texts("1. Draft rules under section\n12 of the Act\n2. Keep\nthe register", true),
            ["Draft rules under section 12 of the Act", "Keep the register"]
        );
        assert_eq!(texts("(h) last but one\n(i) ninth letter\n(j) tenth", true).len(), 3);
        assert_eq!(texts("(i) one\n(ii) two\n(iii) three", true).len(), 3);
    }

    #[test]
    fn inline_lists_and_sentences_are_cut() {
        assert_eq!(texts("1. Note and draft. 2. Keep records. 3. Type", true).len(), 3);
        assert_eq!(
            texts("Maintain the cash book; prepare pay bills; reconcile with treasury", true),
            ["Maintain the cash book", "prepare pay bills", "reconcile with treasury"]
        );
        assert_eq!(
            texts("Supervises all the sections. Sanctions leave of staff. Signs the pay bills.", true).len(),
            3
        );
        assert_eq!(texts("Acts under Rule No. 12 of the Govt. Manual as directed", true).len(), 1);
    }

    #[test]
    fn office_lines_are_items() {
        assert_eq!(texts("Open files\nTake dictation", false), ["Open files", "Take dictation"]);
    }
}
