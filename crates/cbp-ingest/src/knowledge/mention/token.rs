//! Words of a text with their places.

use crate::prose::fold;

/// A word of the text with its bytes.
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn bare(&self) -> &str {
        self.text.trim_matches(|c: char| !c.is_alphanumeric() && !('\u{900}'..='\u{97f}').contains(&c))
    }
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
    pub(super) fn capital(&self) -> bool {
        self.bare().chars().next().is_some_and(char::is_uppercase)
    }
    pub(super) fn is_possessive(&self) -> bool {
        let bare = self.bare();
        bare.ends_with("'s") || bare.ends_with("\u{2019}s")
    }
    /// True for "(Programme" cut off from its bracket, a bullet between persons and "Mr": no name goes over them.
    pub(super) fn parts(&self) -> bool {
        let odd = |c: char| {
            !c.is_ascii()
                && !c.is_alphanumeric()
                && !"\u{2013}\u{2014}\u{2018}\u{2019}\u{201c}\u{201d}\u{964}".contains(c)
        };
        let bare = self.bare();
        (bare.is_empty() && self.text.contains(odd))
            || matches!(bare, "Mr" | "Mrs" | "Ms")
            || self.text.chars().any(|c| c == '\u{178}' || ('\u{f000}'..='\u{f0ff}').contains(&c))
    }
    /// True where a name cannot go on after this word.
    pub(super) fn stops(&self) -> bool {
        self.text.ends_with([',', ';', ':', '.', '?', '\u{964}', '"', '\u{201d}'])
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    for word in text.split(' ') {
        if !word.is_empty() {
            out.push(Token { text: word, start: at });
        }
        at += word.len() + 1;
    }
    out
}

/// A token's words, folded: "शत-प्रतिशत" is two.
pub(super) fn words_of(token: &str) -> Vec<String> {
    fold(token).split(' ').map(str::to_owned).collect()
}
