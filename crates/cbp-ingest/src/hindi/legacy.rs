//! Which fonts code Devanagari as ASCII.

/// Parts of font names, lower case and without blanks, of fonts in the Kruti Dev layout.
const NAMES: [&str; 7] = ["krutidev", "devlys", "kruti", "krishna", "kundli", "aarti", "divyadev"];

/// Very frequent Hindi words as these fonts spell them; hardly any is an English word or a number.
const SIGNATURE: [&str; 34] = [
    "ds", "dk", "dh", "esa", "gS", "gSA", "gSaA", "gSa", "vkSj", ",oa", "ls", "dks", "ij", "fd", ";g", "gks",
    "djus", "fd;k", "tkrk", "rFkk", "}kjk", "dj", "bl", "ugha", "fy,", "vf/kdkjh", "dk;Z", "vuqlkj", "gksxk",
    "izns'k", "lfpo", "foHkkx", "tk,xk", "la[;k",
];

/// True where a font's name says that it has the Kruti Dev layout.
pub(crate) fn legacy_by_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    NAMES.iter().any(|known| plain.contains(known))
}

/// Votes of a font's words over the whole document, for fonts whose name says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FontVote {
    words: usize,
    signature: usize,
}

impl FontVote {
    /// Counts one word.
    pub(crate) fn count(&mut self, word: &str) {
        self.words += 1;
        self.signature += usize::from(SIGNATURE.contains(&word));
    }

    /// Adds another count.
    pub(crate) fn add(&mut self, other: Self) {
        self.words += other.words;
        self.signature += other.signature;
    }

    /// One word in twenty of the signature, and at least three.
    pub(crate) fn is_legacy(self) -> bool {
        self.signature >= 3 && self.signature * 20 >= self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words_tell_a_legacy_font() {
        assert!(legacy_by_name("Kruti Dev 010") && legacy_by_name("DevLys010Bold"));
        assert!(!legacy_by_name("Times New Roman") && !legacy_by_name("Mangal"));
        let vote = |text: &str| {
            let mut vote = FontVote::default();
            text.split(' ').for_each(|w| vote.count(w));
            vote.is_legacy()
        };
        assert!(vote("jkT; ds dk;Z dks djus ds fy, vkns'k"));
        assert!(!vote("The officer shall submit the report to the Director of the department"));
    }
}
