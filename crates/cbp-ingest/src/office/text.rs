//! Plain text and Markdown, in whatever encoding.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::cells::{Loose, table};
use crate::hindi::{FontVote, normalise};
use crate::tables::plain;
use crate::{Block, BlockKind, Document, Format, IngestError, Limits, Page, Verdict};

/// Decodes text: by its byte order mark, else as UTF-16 where every other byte is zero, else as UTF-8, else as
/// Windows-1252. Also the encoding's name.
pub(crate) fn decode(bytes: &[u8]) -> (String, &'static str) {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        return (encoding.decode(bytes).0.into_owned(), encoding.name());
    }
    let head = bytes.get(..1024).unwrap_or(bytes);
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = head.len() / 2;
    let encoding = if half >= 2 && zeros(1) * 10 > half * 4 && zeros(0) * 10 < half {
        UTF_16LE
    } else if half >= 2 && zeros(0) * 10 > half * 4 && zeros(1) * 10 < half {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    };
    (encoding.decode_without_bom_handling(bytes).0.into_owned(), encoding.name())
}

/// Reads plain text or Markdown: headings, list items, pipe tables, paragraphs. A form feed begins a page.
///
/// # Errors
///
/// The text has more pages than the budget allows.
pub(crate) fn read_text(
    name: &str,
    bytes: &[u8],
    text: &str,
    limits: &Limits,
) -> Result<Document, IngestError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut vote = FontVote::default();
    text.split_whitespace().for_each(|w| vote.count(w));
    let legacy = vote.layout();
    let mut pages = Vec::new();
    for (at, part) in text.trim_end_matches('\u{c}').split('\u{c}').enumerate() {
        if at >= limits.pages {
            let limit = limits.pages as u64;
            return Err(IngestError::Limit { name: name.to_owned(), what: "the number of pages", limit });
        }
        let number = at as u32 + 1;
        let part = legacy.map_or_else(|| normalise(part), |layout| layout.decode(part));
        let blocks = blocks(name, &part, number)?;
        let verdict = match blocks.is_empty() {
            true => Verdict::Empty,
            false if legacy.is_some() => Verdict::LegacyDecoded,
            false => Verdict::Good,
        };
        pages.push(Page { number, verdict, blocks, ..Page::default() });
    }
    Ok(Document {
        name: name.to_owned(),
        format: Format::Text,
        sha256: crate::sha256_hex(bytes),
        pages,
        warnings: Vec::new(),
    })
}

fn blocks(name: &str, text: &str, page: u32) -> Result<Vec<Block>, IngestError> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut out = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut fenced = false;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let bare = line.trim_start();
        let next = lines.get(at + 1).copied().unwrap_or_default();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            close(&mut out, &mut open);
            fenced = !fenced;
        } else if fenced {
            open.push(line);
        } else if bare.is_empty() {
            close(&mut out, &mut open);
        } else if let Some((level, title)) = heading(bare) {
            close(&mut out, &mut open);
            out.push(Block { kind: BlockKind::Heading(level), text: title.to_owned(), bbox: None });
        } else if open.is_empty() && is_underline(next) && !is_rule_row(next) && !bare.contains('|') {
            let level = if next.starts_with('=') { 1 } else { 2 };
            out.push(Block { kind: BlockKind::Heading(level), text: bare.to_owned(), bbox: None });
            at += 1;
        } else if bare.contains('|') && is_rule_row(next) {
            close(&mut out, &mut open);
            let end = lines.iter().skip(at).position(|l| !l.contains('|')).map_or(lines.len(), |n| at + n);
            out.push(pipe_table(name, lines.get(at..end).unwrap_or_default(), page)?);
            at = end;
            continue;
        } else if is_marked(bare) {
            close(&mut out, &mut open);
            open.push(bare);
        } else {
            open.push(bare);
        }
        at += 1;
    }
    close(&mut out, &mut open);
    Ok(out)
}

fn close(out: &mut Vec<Block>, open: &mut Vec<&str>) {
    let Some(first) = open.first() else { return };
    let kind = if is_marked(first) { BlockKind::ListItem } else { BlockKind::Paragraph };
    out.push(Block { kind, text: open.join("\n"), bbox: None });
    open.clear();
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let title = line.get(level..)?.strip_prefix(' ')?.trim().trim_end_matches('#').trim_end();
    ((1..=6).contains(&level) && !title.is_empty()).then_some((level as u8, title))
}

fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
}

/// The row below a pipe table's header.
fn is_rule_row(line: &str) -> bool {
    line.contains('|')
        && line.contains('-')
        && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

fn is_marked(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("+ ") || line.starts_with("* ") || crate::pdf::is_item(line)
}

fn pipe_table(name: &str, lines: &[&str], page: u32) -> Result<Block, IngestError> {
    let mut loose = Vec::new();
    let mut row = 0;
    for (at, line) in lines.iter().enumerate() {
        if at == 1 {
            continue;
        }
        for (col, text) in pipe_cells(line).into_iter().enumerate() {
            loose.push(Loose { row, col, rows: 1, cols: 1, text });
        }
        row += 1;
    }
    let mut table = table(name, loose, &vec![page; row])?;
    table.header_rows = 1;
    Ok(Block { text: plain(&table), kind: BlockKind::Table(table), bbox: None })
}

/// Cells of a pipe row; `\|` is a bar and `<br>` a line break.
fn pipe_cells(line: &str) -> Vec<String> {
    let line = line.trim().replace("\\|", "\u{1}");
    let line = line.strip_prefix('|').unwrap_or(&line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.split('|')
        .map(|c| c.trim().replace('\u{1}', "|").replace("<br/>", "\n").replace("<br>", "\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Block> {
        let text = decode(bytes).0;
        read_text("x", bytes, &text, &Limits::default()).unwrap().pages.remove(0).blocks
    }

    #[test]
    fn encodings_are_guessed() {
        let text = "Café – पद";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "Officer".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked: Vec<u8> = [vec![0xFF, 0xFE], wide].concat();
        assert_eq!(decode(text.as_bytes()), (text.to_owned(), "UTF-8"));
        assert_eq!(decode(&marked), (text.to_owned(), "UTF-16LE"));
        assert_eq!(decode(&big), ("Officer".to_owned(), "UTF-16BE"));
        assert_eq!(decode(b"Caf\xe9 \x96"), ("Café –".to_owned(), "windows-1252"));
    }

    #[test]
    fn markdown_has_headings_lists_and_tables() {
        let blocks = read(
            b"# Duties\n\nOf the\nDirector:\n\n- first\n- second\n  goes on\n\n| No. | Post |\n|---|:--|\n| 1 | A \\| B |\n\nEnd\n---\n",
        );
        let kinds: Vec<&str> = blocks
            .iter()
            .map(|b| match b.kind {
                BlockKind::Heading(1) => "h1",
                BlockKind::Heading(_) => "h2",
                BlockKind::Paragraph => "p",
                BlockKind::ListItem => "li",
                _ => "table",
            })
            .collect();
        assert_eq!(kinds, ["h1", "p", "li", "li", "table", "h2"]);
        assert_eq!(blocks[3].text, "- second\ngoes on");
        assert_eq!(blocks[4].text, "No.\tPost\n1\tA | B");
    }
}
