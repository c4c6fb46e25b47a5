//! Random tables drawn as rules and words come back cell for cell.

use proptest::prelude::*;

use super::find_tables;
use crate::{BBox, Block, BlockKind, Drawing, Page, Table, Word};

/// A cell to draw: its span, and its lines of words.
#[derive(Debug, Clone)]
struct Drawn {
    row: usize,
    col: usize,
    rows: usize,
    cols: usize,
    lines: Vec<Vec<String>>,
}

#[derive(Debug, Clone)]
struct Sheet {
    widths: Vec<f32>,
    heights: Vec<f32>,
    cells: Vec<Drawn>,
}

const SIZE: f32 = 9.0;
const LEFT: f32 = 50.0;
const TOP: f32 = 150.0;

fn text() -> impl Strategy<Value = Vec<Vec<String>>> {
    let word = "[a-z]{2,5}";
    prop::collection::vec(prop::collection::vec(word, 1..3), 1..4)
}

/// A grid in which each row may merge two neighbouring cells, and the first column may merge downwards.
fn sheet() -> impl Strategy<Value = Sheet> {
    (2usize..6, 2usize..8).prop_flat_map(|(columns, rows)| {
        (
            prop::collection::vec(75.0f32..110.0, columns),
            prop::collection::vec(36.0f32..60.0, rows),
            prop::collection::vec(text(), columns * rows),
            prop::collection::vec(prop::option::weighted(0.3, 1..columns.max(2)), rows),
            prop::collection::vec(prop::bool::weighted(0.3), rows),
        )
            .prop_map(move |(widths, heights, texts, merges, down)| {
                let mut cells: Vec<Drawn> = Vec::new();
                let mut first: Option<usize> = None;
                for row in 0..rows {
                    let mut col = 0;
                    while col < columns {
                        if col == 0
                            && row > 0
                            && down[row]
                            && let Some(above) = first
                        {
                            cells[above].rows += 1;
                            col = 1;
                            continue;
                        }
                        let wide = merges[row] == Some(col) && col > 0 && col + 1 < columns;
                        let cols = 1 + usize::from(wide);
                        if col == 0 {
                            first = Some(cells.len());
                        }
                        // The words of a merged cell stand in one run: they do not look like columns.
                        let lines = texts[row * columns + col].clone();
                        cells.push(Drawn { row, col, rows: 1, cols, lines });
                        col += cols;
                    }
                }
                Sheet { widths, heights, cells }
            })
    })
}

/// Draws some rows of a sheet on a page.
fn draw(sheet: &Sheet, rows: std::ops::Range<usize>, number: u32) -> Page {
    let border = |sizes: &[f32], from: f32, n: usize| from + sizes[..n].iter().sum::<f32>();
    let heights = &sheet.heights[rows.clone()];
    let mut page = Page { number, width: 700.0, height: 842.0, ..Page::default() };
    let mut lines = Vec::new();
    for cell in sheet.cells.iter().filter(|c| rows.contains(&c.row)) {
        let row = cell.row - rows.start;
        let area = BBox {
            x0: border(&sheet.widths, LEFT, cell.col),
            x1: border(&sheet.widths, LEFT, cell.col + cell.cols),
            y0: border(heights, TOP, row),
            y1: border(heights, TOP, row + cell.rows),
        };
        lines.extend([
            [area.x0, area.y0, area.x1, area.y0],
            [area.x0, area.y1, area.x1, area.y1],
            [area.x0, area.y0, area.x0, area.y1],
            [area.x1, area.y0, area.x1, area.y1],
        ]);
        for (n, line) in cell.lines.iter().enumerate() {
            let mut x = area.x0 + 3.0;
            let y = area.y0 + 2.0 + n as f32 * 11.0;
            for word in line {
                let width = word.len() as f32 * 4.5;
                let bbox = BBox { x0: x, y0: y, x1: x + width, y1: y + SIZE };
                page.words.push(Word { text: word.clone(), bbox, size: SIZE, bold: false });
                x += width + 2.5;
            }
        }
    }
    page.drawing = Drawing { lines, boxes: Vec::new() };
    let block = |text: &str, y0: f32| Block {
        kind: BlockKind::Paragraph,
        text: text.into(),
        bbox: Some(BBox { x0: LEFT, y0, x1: 400.0, y1: y0 + 10.0 }),
    };
    page.blocks = vec![
        block("above", 20.0),
        Block { bbox: page.words.iter().map(|w| w.bbox).reduce(super::place::hull), ..block("inside", 0.0) },
        block("below", 800.0),
    ];
    page
}

fn the_table(pages: &[Page]) -> &Table {
    let tables: Vec<&Table> = pages
        .iter()
        .flat_map(|p| &p.blocks)
        .filter_map(|b| if let BlockKind::Table(t) = &b.kind { Some(t) } else { None })
        .collect();
    assert_eq!(tables.len(), 1, "one table");
    tables[0]
}

