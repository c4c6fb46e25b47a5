//! Families of legacy fonts, which code Devanagari as Latin characters: to Unicode and back.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::layouts::{chanakya, dv_tt, kruti, walkman};
use super::order::{PRE_I, REPH, cluster_end, logical_order};
use super::shape::{VIRAMA, is_consonant, is_sign, normalise};

/// Longest key of any layout, in characters.
const LONGEST: usize = 3;

/// A family of fonts that share one layout of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LegacyLayout {
    /// Kruti Dev 010 and 160, `DevLys` 010 and kin: most offices of the Hindi states.
    KrutiDev,
    /// Kruti Dev faces whose curly quotes mean what the straight ones do.
    KrutiDevCurled,
    /// Walkman Chanakya 905: textbooks.
    WalkmanChanakya,
    /// Chanakya: newspapers and printed papers.
    Chanakya,
    /// DV-TT Yogesh, Ganesh, Surekh: central offices.
    DvTt,
}

/// A layout's keys, both ways.
struct Keys {
    meanings: BTreeMap<&'static str, &'static str>,
    /// By meaning, the usual key of each.
    spellings: BTreeMap<Vec<char>, &'static str>,
    longest_meaning: usize,
}

impl Keys {
    /// Earlier lists win over later ones, and in a list the first key of a meaning is the usual one.
    fn new(lists: &[&[(&'static str, &'static str)]]) -> Self {
        let (mut meanings, mut spellings) = (BTreeMap::new(), BTreeMap::new());
        for list in lists {
            let before: Vec<&str> = meanings.keys().copied().collect();
            for &(key, meaning) in list.iter().filter(|(key, _)| !before.contains(key)) {
                meanings.insert(key, meaning);
                if !meaning.is_empty() {
                    spellings.entry(meaning.chars().collect()).or_insert(key);
                }
            }
        }
        let longest_meaning = spellings.keys().map(Vec::len).max().unwrap_or(1);
        Self { meanings, spellings, longest_meaning }
    }
}

impl LegacyLayout {
    /// All layouts.
    pub const ALL: [Self; 5] =
        [Self::KrutiDev, Self::KrutiDevCurled, Self::WalkmanChanakya, Self::Chanakya, Self::DvTt];

    fn keys(self) -> &'static Keys {
        static KRUTI: LazyLock<Keys> = LazyLock::new(|| Keys::new(&[kruti::KEYS]));
        static CURLED: LazyLock<Keys> = LazyLock::new(|| Keys::new(&[kruti::CURLED, kruti::KEYS]));
        static WALKMAN: LazyLock<Keys> = LazyLock::new(|| Keys::new(&[walkman::KEYS, kruti::KEYS]));
        static CHANAKYA: LazyLock<Keys> = LazyLock::new(|| Keys::new(&[chanakya::KEYS]));
        static DV_TT: LazyLock<Keys> = LazyLock::new(|| Keys::new(&[dv_tt::KEYS]));
        match self {
            Self::KrutiDev => &KRUTI,
            Self::KrutiDevCurled => &CURLED,
            Self::WalkmanChanakya => &WALKMAN,
            Self::Chanakya => &CHANAKYA,
            Self::DvTt => &DV_TT,
        }
    }

    /// Decodes a word (or more) in the order in which it was typed. What the layout does not know stays as it is.
    ///
    /// ```
    /// use cbp_ingest::LegacyLayout;
    /// assert_eq!(LegacyLayout::KrutiDev.decode("fpfdRlk"), "चिकित्सा");
    /// assert_eq!(LegacyLayout::KrutiDev.decode("dk;Z"), "कार्य");
    /// assert_eq!(LegacyLayout::DvTt.decode("¦ÉÉ®úiÉ"), "भारत");
    /// ```
    pub fn decode(self, text: &str) -> String {
        colons(&logical_order(&complete_halves(&substitute(text, self.keys()))))
    }

    /// Encodes Unicode Devanagari as the layout's keys; what the layout lacks stays as it is.
    pub fn encode(self, text: &str) -> String {
        spell(&visual_order(text), self.keys())
    }
}

