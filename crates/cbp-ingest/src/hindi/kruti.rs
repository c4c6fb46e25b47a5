//! Kruti Dev 010 and kin to Unicode, and back.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::kruti_table::{KRUTI, PRE_I, REPH};
use super::shape::{VIRAMA, is_consonant, is_sign, normalise};

/// Longest key of the table, in characters.
const LONGEST: usize = 3;

static BY_KEY: LazyLock<BTreeMap<&'static str, &'static str>> =
    LazyLock::new(|| KRUTI.iter().copied().collect());

/// Decodes a word (or more) of Kruti Dev 010, Kruti Dev 160 or `DevLys` 010 text, in the order in which it was typed.
/// Digits and what the layout does not know stay as they are.
///
/// ```
/// assert_eq!(cbp_ingest::decode_kruti("fpfdRlk"), "चिकित्सा");
/// assert_eq!(cbp_ingest::decode_kruti("dk;Z"), "कार्य");
/// ```
pub fn decode_kruti(text: &str) -> String {
    finish(&complete_halves(&substitute(text)))
}

/// Puts text in glyph order, with [`PRE_I`] and [`REPH`] marks, into letter order.
pub(crate) fn logical_order(text: &str) -> String {
    finish(&text.chars().collect::<Vec<_>>())
}

fn finish(text: &[char]) -> String {
    normalise(&order_signs(&place_reph(&place_short_i(text))))
}

/// Keys to meanings, longest first.
fn substitute(text: &str) -> Vec<char> {
    let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    'chars: while let Some(&from) = starts.get(at) {
        for len in (1..=LONGEST).rev() {
            let Some(key) = starts.get(at + len).and_then(|&to| text.get(from..to)) else { continue };
            if let Some(meaning) = BY_KEY.get(key) {
                out.extend(meaning.chars());
                at += len;
                continue 'chars;
            }
        }
        out.extend(text.get(from..).and_then(|rest| rest.chars().next()));
        at += 1;
    }
    out
}

/// A half letter and the stem `k` make the full letter; typed twice, a sign counts once.
fn complete_halves(text: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for &c in text {
        match (out.last().copied(), c) {
            (Some(VIRAMA), 'ा') => {
                out.pop();
            }
            (Some(VIRAMA), 'ो') => {
                out.pop();
                out.push('े');
            }
            (Some(VIRAMA), 'ौ') => {
                out.pop();
                out.push('ै');
            }
            (Some(VIRAMA), 'ॉ') => {
                out.pop();
                out.push('ॅ');
            }
            (Some('अ'), 'ा') => replace_last(&mut out, 'आ'),
            (Some('आ'), 'े') | (Some('अ'), 'ो') => replace_last(&mut out, 'ओ'),
            (Some('आ'), 'ै') | (Some('अ'), 'ौ') => replace_last(&mut out, 'औ'),
            (Some('ए'), 'े') => replace_last(&mut out, 'ऐ'),
            (Some('ा'), 'े') | (Some('े'), 'ा') => replace_last(&mut out, 'ो'),
            (Some('ा'), 'ै') | (Some('ै'), 'ा') => replace_last(&mut out, 'ौ'),
            (Some(last), c) if last == c && (is_sign(c) || c == REPH) => {}
            _ => out.push(c),
        }
    }
    out
}

fn replace_last(out: &mut Vec<char>, c: char) {
    out.pop();
    out.push(c);
}

