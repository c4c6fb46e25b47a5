//! Why this level, in one line that quotes the duty.

use std::fmt::Write as _;

use super::features::{Found, Reading};

/// Longest quote, in characters.
const QUOTE: usize = 90;

/// One line: the duty's own words, what in them decided, and how far the work reaches.
pub(crate) fn rationale(duty: &str, reading: &Reading, level: &str) -> String {
    let of = |found: &Found| duty.get(found.span.0..found.span.1).unwrap_or_default();
    // The decisive verb is the highest at the head of a clause, the first of equals.
    let verb = reading.verbs.iter().reduce(|a, b| if b.level > a.level { b } else { a });
    let mut line = format!("{level}: the duty says \"{}\"", quote(duty, verb));
    // Writing to a string cannot fail.
    if let Some(verb) = verb {
        let _ = write!(line, "; \"{}\" {}", squeeze(of(verb)), meaning(verb.level));
    }
    if let Some(reach) = &reading.reach {
        let _ = write!(line, "; it reaches \"{}\"", squeeze(of(reach)));
    }
    line
}

/// What a verb's level means for the work.
fn meaning(level: f64) -> &'static str {
    match level {
        l if l < 0.16 => "is done as told",
        l if l < 0.30 => "is ordinary work by known rules",
        l if l < 0.46 => "asks for own judgement in a task",
        l if l < 0.58 => "answers for the work of others or its quality",
        l if l < 0.69 => "decides for a unit or programme",
        _ => "sets direction or rules",
    }
}

/// The duty, or the part from the verb on where it is long: whole words, white space collapsed, "…" where words are left
/// out.
fn quote(duty: &str, verb: Option<&Found>) -> String {
    let whole = squeeze(duty);
    if whole.chars().count() <= QUOTE {
        return whole;
    }
    // Start at the verb where one is known, so that the quote shows it.
    let from = verb.map_or(0, |v| v.span.0);
    let rest = squeeze(duty.get(from..).unwrap_or(duty));
    let mut taken = String::new();
    for word in rest.split(' ') {
        if taken.chars().count() + word.chars().count() >= QUOTE {
            break;
        }
        if !taken.is_empty() {
            taken.push(' ');
        }
        taken.push_str(word);
    }
    if taken.is_empty() {
        taken = rest.chars().take(QUOTE).collect();
    }
    let before = if from > 0 { "… " } else { "" };
    let after = if taken.len() < rest.len() { " …" } else { "" };
    format!("{before}{taken}{after}")
}

/// White space and control characters as single spaces.
fn squeeze(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{super::features::read, *};

    #[test]
    fn the_quote_stands_in_the_duty_and_shows_the_verb() {
        let long = format!(
            "In the matter of {} approve estimates of the division",
            "roads and bridges, ".repeat(20)
        );
        let line = rationale(&long, &read(&long), "Tactical");
        let quoted = line.split('"').nth(1).unwrap();
        let words = quoted.trim_start_matches("… ").trim_end_matches(" …");
        assert!(squeeze(&long).contains(words) && words.contains("approve"), "{line}");
        assert!(quoted.starts_with("… approve") && words.chars().count() <= QUOTE && !line.contains('\n'));
        let short = "प्रारूप तैयार करना\n";
        assert!(rationale(short, &read(short), "परिचालन").contains("\"प्रारूप तैयार करना\""));
    }

    #[test]
    fn a_word_without_end_is_cut() {
        let text = "x".repeat(10_000);
        assert!(rationale(&text, &read(&text), "L").chars().count() < 150);
    }
}
