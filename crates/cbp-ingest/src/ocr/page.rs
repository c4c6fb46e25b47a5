//! A recognised page as blocks and words of the document.

use super::{OcrEngine, OcrError, OcrPage, OcrWord, PictureSource};
use crate::hindi::{has_devanagari, normalise};
use crate::{BBox, Block, BlockKind, Page, Verdict, Word};

/// Replaces the text of a page by what the engine reads in its picture. Where it reads nothing the page stays as it is.
pub(crate) fn recognise(
    page: &mut Page,
    engine: &dyn OcrEngine,
    source: &PictureSource<'_>,
) -> Result<(), OcrError> {
    let picture = source.picture(page.number, page.width, page.height)?;
    let read = engine.read(&picture)?;
    if read.lines.iter().any(|line| !line.words.is_empty()) {
        fill(page, &read);
    }
    Ok(())
}

fn fill(page: &mut Page, read: &OcrPage) {
    let (sx, sy) = (page.width / read.width.max(1) as f32, page.height / read.height.max(1) as f32);
    let place = |word: &OcrWord| {
        let [x0, y0, x1, y1] = word.area.map(|v| v as f32);
        BBox { x0: x0 * sx, y0: y0 * sy, x1: x1 * sx, y1: y1 * sy }
    };
    page.blocks.clear();
    page.words.clear();
    page.verdict = Verdict::Ocr;
    let mut paragraph = None;
    for line in &read.lines {
        let mut text: Vec<String> = line.words.iter().map(|w| normalise(&w.text)).collect();
        full_stops(&mut text);
        let Some(area) = line.words.iter().map(place).reduce(join) else { continue };
        let text_of_line = text.join(" ");
        match page.blocks.last_mut().filter(|_| paragraph == Some(line.paragraph)) {
            Some(block) => {
                block.text.push('\n');
                block.text.push_str(&text_of_line);
                block.bbox = Some(block.bbox.map_or(area, |b| join(b, area)));
            }
            None => {
                page.blocks.push(Block { kind: BlockKind::Paragraph, text: text_of_line, bbox: Some(area) });
            }
        }
        paragraph = Some(line.paragraph);
        let size = area.y1 - area.y0;
        for (word, text) in line.words.iter().zip(text) {
            page.words.push(Word { text, bbox: place(word), size, bold: false });
        }
    }
}

/// Makes the stroke behind a Devanagari word the full stop that it is: engines read `।` as `|`.
fn full_stops(words: &mut [String]) {
    let mut hindi = false;
    for word in words {
        let letters = word.trim_end_matches(['|', '।']);
        if letters.len() < word.len() && (hindi || has_devanagari(letters)) {
            *word = format!("{letters}।");
        }
        hindi = has_devanagari(word) && !word.ends_with('।');
    }
}

fn join(a: BBox, b: BBox) -> BBox {
    BBox { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) }
}

#[cfg(test)]
mod tests {
    use super::super::OcrLine;
    use super::*;

    #[test]
    fn a_stroke_behind_hindi_is_a_full_stop_and_elsewhere_a_stroke() {
        let read = |line: &str| {
            let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            full_stops(&mut words);
            words.join(" ")
        };
        assert_eq!(read("बजट का कार्य |"), "बजट का कार्य ।");
        assert_eq!(read("बजट का कार्य।|"), "बजट का कार्य।");
        assert_eq!(read("पद | कार्य"), "पद । कार्य");
        assert_eq!(read("Post | Work |"), "Post | Work |");
        assert_eq!(read("| पद"), "| पद");
    }

    #[test]
    fn lines_become_paragraphs_in_page_coordinates() {
        let word = |text: &str, x: u32, y: u32| OcrWord {
            text: text.to_owned(),
            area: [x, y, x + 40, y + 20],
            confidence: 0.9,
        };
        let line = |paragraph, words| OcrLine { paragraph, words };
        let read = OcrPage {
            width: 1_200,
            height: 1_600,
            lines: vec![
                line(1, vec![word("ग्राम", 100, 100), word("सभा", 200, 100)]),
                line(1, vec![word("की", 100, 140)]),
                line(2, vec![word("end", 100, 400)]),
            ],
        };
        let mut page = Page { width: 600.0, height: 800.0, verdict: Verdict::NoTextLayer, ..Page::default() };
        fill(&mut page, &read);
        let texts: Vec<&str> = page.blocks.iter().map(|b| b.text.as_str()).collect();
        assert_eq!(texts, ["ग्राम सभा\nकी", "end"]);
        assert_eq!(page.words[1].bbox, BBox { x0: 100.0, y0: 50.0, x1: 120.0, y1: 60.0 });
        assert_eq!(page.verdict, Verdict::Ocr);
    }
}