/// The end of the consonant cluster that begins at `at`.
fn cluster_end(text: &[char], mut at: usize) -> usize {
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

/// Puts vowel signs before nasal marks, and a nukta right behind its letter.
fn order_signs(text: &[char]) -> String {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for &c in text {
        let before = out.last().copied();
        let nasal = before.is_some_and(|b| matches!(b, 'ं' | 'ँ' | 'ः'));
        let vowel_sign = matches!(c, 'ा'..='ौ') || c == VIRAMA;
        if nasal && vowel_sign {
            let mark = out.pop();
            if out.last() != Some(&c) {
                out.push(c);
            }
            out.extend(mark);
        } else if c == '़' && before.is_some_and(|b| is_sign(b) && b != '़') {
            let at = out.iter().rposition(|&b| !is_sign(b)).map_or(0, |i| i + 1);
            out.insert(at, c);
        } else {
            out.push(c);
        }
    }
    let text: String = out.into_iter().collect();
    text.replace("ॉं", "ाँ").replace("ाे", "ो").replace("ाै", "ौ")
}

/// Encodes Unicode Devanagari as Kruti Dev 010 keys; what the layout lacks stays as it is.
pub fn encode_kruti(text: &str) -> String {
    let chars: Vec<char> = normalise(text).chars().collect();
    let mut visual: Vec<char> = Vec::with_capacity(chars.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if !is_consonant(c) {
            visual.push(c);
            at += 1;
            continue;
        }
        let reph = c == 'र'
            && chars.get(at + 1) == Some(&VIRAMA)
            && chars.get(at + 2).copied().is_some_and(is_consonant);
        let from = at + if reph { 2 } else { 0 };
        let to = cluster_end(&chars, from);
        let signs = chars.iter().skip(to).take_while(|c| is_sign(**c)).count();
        let (cluster, signs) = (chars.get(from..to), chars.get(to..to + signs));
        if signs.is_some_and(|s| s.contains(&'ि')) {
            visual.push(PRE_I);
        }
        visual.extend(cluster.unwrap_or_default());
        let rest = signs.unwrap_or_default().iter().filter(|c| **c != 'ि');
        let (vowels, marks): (Vec<char>, Vec<char>) = rest.partition(|c| !matches!(**c, 'ं' | 'ँ' | 'ः'));
        visual.extend(vowels);
        if reph {
            visual.push(REPH);
        }
        visual.extend(marks);
        at = to + signs.map_or(0, <[char]>::len);
    }
    spell(&visual)
}

/// Meanings to keys, longest meaning first, the table's first key for each.
fn spell(visual: &[char]) -> String {
    static BY_MEANING: LazyLock<BTreeMap<Vec<char>, &'static str>> = LazyLock::new(|| {
        let mut map = BTreeMap::new();
        for (key, meaning) in KRUTI {
            map.entry(meaning.chars().collect()).or_insert(*key);
        }
        map
    });
    let longest = BY_MEANING.keys().map(Vec::len).max().unwrap_or(1);
    let mut out = String::new();
    let mut at = 0;
    'chars: while at < visual.len() {
        for len in (1..=longest).rev() {
            let Some(key) = visual.get(at..at + len).and_then(|m| BY_MEANING.get(m)) else { continue };
            out.push_str(key);
            at += len;
            continue 'chars;
        }
        out.extend(visual.get(at));
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_of_office_hindi_decode() {
        let cases = [
            ("vuqikyu", "अनुपालन"),
            ("lqfuf'pr", "सुनिश्चित"),
            ("ifjf/kxr", "परिधिगत"),
            ("vf/kdkfj;ksa", "अधिकारियों"),
            ("dk;ksZa", "कार्यों"),
            ("i;Zos{k.k", "पर्यवेक्षण"),
            ("jk\"Vªh;", "राष्ट्रीय"),
            ("xzkeh.k", "ग्रामीण"),
            ("LokLF;", "स्वास्थ्य"),
            ("izfr”kr", "प्रतिशत"),
            ("[k.M", "खण्ड"),
            ("ftyk", "जिला"),
            ("dk;ZØe", "कार्यक्रम"),
            ("funsZ'kkuqlkj", "निर्देशानुसार"),
            ("in~/kfr", "पद्धति"),
            ("foRrh;", "वित्तीय"),
            ("¼eq[;ky;½", "(मुख्यालय)"),
            ("gSA", "है।"),
            ("dsUæksa", "केन्द्रों"),
            ("efgyk,a", "महिलाएं"),
            ("dkfeZd", "कार्मिक"),
            ("iM+us", "पड़ने"),
            ("1400@&dh", "1400/-की"),
            ("}kjk", "द्वारा"),
            ("lEcfU/kr", "सम्बन्धित"),
        ];
        for (typed, meant) in cases {
            assert_eq!(decode_kruti(typed), normalise(meant), "{typed}");
        }
    }

    fn syllable() -> impl Strategy<Value = String> {
        let consonant = "[कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह]";
        let sign = "[ािीुूृेैोौं]?";
        (consonant, proptest::option::of("[कगचजतदनपबमलवशसयर]"), sign).prop_map(|(first, second, sign)| {
            let joint = second.map(|s| format!("्{s}")).unwrap_or_default();
            format!("{first}{joint}{sign}")
        })
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(word in proptest::collection::vec(syllable(), 1..6)) {
            let word = normalise(&word.concat());
            let typed = encode_kruti(&word);
            prop_assert_eq!(decode_kruti(&typed), word, "typed {}", typed);
        }

        #[test]
        fn any_text_decodes_without_panic(text in ".{0,60}") {
            let _ = decode_kruti(&text);
            let _ = encode_kruti(&text);
        }
    }
}
