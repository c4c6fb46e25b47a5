//! Designations: headcounts taken off, abbreviations expanded, spellings compared.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;

use super::rank::names_post;
use crate::prose::{collapse, fold, marker, table_rows};

/// A designation as a cell or heading gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostName {
    /// Abbreviations expanded, without the number of posts.
    pub(crate) name: String,
    /// As it stands there.
    pub(crate) written: String,
    /// Number of posts, where given.
    pub(crate) headcount: Option<u32>,
}

/// Which part of a designation a short form stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Post,
    Word,
    Branch,
    Variant,
}

fn short_forms() -> &'static BTreeMap<(Scope, String), &'static str> {
    static TABLE: OnceLock<BTreeMap<(Scope, String), &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| {
        table_rows(include_str!("../../data/abbreviations.tsv"))
            .filter_map(|row| {
                let scope = match *row.first()? {
                    "post" => Scope::Post,
                    "word" => Scope::Word,
                    "branch" => Scope::Branch,
                    _ => Scope::Variant,
                };
                Some(((scope, fold(row.get(1)?)), *row.get(2)?))
            })
            .collect()
    })
}

fn long_form(scope: Scope, short: &str) -> Option<&'static str> {
    short_forms().get(&(scope, fold(short))).copied()
}

/// Reads a designation; `None` where the cell holds no letters, or a person's name and nothing else.
pub(crate) fn post_name(cell: &str) -> Option<PostName> {
    let written = collapse(cell);
    let mut text = without_person(cell)?;
    if let Some((mark, rest)) = marker(&text)
        && (mark.value > 0 || rest.len() < text.len())
        && rest.chars().next().is_some_and(|c| !c.is_lowercase())
    {
        text = rest.to_owned();
    }
    let (text, headcount) = split_headcount(&text);
    if !text.chars().any(char::is_alphabetic) {
        return None;
    }
    let edge = |c: char| c.is_whitespace() || ",;:-\u{2013}\u{2014}*/".contains(c);
    let name = expand(&unshout(text.trim_matches(edge)));
    let name = name.trim_end_matches(|c| edge(c) || c == '.').trim_start_matches('.').to_owned();
    Some(PostName { name, written, headcount })
}

/// Takes the number of posts off: "(3 posts)", "(24)", "- 3 Nos.", "x 3", "(1,480 पद)", "2 posts of …".
pub(crate) fn split_headcount(text: &str) -> (String, Option<u32>) {
    static FORMS: OnceLock<Vec<Regex>> = OnceLock::new();
    // Constant patterns: a test reads each form.
    let forms = FORMS.get_or_init(|| {
        let unit = r"(?:sanctioned\s+)?(?:posts?|nos?\.?|numbers?|persons?|पदों?|पद)";
        let number = r"(?P<n>[0-9०-९][0-9०-९,]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|एक|दो|तीन|चार|पाँच|पांच|छह|सात|आठ|नौ|दस)";
        let label = r"(?:(?:no\.?|nos\.?|number|total)\s*(?:of)?\s*(?:posts?)?|posts?|sanctioned(?:\s+strength|\s+posts?)?|पदों\s+की\s+संख्या|पद\s*संख्या|पद|स्वीकृत(?:\s+पद)?)\s*[:=\-–]?\s*";
        [
            format!(r"(?i)^(?P<a>.*\S)\s*[(\[]\s*(?:{label})?{number}\s*{unit}?\s*[)\]](?P<b>.*)$"),
            format!(r"(?i)^(?P<a>.*\S)\s*[-–—:,]\s*{number}\s*{unit}\s*(?P<b>)$"),
            format!(r"(?i)^(?P<a>.*\S)\s+{number}\s*{unit}\s*(?P<b>)$"),
            format!(r"(?i)^(?P<a>.*\S)\s*[x×]\s*{number}\s*(?P<b>)$"),
            format!(r"(?i)^(?P<a>){number}\s*{unit}\s+of\s+(?P<b>.+)$"),
        ]
        .iter()
        .filter_map(|p| Regex::new(p).ok())
        .collect()
    });
    for form in forms {
        let Some(found) = form.captures(text) else { continue };
        let part = |name| found.name(name).map_or("", |m| m.as_str());
        let Some(count) = number(part("n")) else { continue };
        // A year in brackets, or the 2 of "Grade (2)", is no number of posts.
        let year = (1900..2100).contains(&count)
            && !part("n").contains(',')
            && !text.to_lowercase().contains("post");
        let graded = ["grade", "gr", "class", "level", "ग्रेड", "श्रेणी", "वर्ग"];
        if year || graded.iter().any(|g| fold(part("a")).ends_with(g)) {
            continue;
        }
        let rest = format!("{} {}", part("a"), part("b"));
        return (collapse(&rest), Some(count));
    }
    (text.to_owned(), None)
}

