//! A drawn page to a finished one: legacy fonts decoded, letters in order, blocks laid out, the verdict given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::font::Font;
use super::geometry::PageGeometry;
use super::layout::blocks;
use super::words::{RawWord, lines, words};
use crate::hindi::{
    FontVote, PRE_I, REPH, decode_kruti, has_devanagari, legacy_by_name, logical_order, normalise,
};
use crate::{Page, ReadWarning, Verdict, Wellformedness, Word, wellformedness};

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

    fn final_text(&self, word: &RawWord, legacy: &Legacy) -> (String, bool) {
        let mut out = String::new();
        let mut decoded = false;
        let mut run = String::new();
        let mut run_is_legacy = false;
        for span in &word.spans {
            let font = self.geometry.fonts.get(usize::from(span.font));
            let is_legacy = font.is_some_and(|f| legacy.contains(f)) && !has_devanagari(&span.text);
            if is_legacy != run_is_legacy {
                flush(&mut out, &mut run, run_is_legacy);
                run_is_legacy = is_legacy;
            }
            decoded |= is_legacy;
            run.push_str(&span.text);
        }
        flush(&mut out, &mut run, run_is_legacy);
        (out, decoded)
    }

    /// Lays the page out.
    pub(crate) fn finish(self, number: u32, legacy: &Legacy) -> (Page, Vec<ReadWarning>) {
        let mut decoded = 0usize;
        let texts: Vec<String> = self
            .words
            .iter()
            .map(|word| {
                let (text, was_legacy) = self.final_text(word, legacy);
                decoded += usize::from(was_legacy);
                text
            })
            .collect();
        let Self { geometry, words: raw, .. } = self;
        let mut blocks = blocks(&raw, &texts, &lines(&raw));
        let mut health = Wellformedness::default();
        for block in &blocks {
            health.add(wellformedness(&block.text));
        }
        let readable: usize = texts.iter().map(|t| t.chars().count()).sum();
        let mut dropped = 0;
        if health.is_noise() {
            let before = blocks.len();
            blocks.retain(|b| {
                let own = wellformedness(&b.text);
                own.words == 0 || own.good_share() > 0.9
            });
            dropped = before - blocks.len();
        }
        let unmapped = geometry.unmapped;
        let verdict = if dropped > 0 || (unmapped > 0 && unmapped * 4 > readable) {
            Verdict::Suspect
        } else if readable == 0 {
            if geometry.images.is_empty() { Verdict::Empty } else { Verdict::NoTextLayer }
        } else if decoded > 0 {
            Verdict::LegacyDecoded
        } else if geometry.repaired > 0 {
            Verdict::Repaired
        } else {
            Verdict::Good
        };
        let warnings = page_warnings(number, &geometry, verdict, dropped);
        let words = raw
            .iter()
            .zip(texts)
            .filter(|(_, text)| !text.is_empty())
            .map(|(word, text)| Word { text, bbox: word.bbox(), size: word.size, bold: word.bold })
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

fn flush(out: &mut String, run: &mut String, is_legacy: bool) {
    if is_legacy {
        out.push_str(&decode_kruti(run));
    } else if run.is_ascii() {
        out.push_str(run);
    } else if has_devanagari(run) || run.contains([PRE_I, REPH]) {
        out.push_str(&logical_order(run));
    } else {
        out.push_str(&normalise(run));
    }
    run.clear();
}

fn page_warnings(number: u32, geometry: &PageGeometry, verdict: Verdict, dropped: usize) -> Vec<ReadWarning> {
    let mut messages = geometry.damage.clone();
    if geometry.unmapped > 0 {
        messages.push(format!(
            "{} glyphs have no known meaning and are missing from the text",
            geometry.unmapped
        ));
    }
    if dropped > 0 {
        messages.push(format!(
            "{dropped} block(s) of Devanagari are not well formed and were left out: the font's map is broken; run OCR"
        ));
    }
    if verdict == Verdict::NoTextLayer {
        messages.push("the page is a picture without text; run OCR on it".to_owned());
    }
    messages.into_iter().map(|message| ReadWarning { page: Some(number), message }).collect()
}

/// The fonts of a document that code Devanagari as ASCII.
#[derive(Debug, Default)]
pub(crate) struct Legacy {
    fonts: BTreeSet<usize>,
}

impl Legacy {
    /// Decides by name, else by the votes of all pages.
    pub(crate) fn find(pages: &[Drawn]) -> Self {
        let mut votes: BTreeMap<usize, FontVote> = BTreeMap::new();
        let mut fonts = BTreeSet::new();
        for page in pages {
            fonts.extend(page.geometry.fonts.iter().filter(|f| legacy_by_name(&f.name)).map(address));
            for (font, vote) in &page.votes {
                votes.entry(*font).or_default().add(*vote);
            }
        }
        fonts.extend(votes.iter().filter(|(_, vote)| vote.is_legacy()).map(|(font, _)| *font));
        Self { fonts }
    }

    fn contains(&self, font: &Arc<Font>) -> bool {
        self.fonts.contains(&address(font))
    }
}
