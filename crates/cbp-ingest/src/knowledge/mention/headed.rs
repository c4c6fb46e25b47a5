//! Names that end with "Act", "Scheme", "योजना" and the like.

use cbp_core::KnowledgeKind;

use super::Mention;
use super::extent::{english_start, hindi_start, known_suffix, purpose, tail, trim_lead};
use super::token::{Token, words_of};
use super::words::{CONNECTORS, generic_words, lead_words, names_purpose};
use crate::knowledge::names::{is_short_form, known_key, normal_name, year_in, year_of};
use crate::prose::{fold, has_devanagari};

/// A name that ends with "Act", "Scheme", "योजना" …
pub(super) fn headed_at(text: &str, tokens: &[Token<'_>], i: usize) -> Option<Mention> {
    let head = tokens.get(i)?;
    let kind = KnowledgeKind::named(head.bare())?;
    let hindi = has_devanagari(head.bare());
    if (!hindi && !head.capital()) || head.text.starts_with('(') {
        return None;
    }
    let next = tokens.get(i + 1).filter(|_| !head.stops() && !head.text.ends_with(')'));
    if hindi && next.is_some_and(|n| names_purpose(&fold(n.bare()))) {
        return None;
    }
    let statute = matches!(kind, KnowledgeKind::Act | KnowledgeKind::Rules);
    if !hindi && !statute {
        // "Mission Director", "Programme Officer" name posts.
        let runs_on =
            next.is_some_and(|n| n.capital() && !n.text.starts_with('(') && year_of(n.bare()).is_none());
        if runs_on {
            return None;
        }
    }
    let first = if hindi { hindi_start(tokens, i) } else { english_start(tokens, i) };
    let first = trim_lead(tokens, first, i, hindi);
    let first = known_suffix(tokens, first, i).unwrap_or(first);
    let (mut end, year, abbreviation) = tail(tokens, i, kind);
    let aim = purpose(tokens, i).filter(|_| !(hindi || statute || head.stops()));
    if let Some(last) = aim.and_then(|k| tokens.get(k - 1)) {
        end = last.start + last.text.trim_end_matches(|c: char| ",;:.\"\u{201d}".contains(c)).len();
    }
    let extended = aim.is_some();
    // "Background of the Scheme" names none.
    let before = i.checked_sub(1).filter(|&k| k >= first).and_then(|k| tokens.get(k));
    if before.is_some_and(|t| CONNECTORS.contains(&t.bare().to_lowercase().as_str())) {
        return None;
    }
    let content: Vec<String> =
        tokens.get(first..i)?.iter().flat_map(|t| words_of(t.bare())).filter(|w| !w.is_empty()).collect();
    // "Duration of the Training Programme": what stands after the last connecting word names nothing.
    let own = match kind {
        KnowledgeKind::Act | KnowledgeKind::Rules => &content[..],
        _ => content.rsplit(|w| CONNECTORS.contains(&w.as_str())).next().unwrap_or_default(),
    };
    // "the University's Act": whose it is names nothing either.
    let owners: Vec<String> =
        tokens.get(first..i)?.iter().filter(|t| t.is_possessive()).map(|t| fold(t.bare())).collect();
    let generic = own.iter().all(|w| {
        generic_words().contains(w)
            || CONNECTORS.contains(&w.as_str())
            || lead_words().contains(w)
            || owners.contains(w)
    });
    if (generic && !extended) || content.iter().any(|w| w == "amendment" || w == "संशोधन" || w == "amending")
    {
        return None;
    }
    // "Conduct Rules" is a name, "नियम" without a year is not; nor is a policy that nobody dated or called national.
    if hindi && kind == KnowledgeKind::Rules && year.is_none() && head.bare() != "नियमावली" {
        return None;
    }
    // "Livelihoods Mission" may be any office; "Poshan Abhiyan" is a name.
    let plain = ["mission", "programme", "program", "scheme", "policy", "campaign"];
    let one_word = content.iter().filter(|w| !CONNECTORS.contains(&w.as_str())).count() < 2;
    let undated = year.is_none() && one_word && !extended;
    let unknown = content.first().is_none_or(|w| known_key(w).is_none());
    let vague = plain.contains(&head.bare().to_lowercase().as_str())
        || kind == KnowledgeKind::Policy
        || (kind == KnowledgeKind::Rules && !hindi);
    if undated && unknown && vague {
        return None;
    }
    let begin = tokens.get(first)?;
    let lead =
        begin.text.len() - begin.text.trim_start_matches(|c: char| "(\"'\u{201c}\u{2018}[".contains(c)).len();
    let start = begin.start + lead;
    let name = normal_name(text.get(start..end)?);
    let name = without_short_form(&balanced(&name));
    let year = year.or_else(|| year_in(&name));
    // "the MGNREGA Act" is MGNREGA.
    if let [only] = &content[..]
        && let Some((item, _)) = known_key(only)
    {
        let (name, abbreviation) = (item.name.to_owned(), item.abbreviation.map(str::to_owned));
        return Some(Mention { kind: item.kind, name, year: item.year, abbreviation, start, end });
    }
    Some(Mention { kind, name, year, abbreviation, start, end })
}

/// "Right to Education (RTE) Act": a short form inside a name is no part of it.
fn without_short_form(name: &str) -> String {
    let plain =
        |w: &&str| !(w.starts_with('(') && w.ends_with(')') && is_short_form(w.trim_matches(['(', ')'])));
    name.split(' ').filter(plain).collect::<Vec<_>>().join(" ")
}

/// A name cut inside a bracket is closed or freed of it.
fn balanced(name: &str) -> String {
    let (open, close) = (name.matches('(').count(), name.matches(')').count());
    match open.cmp(&close) {
        std::cmp::Ordering::Greater => name.replacen('(', "", open - close).trim().to_owned(),
        std::cmp::Ordering::Less => name.replacen(')', "", close - open).trim().to_owned(),
        std::cmp::Ordering::Equal => name.to_owned(),
    }
}