/// A number in digits of either script, or a small one in words.
pub(crate) fn number(text: &str) -> Option<u32> {
    let word = match text.to_lowercase().as_str() {
        "one" | "एक" => 1,
        "two" | "दो" => 2,
        "three" | "तीन" => 3,
        "four" | "चार" => 4,
        "five" | "पाँच" | "पांच" => 5,
        "six" | "छह" => 6,
        "seven" | "सात" => 7,
        "eight" | "आठ" => 8,
        "nine" | "नौ" => 9,
        "ten" | "दस" => 10,
        "twelve" => 12,
        _ => 0,
    };
    if word > 0 {
        return Some(word);
    }
    let digits: String = text
        .chars()
        .filter(|c| *c != ',')
        .map(|c| match c {
            '\u{966}'..='\u{96f}' => char::from(b'0' + (c as u32 - 0x966) as u8),
            _ => c,
        })
        .collect();
    digits.parse().ok().filter(|&n| n > 0)
}

const HONORIFICS: [&str; 16] = [
    "shri",
    "sri",
    "smt",
    "ms",
    "mr",
    "mrs",
    "dr",
    "km",
    "kum",
    "kumari",
    "sh",
    "prof",
    "श्री",
    "श्रीमती",
    "सुश्री",
    "डॉ",
];

/// "Shri A. K. Rao, Joint Secretary": the part that names a post.
fn without_person(cell: &str) -> Option<String> {
    let person = |part: &str| {
        let folded = fold(part);
        let first = folded.split(' ').next().unwrap_or("");
        HONORIFICS.contains(&first) && folded.contains(' ')
    };
    let whole = collapse(cell);
    if !person(&whole) {
        return Some(whole);
    }
    let parts: Vec<&str> = cell.split(['\n', ',']).map(str::trim).filter(|p| !p.is_empty()).collect();
    let at = parts.iter().position(|p| !person(p) && names_post(p));
    if let Some(at) = at {
        return parts.get(at..).map(|p| collapse(&p.join(", ")));
    }
    // "Shri Rao (Joint Secretary)" names a post, "Shri Rao" does not.
    whole.split(['(', ')']).map(str::trim).find(|p| !person(p) && names_post(p)).map(str::to_owned)
}

/// Capitals throughout become a title; short forms stay.
fn unshout(text: &str) -> String {
    let shouts = !text.chars().any(char::is_lowercase)
        && text.split_whitespace().any(|w| w.len() > 4 && w.chars().all(|c| c.is_ascii_uppercase()));
    if !shouts {
        return text.to_owned();
    }
    let word = |w: &str| {
        let letters: String = w.chars().filter(char::is_ascii_alphabetic).collect();
        let short = long_form(Scope::Post, &letters).is_some()
            || !letters.contains(['A', 'E', 'I', 'O', 'U', 'Y'])
            || letters.chars().all(|c| "IVX".contains(c));
        let small = ["OF", "AND", "THE", "FOR", "IN", "TO", "ON", "CUM"].contains(&w);
        if small {
            return w.to_lowercase();
        }
        if short && long_form(Scope::Word, &letters).is_none() {
            return w.to_owned();
        }
        let mut up = true;
        w.chars()
            .map(|c| {
                let out = if up { c } else { c.to_ascii_lowercase() };
                up = !c.is_alphabetic();
                out
            })
            .collect()
    };
    text.split_whitespace().map(word).collect::<Vec<String>>().join(" ")
}

/// Expands the abbreviations of a designation.
pub(crate) fn expand(name: &str) -> String {
    let name = collapse(name);
    let cut = name.find(['(', '[', ',']).unwrap_or(name.len());
    let (head, tail) = name.split_at(cut);
    let spaced = head.ends_with(' ');
    let mut out = expand_head(head.trim_end());
    if spaced {
        out.push(' ');
    }
    out.push_str(&expand_tail(tail));
    out
}

