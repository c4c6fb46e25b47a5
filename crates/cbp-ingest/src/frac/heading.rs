//! What a line of running text is: a post, the title of its duties, a section, or work.

use std::collections::BTreeSet;

use super::columns::{Column, classify, exactly};
use super::name::post_name;
use super::rank::{head, is_known_post, names_post};
use super::wing::{is_section, wing_name};
use crate::prose::{Line, Style, fold, has_devanagari, marker};
use crate::{Document, Format};

/// Longest heading, in words.
const HEADING: usize = 12;

/// What a line is.
pub(super) enum Part {
    /// Names a post; what follows the name on the same line is work.
    Post { name: String, rest: String },
    /// "Duties and responsibilities", "वित्तीय शक्तियाँ": title of the role below.
    Duties(String),
    /// Names a wing or section.
    Wing(String),
    /// Another heading: what follows belongs to no post.
    Break,
    /// Work, or text outside any post.
    Text,
}

/// Pages that draw the posts as a chart without boxes: short lines, most of them posts that follow each other.
pub(super) fn charts(document: &Document, lines: &[Line<'_>]) -> BTreeSet<u32> {
    if document.format != Format::Pdf {
        return BTreeSet::new();
    }
    let plain = |l: &&Line<'_>| l.heading.is_none() && !l.text.starts_with('(') && !is_bulleted_title(l.text);
    let is_chart = |page: u32| {
        let text: Vec<&str> = lines.iter().filter(|l| l.page == page).filter(plain).map(|l| l.text).collect();
        let short = |t: &&str| {
            t.split_whitespace().count() <= 8
                && marker(t).is_none()
                && !t.ends_with(['.', ';', ':', '\u{964}'])
        };
        let posts: Vec<bool> = text.iter().map(|t| names_post(t)).collect();
        let named = posts.iter().filter(|p| **p).count();
        let pairs = posts.windows(2).filter(|w| matches!(w, [true, true])).count();
        text.len() >= 3 && text.iter().all(short) && named * 2 >= text.len() && pairs * 2 + 1 >= named
    };
    document.pages.iter().map(|p| p.number).filter(|&page| is_chart(page)).collect()
}

/// "• Duties and responsibilities:": a bullet before a heading.
fn is_bulleted_title(text: &str) -> bool {
    let bulleted = marker(text).is_some_and(|(mark, _)| matches!(mark.style, Style::Bullet(_)));
    bulleted && text.trim_end_matches(|c: char| c.is_whitespace() || c == '-').ends_with([':', '\u{903}'])
}

pub(super) fn part(lines: &[Line<'_>], i: usize, wings: &[String], inside: bool) -> Part {
    let Some(line) = lines.get(i) else { return Part::Text };
    let text = line.text.trim();
    let (mark, bare) = marker(text).map_or((None, text), |(m, rest)| (Some(m), rest));
    let words = bare.split_whitespace().count();
    let bulleted = mark.is_some_and(|m| matches!(m.style, Style::Bullet(_)));
    if words <= HEADING
        && (!bulleted || is_bulleted_title(text))
        && let Some(title) = duties_title(bare, line, wings)
    {
        return title;
    }
    // Below a post "(a) Supervises Section Officers" is a duty, "2. Section Officer" may be the next post.
    let lettered = mark.is_some_and(|m| !matches!(m.style, Style::Number)) && line.heading.is_none();
    let item = bulleted || (inside && lettered);
    if !item && words <= HEADING && stands_alone(lines, i) {
        let name = bare.trim_end_matches(|c: char| c.is_whitespace() || ":-\u{2013}\u{2014}".contains(c));
        let name = name.strip_suffix(" \u{903}").unwrap_or(name);
        if is_post_heading(name) {
            return Part::Post { name: name.to_owned(), rest: String::new() };
        }
        if (line.heading.is_some() || text.ends_with(':') || mark.is_none())
            && is_section(name, wings)
            && titled(name)
        {
            return Part::Wing(wing_name(name, wings));
        }
    }
    if let Some((name, rest)) = inline(bare)
        && !item
        && is_post_heading(name)
    {
        return Part::Post { name: name.to_owned(), rest: rest.to_owned() };
    }
    if inside && line.heading.is_some_and(|level| level <= 2) && mark.is_none() {
        return Part::Break;
    }
    Part::Text
}

/// "Duties:", "Financial powers", "कार्य एवं दायित्व", also "Powers and duties of the Registrar".
fn duties_title(text: &str, line: &Line<'_>, wings: &[String]) -> Option<Part> {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || ":-\u{2013}\u{2014}\u{903}".contains(c));
    let folded = fold(bare);
    let work = |t: &str| matches!(classify(t), Some(Column::Duty | Column::Role | Column::Activity));
    for (joint, english) in
        [(" of the ", true), (" of ", true), (" के ", false), (" का ", false), (" की ", false)]
    {
        let Some((a, b)) = bare.split_once(joint) else { continue };
        let (duty, post) = if english { (a, b) } else { (b, a) };
        if work(duty) && is_post_heading(post.trim()) {
            return Some(Part::Post { name: post.trim().to_owned(), rest: String::new() });
        }
    }
    // "Holds charge of the wing" is a duty, "Financial powers" the title of some.
    let is_work = |c| matches!(c, Some(Column::Duty | Column::Role | Column::Activity));
    let marked = text.trim_end().ends_with([':', '-', '\u{903}']) || line.heading.is_some();
    let short = folded.split(' ').count() <= 5;
    let known = is_work(exactly(bare)) && (marked || folded.contains(' '));
    // "Other cells of the Directorate" names sections and no duties.
    let phrase = marked && short && work(bare) && !names_post(bare) && !is_section(bare, wings);
    (known || phrase).then(|| Part::Duties(bare.to_owned()))
}

/// True where a line is the whole of its block, or its block goes on with a list.
fn stands_alone(lines: &[Line<'_>], i: usize) -> bool {
    let Some(line) = lines.get(i) else { return false };
    let here = |l: &&Line<'_>| l.page == line.page && l.block == line.block;
    let before = i.checked_sub(1).and_then(|k| lines.get(k)).filter(here);
    let first = before.is_none();
    let ended = before.is_some_and(|l| l.text.ends_with(['.', '\u{964}', ';']));
    let next = lines.get(i + 1).filter(here);
    let list_follows = next.is_some_and(|n| marker(n.text).is_some());
    let short = next.is_some_and(|n| line.text.chars().count() * 2 < n.text.chars().count());
    (first || ended || line.text.ends_with(':'))
        && (next.is_none() || list_follows || short || line.text.ends_with(':'))
}

/// "Joint Secretary: Overall charge of the wing".
fn inline(text: &str) -> Option<(&str, &str)> {
    let at = text.find([':', '\u{2013}', '\u{2014}']).or_else(|| text.find(" - "))?;
    let name = text.get(..at)?.trim();
    let rest =
        text.get(at..)?.trim_start_matches(|c: char| c.is_whitespace() || ":-\u{2013}\u{2014}".contains(c));
    let plain = (1..=8).contains(&name.split_whitespace().count()) && rest.split_whitespace().count() >= 2;
    plain.then_some((name, rest))
}

/// True where a heading is the name of a post and no sentence about one.
pub(super) fn is_post_heading(name: &str) -> bool {
    let name = name.trim();
    if name.ends_with(['.', ',', ';', '\u{964}', '?']) && !name.ends_with("dt.") && !name.ends_with("Asst.") {
        return false;
    }
    let Some(post) = post_name(name) else { return false };
    let post_head = head(&post.name);
    if !names_post(post_head) {
        return false;
    }
    if has_devanagari(name) {
        // A post's name stands at the start or at the end of its heading.
        let words: Vec<&str> = post_head.split_whitespace().collect();
        // "महानिदेशक को प्रस्तुत करना" is a sentence.
        let particles = ["को", "ने", "से", "में", "पर", "द्वारा", "हेतु", "करना", "करने", "है", "हैं", "कार्य"];
        if words.iter().any(|w| particles.contains(w)) {
            return false;
        }
        let edge = (1..=words.len().min(7)).any(|n| {
            let start = words.get(..n).is_some_and(|w| is_known_post(&w.join(" ")));
            start || words.get(words.len() - n..).is_some_and(|w| is_known_post(&w.join(" ")))
        });
        return edge && words.len() <= 8;
    }
    titled(name) && post_head.split_whitespace().count() <= 8
}

/// True for "Chief Accounts Officer of the Board": every word but the small ones with a capital.
fn titled(name: &str) -> bool {
    if has_devanagari(name) {
        return true;
    }
    let small = ["of", "the", "and", "for", "in", "to", "cum", "on", "&", "or", "-", "/", "i/c"];
    let mut words = name.split_whitespace().filter(|w| w.chars().any(char::is_alphabetic));
    words.all(|w| {
        small.contains(&w)
            || w.trim_start_matches(['(', '"'])
                .chars()
                .next()
                .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
    })
}
