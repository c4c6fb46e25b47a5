//! Which fonts code Devanagari as Latin characters, and in which layout.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::layout::LegacyLayout;

/// Parts of font names, lower case and without blanks, of each layout.
const NAMES: [(&str, LegacyLayout); 17] = [
    ("walkmanchanakya", LegacyLayout::WalkmanChanakya),
    ("chanakya", LegacyLayout::Chanakya),
    ("krutidev", LegacyLayout::KrutiDev),
    ("devlys", LegacyLayout::KrutiDev),
    ("kruti", LegacyLayout::KrutiDev),
    ("krishna", LegacyLayout::KrutiDev),
    ("kundli", LegacyLayout::KrutiDev),
    ("aarti", LegacyLayout::KrutiDev),
    ("divyadev", LegacyLayout::KrutiDev),
    ("dvttyogesh", LegacyLayout::DvTt),
    ("dvttganesh", LegacyLayout::DvTt),
    ("dvttsurekh", LegacyLayout::DvTt),
    ("dvttmayur", LegacyLayout::DvTt),
    ("dvttnatraj", LegacyLayout::DvTt),
    ("dvttvasundhara", LegacyLayout::DvTt),
    ("dvttdhruv", LegacyLayout::DvTt),
    ("dvttaakash", LegacyLayout::DvTt),
];

/// Very frequent Hindi words; as a layout spells them, hardly any is an English word or a number.
const FREQUENT: [&str; 36] = [
    "के",
    "का",
    "की",
    "में",
    "है",
    "है।",
    "हैं।",
    "हैं",
    "और",
    "एवं",
    "से",
    "को",
    "पर",
    "कि",
    "यह",
    "हो",
    "करने",
    "किया",
    "जाता",
    "तथा",
    "द्वारा",
    "कर",
    "इस",
    "नहीं",
    "लिए",
    "अधिकारी",
    "कार्य",
    "अनुसार",
    "होगा",
    "प्रदेश",
    "सचिव",
    "विभाग",
    "जाएगा",
    "संख्या",
    "भारत",
    "सरकार",
];

/// Spellings that typists use beside the layout's own.
const VARIANTS: [(&str, LegacyLayout); 8] = [
    ("osQ", LegacyLayout::WalkmanChanakya),
    ("oQk", LegacyLayout::WalkmanChanakya),
    ("oQh", LegacyLayout::WalkmanChanakya),
    ("·ð¤", LegacyLayout::Chanakya),
    ("·¤æ", LegacyLayout::Chanakya),
    ("·¤è", LegacyLayout::Chanakya),
    ("Eäò", LegacyLayout::DvTt),
    ("EòÉ", LegacyLayout::DvTt),
];

/// Frequent words with a letter that typists write by a quote.
const QUOTED: [&str; 50] = [
    "प्रशिक्षण",
    "शिक्षा",
    "शिक्षण",
    "प्रदेश",
    "देश",
    "निर्देश",
    "निर्देशों",
    "निर्देशानुसार",
    "निदेशक",
    "निदेशालय",
    "आदेश",
    "आदेशों",
    "शासन",
    "शासकीय",
    "शासनादेश",
    "शहरी",
    "शाखा",
    "शामिल",
    "शर्त",
    "शर्तें",
    "शर्तों",
    "विशेष",
    "विशेषज्ञ",
    "वर्ष",
    "वर्षों",
    "राष्ट्रीय",
    "राष्ट्र",
    "विश्वविद्यालय",
    "आवश्यक",
    "आवश्यकता",
    "आवश्यकतानुसार",
    "प्रतिशत",
    "पशु",
    "शेष",
    "भाषा",
    "विषय",
    "विषयों",
    "पुरुष",
    "कृषि",
    "सुनिश्चित",
    "निश्चित",
    "शुल्क",
    "शिकायत",
    "कोषागार",
    "पोषण",
    "परिषद",
    "घोषणा",
    "उद्देश्य",
    "शारीरिक",
    "संशोधित",
];

/// The frequent words in each layout, in the order of [`LegacyLayout::ALL`].
static SIGNATURES: LazyLock<[BTreeSet<String>; 5]> = LazyLock::new(|| {
    LegacyLayout::ALL.map(|layout| {
        let own = FREQUENT.iter().map(|word| layout.encode(word)).filter(|typed| typed.len() > 1);
        let variants = VARIANTS.iter().filter(|v| v.1 == layout).map(|v| v.0.to_owned());
        own.chain(variants).collect()
    })
});

