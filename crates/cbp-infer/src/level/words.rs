//! A duty cut into words that remember where they stood.

use cbp_core::KnowledgeKind;

use crate::embed::text::Script;

/// A word of a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower case, -ize spelled -ise.
    pub(crate) text: String,
    /// Bytes `[start, end)` of the duty.
    pub(crate) span: (usize, usize),
    /// A sentence mark, bullet, comma or line break stands before it (or it is the first).
    pub(crate) opens: bool,
    /// The script of its first letter; `None` for numbers.
    pub(crate) script: Option<Script>,
    /// Written with a capital, or in a script without them.
    pub(crate) proper: bool,
}

impl Word {
    /// True for Hindi and its sisters in the same script.
    pub(crate) fn devanagari(&self) -> bool {
        self.script == Some(Script::Devanagari)
    }
}

/// The words of `text`. Hyphens and apostrophes inside a word belong to it.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut start: Option<usize> = None;
    let mut opens = true;
    let mut close = |start: &mut Option<usize>, end: usize, opens: &mut bool| {
        let Some(from) = start.take() else { return };
        let slice = text.get(from..end).unwrap_or_default();
        let kept = slice.trim_end_matches(['-', '\'', '’']);
        if !kept.chars().any(char::is_alphanumeric) {
            return;
        }
        let script = kept.chars().find_map(Script::of_char);
        let proper = !kept.starts_with(char::is_lowercase);
        let word =
            Word { text: spelling(kept), span: (from, from + kept.len()), opens: *opens, script, proper };
        out.push(word);
        *opens = false;
    };
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = c.is_alphanumeric()
            // Vowel signs, virama and joiners belong to Indian words.
            || (('\u{900}'..='\u{d7f}').contains(&c) && !matches!(c, '।' | '॥'))
            || matches!(c, '\u{200c}' | '\u{200d}');
        let joins = matches!(c, '-' | '\'' | '’')
            && start.is_some()
            && chars.peek().is_some_and(|&(_, next)| next.is_alphanumeric());
        if inside {
            start.get_or_insert(at);
        } else if !joins {
            close(&mut start, at, &mut opens);
            opens |= matches!(
                c,
                '.' | ',' | ';' | ':' | '!' | '?' | '।' | '॥' | '•' | '\n' | '(' | '-' | '–' | '*' | '/'
            );
        }
    }
    close(&mut start, text.len(), &mut opens);
    out
}

/// Lower case, one apostrophe, and British -ise where a text says -ize, so that one list serves both.
pub(crate) fn spelling(word: &str) -> String {
    let lower = word.to_lowercase().replace('’', "'");
    if !lower.is_ascii() || lower.len() < 6 {
        return lower;
    }
    for (american, british) in [
        ("ization", "isation"),
        ("izing", "ising"),
        ("izes", "ises"),
        ("ized", "ised"),
        ("ize", "ise"),
        ("yzing", "ysing"),
        ("yzes", "yses"),
        ("yzed", "ysed"),
        ("yze", "yse"),
    ] {
        if let Some(stem) = lower.strip_suffix(american) {
            return format!("{stem}{british}");
        }
    }
    lower
}

/// Forms under which an English word may stand in a list, the word itself first: inflections taken off by rule.
pub(crate) fn lemmas(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    let mut add = |form: String| {
        if form.len() > 1 && !forms.contains(&form) {
            forms.push(form);
        }
    };
    if let Some(stem) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied")) {
        add(format!("{stem}y"));
    }
    for ending in ["es", "s", "ed", "ing"] {
        let Some(stem) = word.strip_suffix(ending) else { continue };
        if stem.len() < 2 {
            continue;
        }
        if ending != "s" {
            add(format!("{stem}e"));
        }
        add(stem.to_owned());
        let bytes = stem.as_bytes();
        if ending != "s"
            && let [.., a, b] = bytes
            && a == b
        {
            add(stem[..stem.len() - 1].to_owned());
        }
    }
    forms
}

/// Most words of a name.
const LONGEST: usize = 9;

/// True where the word only helps to name a scheme or law that is three words long or more: "National" in "the National
/// Health Mission" does not tell how far the work reaches.
pub(crate) fn names(words: &[Word], at: usize) -> bool {
    let Some(first) = words.get(at).filter(|word| word.proper) else { return false };
    for (place, word) in words.iter().enumerate().take(at + LONGEST).skip(at + 1) {
        let joins = matches!(word.text.as_str(), "of" | "for" | "and");
        if word.opens || word.devanagari() != first.devanagari() || !(word.proper || joins) || is_post(word) {
            return false;
        }
        // "State policy" may be one that the work makes.
        let kind =
            KnowledgeKind::named(&word.text).filter(|kind| word.proper && *kind != KnowledgeKind::Policy);
        if kind.is_some() {
            return place > at + 1;
        }
    }
    false
}

/// Hindi words between parts of a sentence, and what says that a place is meant as a level.
fn is_post(word: &Word) -> bool {
    word.text.starts_with("स्तर")
        || matches!(
            word.text.as_str(),
            "का" | "की"
                | "के"
                | "को"
                | "में"
                | "से"
                | "पर"
                | "ने"
                | "हेतु"
                | "एवं"
                | "और"
                | "तथा"
                | "व"
                | "द्वारा"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn words_keep_signs_hyphens_and_their_places() {
        assert_eq!(
            texts("Day-to-day work, e.g. DDO's bills -"),
            ["day-to-day", "work", "e", "g", "ddo's", "bills"]
        );
        let hindi = "नीति तय करना।";
        let found = words(hindi);
        assert_eq!(found.len(), 3);
        assert_eq!(hindi.get(found[1].span.0..found[1].span.1), Some("तय"));
        assert!(found.iter().all(Word::devanagari));
        let opens: Vec<bool> = words("Plan, check and file; sign").iter().map(|w| w.opens).collect();
        assert_eq!(opens, [true, true, false, false, true]);
    }

    #[test]
    fn names_of_schemes_are_told_from_what_they_are_made_of() {
        for (text, named) in [
            ("Implement the National Village Library Mission", true),
            ("State Scheme for Libraries of Villages", false),
            ("Plan national reading programmes", false),
            ("Report to the State government on the scheme", false),
            ("राष्ट्रीय ग्राम पुस्तकालय मिशन की समीक्षा", true),
            ("राज्य स्तरीय पुस्तकालय योजना बनाना", false),
            ("राज्य में पुस्तकालय योजना", false),
        ] {
            let found = words(text);
            let reach = |w: &Word| matches!(w.text.as_str(), "national" | "state" | "राष्ट्रीय" | "राज्य");
            let at = found.iter().position(reach).unwrap();
            assert_eq!(names(&found, at), named, "{text}");
        }
    }

    #[test]
    fn bad_text_has_no_words() {
        for text in ["", " \t\n", "—…!", "\u{0}\u{1}\u{7f}", "----", "'''"] {
            assert_eq!(words(text), [], "{text:?}");
        }
    }

    #[test]
    fn inflections_lead_back_to_the_verb() {
        for (form, verb) in [
            ("supervises", "supervise"),
            ("planning", "plan"),
            ("studied", "study"),
            ("approving", "approve"),
            ("assesses", "assess"),
            ("carried", "carry"),
            ("drafted", "draft"),
        ] {
            assert!(lemmas(form).iter().any(|l| l == verb), "{form}");
        }
        assert_eq!(spelling("Organizing"), "organising");
        assert_eq!(spelling("size"), "size");
    }
}
