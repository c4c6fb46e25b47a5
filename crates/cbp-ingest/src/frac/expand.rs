//! Abbreviations of designations, and designations in capitals.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::prose::{collapse, fold, table_rows};

/// Which part of a designation a short form stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
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

pub(super) fn long_form(scope: Scope, short: &str) -> Option<&'static str> {
    short_forms().get(&(scope, fold(short))).copied()
}

/// Capitals throughout become a title; short forms stay.
pub(super) fn unshout(text: &str) -> String {
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