fn check(table: &Table, sheet: &Sheet) -> Result<(), TestCaseError> {
    prop_assert_eq!(table.columns, sheet.widths.len());
    prop_assert_eq!(table.rows.len(), sheet.heights.len());
    for cell in &sheet.cells {
        let found = &table.rows[cell.row].cells[cell.col];
        let text = cell.lines.iter().map(|l| l.join(" ")).collect::<Vec<_>>().join("\n");
        prop_assert_eq!((&found.text, found.row_span, found.col_span), (&text, cell.rows, cell.cols));
        prop_assert!(!found.covered);
    }
    let owned = table.rows.iter().flat_map(|r| &r.cells).filter(|c| !c.covered).count();
    prop_assert_eq!(owned, sheet.cells.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_drawn_table_comes_back(sheet in sheet()) {
        // A border that no row draws is none: every column needs a row of its own.
        prop_assume!((1..sheet.widths.len()).all(|c| sheet.cells.iter().any(|d| d.col == c)));
        let mut pages = vec![draw(&sheet, 0..sheet.heights.len(), 1)];
        find_tables(&mut pages);
        let texts: Vec<&str> = pages[0].blocks.iter().map(|b| b.text.as_str()).collect();
        prop_assert_eq!((texts.len(), texts[0], texts[2]), (3, "above", "below"));
        check(the_table(&pages), &sheet)?;
    }

    #[test]
    fn a_table_over_two_pages_becomes_one(sheet in sheet(), cut in 1usize..7) {
        let rows = sheet.heights.len();
        let cut = cut.min(rows - 1);
        // Each row begins with a cell of its own, and the cut goes through no merged cell.
        let simple = sheet.cells.iter().all(|c| c.rows == 1);
        let columns = |part: std::ops::Range<usize>| {
            (1..sheet.widths.len()).all(|c| sheet.cells.iter().any(|d| d.col == c && part.contains(&d.row)))
        };
        prop_assume!(simple && columns(0..cut) && columns(cut..rows));
        let mut pages = vec![draw(&sheet, 0..cut, 1), draw(&sheet, cut..rows, 2)];
        for page in &mut pages {
            page.blocks.retain(|b| b.text == "inside");
        }
        find_tables(&mut pages);
        prop_assert!(pages[1].blocks.is_empty());
        check(the_table(&pages), &sheet)?;
        let places: Vec<u32> = the_table(&pages).rows.iter().map(|r| r.page).collect();
        prop_assert_eq!(places.iter().filter(|p| **p == 1).count(), cut);
    }

    #[test]
    fn any_drawing_is_survived(
        lines in prop::collection::vec(prop::array::uniform4(-50.0f32..900.0), 0..80),
        boxes in prop::collection::vec(prop::array::uniform4(0.0f32..800.0), 0..30),
        words in prop::collection::vec(("[a-z0-9.]{1,8}", 0.0f32..800.0, 0.0f32..800.0), 0..80),
    ) {
        let axis = |l: [f32; 4]| if l[0] > 400.0 { [l[0], l[1], l[2], l[1]] } else { [l[0], l[1], l[0], l[3]] };
        let boxes = boxes.into_iter().map(|b| BBox {
            x0: b[0].min(b[2]), x1: b[0].max(b[2]), y0: b[1].min(b[3]), y1: b[1].max(b[3]),
        });
        let words = words.into_iter().map(|(text, x, y)| {
            let bbox = BBox { x0: x, y0: y, x1: x + 5.0 * text.len() as f32, y1: y + 9.0 };
            Word { text, bbox, size: SIZE, bold: false }
        });
        let mut pages = vec![Page {
            number: 1,
            width: 600.0,
            height: 800.0,
            words: words.collect(),
            drawing: Drawing { lines: lines.into_iter().map(axis).collect(), boxes: boxes.collect() },
            ..Page::default()
        }];
        find_tables(&mut pages);
        for block in &pages[0].blocks {
            if let BlockKind::Table(table) = &block.kind {
                prop_assert!(table.rows.iter().all(|r| r.cells.len() == table.columns));
            }
        }
    }
}

/// A page with these lines of words, each word with its place along the line.
fn written(lines: &[&[(&str, f32)]]) -> Page {
    let mut page = Page { number: 1, width: 595.0, height: 842.0, ..Page::default() };
    for (at, line) in lines.iter().enumerate() {
        let y0 = TOP + 12.0 * at as f32;
        for (text, x0) in *line {
            let x1 = x0 + 0.5 * SIZE * text.chars().count() as f32;
            let bbox = BBox { x0: *x0, y0, x1, y1: y0 + SIZE };
            page.words.push(Word { text: (*text).to_owned(), bbox, size: SIZE, bold: false });
        }
    }
    page
}

fn tables_of(mut page: Page) -> Vec<String> {
    find_tables(std::slice::from_mut(&mut page));
    page.blocks.into_iter().map(|b| b.text).collect()
}

#[test]
fn two_names_over_one_column_are_both_kept() {
    let row = |n| [("district north side", 50.0), (n, 200.0), (n, 260.0)];
    let body = ["12", "15", "27", "31", "44"].map(row);
    let mut lines: Vec<&[(&str, f32)]> =
        vec![&[("Name", 50.0), ("Place", 110.0), ("Men", 200.0), ("Women", 260.0)]];
    lines.extend(body.iter().map(|r| &r[..]));
    let found = tables_of(written(&lines));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("Name Place\tMen\tWomen\n"), "{found:?}");
}

#[test]
fn a_form_with_dots_to_write_on_is_no_table() {
    let found = tables_of(written(&[
        &[("held", 50.0), ("..........", 90.0), ("days", 160.0), ("for", 240.0), ("teachers", 300.0)],
        &[("by", 50.0), ("letter", 90.0), ("..........", 160.0), ("of", 240.0), ("bank", 300.0)],
        &[("draft", 50.0), ("..........", 90.0), ("dated", 160.0), ("..........", 240.0), ("sum", 300.0)],
        &[("paid", 50.0), ("to", 90.0), ("..........", 160.0), ("on", 240.0), ("demand", 300.0)],
    ]));
    assert!(found.is_empty(), "{found:?}");
}
