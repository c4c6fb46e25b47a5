//! Laws, schemes and programmes that a text names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use cbp_core::KnowledgeKind;

use super::names::{
    begins_known, is_short_form, known_key, longest_known, name_key, normal_name, year_in, year_of,
};
use crate::prose::{fold, has_devanagari, table_rows};

/// A name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) kind: KnowledgeKind,
    /// Normalised as written.
    pub(crate) name: String,
    pub(crate) year: Option<u16>,
    /// Short form that follows in brackets.
    pub(crate) abbreviation: Option<String>,
    /// Bytes of the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A word of the text with its bytes.
struct Token<'a> {
    text: &'a str,
    start: usize,
}

impl Token<'_> {
    fn bare(&self) -> &str {
        self.text.trim_matches(|c: char| !c.is_alphanumeric() && !('\u{900}'..='\u{97f}').contains(&c))
    }
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
    fn capital(&self) -> bool {
        self.bare().chars().next().is_some_and(char::is_uppercase)
    }
    /// True where a name cannot go on after this word.
    fn stops(&self) -> bool {
        self.text.ends_with([',', ';', ':', '.', '?', '\u{964}', '"', '\u{201d}'])
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
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

/// The kind that the last word of a name gives it.
fn head_kind(word: &str) -> Option<KnowledgeKind> {
    Some(match word.to_lowercase().as_str() {
        "act" | "adhiniyam" | "sanhita" | "ordinance" | "अधिनियम" | "संहिता" | "अध्यादेश" => {
            KnowledgeKind::Act
        }
        "rules" | "regulations" | "niyamavali" | "नियमावली" | "नियम" | "विनियम" => {
            KnowledgeKind::Rules
        }
        "scheme" | "yojana" | "yojna" | "योजना" | "yojanas" => KnowledgeKind::Scheme,
        "mission"
        | "abhiyan"
        | "abhiyaan"
        | "programme"
        | "program"
        | "campaign"
        | "अभियान"
        | "मिशन"
        | "कार्यक्रम" => KnowledgeKind::Programme,
        "policy" | "नीति" => KnowledgeKind::Policy,
        _ => return None,
    })
}

fn word_set(cell: &'static OnceLock<BTreeSet<String>>, table: &'static str) -> &'static BTreeSet<String> {
    cell.get_or_init(|| table_rows(table).filter_map(|r| Some(fold(r.first()?))).collect())
}

fn lead_words() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    word_set(&WORDS, include_str!("../../data/lead_words.tsv"))
}

fn hindi_bounds() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    word_set(&WORDS, include_str!("../../data/hindi_bounds.tsv"))
}

const CONNECTORS: [&str; 12] =
    ["of", "and", "the", "for", "to", "in", "on", "from", "with", "by", "&", "cum"];
/// Words that make no name with the head word alone.
const GENERIC: [&str; 38] = [
    "integrated",
    "sector",
    "awareness",
    "capacity",
    "building",
    "education",
    "medical",
    "other",
    "state",
    "central",
    "national",
    "annual",
    "training",
    "government",
    "official",
    "special",
    "public",
    "principal",
    "parent",
    "model",
    "draft",
    "amendment",
    "new",
    "department",
    "departmental",
    "district",
    "pension",
    "labour",
    "tax",
    "action",
    "राज्य",
    "केंद्र",
    "केंद्रीय",
    "वार्षिक",
    "शासकीय",
    "विभागीय",
    "संबंधित",
    "सरकारी",
];
const LONGEST: usize = 18;

/// All names in a text, in order, none inside another. `short` maps short forms of this department's papers to names.
pub(crate) fn mentions(text: &str, short: &BTreeMap<String, Mention>) -> Vec<Mention> {
    let tokens = tokens(text);
    let mut found: Vec<Mention> = Vec::new();
    let keys: Vec<String> = tokens.iter().map(|t| fold(t.text)).collect();
    for i in 0..tokens.len() {
        found.extend(known_at(&tokens, &keys, i));
        found.extend(short_at(&tokens, i, short));
        found.extend(headed_at(text, &tokens, i));
    }
    // The longest name at a place wins.
    found.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut out: Vec<Mention> = Vec::new();
    for mention in found {
        match out.last_mut() {
            Some(last) if mention.start < last.end => {
                if mention.end - mention.start > last.end - last.start {
                    *last = mention;
                }
            }
            _ => out.push(mention),
        }
    }
    out
}

