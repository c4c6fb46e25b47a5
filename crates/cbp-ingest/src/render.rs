//! A [`Document`] as plain text or Markdown, for people and for tools that read nothing else.

use std::fmt::Write;

use crate::{Block, BlockKind, Document, Table};

/// The document as plain text: blocks with a blank line between them, pages parted by a form feed. Tables have a line
/// for each row and a tab between cells. Running headers and footers stand where they stand.
pub fn to_text(document: &Document) -> String {
    let mut out = String::new();
    for (at, page) in document.pages.iter().enumerate() {
        if at > 0 {
            out.push('\u{c}');
        }
        for (n, block) in page.blocks.iter().enumerate() {
            if n > 0 {
                out.push('\n');
            }
            out.push_str(&block.text);
            out.push('\n');
        }
    }
    out
}

/// The document as Markdown: headings, lists and pipe tables. Running headers, footers and page numbers are left out;
/// a comment names each page, so that a reader can go back to the paper.
pub fn to_markdown(document: &Document) -> String {
    let mut out = String::new();
    for page in &document.pages {
        if !out.is_empty() {
            out.push('\n');
        }
        let label =
            page.label.as_deref().map(|l| format!(": {}", l.replace("--", "- -"))).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "<!-- page {}{label} -->", page.number);
        for block in &page.blocks {
            if !matches!(block.kind, BlockKind::Furniture) {
                out.push('\n');
                markdown_block(&mut out, block);
            }
        }
    }
    out
}

fn markdown_block(out: &mut String, block: &Block) {
    let one_line = || block.text.split_whitespace().collect::<Vec<_>>().join(" ");
    match &block.kind {
        BlockKind::Heading(level) => {
            out.push_str(&"#".repeat(usize::from((*level).clamp(1, 6))));
            out.push(' ');
            out.push_str(&one_line());
        }
        BlockKind::ListItem => {
            out.push_str("- ");
            out.push_str(&escape(block.text.trim_start_matches(BULLETS).trim_start()).replace('\n', "\n  "));
        }
        BlockKind::Table(table) => return markdown_table(out, table),
        BlockKind::Paragraph | BlockKind::Furniture => out.push_str(&escape(&block.text)),
    }
    out.push('\n');
}

/// Marks that Markdown's own list mark stands for.
const BULLETS: [char; 6] = ['•', '●', '▪', '➢', '*', '-'];

/// Keeps a paragraph from being read as a heading, quotation or table.
fn escape(text: &str) -> String {
    text.lines()
        .map(|line| match line.chars().next() {
            Some('#' | '>' | '|' | '=') => format!("\\{line}"),
            _ => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Markdown knows one header row: names that stand above each other are joined. A merged cell's text stands once.
fn markdown_table(out: &mut String, table: &Table) {
    let head = table.header_rows.min(table.rows.len());
    let (header, body) = table.rows.split_at(head);
    let names = (0..table.columns).map(|col| {
        let parts: Vec<&str> = header
            .iter()
            .filter_map(|r| r.cells.get(col))
            .map(|c| c.text.as_str())
            .filter(|t| !t.is_empty())
            .collect();
        parts.join("\n")
    });
    pipe_row(out, names);
    out.push('|');
    out.push_str(&"---|".repeat(table.columns));
    out.push('\n');
    for row in body {
        pipe_row(out, row.cells.iter().map(|c| c.text.clone()));
    }
}

fn pipe_row(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push('|');
    for text in cells {
        let _ = write!(out, " {} |", text.replace('|', "\\|").replace('\n', "<br>"));
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadOptions, read_document};

    #[test]
    fn markdown_comes_back_as_it_was() {
        let text =
            "# Duties\n\nOf the Director:\n\n- first\n\n| No. | Post |\n|---|---|\n| 1 | A \\| B<br>C |\n";
        let document = read_document("x.md", text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(to_markdown(&document), format!("<!-- page 1 -->\n\n{text}"));
    }

    #[test]
    fn text_has_rows_on_lines() {
        let text = "No.,Post,Group\n1,\"Clerk, Grade I\",C\n2,Peon,D\n";
        let document = read_document("x.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(to_text(&document), "No.\tPost\tGroup\n1\tClerk, Grade I\tC\n2\tPeon\tD\n");
    }
}
