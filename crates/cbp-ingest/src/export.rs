//! A document as plain text or Markdown, for people and for tools that read no positions.

use std::fmt::Write as _;

use crate::prose::collapse;
use crate::{Block, BlockKind, Document, Table};

/// The text in reading order: blocks by blank lines, pages by form feeds, cells by tabs. Unreadable pages are named.
pub fn plain_text(document: &Document) -> String {
    pages(document, |block| match &block.kind {
        BlockKind::Table(table) => table
            .rows
            .iter()
            .map(|r| r.cells.iter().map(|c| collapse(&c.text)).collect::<Vec<_>>().join("\t"))
            .collect::<Vec<_>>()
            .join("\n"),
        _ => block.text.trim_end().to_owned(),
    })
}

/// Markdown: headings, lists and pipe tables; running headers and footers left out.
pub fn markdown(document: &Document) -> String {
    pages(document, |block| match &block.kind {
        BlockKind::Heading(level) => {
            format!("{} {}", "#".repeat(usize::from(*level).clamp(1, 6)), collapse(&block.text))
        }
        BlockKind::Furniture => String::new(),
        BlockKind::Table(table) => pipe_table(table),
        BlockKind::ListItem => format!("- {}", collapse(&block.text)),
        _ => collapse(&block.text),
    })
}

fn pages(document: &Document, render: impl Fn(&Block) -> String) -> String {
    let mut out = String::new();
    for (i, page) in document.pages.iter().enumerate() {
        if i > 0 {
            out.push('\u{c}');
        }
        if !page.verdict.is_readable() {
            let _ = write!(out, "[page {} could not be read]\n\n", page.number);
            continue;
        }
        for text in page.blocks.iter().map(&render).filter(|t| !t.is_empty()) {
            out.push_str(&text);
            out.push_str("\n\n");
        }
    }
    out
}

fn pipe_table(table: &Table) -> String {
    let mut out = String::new();
    for (i, row) in table.rows.iter().enumerate() {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|c| {
                c.text.trim().replace('|', "\\|").lines().map(str::trim).collect::<Vec<_>>().join("<br>")
            })
            .collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
        if i == 0 {
            let _ = writeln!(out, "|{}", " --- |".repeat(table.columns));
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Format, Page, Row, Verdict};

    #[test]
    fn both_forms_keep_everything_and_name_lost_pages() {
        let block = |kind, text: &str| Block { kind, text: text.to_owned(), bbox: None };
        let cell = |t: &str| Cell { text: t.to_owned(), ..Cell::default() };
        let row = |a, b| Row { page: 1, cells: vec![cell(a), cell(b)] };
        let table =
            Table { columns: 2, header_rows: 1, rows: vec![row("Post", "Work"), row("A|B", "1. x\n2. y")] };
        let blocks = vec![
            block(BlockKind::Heading(2), "Work\nallocation"),
            block(BlockKind::Furniture, "Page 1"),
            block(BlockKind::Table(table), ""),
        ];
        let lost = Page { number: 2, verdict: Verdict::NoTextLayer, ..Page::default() };
        let document = Document {
            name: "a.pdf".to_owned(),
            format: Format::Pdf,
            sha256: String::new(),
            pages: vec![Page { number: 1, blocks, ..Page::default() }, lost],
            warnings: Vec::new(),
        };
        assert_eq!(
            markdown(&document),
            "## Work allocation\n\n| Post | Work |\n| --- | --- |\n| A\\|B | 1. x<br>2. y |\n\n\u{c}[page 2 could not be read]\n\n"
        );
        assert_eq!(
            plain_text(&document),
            "Work\nallocation\n\nPage 1\n\nPost\tWork\nA|B\t1. x 2. y\n\n\u{c}[page 2 could not be read]\n\n"
        );
    }
}
