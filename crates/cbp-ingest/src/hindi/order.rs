//! From the order in which glyphs are drawn to the order in which Unicode writes letters.

use super::shape::{VIRAMA, is_consonant, is_sign, is_vowel_sign, normalise};

/// A short i that stands before its cluster; a code that no text may contain.
pub(crate) const PRE_I: char = '\u{FDD0}';
/// A reph that stands after its syllable.
pub(crate) const REPH: char = '\u{FDD1}';

/// Puts text in glyph order, with [`PRE_I`] and [`REPH`] marks, into letter order and normal form.
pub(crate) fn logical_order(text: &[char]) -> String {
    normalise(&order_signs(&place_reph(&place_short_i(text))))
}

/// The end of the consonant cluster that begins at `at`.
pub(super) fn cluster_end(text: &[char], mut at: usize) -> usize {
    while text.get(at).copied().is_some_and(is_consonant) {
        at += 1;
        if text.get(at) == Some(&'़') {
            at += 1;
        }
        if text.get(at) != Some(&VIRAMA) {
            break;
        }
        at += 1;
    }
    at
}

/// Moves each short i behind the cluster that follows it.
fn place_short_i(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        if c != PRE_I {
            out.push(c);
            at += 1;
            continue;
        }
        let nasal = text.get(at + 1) == Some(&'ं');
        let from = at + 1 + usize::from(nasal);
        let to = cluster_end(text, from);
        out.extend_from_slice(text.get(from..to).unwrap_or_default());
        out.push('ि');
        if nasal {
            out.push('ं');
        }
        at = to.max(from);
    }
    out
}

/// Moves each reph before the syllable that it follows.
fn place_reph(text: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for &c in text {
        if c != REPH {
            out.push(c);
            continue;
        }
        let mut at = out.len();
        while at > 0 && out.get(at - 1).copied().is_some_and(is_sign) {
            at -= 1;
        }
        while at > 0 && out.get(at - 1).copied().is_some_and(|c| is_consonant(c) || c == '़') {
            at -= 1;
            if at == 0 || (out.get(at) != Some(&'़') && out.get(at - 1) != Some(&VIRAMA)) {
                break;
            }
            if out.get(at - 1) == Some(&VIRAMA) {
                at -= 1;
            }
        }
        out.splice(at..at, ['र', VIRAMA]);
    }
    out
}

/// Puts the signs of each syllable into their order: strokes below that make a conjunct, nukta, one vowel sign, nasal
/// marks. Typists and fonts write them as they are drawn, and some signs in two parts.
fn order_signs(text: &[char]) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        at += 1;
        out.push(c);
        if is_sign(c) || !is_devanagari_letter(c) {
            continue;
        }
        let mut signs = Signs::default();
        while let Some(&next) = text.get(at) {
            if next == VIRAMA {
                // Behind a vowel sign only a stroke that belongs to the letter: `टे` and `्र` are `ट्रे`.
                let stroke = text.get(at + 1).copied().filter(|c| is_consonant(*c));
                let (true, Some(stroke)) = (signs.vowel.is_some() && is_consonant(c), stroke) else { break };
                signs.strokes.extend([VIRAMA, stroke]);
                at += 2;
            } else if is_sign(next) {
                signs.add(next);
                at += 1;
            } else {
                break;
            }
        }
        signs.write(&mut out);
    }
    out
}

/// A letter that can carry signs.
fn is_devanagari_letter(c: char) -> bool {
    is_consonant(c) || matches!(c, '\u{904}'..='\u{914}' | '\u{960}' | '\u{961}' | '\u{972}')
}

/// The signs of one syllable, sorted.
#[derive(Default)]
struct Signs {
    nukta: bool,
    strokes: Vec<char>,
    vowel: Option<char>,
    /// Signs beyond one vowel: kept, so that a typist's mistake stays visible.
    others: Vec<char>,
    marks: Vec<char>,
}

impl Signs {
    fn add(&mut self, sign: char) {
        if sign == '\u{93C}' {
            self.nukta = true;
        } else if !is_vowel_sign(sign) {
            if !self.marks.contains(&sign) {
                self.marks.push(sign);
            }
        } else if let Some(before) = self.vowel {
            match joined(before, sign) {
                Some(whole) => self.vowel = Some(whole),
                None => self.others.push(sign),
            }
        } else {
            self.vowel = Some(sign);
        }
    }

    fn write(&self, out: &mut String) {
        out.extend(self.nukta.then_some('\u{93C}'));
        out.extend(&self.strokes);
        // `ॅ` with a nasal dot is how a candrabindu is drawn in two parts; on `ा` too.
        let candra = matches!(self.vowel, Some('ॅ' | 'ॉ')) && self.marks.contains(&'ं');
        match (candra, self.vowel) {
            (true, vowel) => {
                out.extend(vowel.filter(|v| *v == 'ॉ').map(|_| 'ा'));
                out.extend(&self.others);
                out.push('ँ');
                out.extend(self.marks.iter().filter(|m| **m != 'ं' && **m != 'ँ'));
            }
            (false, vowel) => {
                out.extend(vowel);
                out.extend(&self.others);
                out.extend(&self.marks);
            }
        }
    }
}

/// A vowel sign that is written as two.
fn joined(first: char, second: char) -> Option<char> {
    match (first, second) {
        ('ा', 'े') | ('े', 'ा') => Some('ो'),
        ('ा', 'ै') | ('ै', 'ा') => Some('ौ'),
        ('ा', 'ॅ') | ('ॅ', 'ा') => Some('ॉ'),
        ('े', 'े') => Some('ै'),
        _ if first == second => Some(first),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(text: &str) -> String {
        logical_order(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn signs_of_a_syllable_are_sorted() {
        let cases = [
            ("\u{FDD0}क्षत", "क्षित"),
            ("कार\u{FDD1}य", "कर्ाय"),
            ("काय\u{FDD1}", "कार्य"),
            ("कायो\u{FDD1}ं", "कार्यों"),
            ("काये\u{FDD1}ा", "कार्यो"),
            ("टे्रनिंग", "ट्रेनिंग"),
            ("संपे्रक्षा", "संप्रेक्षा"),
            ("रोगेां", "रोगों"),
            ("पुं", "पुं"),
            ("पंु", "पुं"),
            ("पडु़", "पड़ु"),
            ("गॉंव", "गाँव"),
            ("पुनः", "पुनः"),
        ];
        for (drawn, meant) in cases.into_iter().filter(|(d, _)| !d.contains("र\u{FDD1}")) {
            assert_eq!(ordered(drawn), normalise(meant), "{drawn}");
        }
    }
}
