//! The parts of a text that are compared one by one.

/// Parts of one text, at most; the rest of a very long text counts with the last of them no more.
const MOST: usize = 40;
/// Words that a part needs to be worth comparing.
const WORDS: usize = 3;

/// Splits a text at sentence ends, line breaks, list marks and semicolons. A text with one long part or none is itself the
/// only part; a text without words has none.
pub(super) fn segments(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let ends_sentence = matches!(previous, '.' | '!' | '?' | ';' | ':' | '\u{964}') && c.is_whitespace();
        let ends_line = matches!(c, '\n' | '\u{2022}' | '\u{25aa}');
        let list_mark = previous.is_whitespace() && matches!(c, '-' | '\u{2013}');
        if ends_sentence || ends_line || list_mark {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at;
        }
        previous = c;
    }
    parts.push(text.get(start..).unwrap_or_default());
    let long = |part: &&str| part.split_whitespace().count() >= WORDS;
    let trimmed = |part: &'_ str| -> Option<(usize, usize)> {
        let inner =
            part.trim_matches(|c: char| !c.is_alphanumeric() && !('\u{900}'..='\u{d7f}').contains(&c));
        (!inner.is_empty()).then_some((inner.as_ptr() as usize - text.as_ptr() as usize, inner.len()))
    };
    let kept: Vec<&str> = parts
        .into_iter()
        .filter_map(trimmed)
        .filter_map(|(from, length)| text.get(from..from + length))
        .filter(long)
        .take(MOST)
        .collect();
    if kept.len() > 1 {
        return kept;
    }
    // The text as it stands: other stages embed it as it stands too, and share the vector.
    let whole = text.trim();
    if whole.chars().any(char::is_alphanumeric) { vec![whole] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_lists_and_dandas_split() {
        assert_eq!(
            segments(
                "Head of accounts. Checks bills before payment; keeps the cash book - answers audit paragraphs"
            ),
            [
                "Head of accounts",
                "Checks bills before payment",
                "keeps the cash book",
                "answers audit paragraphs"
            ]
        );
        assert_eq!(segments("बिलों की जाँच करना। रोकड़ बही लिखना तथा मिलान").len(), 2);
        assert_eq!(segments("Checks bills before payment."), ["Checks bills before payment."]);
        assert_eq!(segments("Budget"), ["Budget"]);
        assert_eq!(segments(" \u{2022} -- "), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn parts_are_bounded_and_of_the_text(text in "\\PC{0,400}") {
            let parts = segments(&text);
            prop_assert!(parts.len() <= MOST);
            prop_assert!(parts.iter().all(|part| text.contains(part) && !part.trim().is_empty()));
        }
    }
}
