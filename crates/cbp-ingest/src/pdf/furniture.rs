//! Running headers, footers and page numbers: text in the margin that comes back page after page.

use std::collections::BTreeMap;

use crate::{Block, BlockKind, Page};

/// Share of a page's height, above and below, in which furniture stands.
const MARGIN: f32 = 0.13;
/// Longest running header, in characters.
const LONGEST: usize = 200;
/// Pages on which a text must come back.
const PAGES: usize = 3;
/// Heights are told apart this many steps up and down; a damaged page may put its text anywhere.
const STEPS: f32 = 1e6;

/// Marks the furniture of a document. A text counts where it stands alike (digits aside) on three pages or more at
/// about the same height; a lone page number counts where it grows with the pages.
pub(crate) fn mark_furniture(pages: &mut [Page]) {
    let mut seen: BTreeMap<(String, i32), Vec<u32>> = BTreeMap::new();
    let mut steps: BTreeMap<i64, usize> = BTreeMap::new();
    for page in pages.iter() {
        let mut here: Vec<(String, i32)> = margin_blocks(page).map(|block| key(page, block)).collect();
        here.sort();
        here.dedup();
        for key in here {
            seen.entry(key).or_default().push(page.number);
        }
        for number in margin_blocks(page).filter_map(|b| page_number(&b.text)) {
            *steps.entry(number - i64::from(page.number)).or_default() += 1;
        }
    }
    // How far printed numbers are ahead of counted ones: the step that most pages agree on.
    let step = steps.into_iter().max_by_key(|(step, count)| (*count, -step.abs())).filter(|s| s.1 >= 2);
    for page in pages {
        let marked: Vec<bool> = page
            .blocks
            .iter()
            .map(|block| {
                let (text, height) = key(page, block);
                let back = (height - 1..=height + 1).any(|h| {
                    let known = (text.clone(), h);
                    seen.get(&known).is_some_and(|pages| pages.len() >= PAGES)
                });
                let number = page_number(&block.text).map(|n| n - i64::from(page.number));
                is_margin(page, block) && (back || number.is_some_and(|n| step.is_some_and(|s| s.0 == n)))
            })
            .collect();
        // A page of nothing but what comes back (a form, a slide) keeps its text.
        if marked.iter().all(|m| *m) && page.blocks.len() > 2 {
            continue;
        }
        for (block, _) in page.blocks.iter_mut().zip(marked).filter(|(_, marked)| *marked) {
            block.kind = BlockKind::Furniture;
        }
    }
}

fn is_margin(page: &Page, block: &Block) -> bool {
    let Some(area) = block.bbox else { return false };
    let zone = page.height * MARGIN;
    let within = area.y1 <= zone || area.y0 >= page.height - zone;
    within && !matches!(block.kind, BlockKind::Table(_)) && block.text.chars().count() <= LONGEST
}

fn margin_blocks(page: &Page) -> impl Iterator<Item = &Block> {
    page.blocks.iter().filter(|block| is_margin(page, block))
}

/// The text with digits alike, and the height on the page in steps of 12 points.
fn key(page: &Page, block: &Block) -> (String, i32) {
    let text = block.text.chars().filter(|c| !c.is_whitespace());
    let text = text.map(|c| if c.is_numeric() { '0' } else { c }).collect::<String>();
    let mut short = String::with_capacity(text.len());
    // `Page 9` and `Page 10` are alike.
    for c in text.chars() {
        if c != '0' || !short.ends_with('0') {
            short.push(c);
        }
    }
    let middle = block.bbox.map_or(0.0, |b| f32::midpoint(b.y0, b.y1));
    let height = if middle > page.height / 2.0 { middle - page.height } else { middle };
    (short, (height / 12.0).round().clamp(-STEPS, STEPS) as i32)
}

/// The number of a text that is nothing but a page number: `12`, `- 12 -`, `[12]`, `Page 12`, `Page 12 of 40`, `xii`.
fn page_number(text: &str) -> Option<i64> {
    let plain = text.trim_matches(|c: char| !c.is_alphanumeric());
    let plain =
        ["Page", "page", "PAGE", "पृष्ठ"].iter().find_map(|p| plain.strip_prefix(p)).unwrap_or(plain).trim();
    let first = plain.split(|c: char| c.is_whitespace() || c == '/' || c == '|').next()?;
    let rest = plain.get(first.len()..)?.trim_matches(|c: char| c.is_whitespace() || c == '/' || c == '|');
    let rest = rest.strip_prefix("of").unwrap_or(rest).trim();
    if !rest.chars().all(char::is_numeric) || first.len() > 6 {
        return None;
    }
    first.parse().ok().or_else(|| roman(first))
}

fn roman(text: &str) -> Option<i64> {
    let value = |c: char| match c.to_ascii_lowercase() {
        'i' => Some(1),
        'v' => Some(5),
        'x' => Some(10),
        'l' => Some(50),
        'c' => Some(100),
        _ => None,
    };
    let digits: Vec<i64> = text.chars().map(value).collect::<Option<_>>()?;
    let next = digits.iter().skip(1).copied().chain([0]);
    let sum: i64 = digits.iter().zip(next).map(|(&d, n)| if d < n { -d } else { d }).sum();
    (sum > 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BBox;

    fn page(number: u32, blocks: &[(&str, f32)]) -> Page {
        let block = |&(text, y): &(&str, f32)| Block {
            kind: BlockKind::Paragraph,
            text: text.to_owned(),
            bbox: Some(BBox { x0: 70.0, y0: y, x1: 300.0, y1: y + 12.0 }),
        };
        Page {
            number,
            width: 595.0,
            height: 842.0,
            blocks: blocks.iter().map(block).collect(),
            ..Page::default()
        }
    }

    #[test]
    fn what_comes_back_in_the_margin_is_furniture() {
        let mut pages: Vec<Page> = (1..=4)
            .map(|n| {
                let (head, foot) = (format!("The Gazette of India {n}"), format!("Page {n} of 4"));
                page(n, &[(&head, 30.0), ("The same words in the body", 400.0), (&foot, 810.0)])
            })
            .collect();
        mark_furniture(&mut pages);
        for page in &pages {
            let kinds: Vec<bool> = page.blocks.iter().map(|b| b.kind == BlockKind::Furniture).collect();
            assert_eq!(kinds, [true, false, true], "page {}", page.number);
        }
    }

    #[test]
    fn a_heading_at_the_top_of_one_page_is_kept_and_numbers_must_grow() {
        let mut pages = vec![
            page(1, &[("Annual Report", 40.0), ("body", 300.0), ("14", 800.0)]),
            page(2, &[("2014", 40.0), ("body", 300.0), ("15", 800.0)]),
        ];
        mark_furniture(&mut pages);
        let kinds: Vec<Vec<bool>> =
            pages.iter().map(|p| p.blocks.iter().map(|b| b.kind == BlockKind::Furniture).collect()).collect();
        assert_eq!(kinds, [[false, false, true], [false, false, true]]);
    }

    #[test]
    fn page_numbers_are_read() {
        let cases = [("12", 12), ("- 12 -", 12), ("Page 3 of 40", 3), ("xiv", 14), ("पृष्ठ 7", 7), ("5/12", 5)];
        for (text, number) in cases {
            assert_eq!(page_number(text), Some(number), "{text}");
        }
        for text in ["Section 12", "12 months", "mix of", "2. Duties"] {
            assert_eq!(page_number(text), None, "{text}");
        }
    }
}
