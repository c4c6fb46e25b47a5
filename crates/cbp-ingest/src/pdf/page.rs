//! A drawn page to a finished one: legacy fonts decoded, letters in order, blocks laid out, the verdict given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::font::Font;
use super::geometry::PageGeometry;
use super::layout::{Laid, blocks};
use super::words::{RawWord, lines, words};
use crate::hindi::{FontVote, PRE_I, REPH, has_devanagari, layout_by_name, logical_order, normalise};
use crate::{Block, LegacyLayout, Page, ReadWarning, Verdict, Wellformedness, Word, wellformedness};

/// A page between interpretation and layout; glyphs are gone, words are there.
pub(crate) struct Drawn {
    geometry: PageGeometry,
    words: Vec<RawWord>,
    /// Votes on fonts that may be legacy fonts, by font address.
    votes: BTreeMap<usize, FontVote>,
}

fn address(font: &Arc<Font>) -> usize {
    Arc::as_ptr(font) as usize
}

impl Drawn {
    /// Splits a page's glyphs into words and lets these vote on their fonts.
    pub(crate) fn new(geometry: PageGeometry) -> Self {
        let words = words(&geometry);
        let mut votes: BTreeMap<usize, FontVote> = BTreeMap::new();
        for span in words.iter().flat_map(|w| &w.spans) {
            if let Some(font) = geometry.fonts.get(usize::from(span.font)) {
                votes.entry(address(font)).or_default().count(&span.text);
            }
        }
        let geometry = PageGeometry { glyphs: Vec::new(), pool: String::new(), ..geometry };
        Self { geometry, words, votes }
    }

    /// The text of a word, and whether some of it was decoded.
    fn final_text(&self, word: &RawWord, legacy: &Legacy, lettered: bool) -> (String, bool) {
        let mut out = String::new();
        let mut decoded = false;
        let mut run = String::new();
        let mut run_layout = None;
        for span in &word.spans {
            let font = self.geometry.fonts.get(usize::from(span.font));
            let layout = font.and_then(|f| legacy.layout(f)).filter(|_| !has_devanagari(&span.text));
            if layout != run_layout {
                flush(&mut out, &mut run, run_layout, lettered);
                run_layout = layout;
            }
            decoded |= layout.is_some();
            run.push_str(&span.text);
        }
        flush(&mut out, &mut run, run_layout, lettered);
        (out, decoded)
    }

    /// True where the maps of the page's fonts give letters in the order of reading, whatever glyph they hang on: then
    /// words are whole as they stand, and putting glyphs into letter order breaks them.
    fn is_lettered(&self, legacy: &Legacy) -> bool {
        let (mut as_letters, mut as_glyphs) = (0usize, 0usize);
        for word in self.words.iter().filter(|w| w.spans.iter().any(|s| s.text.contains([PRE_I, REPH]))) {
            let whole = |lettered| wellformedness(&self.final_text(word, legacy, lettered).0).malformed == 0;
            let (letters, glyphs) = (whole(true), whole(false));
            as_letters += usize::from(letters && !glyphs);
            as_glyphs += usize::from(glyphs && !letters);
        }
        as_letters > as_glyphs
    }

    /// Lays the page out.
    pub(crate) fn finish(self, number: u32, legacy: &Legacy) -> (Page, Vec<ReadWarning>) {
        let mut decoded = 0usize;
        let lettered = self.is_lettered(legacy);
        let texts: Vec<String> = self
            .words
            .iter()
            .map(|word| {
                let (text, was_legacy) = self.final_text(word, legacy, lettered);
                decoded += usize::from(was_legacy);
                text
            })
            .collect();
        let Self { geometry, words: raw, .. } = self;
        let (blocks, noise) = without_noise(blocks(&raw, &texts, &lines(&raw)));
        let readable: usize = texts.iter().map(|t| t.chars().count()).sum();
        let lost: usize =
            noise.iter().flatten().map(|i| texts.get(*i).map_or(0, |t| t.chars().count())).sum();
        let unmapped = geometry.unmapped;
        // A page in two scripts keeps the one that reads well.
        let verdict = if lost > (readable - lost) * 3 || (unmapped > 0 && unmapped * 4 > readable) {
            Verdict::Suspect
        } else if lost * 20 > readable {
            Verdict::Partial
        } else if readable == 0 {
            if geometry.images.is_empty() { Verdict::Empty } else { Verdict::NoTextLayer }
        } else if decoded > 0 {
            Verdict::LegacyDecoded
        } else if geometry.repaired > 0 {
            Verdict::Repaired
        } else {
            Verdict::Good
        };
        let warnings = page_warnings(number, &geometry, verdict, noise.len());
        let noise: BTreeSet<usize> = noise.into_iter().flatten().collect();
        let words = (0..)
            .zip(raw.iter().zip(texts))
            .filter(|(index, (_, text))| !text.is_empty() && !noise.contains(index))
            .map(|(_, (word, text))| Word { text, bbox: word.bbox(), size: word.size, bold: word.bold })
            .collect();
        let page = Page {
            number,
            label: None,
            width: geometry.width,
            height: geometry.height,
            verdict,
            blocks,
            words,
            drawing: geometry.drawing,
        };
        (page, warnings)
    }
}

