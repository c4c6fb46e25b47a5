//! Prints the tables of documents: `cargo run -p cbp-ingest --example tables -- FILE...`.

use cbp_ingest::{BlockKind, ReadOptions, read_document};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let document = read_document(&path, &std::fs::read(&path)?, &ReadOptions::default())?;
        for page in &document.pages {
            println!("=== page {} ({:?})", page.number, page.verdict);
            for block in &page.blocks {
                let BlockKind::Table(table) = &block.kind else {
                    println!("[{:?}] {}", block.kind, block.text.replace('\n', " / "));
                    continue;
                };
                println!("--- {} columns, {} header rows", table.columns, table.header_rows);
                for row in &table.rows {
                    let cells = row.cells.iter().map(|c| match (c.covered, c.row_span, c.col_span) {
                        (true, ..) => "^".to_owned(),
                        (_, 1, 1) => c.text.replace('\n', " / "),
                        (_, r, w) => format!("{} {{{r}x{w}}}", c.text.replace('\n', " / ")),
                    });
                    println!("p{} | {} |", row.page, cells.collect::<Vec<_>>().join(" | "));
                }
            }
        }
    }
    Ok(())
}