fn expand_head(head: &str) -> String {
    if is_short(head)
        && let Some(long) = long_form(Scope::Post, head)
    {
        return long.to_owned();
    }
    if head.contains('/') {
        return head.split('/').map(|p| expand_head(p.trim())).collect::<Vec<String>>().join("/");
    }
    // "Dy.Secretary" is two words.
    let mut words: Vec<String> = Vec::new();
    for word in head.split_whitespace() {
        match word.split_once('.') {
            Some((a, b)) if b.chars().count() > 3 && long_form(Scope::Word, a).is_some() => {
                words.push(format!("{a}."));
                words.push(b.to_owned());
            }
            _ => words.push(word.to_owned()),
        }
    }
    let mut prefix = true;
    let out: Vec<String> = words
        .iter()
        .map(|word| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && !is_indic(c));
            let dotted = word.contains(['.', '\u{970}', '\u{966}']);
            if let Some(long) = long_form(Scope::Word, bare).filter(|_| dotted || needs_no_dot(bare)) {
                return long.to_owned();
            }
            // "Addl. CEO", "SO Estt": a short form of a post at the start, or after words that modify one.
            if prefix
                && is_short(word)
                && let Some(long) = long_form(Scope::Post, bare)
            {
                prefix = false;
                return long.to_owned();
            }
            prefix = prefix && names_modifier(bare);
            if !prefix
                && let Some(long) = long_form(Scope::Branch, bare).filter(|_| dotted || needs_no_dot(bare))
            {
                return long.to_owned();
            }
            word.clone()
        })
        .collect();
    out.join(" ")
}

fn names_modifier(word: &str) -> bool {
    matches!(
        fold(word).as_str(),
        "chief"
            | "senior"
            | "junior"
            | "deputy"
            | "joint"
            | "additional"
            | "assistant"
            | "principal"
            | "state"
            | "district"
            | "block"
    )
}

