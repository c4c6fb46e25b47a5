//! Chapters and sections of a law, found by their numbers.

use std::sync::OnceLock;

use regex::Regex;

use crate::prose::{Line, collapse, fold};

/// A heading of a chapter or section in the text.
pub(crate) struct Head {
    /// Index of its line.
    pub(crate) line: usize,
    pub(crate) number: String,
    pub(crate) heading: String,
    /// Lines that the heading takes.
    pub(crate) height: usize,
    /// Number and letter of a section; `None` for a chapter.
    pub(crate) order: Option<(u32, String)>,
}

/// A pattern that is compiled once.
pub(crate) fn regex(cell: &'static OnceLock<Option<Regex>>, pattern: &str) -> Option<&'static Regex> {
    cell.get_or_init(|| Regex::new(pattern).ok()).as_ref()
}

fn chapter_line(line: &str) -> Option<(String, String)> {
    static CHAPTER: OnceLock<Option<Regex>> = OnceLock::new();
    let found = regex(
        &CHAPTER,
        r"^(?P<n>(?:CHAPTER|Chapter|PART|Part|अध्याय|भाग|परिच्छेद)\s*[-–—:]?\s*(?:[IVXLC]+|\d+|[०-९]+|[A-Z]\b|[क-ह]\b|एक|दो|तीन|चार|पाँच|पांच|छह|सात|आठ|नौ|दस)(?:-?[A-Z])?)\s*[.:–—-]*\s*(?P<h>.*)$",
    )?
    .captures(line)?;
    let heading = found.name("h").map_or("", |m| m.as_str()).trim();
    // "Part II of the Schedule applies" is a sentence.
    let sentence =
        heading.chars().next().is_some_and(char::is_lowercase) || heading.split_whitespace().count() > 14;
    let number = collapse(found.name("n")?.as_str());
    (!sentence).then(|| (number, heading.to_owned()))
}

/// A line that begins with a number, as sections do.
struct Numbered {
    number: u32,
    suffix: String,
    /// True where the word "Section" or "Rule" stands before the number.
    named: bool,
    rest: String,
}

fn section_line(line: &str) -> Option<Numbered> {
    static SECTION: OnceLock<Option<Regex>> = OnceLock::new();
    let found = regex(
        &SECTION,
        r"^(?:\d{0,2}\[)?(?P<k>(?:Section|SECTION|Rule|RULE|Regulation|धारा|नियम)\s+)?(?P<n>[0-9०-९]{1,4})(?P<s>-?[A-Z]{0,2}|[क-ह]?)\s*[.:–—-]+\s*(?P<h>\S.*)$",
    )?
    .captures(line)?;
    let number = crate::frac::number(found.name("n")?.as_str())?;
    let suffix = found.name("s").map_or("", |m| m.as_str()).trim_start_matches('-').to_owned();
    let rest = found.name("h")?.as_str().to_owned();
    Some(Numbered { number, suffix, named: found.name("k").is_some(), rest })
}

/// Largest gap in the numbering: repealed sections leave holes.
const HOLE: u32 = 10;

/// Chapters and sections in order.
///
/// Sections are numbered from 1 upwards. The first one is the one called "Short title …" where there is such a
/// heading, so that no list before it is taken for the law; each further "1. Short title …" starts the count again:
/// a list of sections stands before the text.
pub(crate) fn heads(lines: &[Line<'_>]) -> Vec<Head> {
    let titled = lines.iter().enumerate().any(|(i, l)| opens(lines, i, l));
    let above = lines.iter().enumerate().any(|(i, l)| names_itself(l) && title_above(lines, i));
    let mut out: Vec<Head> = Vec::new();
    let mut last: Option<(u32, String)> = None;
    let mut closed = false;
    for (i, line) in lines.iter().enumerate() {
        // Items of a schedule are numbered like sections.
        closed |= is_schedule(line.text) && last.as_ref().is_some_and(|(n, _)| *n > 3);
        if let Some((number, heading)) = chapter_line(line.text) {
            let (heading, height) = if heading.is_empty() { heading_below(lines, i) } else { (heading, 1) };
            // "see Part II" at the end of a line is no chapter, nor is the head of a gazette, "PART II—SEC. 3(i)".
            let named = !number.is_ascii() || !number.contains(char::is_lowercase);
            let gazette =
                ["section", "sec", "खण्ड", "खंड"].iter().any(|w| fold(&heading).starts_with(&fold(w)));
            if gazette || (heading.is_empty() && !named) {
                continue;
            }
            out.push(Head { line: i, number, heading: clean(&heading), height, order: None });
            continue;
        }
        let Some(found) = section_line(line.text) else { continue };
        let first = found.number == 1 && if titled { opens(lines, i, line) } else { last.is_none() };
        let next = last.as_ref().is_some_and(|(n, s)| {
            (found.number > *n && found.number <= n + HOLE)
                || (found.number == *n && !found.suffix.is_empty() && found.suffix > *s)
        });
        if !(first || (next && !closed)) {
            continue;
        }
        closed &= !first;
        let margin = heading_above(lines, i).filter(|_| above);
        let Some((heading, height)) = margin.or_else(|| section_heading(lines, i, &found)) else { continue };
        let number = format!("{}{}", found.number, found.suffix);
        last = Some((found.number, found.suffix));
        out.push(Head { line: i, number, heading, height, order: last.clone() });
    }
    out
}

/// True for "THE FIRST SCHEDULE" and "अनुसूची" as a line of their own.
fn is_schedule(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let upper = !line.chars().any(char::is_lowercase);
    words.len() <= 4
        && ((upper && words.iter().any(|w| w.trim_matches(|c: char| !c.is_alphanumeric()) == "SCHEDULE"))
            || words.last().is_some_and(|w| w.starts_with("अनुसूची")))
}

/// True for "1. Short title, extent and commencement".
fn opens(lines: &[Line<'_>], i: usize, line: &Line<'_>) -> bool {
    let Some(found) = section_line(line.text).filter(|f| f.number == 1) else { return false };
    let heading = section_heading(lines, i, &found).map_or_else(String::new, |(h, _)| fold(&h));
    is_short_title(&heading) || (names_itself(line) && title_above(lines, i))
}

fn is_short_title(folded: &str) -> bool {
    folded.starts_with("short title") || folded.starts_with("title") || folded.starts_with(&fold("संक्षिप्त"))
}

/// True for "1. (1) This Act may be called …".
fn names_itself(line: &Line<'_>) -> bool {
    section_line(line.text).is_some_and(|f| f.number == 1)
        && ["may be called", "shall be called"].iter().any(|words| line.text.contains(words))
}

/// True where headings stand in blocks of their own over the sections, as notes in the margin are read.
fn title_above(lines: &[Line<'_>], i: usize) -> bool {
    heading_above(lines, i).is_some_and(|(heading, _)| is_short_title(&fold(&heading)))
}

/// A block of one to three lines directly over a section, with the block before it where it goes on from that one.
fn heading_above(lines: &[Line<'_>], at: usize) -> Option<(String, usize)> {
    let mut heading = String::new();
    let mut end = at;
    for _ in 0..2 {
        let last = lines.get(end.checked_sub(1)?)?;
        if chapter_line(last.text).is_some() || section_line(last.text).is_some() {
            return None;
        }
        let same = |l: &&Line<'_>| (l.page, l.block) == (last.page, last.block);
        let height = lines.get(..end)?.iter().rev().take_while(same).take(4).count();
        let block = lines.get(end - height..end)?.iter().map(|l| l.text).collect::<Vec<_>>().join(" ");
        if height > 3 {
            return None;
        }
        heading = clean(&format!("{block} {heading}").replace(['[', ']'], ""));
        if !heading.starts_with(char::is_lowercase) {
            break;
        }
        end -= height;
    }
    let starts = heading.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let fits = (1..=25).contains(&heading.split_whitespace().count()) && !is_sentence(&heading);
    (starts && fits).then_some((heading, 1))
}

/// The heading of a chapter on the lines below its number.
fn heading_below(lines: &[Line<'_>], at: usize) -> (String, usize) {
    let mut heading = String::new();
    let mut height = 1;
    for line in lines.iter().skip(at + 1).take(3) {
        let upper = line.text.chars().any(char::is_uppercase) && !line.text.chars().any(char::is_lowercase);
        let other = section_line(line.text).is_some()
            || chapter_line(line.text).is_some()
            || fold(line.text) == "sections";
        if other || line.text.chars().count() > 120 || (!heading.is_empty() && !upper) {
            break;
        }
        if !heading.is_empty() {
            heading.push(' ');
        }
        heading.push_str(line.text);
        height += 1;
    }
    (heading, height)
}

/// Words of a sentence or of a footnote, which no heading has.
const NOISE: [&str; 15] = [
    "inserted by",
    "added by",
    "added vide",
    " were ",
    "substituted",
    "omitted",
    "w.e.f",
    "deleted by",
    "ibid",
    " shall ",
    " means ",
    " has been ",
    " is ",
    " was ",
    " are ",
];

fn is_sentence(heading: &str) -> bool {
    let spaced = format!(" {} ", heading.to_lowercase());
    NOISE.iter().any(|n| spaced.contains(n))
}

/// The heading at the start of a section: up to a full stop that a dash, a bracket or a capital follows, or the whole
/// line where "Section 4 -" or a list of sections gives nothing else.
fn section_heading(lines: &[Line<'_>], at: usize, found: &Numbered) -> Option<(String, usize)> {
    let mut text = collapse(&found.rest);
    let mut height = 1;
    let line = lines.get(at)?;
    let end = loop {
        if let Some(end) = heading_end(&text) {
            break Some(end);
        }
        let next =
            lines.get(at + height).filter(|l| l.block == line.block && l.page == line.page && height < 4);
        match next {
            Some(next) if section_line(next.text).is_none() => {
                text.push(' ');
                text.push_str(&collapse(next.text));
                height += 1;
            }
            _ => break None,
        }
    };
    let heading = match end {
        Some(end) => clean(text.get(..end)?),
        None if found.named && line.heading.is_none() => clean(&found.rest),
        None if line.heading.is_some() => clean(&text),
        None => clean(without_page(&text)),
    };
    if end.is_none() && found.named && line.heading.is_none() {
        height = 1;
    }
    let words = heading.split_whitespace().count();
    let first = heading.chars().next()?;
    let most = if end.is_some() || line.heading.is_some() { 30 } else { 20 };
    let fits = (1..=most).contains(&words) && !first.is_lowercase() && first.is_alphabetic();
    // A stop before a dash ends a heading and no sentence: "Period for which security is required.—(1) …".
    let dashed = |rest: &str| {
        let after = rest.trim_start_matches('.');
        after.len() < rest.len() && after.starts_with(['\u{2014}', '\u{2013}', '-'])
    };
    let certain = end.and_then(|end| text.get(end..)).is_some_and(dashed);
    (fits && (certain || !is_sentence(&heading))).then_some((heading, height))
}

/// A line of a table of contents without its page number and leaders.
fn without_page(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || ".\u{2026}_".contains(c))
}

fn heading_end(text: &str) -> Option<usize> {
    for (i, c) in text.char_indices() {
        let after = text.get(i + c.len_utf8()..).unwrap_or("");
        let next = after.trim_start().chars().next();
        let stops = match c {
            '.' => {
                after.is_empty()
                    || after.starts_with(['\u{2014}', '\u{2013}', '-'])
                    || (after.starts_with(' ')
                        && next.is_some_and(|n| {
                            n == '('
                                || n == '\u{2014}'
                                || n == '-'
                                || n == '\u{2013}'
                                || n.is_uppercase()
                                || n == '"'
                                || n == '\u{201c}'
                                || n.is_ascii_digit()
                        }))
            }
            ':' => after.is_empty() || after.starts_with([' ', '-', '\u{2014}', '\u{2013}']),
            '\u{2014}' | '\u{964}' => true,
            _ => false,
        };
        if stops && i > 2 {
            return Some(i);
        }
    }
    None
}

fn clean(heading: &str) -> String {
    let edge = |c: char| c.is_whitespace() || ".:;,-\u{2013}\u{2014}\u{964}".contains(c);
    collapse(heading.trim_matches(edge))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of blocks; a block that begins with `#` is a heading.
    fn read(blocks: &[&str]) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        for (b, block) in blocks.iter().enumerate() {
            let heading = block.starts_with('#').then_some(2);
            let text = block.trim_start_matches('#').lines();
            lines.extend(text.map(|text| Line { page: 1, block: b as u32, text, heading }));
        }
        heads(&lines).into_iter().map(|h| (h.number, h.heading)).collect()
    }

    fn pairs(found: &[(String, String)]) -> Vec<(&str, &str)> {
        found.iter().map(|(n, h)| (n.as_str(), h.as_str())).collect()
    }

    #[test]
    fn a_heading_that_wraps_is_whole() {
        let found = read(&[
            "#Section 1 - Short title",
            "This Act may be called the Ferries Act.",
            "#Section 2 - Duty of owners of ferries towards section 7\npersons and section 53",
            "Every owner keeps a boat.",
        ]);
        assert_eq!(
            pairs(&found),
            [
                ("1", "Short title"),
                ("2", "Duty of owners of ferries towards section 7 persons and section 53")
            ]
        );
    }

    #[test]
    fn notes_of_the_margin_stand_over_their_sections() {
        let found = read(&[
            "Short title.",
            "1. (1) This Act may be called the Ferries Act.",
            "Definitions.",
            "2. In this Act, unless the context otherwise requires:-",
            "(a) \"boat\" includes a raft;",
            "Powers of the Government to inspect boats and",
            "landing places.",
            "3. (1) The provisions of this section apply to rivers.",
            "[Sections 2 and 3] not to apply to canals.",
            "4. The provisions of sections 2 and 3 shall not apply to canals.",
        ]);
        assert_eq!(
            pairs(&found),
            [
                ("1", "Short title"),
                ("2", "Definitions"),
                ("3", "Powers of the Government to inspect boats and landing places"),
                ("4", "Sections 2 and 3 not to apply to canals"),
            ]
        );
    }
}
