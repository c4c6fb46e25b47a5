//! Lines to blocks: paragraphs, list items and headings, in reading order.

use super::words::{RawLine, RawWord};
use crate::{BBox, Block, BlockKind};

/// A line further below than this many font sizes begins a new paragraph.
const PARAGRAPH_GAP: f32 = 1.9;

/// The text of a line, words joined by one blank where they are apart.
fn line_text(words: &[RawWord], texts: &[String], line: &RawLine) -> String {
    let mut out = String::new();
    for index in line.words.clone() {
        let (Some(word), Some(text)) = (words.get(index), texts.get(index)) else { continue };
        if word.spaced && !out.is_empty() && !text.is_empty() {
            out.push(' ');
        }
        out.push_str(text);
    }
    out
}

/// A block with the indices of its words.
pub(crate) struct Laid {
    pub(crate) block: Block,
    pub(crate) words: Vec<usize>,
}

/// Groups lines into blocks. `texts` has the final text of every word.
pub(crate) fn blocks(words: &[RawWord], texts: &[String], lines: &[RawLine]) -> Vec<Laid> {
    let body = body_size(words, texts);
    let mut out = Vec::new();
    let mut group: Vec<(&RawLine, String)> = Vec::new();
    for line in lines {
        let text = line_text(words, texts, line);
        if text.is_empty() {
            continue;
        }
        if group.last().is_some_and(|(last, last_text)| breaks(&group, last, last_text, line, &text)) {
            out.extend(close(words, &mut group, body));
        }
        group.push((line, text));
    }
    out.extend(close(words, &mut group, body));
    out
}

fn breaks(group: &[(&RawLine, String)], last: &RawLine, last_text: &str, line: &RawLine, text: &str) -> bool {
    let size = last.size.max(line.size);
    let down = line.base - last.base;
    if line.turn != last.turn || down < -0.2 * size || (line.size - last.size).abs() > 0.2 * size {
        return true;
    }
    if down.abs() <= 0.5 * size {
        // The same base line, further right: a label and its value.
        return line.start - last.end > 3.0 * size || line.start < last.start;
    }
    if down > PARAGRAPH_GAP * size || line.start > last.end || line.end < last.start {
        return true;
    }
    // "… as follows :-" ends a paragraph; what follows may be a heading.
    let announces = [":-", ":\u{2013}", ":\u{2014}", "\u{903}-"].iter().any(|end| last_text.ends_with(end));
    if line.bold != last.bold || is_item(text) || announces {
        return true;
    }
    let right = group.iter().map(|(l, _)| l.end).fold(f32::MIN, f32::max);
    let left = group.iter().map(|(l, _)| l.start).fold(f32::MAX, f32::min);
    let short = last.end < right - 0.25 * (right - left).max(1.0) && group.len() > 1;
    let sentence_end = last_text.ends_with(['.', ':', ';', '।', '?']);
    (short || line.start > left + 1.5 * size) && sentence_end
}

/// True where a text begins with a bullet, a number or a letter in brackets.
pub(crate) fn is_item(text: &str) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    if matches!(
        first,
        '•' | '●' | '○' | '▪' | '■' | '◆' | '➢' | '➤' | '✓' | '–' | '*' | '\u{F000}'..='\u{F0FF}'
    ) {
        return true;
    }
    let head: String = text.chars().take_while(|c| !c.is_whitespace()).take(8).collect();
    let marker = head.trim_start_matches('(');
    let Some(end) = marker.find([')', '.']) else { return false };
    let (label, rest) = marker.split_at(end);
    let closed = rest.starts_with(')') || (rest.len() == 1 && !label.is_empty());
    let numeric = !label.is_empty() && label.len() <= 3 && label.chars().all(char::is_numeric);
    let letters = (1..=4).contains(&label.chars().count())
        && (label.chars().count() == 1 || label.chars().all(|c| "ivxlcIVXLC".contains(c)))
        && label.chars().all(char::is_alphabetic);
    closed && (numeric || letters)
}

/// The font size that most characters of the page have, in tenths of a point.
fn body_size(words: &[RawWord], texts: &[String]) -> f32 {
    let mut counts = std::collections::BTreeMap::new();
    for (word, text) in words.iter().zip(texts) {
        *counts.entry((word.size * 10.0).round() as i32).or_insert(0usize) += text.len();
    }
    counts.iter().max_by_key(|(size, count)| (**count, -**size)).map_or(10.0, |(size, _)| *size as f32 / 10.0)
}

fn close(words: &[RawWord], group: &mut Vec<(&RawLine, String)>, body: f32) -> Option<Laid> {
    let (first, _) = group.first()?;
    let (size, bold) = (first.size, group.iter().all(|(l, _)| l.bold));
    let text = group.iter().map(|(_, t)| t.as_str()).collect::<Vec<_>>().join("\n");
    let boxes =
        group.iter().flat_map(|(l, _)| words.get(l.words.clone()).unwrap_or_default()).map(RawWord::bbox);
    let bbox = boxes.reduce(|a, b| BBox {
        x0: a.x0.min(b.x0),
        y0: a.y0.min(b.y0),
        x1: a.x1.max(b.x1),
        y1: a.y1.max(b.y1),
    });
    let short = group.len() <= 3 && text.chars().count() <= 160;
    let ends_open = !text.ends_with(['.', ';', ',', '।']);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    let kind = if short && ends_open && letters && size >= body * 1.5 {
        BlockKind::Heading(1)
    } else if short && ends_open && letters && size >= body * 1.15 {
        BlockKind::Heading(2)
    } else if is_item(&text) {
        BlockKind::ListItem
    } else if short && ends_open && letters && bold {
        BlockKind::Heading(3)
    } else {
        BlockKind::Paragraph
    };
    let words = group.iter().flat_map(|(l, _)| l.words.clone()).collect();
    group.clear();
    Some(Laid { block: Block { kind, text, bbox }, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_markers_are_recognised() {
        for item in ["• Duty", "(a) To do", "1. First", "iv) fourth", "(12) x", "क) काम", "\u{F0B7} x"]
        {
            assert!(is_item(item), "{item}");
        }
        for text in ["The Act", "2014 was", "e.g. this", "No. 5", "Section 4(1)"] {
            assert!(!is_item(text), "{text}");
        }
    }
}
