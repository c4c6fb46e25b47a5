//! Where a name begins and ends around the word that says what it is.

use cbp_core::KnowledgeKind;

use super::token::Token;
use super::words::{CONNECTORS, hindi_bounds, lead_words, names_purpose};
use crate::frac::is_known_post;
use crate::knowledge::names::{is_short_form, known_key, name_key, year_of};
use crate::prose::{fold, has_devanagari};

/// Most words of a name.
const LONGEST: usize = 18;

/// Where an English name that ends at `i` begins: capitals, connecting words and what stands in brackets.
pub(super) fn english_start(tokens: &[Token<'_>], i: usize) -> usize {
    let mut first = i;
    let mut depth = 0_i32;
    while first > 0 && i - first < LONGEST {
        let Some(token) = tokens.get(first - 1) else { break };
        let inside = depth > 0 || token.text.ends_with(')');
        if (!inside && token.stops()) || token.parts() {
            break;
        }
        let word = token.bare();
        let connector = CONNECTORS.contains(&word.to_lowercase().as_str()) || word.is_empty();
        let joins = connector
            && first >= 2
            && tokens.get(first - 2).is_some_and(|before| {
                // "MGNREGA and Forest Rights Act", "MGNREGA with Jal Jeevan Mission" are two names.
                let and = matches!(word.to_lowercase().as_str(), "and" | "&");
                let ends = is_short_form(before.bare()) || KnowledgeKind::named(before.bare()).is_some();
                !before.stops() && !ends && (before.capital() || before.text.ends_with(')') || !and)
            });
        if !(inside || joins || (token.capital() && !connector)) {
            break;
        }
        depth += token.text.matches(')').count() as i32 - token.text.matches('(').count() as i32;
        first -= 1;
        if depth < 0 {
            break;
        }
        if !inside && first < i && KnowledgeKind::named(word).is_some() && word.to_lowercase() != "mission" {
            first += 1;
            break;
        }
    }
    first
}

/// Where a Hindi name that ends at `i` begins. It goes over "का" only in "X का अधिकार अधिनियम" and the like.
pub(super) fn hindi_start(tokens: &[Token<'_>], i: usize) -> usize {
    let mut first = i;
    let mut closed = 0;
    while first > 0 && i - first < 8 {
        let Some(token) = tokens.get(first - 1) else { break };
        if token.stops() {
            break;
        }
        let word = fold(token.bare());
        let next = tokens.get(first).map(|t| fold(t.bare())).unwrap_or_default();
        let right = ["अधिकार", "संरक्षण", "निवारण", "विनियमन", "देखरेख", "प्रतिषेध"].map(fold).contains(&next);
        let other = KnowledgeKind::named(token.bare()).is_some() && word != "मिशन" && !names_purpose(&next);
        // "xv. कार्यक्रम", "घ योजना", "लिए6": marks of lists, and words run together with numbers. A nought stands for the
        // dot of a short form, "आर0सी0एच0".
        let label = !has_devanagari(token.bare()) && !token.capital()
            || token.bare().chars().count() == 1
            || token.bare().chars().last().is_some_and(|c| c.is_ascii_digit() && c != '0');
        // "(II) … कार्यक्रम": the number of an item; "(CME) योजना" is a short form.
        let numeral = token.text.starts_with('(') && token.bare().chars().all(|c| "IVX".contains(c));
        let bound = other
            || label
            || numeral
            || hindi_bounds().contains(&word) && !(right && word == "का" && first < i);
        if bound || word.is_empty() || word.chars().all(|c| c.is_ascii_digit()) {
            break;
        }
        first -= 1;
        // "सतत चिकित्सा शिक्षा (सीएमई) योजना" has a bracket inside; one that is not closed before the head holds the name.
        closed += token.text.matches(')').count();
        let opened = token.text.matches('(').count();
        if opened > closed {
            break;
        }
        closed -= opened;
    }
    if closed == 0 {
        return first;
    }
    // The bracket opens before the name could begin: the name stands behind it.
    let behind = (first..i).rev().find(|&k| tokens.get(k).is_some_and(|t| t.text.contains(')')));
    behind.map_or(first, |k| k + 1)
}

/// Takes words off the front that introduce a name.
pub(super) fn trim_lead(tokens: &[Token<'_>], mut first: usize, head: usize, hindi: bool) -> usize {
    while first < head {
        let Some(token) = tokens.get(first) else { break };
        let word = fold(token.bare());
        if word.is_empty()
            || word.starts_with(|c: char| c.is_ascii_digit())
            || lead_words().contains(&word)
            || (hindi && is_known_post(&word))
            || (!hindi && token.bare().ends_with("ing") && first + 1 < head)
        {
            first += 1;
            continue;
        }
        break;
    }
    // "Progress of X Yojana": what stands before the last such word and "of" is no part either.
    let cut = (first..head).rev().find(|&k| {
        let of = tokens.get(k).is_some_and(|t| matches!(t.bare(), "of" | "under" | "for" | "in"));
        of && k > first
            && tokens
                .get(k - 1)
                .is_some_and(|t| lead_words().contains(&fold(t.bare())) && !t.text.ends_with(')'))
    });
    cut.map_or(first, |k| k + 1)
}

/// "12(1)(c) of the RTE Act", "purchase committee of General Financial Rules": the known name after a connecting word.
pub(super) fn known_suffix(tokens: &[Token<'_>], first: usize, head: usize) -> Option<usize> {
    (first + 1..head).find(|&k| {
        let joined = tokens.get(k - 1).is_some_and(|t| CONNECTORS.contains(&t.bare()));
        let words = || tokens.get(k..=head).unwrap_or_default().iter().map(|t| fold(t.bare()));
        joined && known_key(&name_key(&words().collect::<Vec<_>>().join(" "))).is_some()
    })
}

/// "Scheme for Adolescent Girls", "National Mission for Clean Ganga": index after the last word of the name.
pub(super) fn purpose(tokens: &[Token<'_>], head: usize) -> Option<usize> {
    tokens.get(head + 1).filter(|t| matches!(t.text, "for" | "on" | "of"))?;
    let mut end = head + 2;
    while end < tokens.len().min(head + 12) {
        let Some(token) = tokens.get(end) else { break };
        let joins = matches!(token.text, "and" | "of" | "&" | "the")
            && tokens.get(end + 1).is_some_and(Token::capital);
        if !(token.capital() || joins) {
            break;
        }
        end += 1;
        if token.stops() || token.text.ends_with(')') {
            break;
        }
    }
    // Two words at least: "Scheme for Women", but not "Programme for Teachers" in a heading of capitals.
    let words = tokens.get(head + 2..end)?.iter().filter(|t| t.capital()).count();
    let shouted = tokens.get(head)?.bare().chars().all(char::is_uppercase);
    (words >= 2 && !shouted).then_some(end)
}

/// End of the name, its year and its short form: "Act, 2005 (RTI)".
pub(super) fn tail(
    tokens: &[Token<'_>],
    i: usize,
    kind: KnowledgeKind,
) -> (usize, Option<u16>, Option<String>) {
    let Some(head) = tokens.get(i) else { return (0, None, None) };
    let mut end = head.start
        + head.text.trim_end_matches(|c: char| ",;:.)\u{964}\"'\u{201d}\u{2019}".contains(c)).len();
    let (mut year, mut short) = (None, None);
    let mut k = i + 1;
    let open = !head.text.ends_with([';', ':', '.', '\u{964}', ')']);
    if open && let Some(token) = tokens.get(k) {
        let dash = matches!(token.text, "-" | "\u{2013}");
        let at = if dash { k + 1 } else { k };
        if let Some(token) = tokens.get(at)
            && let Some(found) = year_of(&fold(token.bare()))
            && (head.text.ends_with(',')
                || dash
                || matches!(kind, KnowledgeKind::Act | KnowledgeKind::Rules | KnowledgeKind::Policy))
        {
            year = Some(found);
            end = token.start + token.text.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
            k = at + 1;
        }
    }
    let plain = open && !head.text.ends_with(',') || year.is_some();
    if plain
        && let Some(token) = tokens.get(k).filter(|t| t.text.starts_with('('))
        && token.text.trim_end_matches([',', '.', ';', ':', '\u{964}']).ends_with(')')
    {
        let inner = token.bare();
        if is_short_form(inner) {
            short = Some(inner.to_owned());
        } else if ["gramin", "grameen", "rural", "urban", "ग्रामीण", "शहरी"].map(fold).contains(&fold(inner))
        {
            end = token.start + token.text.trim_end_matches(|c: char| c != ')').len();
        }
    }
    (end, year, short)
}