/// The layout that a font's name tells, if any.
pub(crate) fn layout_by_name(name: &str) -> Option<LegacyLayout> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    // `DV-TT`, `DVTT` and `DVBTT` differ: the bilingual faces have another layout.
    NAMES.iter().find(|(known, _)| plain.contains(known)).map(|(_, layout)| *layout)
}

/// Votes of a font's words over the whole document, for fonts whose name says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FontVote {
    words: usize,
    /// Words of each signature, in the order of [`LegacyLayout::ALL`].
    signature: [usize; 5],
    /// Known words with curly quotes, in Kruti Dev and in its curled kind.
    quoted: [usize; 2],
}

impl FontVote {
    /// Counts one word.
    pub(crate) fn count(&mut self, word: &str) {
        self.words += 1;
        for (count, signature) in self.signature.iter_mut().zip(SIGNATURES.iter()) {
            *count += usize::from(signature.contains(word));
        }
        if word.contains(['‘', '’', '“', '”']) {
            let kinds = [LegacyLayout::KrutiDev, LegacyLayout::KrutiDevCurled];
            for (count, kind) in self.quoted.iter_mut().zip(kinds) {
                let text = kind.decode(word);
                let text = text.trim_matches(|c: char| c.is_ascii_punctuation() || c == '।' || c == 'ः');
                *count += usize::from(QUOTED.contains(&text));
            }
        }
    }

    /// Adds another count.
    pub(crate) fn add(&mut self, other: Self) {
        self.words += other.words;
        for (count, more) in self.signature.iter_mut().zip(other.signature) {
            *count += more;
        }
        for (count, more) in self.quoted.iter_mut().zip(other.quoted) {
            *count += more;
        }
    }

    /// A layout that is known from the font's name, made precise by its words.
    pub(crate) fn refine(self, layout: LegacyLayout) -> LegacyLayout {
        let [plain, curled] = self.quoted;
        if layout == LegacyLayout::KrutiDev && curled > plain { LegacyLayout::KrutiDevCurled } else { layout }
    }

    /// The layout of which one word in twenty is of the signature, and at least three; of several the one with most,
    /// of equal ones the earlier.
    pub(crate) fn layout(self) -> Option<LegacyLayout> {
        let mut best: Option<(usize, LegacyLayout)> = None;
        for (count, layout) in self.signature.into_iter().zip(LegacyLayout::ALL) {
            if count >= 3 && count * 20 >= self.words && best.is_none_or(|(most, _)| count > most) {
                best = Some((count, layout));
            }
        }
        best.map(|(_, layout)| self.refine(layout))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_a_legacy_font() {
        assert_eq!(layout_by_name("Kruti Dev 010"), Some(LegacyLayout::KrutiDev));
        assert_eq!(layout_by_name("DevLys010Bold"), Some(LegacyLayout::KrutiDev));
        assert_eq!(layout_by_name("Walkman-Chanakya-905"), Some(LegacyLayout::WalkmanChanakya));
        assert_eq!(layout_by_name("DV-TTYogesh"), Some(LegacyLayout::DvTt));
        assert_eq!(layout_by_name("Times New Roman").or(layout_by_name("Mangal")), None);
    }

    #[test]
    fn words_tell_a_legacy_font() {
        let vote = |text: &str| {
            let mut vote = FontVote::default();
            text.split(' ').for_each(|w| vote.count(w));
            vote.layout()
        };
        assert_eq!(vote("jkT; ds dk;Z dks djus ds fy, vkns'k"), Some(LegacyLayout::KrutiDev));
        let sentence = "विभाग के कार्य में भारत सरकार द्वारा किया जाता है";
        for layout in LegacyLayout::ALL {
            let typed: Vec<String> = sentence.split(' ').map(|w| layout.encode(w)).collect();
            let found = vote(&typed.join(" "));
            // The layouts with common keys spell this sentence alike.
            assert!(
                found == Some(layout)
                    || matches!(layout, LegacyLayout::WalkmanChanakya | LegacyLayout::KrutiDevCurled)
                        && found == Some(LegacyLayout::KrutiDev),
                "{layout:?}: {found:?}"
            );
        }
        let curled = vote("o”kZ ds izf’k{k.k dk funsZ’k gS");
        assert_eq!(curled, Some(LegacyLayout::KrutiDevCurled));
        assert_eq!(vote("The officer shall submit the report to the Director of the department"), None);
        assert_eq!(vote("Le conseil a été réuni à Genève et il a décidé où et quand"), None);
    }
}