fn flush(out: &mut String, run: &mut String, layout: Option<LegacyLayout>, lettered: bool) {
    if let Some(layout) = layout {
        out.push_str(&layout.decode(run));
    } else if run.is_ascii() {
        out.push_str(run);
    } else {
        run.retain(|c| !c.is_control());
        if lettered {
            *run = run.replace(PRE_I, "ि").replace(REPH, "र्");
        }
        if has_devanagari(run) || run.contains([PRE_I, REPH]) {
            out.push_str(&logical_order(&run.chars().collect::<Vec<_>>()));
        } else {
            out.push_str(&normalise(run));
        }
    }
    run.clear();
}

/// Takes out the blocks that are noise: those that say so themselves, and on a page of noise all that are not clean.
/// Gives back the others, and the words of each that was taken.
fn without_noise(laid: Vec<Laid>) -> (Vec<Block>, Vec<Vec<usize>>) {
    let healths: Vec<Wellformedness> = laid.iter().map(|l| wellformedness(&l.block.text)).collect();
    let mut page = Wellformedness::default();
    for health in &healths {
        page.add(*health);
    }
    let (mut kept, mut noise) = (Vec::with_capacity(laid.len()), Vec::new());
    for (laid, own) in laid.into_iter().zip(healths) {
        if own.is_noise() || (page.is_noise() && own.good_share() <= 0.9) {
            noise.push(laid.words);
        } else {
            kept.push(laid.block);
        }
    }
    (kept, noise)
}

fn page_warnings(number: u32, geometry: &PageGeometry, verdict: Verdict, dropped: usize) -> Vec<ReadWarning> {
    let mut messages = geometry.damage.clone();
    if geometry.unmapped > 0 {
        let are = if geometry.unmapped == 1 { "glyph is" } else { "glyphs are" };
        messages.push(format!(
            "{} {are} missing from the text: the file does not say what such a glyph means",
            geometry.unmapped
        ));
    }
    if dropped > 0 {
        messages.push(format!(
            "{dropped} block(s) of Devanagari are not well formed and were left out: the font's map is broken; read them with --ocr"
        ));
    }
    if verdict == Verdict::NoTextLayer {
        messages.push("the page is a picture without text; read it with --ocr".to_owned());
    }
    messages.into_iter().map(|message| ReadWarning { page: Some(number), message }).collect()
}

/// The fonts of a document that code Devanagari as Latin characters.
#[derive(Debug, Default)]
pub(crate) struct Legacy {
    fonts: BTreeMap<usize, LegacyLayout>,
}

impl Legacy {
    /// Decides by name, else by the votes of all pages.
    pub(crate) fn find(pages: &[Drawn]) -> Self {
        let mut votes: BTreeMap<usize, FontVote> = BTreeMap::new();
        for page in pages {
            for (font, vote) in &page.votes {
                votes.entry(*font).or_default().add(*vote);
            }
        }
        let mut fonts: BTreeMap<usize, LegacyLayout> =
            votes.iter().filter_map(|(font, vote)| Some((*font, vote.layout()?))).collect();
        // One face comes as several fonts of a file: ASCII codes in one, the others in another. They vote together.
        let mut named: BTreeMap<&str, (LegacyLayout, BTreeSet<usize>)> = BTreeMap::new();
        for font in pages.iter().flat_map(|p| &p.geometry.fonts) {
            if let Some(layout) = layout_by_name(&font.name) {
                named.entry(&font.name).or_insert((layout, BTreeSet::new())).1.insert(address(font));
            }
        }
        for (layout, faces) in named.into_values() {
            let mut vote = FontVote::default();
            faces.iter().filter_map(|face| votes.get(face)).for_each(|v| vote.add(*v));
            fonts.extend(faces.into_iter().map(|face| (face, vote.refine(layout))));
        }
        Self { fonts }
    }

    fn layout(&self, font: &Arc<Font>) -> Option<LegacyLayout> {
        self.fonts.get(&address(font)).copied()
    }
}