/// A name from the table of national laws and schemes.
fn known_at(tokens: &[Token<'_>], keys: &[String], i: usize) -> Option<Mention> {
    let first = keys.get(i).filter(|k| !k.is_empty() && !CONNECTORS.contains(&k.as_str()))?;
    if !begins_known(first) {
        return None;
    }
    for length in (1..=(longest_known() + 4).min(tokens.len() - i)).rev() {
        let last = tokens.get(i + length - 1)?;
        if length > 1 && CONNECTORS.contains(&last.bare()) {
            continue;
        }
        let key = name_key(&keys.get(i..i + length)?.join(" "));
        let Some((item, is_short)) = known_key(&key) else { continue };
        let here = tokens.get(i)?;
        if (is_short || length == 1) && !has_devanagari(here.bare()) && !is_short_form(here.bare()) {
            continue;
        }
        // A plain word that happens to be a name is one only with its capital.
        if !has_devanagari(here.text) && !here.capital() {
            continue;
        }
        let lead = here.text.len() - here.text.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        return Some(Mention {
            kind: item.kind,
            name: item.name.to_owned(),
            year: item.year,
            abbreviation: item.abbreviation.map(str::to_owned),
            start: here.start + lead,
            end: last.end(),
        });
    }
    None
}

/// A short form that a paper of the department explains.
fn short_at(tokens: &[Token<'_>], i: usize, short: &BTreeMap<String, Mention>) -> Option<Mention> {
    let token = tokens.get(i)?;
    let full = short.get(token.bare())?;
    Some(Mention { start: token.start, end: token.end(), ..full.clone() })
}

/// A name that ends with "Act", "Scheme", "योजना" …
fn headed_at(text: &str, tokens: &[Token<'_>], i: usize) -> Option<Mention> {
    let head = tokens.get(i)?;
    let kind = head_kind(head.bare())?;
    let hindi = has_devanagari(head.bare());
    if !hindi && !head.capital() {
        return None;
    }
    let next = tokens.get(i + 1).filter(|_| !head.stops() && !head.text.ends_with(')'));
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
        tokens.get(first..i)?.iter().map(|t| fold(t.bare())).filter(|w| !w.is_empty()).collect();
    // "Duration of the Training Programme": what stands after the last connecting word names nothing.
    let own = match kind {
        KnowledgeKind::Act | KnowledgeKind::Rules => &content[..],
        _ => content.rsplit(|w| CONNECTORS.contains(&w.as_str())).next().unwrap_or_default(),
    };
    let generic = own.iter().all(|w| {
        GENERIC.contains(&w.as_str()) || CONNECTORS.contains(&w.as_str()) || lead_words().contains(w)
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

/// Where an English name that ends at `i` begins: capitals, connecting words and what stands in brackets.
fn english_start(tokens: &[Token<'_>], i: usize) -> usize {
    let mut first = i;
    let mut depth = 0_i32;
    while first > 0 && i - first < LONGEST {
        let Some(token) = tokens.get(first - 1) else { break };
        let inside = depth > 0 || token.text.ends_with(')');
        if !inside && token.stops() {
            break;
        }
        let word = token.bare();
        let connector = CONNECTORS.contains(&word.to_lowercase().as_str()) || word.is_empty();
        let joins = connector
            && first >= 2
            && tokens.get(first - 2).is_some_and(|before| {
                // "MGNREGA and Forest Rights Act", "MGNREGA with Jal Jeevan Mission" are two names.
                let and = matches!(word.to_lowercase().as_str(), "and" | "&");
                let ends = is_short_form(before.bare()) || head_kind(before.bare()).is_some();
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
        if !inside && first < i && head_kind(word).is_some() && word.to_lowercase() != "mission" {
            first += 1;
            break;
        }
    }
    first
}

/// Where a Hindi name that ends at `i` begins. It goes over "का" only in "X का अधिकार अधिनियम" and the like.
fn hindi_start(tokens: &[Token<'_>], i: usize) -> usize {
    let mut first = i;
    while first > 0 && i - first < 8 {
        let Some(token) = tokens.get(first - 1) else { break };
        if token.stops() {
            break;
        }
        let word = fold(token.bare());
        let next = tokens.get(first).map(|t| fold(t.bare())).unwrap_or_default();
        let right = ["अधिकार", "संरक्षण", "निवारण", "विनियमन", "देखरेख", "प्रतिषेध"].map(fold).contains(&next);
        let other = head_kind(token.bare()).is_some() && word != "मिशन";
        let bound = other || hindi_bounds().contains(&word) && !(right && word == "का" && first < i);
        if bound || word.is_empty() || word.chars().all(|c| c.is_ascii_digit()) {
            break;
        }
        first -= 1;
        if token.text.starts_with('(') {
            break;
        }
    }
    first
}

/// Takes words off the front that introduce a name.
fn trim_lead(tokens: &[Token<'_>], mut first: usize, head: usize, hindi: bool) -> usize {
    while first < head {
        let Some(token) = tokens.get(first) else { break };
        let word = fold(token.bare());
        if word.is_empty()
            || word.starts_with(|c: char| c.is_ascii_digit())
            || lead_words().contains(&word)
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
fn known_suffix(tokens: &[Token<'_>], first: usize, head: usize) -> Option<usize> {
    (first + 1..head).find(|&k| {
        let joined = tokens.get(k - 1).is_some_and(|t| CONNECTORS.contains(&t.bare()));
        let words = || tokens.get(k..=head).unwrap_or_default().iter().map(|t| fold(t.bare()));
        joined && known_key(&name_key(&words().collect::<Vec<_>>().join(" "))).is_some()
    })
}

/// "Scheme for Adolescent Girls", "National Mission for Clean Ganga": index after the last word of the name.
fn purpose(tokens: &[Token<'_>], head: usize) -> Option<usize> {
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
fn tail(tokens: &[Token<'_>], i: usize, kind: KnowledgeKind) -> (usize, Option<u16>, Option<String>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        mentions(text, &BTreeMap::new()).into_iter().map(|m| m.name).collect()
    }

    #[test]
    fn names_in_english_duties() {
        for (text, expected) in [
            (
                "Approve draft Bills and amendments to the Narmadanchal Gram Vikas and Panchayat Works Act, 2009",
                &["Narmadanchal Gram Vikas and Panchayat Works Act, 2009"][..],
            ),
            ("Supervise Jal Sanchay Abhiyan in the blocks", &["Jal Sanchay Abhiyan"]),
            (
                "Inspect works under the Narmadanchal Panchayat (Accounts, Works and Social Audit) Rules, 2012.",
                &["Narmadanchal Panchayat (Accounts, Works and Social Audit) Rules, 2012"],
            ),
            (
                "Implementation of Mukhyamantri Kanya Utthan Yojana and Bihar Student Credit Card Scheme",
                &["Mukhyamantri Kanya Utthan Yojana", "Bihar Student Credit Card Scheme"],
            ),
            (
                "Coordinate convergence of MGNREGA with Jal Jeevan Mission, forests and agriculture",
                &["Mahatma Gandhi National Rural Employment Guarantee Act, 2005", "Jal Jeevan Mission"],
            ),
            ("Background of the Scheme and Duration of the Training Programme", &[]),
            (
                "Nodal officer of the Scheme for Adolescent Girls, and of the National Mission for Clean Ganga",
                &["Scheme for Adolescent Girls", "National Mission for Clean Ganga"],
            ),
            (
                "under section 12(1)(c) of the RTE Act, 2009",
                &["Right of Children to Free and Compulsory Education Act, 2009"],
            ),
            ("State Mission Director (Livelihoods), Programme Officer", &[]),
            ("Monitor the scheme and the programme under this Act", &[]),
            ("Act as State Public Information Officer", &[]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn names_in_hindi_duties() {
        for (text, expected) in [
            ("लाड़ली संबल योजना के आवेदनों की स्वीकृति", &["लाड़ली संबल योजना"][..]),
            (
                "राज्य में मुख्यमंत्री कन्या विवाह योजना एवं जल संवर्धन अभियान का संचालन",
                &["मुख्यमंत्री कन्या विवाह योजना", "जल संवर्धन अभियान"],
            ),
            ("मध्य प्रदेश लोक सेवा गारंटी अधिनियम, 2010 के अंतर्गत", &["मध्य प्रदेश लोक सेवा गारंटी अधिनियम, 2010"]),
            ("नियमों और पूर्व उदाहरणों से जाँच", &[]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn a_short_form_in_brackets_is_taken() {
        let found = mentions("under the Nari Shakti Aajeevika Yojana (NSAY) in blocks", &BTreeMap::new());
        assert_eq!(found[0].abbreviation.as_deref(), Some("NSAY"));
        assert_eq!(found[0].name, "Nari Shakti Aajeevika Yojana");
    }
}