fn expand_tail(tail: &str) -> String {
    let mut out = String::with_capacity(tail.len() + 16);
    let mut word = String::new();
    let flush = |word: &mut String, next: char, out: &mut String| {
        let dotted = word.ends_with('.');
        let bare = word.trim_end_matches('.');
        let long = long_form(Scope::Branch, bare)
            .or_else(|| long_form(Scope::Word, bare))
            .filter(|_| dotted || (needs_no_dot(bare) && next != '.'));
        out.push_str(long.unwrap_or(word));
        word.clear();
    };
    for c in tail.chars() {
        if c.is_alphabetic() || c == '.' || is_indic(c) {
            word.push(c);
        } else {
            flush(&mut word, c, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, ' ', &mut out);
    out
}

/// True where the short form is no word of its own: it has no vowel, or ends as no word does.
fn needs_no_dot(short: &str) -> bool {
    let lower = short.to_ascii_lowercase();
    let bare = lower.chars().all(|c| c.is_ascii_alphabetic()) && !lower.contains(['a', 'e', 'i', 'o', 'u']);
    let tail =
        ["dl", "tt", "sst", "dt", "gr", "mn", "ts", "fr", "mr", "rd"].iter().any(|t| lower.ends_with(t));
    bare || (lower.len() >= 3 && tail)
}

/// Capitals (full stops and blanks between them allowed), or Devanagari.
fn is_short(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let devanagari = letters.iter().any(|c| is_indic(*c));
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    (letters.len() <= 9 && capitals == letters.len() && !letters.is_empty())
        || devanagari
        || (letters.len() <= 6 && capitals >= 2 && capitals + 2 >= letters.len())
        || matches!(fold(text).as_str(), "steno")
}

fn is_indic(c: char) -> bool {
    ('\u{900}'..='\u{d7f}').contains(&c)
}

/// What two spellings of one post have in common.
pub(crate) fn post_key(name: &str) -> String {
    let folded = fold(name);
    let words: Vec<&str> = folded.split(' ').collect();
    let mut out: Vec<String> = Vec::new();
    let mut i = 0;
    while let Some(word) = words.get(i) {
        let pair = words.get(i + 1).map(|next| format!("{word} {next}"));
        if let Some(one) = pair.as_deref().and_then(|p| long_form(Scope::Variant, p)) {
            out.push(fold(one));
            i += 2;
            continue;
        }
        let one = long_form(Scope::Variant, word).map_or_else(|| (*word).to_owned(), fold);
        out.push(match one.as_str() {
            "i" => "1".to_owned(),
            "ii" => "2".to_owned(),
            "iii" => "3".to_owned(),
            "iv" => "4".to_owned(),
            "of" | "the" | "and" | "एवं" | "तथा" | "व" | "एवम" => String::new(),
            w if w.len() > 5 && w.is_ascii() && w.ends_with('s') && !w.ends_with("ss") => {
                w.strip_suffix('s').unwrap_or(w).to_owned()
            }
            _ => one,
        });
        i += 1;
    }
    out.retain(|w| !w.is_empty());
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_expanded() {
        for (short, long) in [
            ("JS", "Joint Secretary"),
            ("J.S.", "Joint Secretary"),
            ("DS (Estt.)", "Deputy Secretary (Establishment)"),
            ("AS & FA", "Additional Secretary and Financial Adviser"),
            ("Dy. Secretary (Admn)", "Deputy Secretary (Administration)"),
            ("Dy.Registrar", "Deputy Registrar"),
            ("Asstt. Engineer", "Assistant Engineer"),
            ("Office Supdt.", "Office Superintendent"),
            ("Addl. CEO", "Additional Chief Executive Officer"),
            ("US/DS", "Under Secretary/Deputy Secretary"),
            ("MTS", "Multi Tasking Staff"),
            ("SECTION OFFICER", "Section Officer"),
            ("Project Director, DRDA", "Project Director, DRDA"),
            ("Joint Commissioner (MGNREGA)", "Joint Commissioner (MGNREGA)"),
            ("State Mission Director (Livelihoods)", "State Mission Director (Livelihoods)"),
            ("सहा. अधि.", "सहायक अधिकारी"),
            ("बीडीओ", "खंड विकास अधिकारी"),
        ] {
            assert_eq!(post_name(short).map(|p| p.name).as_deref(), Some(long), "{short}");
        }
    }

    #[test]
    fn headcounts_are_taken_off() {
        for (written, name, count) in [
            ("Section Officer (3 posts)", "Section Officer", Some(3)),
            ("Anganwadi Worker (8,210)", "Anganwadi Worker", Some(8210)),
            ("Assistant - 4 Nos.", "Assistant", Some(4)),
            ("Peon x 2", "Peon", Some(2)),
            ("अनुभाग अधिकारी (4 पद)", "अनुभाग अधिकारी", Some(4)),
            ("लिपिक (पद-२)", "लिपिक", Some(2)),
            ("2 posts of Driver", "Driver", Some(2)),
            ("Stenographer Grade 2", "Stenographer Grade 2", None),
            ("सहायक ग्रेड-2", "सहायक ग्रेड-2", None),
            ("Inspector (Grade 2)", "Inspector (Grade 2)", None),
            ("District Coordinator (24 posts) (Poshan)", "District Coordinator (Poshan)", Some(24)),
        ] {
            let post = post_name(written).unwrap();
            assert_eq!((post.name.as_str(), post.headcount), (name, count), "{written}");
            assert_eq!(post.written, written);
        }
    }

    #[test]
    fn persons_are_no_posts() {
        assert_eq!(post_name("Shri A. K. Rao, Joint Secretary").unwrap().name, "Joint Secretary");
        assert_eq!(
            post_name("Smt. Rekha Devi\nUnder Secretary (Estt.)").unwrap().name,
            "Under Secretary (Establishment)"
        );
        assert_eq!(post_name("Shri A. K. Rao"), None);
        assert_eq!(post_name("--"), None);
    }

    #[test]
    fn spellings_of_one_post_share_a_key() {
        for (a, b) in [
            ("Stenographer Grade II", "Stenographer Grade-2"),
            ("Programme Officers", "Program Officer"),
            ("Co-ordinator", "Coordinator"),
            ("लेखा एवं बजट अधिकारी", "लेखा तथा बजट अधिकारी"),
        ] {
            assert_eq!(post_key(a), post_key(b));
        }
        assert_ne!(post_key("Stenographer Grade I"), post_key("Stenographer Grade II"));
    }
}
