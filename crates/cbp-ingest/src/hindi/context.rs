//! Signs that a font draws as part of another glyph: contextual substitutions read backwards.
//!
//! Where a short i meets a reph or an anusvara, fonts swap the i for a glyph that shows both and delete the other. Only
//! the rule says so: "if a reph follows within the syllable, replace the first glyph by A's, and delete the reph".

use std::collections::BTreeMap;

use ttf_parser::gsub::{SingleSubstitution, SubstitutionSubtable};
use ttf_parser::opentype_layout::{ClassDefinition, ContextLookup, LayoutTable, SequenceRule};
use ttf_parser::{GlyphId, opentype_layout::Coverage};

/// Adds the meaning of glyphs that take another in, as far as both are known.
pub(super) fn absorb(gsub: &LayoutTable<'_>, context: &ContextLookup<'_>, texts: &mut BTreeMap<u32, String>) {
    let ContextLookup::Format2 { coverage, classes, sets } = context else { return };
    for class in 0..sets.len() {
        let Some(set) = sets.get(class) else { continue };
        let firsts: Vec<GlyphId> = covered(coverage).filter(|g| classes.get(*g) == class).collect();
        for rule in set {
            let Some(removed) = removed_text(gsub, &rule, classes, texts) else { continue };
            for &first in &firsts {
                let whole = texts.get(&u32::from(first.0)).map(|text| format!("{text}{removed}"));
                if let (Some(whole), Some(to)) = (whole, replacement(gsub, &rule, first)) {
                    texts.entry(u32::from(to.0)).or_insert(whole);
                }
            }
        }
    }
}

/// What the rule puts for its first glyph.
fn replacement(gsub: &LayoutTable<'_>, rule: &SequenceRule<'_>, first: GlyphId) -> Option<GlyphId> {
    let record = rule.lookups.into_iter().find(|r| r.sequence_index == 0)?;
    let lookup = gsub.lookups.get(record.lookup_list_index)?;
    lookup.subtables.into_iter::<SubstitutionSubtable<'_>>().find_map(|subtable| match subtable {
        SubstitutionSubtable::Single(SingleSubstitution::Format1 { coverage, delta }) => {
            coverage.get(first).map(|_| GlyphId(first.0.wrapping_add_signed(delta)))
        }
        SubstitutionSubtable::Single(SingleSubstitution::Format2 { coverage, substitutes }) => {
            coverage.get(first).and_then(|i| substitutes.get(i))
        }
        _ => None,
    })
}

/// The text of the one glyph that the rule deletes; none where glyphs of several meanings may stand there.
fn removed_text(
    gsub: &LayoutTable<'_>,
    rule: &SequenceRule<'_>,
    classes: &ClassDefinition<'_>,
    texts: &BTreeMap<u32, String>,
) -> Option<String> {
    let record = rule.lookups.into_iter().find(|r| r.sequence_index > 0)?;
    let class = rule.input.get(record.sequence_index - 1)?;
    let lookup = gsub.lookups.get(record.lookup_list_index)?;
    let mut found: Option<&String> = None;
    for subtable in lookup.subtables.into_iter::<SubstitutionSubtable<'_>>() {
        let SubstitutionSubtable::Multiple(multiple) = subtable else { return None };
        for glyph in covered(&multiple.coverage).filter(|g| classes.get(*g) == class) {
            let sequence = multiple.coverage.get(glyph).and_then(|i| multiple.sequences.get(i))?;
            let text = texts.get(&u32::from(glyph.0))?;
            if !sequence.substitutes.is_empty() || found.is_some_and(|f| f != text) {
                return None;
            }
            found = Some(text);
        }
    }
    found.cloned()
}

/// The glyphs of a coverage table.
pub(super) fn covered(coverage: &Coverage<'_>) -> impl Iterator<Item = GlyphId> {
    let glyphs: Vec<GlyphId> = match coverage {
        Coverage::Format1 { glyphs } => glyphs.into_iter().collect(),
        Coverage::Format2 { records } => {
            records.into_iter().flat_map(|r| (r.start.0..=r.end.0).map(GlyphId)).collect()
        }
    };
    glyphs.into_iter()
}