/// Keys to meanings, longest first.
fn substitute(text: &str, keys: &Keys) -> Vec<char> {
    let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    'chars: while let Some(&from) = starts.get(at) {
        for len in (1..=LONGEST).rev() {
            let Some(key) = starts.get(at + len).and_then(|&to| text.get(from..to)) else { continue };
            if let Some(meaning) = keys.meanings.get(key) {
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

/// A half letter and a stem make the full letter; typed twice, a sign counts once.
fn complete_halves(text: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(text.len());
    for &c in text {
        match (out.last().copied(), c) {
            (_, walkman::TAIL) => {
                let letter = out.iter().rposition(|c| !is_sign(*c)).and_then(|at| out.get_mut(at));
                if let Some(letter) = letter
                    && let Some(other) = walkman::with_tail(*letter)
                {
                    *letter = other;
                }
            }
            (Some(VIRAMA), 'ा') => {
                out.pop();
            }
            (Some(VIRAMA), 'ो') => replace_last(&mut out, 'े'),
            (Some(VIRAMA), 'ौ') => replace_last(&mut out, 'ै'),
            (Some(VIRAMA), 'ॉ') => replace_last(&mut out, 'ॅ'),
            (Some('अ'), 'ा') => replace_last(&mut out, 'आ'),
            (Some('आ'), 'े') | (Some('अ'), 'ो') => replace_last(&mut out, 'ओ'),
            (Some('आ'), 'ै') | (Some('अ'), 'ौ') => replace_last(&mut out, 'औ'),
            (Some('आ'), 'ॅ') | (Some('अ'), 'ॉ') => replace_last(&mut out, 'ऑ'),
            (Some('ए'), 'े') => replace_last(&mut out, 'ऐ'),
            (Some('इ'), REPH) => replace_last(&mut out, 'ई'),
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

/// The fonts have one key for visarga and colon. A visarga stands behind a letter or a vowel sign.
fn colons(text: &str) -> String {
    let mut last = ' ';
    let colon = |last: char, c: char| {
        let carries = is_consonant(last) || matches!(last, 'अ'..='औ' | '\u{93C}' | '\u{93E}'..='\u{94C}');
        let c = if c == 'ः' && !carries { ':' } else { c };
        (c, c)
    };
    text.chars()
        .map(|c| {
            let (c, next) = colon(last, c);
            last = next;
            c
        })
        .collect()
}

/// The order in which a typist writes: short i before the cluster, reph behind the syllable.
fn visual_order(text: &str) -> Vec<char> {
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
        let (cluster, signs) = (chars.get(from..to), chars.get(to..to + signs).unwrap_or_default());
        if signs.contains(&'ि') {
            visual.push(PRE_I);
        }
        visual.extend(cluster.unwrap_or_default());
        let rest = signs.iter().filter(|c| **c != 'ि');
        let (vowels, marks): (Vec<char>, Vec<char>) = rest.partition(|c| !matches!(**c, 'ं' | 'ँ' | 'ः'));
        visual.extend(vowels);
        if reph {
            visual.push(REPH);
        }
        visual.extend(marks);
        at = to + signs.len();
    }
    visual
}

/// Meanings to keys, longest meaning first.
fn spell(visual: &[char], keys: &Keys) -> String {
    let mut out = String::new();
    let mut at = 0;
    'chars: while at < visual.len() {
        for len in (1..=keys.longest_meaning).rev() {
            let Some(key) = visual.get(at..at + len).and_then(|m| keys.spellings.get(m)) else { continue };
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
            // As typists also write them.
            ("dk;sZk", "कार्यो"),
            ("Vsªfuax", "ट्रेनिंग"),
            ("jksxska", "रोगों"),
            ("%", ":"),
            ("gSa%", "हैं:"),
            ("vr%", "अतः"),
        ];
        for (typed, meant) in cases {
            assert_eq!(LegacyLayout::KrutiDev.decode(typed), normalise(meant), "{typed}");
        }
    }

    #[test]
    fn words_of_the_other_families_decode() {
        use LegacyLayout::{Chanakya, DvTt, KrutiDevCurled, WalkmanChanakya};
        let cases = [
            (KrutiDevCurled, "izf’k{k.k", "प्रशिक्षण"),
            (KrutiDevCurled, "o”kZ", "वर्ष"),
            (WalkmanChanakya, "osQ", "के"),
            (WalkmanChanakya, "oqQN", "कुछ"),
            (WalkmanChanakya, "iwQy", "फूल"),
            (WalkmanChanakya, "vf/dkj", "अधिकार"),
            (WalkmanChanakya, "vk/kj", "आधार"),
            (Chanakya, "ÖæÚUÌ", "भारत"),
            (Chanakya, "âÚU·¤æÚU", "सरकार"),
            (Chanakya, "çÎËÜè", "दिल्ली"),
            (Chanakya, "·¤æØü", "कार्य"),
            (DvTt, "ºÉ®úEòÉ®", "सरकार"),
            (DvTt, "EòÉªÉÇ", "कार्य"),
            (DvTt, "Ê´É¦ÉÉMÉ", "विभाग"),
        ];
        for (layout, typed, meant) in cases {
            assert_eq!(layout.decode(typed), normalise(meant), "{layout:?} {typed}");
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
            for layout in LegacyLayout::ALL {
                let typed = layout.encode(&word);
                prop_assert_eq!(layout.decode(&typed), word.clone(), "{:?} typed {}", layout, typed);
            }
        }

        #[test]
        fn any_text_decodes_without_panic(text in ".{0,60}") {
            for layout in LegacyLayout::ALL {
                let _ = layout.decode(&text);
                let _ = layout.encode(&text);
            }
        }
    }

    #[test]
    fn every_key_of_every_layout_is_within_the_longest() {
        for layout in LegacyLayout::ALL {
            assert!(layout.keys().meanings.keys().all(|k| (1..=LONGEST).contains(&k.chars().count())));
        }
    }
}
