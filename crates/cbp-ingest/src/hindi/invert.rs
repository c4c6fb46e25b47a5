//! What the glyphs of an embedded Devanagari font mean, from its own tables: the character map and the substitutions
//! (GSUB) that build conjuncts, both read backwards. Used where a file's `ToUnicode` leaves conjuncts out or lies.

use std::collections::{BTreeMap, BTreeSet};

use ttf_parser::gsub::{SingleSubstitution, SubstitutionSubtable};
use ttf_parser::{Face, GlyphId, RawFace, RawFaceTables, Tag};

use super::context::{absorb, covered};
use super::order::REPH;
use super::shape::VIRAMA;

/// Rounds over all substitutions: a conjunct of conjuncts needs one more round.
const ROUNDS: usize = 6;
/// Longest text of one glyph, in bytes.
const LONGEST: usize = 60;

/// Glyph id to text, or `None` where the font has no substitutions. `known` is the inverted character map.
/// Reph glyphs carry the mark [`REPH`]: they are drawn behind their syllable.
pub(crate) fn invert(data: &[u8], known: &BTreeMap<u32, String>) -> Option<BTreeMap<u32, String>> {
    let raw = RawFace::parse(data, 0).ok()?;
    let table = |tag: &[u8; 4]| raw.table(Tag::from_bytes(tag));
    let tables = RawFaceTables {
        head: table(b"head")?,
        hhea: table(b"hhea")?,
        maxp: table(b"maxp")?,
        gsub: Some(table(b"GSUB")?),
        ..RawFaceTables::default()
    };
    let face = Face::from_raw_tables(tables).ok()?;
    let gsub = face.tables().gsub?;
    let lookups_of = |tag: &[u8; 4]| -> BTreeSet<u16> {
        let features = gsub.features.into_iter().filter(|f| f.tag == Tag::from_bytes(tag));
        features.flat_map(|f| f.lookup_indices.into_iter()).collect()
    };
    let (reph, below) = (lookups_of(b"rphf"), lookups_of(b"blwf"));
    let mut texts = known.clone();
    fill_gaps(&mut texts);
    for _ in 0..ROUNDS {
        let before = texts.len();
        for index in 0..gsub.lookups.len() {
            let Some(lookup) = gsub.lookups.get(index) else { continue };
            let role = Role { reph: reph.contains(&index), below: below.contains(&index) };
            for subtable in lookup.subtables.into_iter::<SubstitutionSubtable<'_>>() {
                match &subtable {
                    SubstitutionSubtable::Context(context) => absorb(&gsub, context, &mut texts),
                    _ => apply(&subtable, role, &mut texts),
                }
            }
        }
        if texts.len() == before {
            break;
        }
    }
    Some(texts)
}

/// Letters that a subset's character map leaves out because no word has them alone: where the glyphs run with the code
/// points on both sides, the letter between has the glyph between.
fn fill_gaps(texts: &mut BTreeMap<u32, String>) {
    let mut letters: BTreeMap<u32, u32> = BTreeMap::new();
    for (glyph, text) in texts.iter() {
        let mut chars = text.chars();
        if let (Some(c @ '\u{904}'..='\u{939}'), None) = (chars.next(), chars.next()) {
            letters.entry(c as u32).or_insert(*glyph);
        }
    }
    for ((&low, &low_glyph), (&high, &high_glyph)) in letters.iter().zip(letters.iter().skip(1)) {
        if high - low != high_glyph.wrapping_sub(low_glyph) {
            continue;
        }
        for (letter, glyph) in (low + 1..high).zip(low_glyph + 1..high_glyph) {
            if let Some(c) = char::from_u32(letter) {
                texts.entry(glyph).or_insert_with(|| c.to_string());
            }
        }
    }
}

/// What the feature of a lookup says about its results.
#[derive(Debug, Clone, Copy)]
struct Role {
    reph: bool,
    below: bool,
}

fn apply(subtable: &SubstitutionSubtable<'_>, role: Role, texts: &mut BTreeMap<u32, String>) {
    match subtable {
        SubstitutionSubtable::Single(single) => {
            for glyph in covered(&subtable.coverage()) {
                let to = match single {
                    SingleSubstitution::Format1 { delta, .. } => {
                        Some(GlyphId(glyph.0.wrapping_add_signed(*delta)))
                    }
                    SingleSubstitution::Format2 { coverage, substitutes } => {
                        coverage.get(glyph).and_then(|i| substitutes.get(i))
                    }
                };
                if let (Some(to), Some(text)) = (to, texts.get(&u32::from(glyph.0)).cloned()) {
                    texts.entry(u32::from(to.0)).or_insert(text);
                }
            }
        }
        SubstitutionSubtable::Ligature(ligatures) => {
            for glyph in covered(&subtable.coverage()) {
                let Some(set) = ligatures.coverage.get(glyph).and_then(|i| ligatures.ligature_sets.get(i))
                else {
                    continue;
                };
                for ligature in set {
                    let parts = std::iter::once(glyph).chain(ligature.components);
                    let text: Option<String> =
                        parts.map(|g| texts.get(&u32::from(g.0)).map(String::as_str)).collect();
                    if let Some(text) = text.filter(|t| t.len() <= LONGEST) {
                        let text = meaning(text, role);
                        texts.entry(u32::from(ligature.glyph.0)).or_insert(text);
                    }
                }
            }
        }
        _ => {}
    }
}

/// `र` and a virama are a reph, a stroke below, or a half letter, as the feature says.
fn meaning(text: String, role: Role) -> String {
    let ra_virama = text.chars().eq(['र', VIRAMA]);
    if ra_virama && role.reph {
        return REPH.to_string();
    }
    if ra_virama && role.below {
        return format!("{VIRAMA}र");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_between_two_that_run_with_their_glyphs_is_known() {
        let known = |pairs: &[(u32, &str)]| pairs.iter().map(|(g, t)| (*g, (*t).to_owned())).collect();
        let mut texts: BTreeMap<u32, String> =
            known(&[(137, "ज"), (138, "झ"), (140, "ट"), (200, "म"), (205, "र")]);
        fill_gaps(&mut texts);
        assert_eq!(texts.get(&139).map(String::as_str), Some("ञ"));
        assert_eq!(texts.len(), 6, "{texts:?}");
    }
}
