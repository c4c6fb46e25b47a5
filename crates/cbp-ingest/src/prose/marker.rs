//! Marks of items: bullets, numbers and letters before a line.

/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marker {
    /// The form of the mark.
    pub(crate) style: Style,
    /// Its value: 1 for the first; 0 for bullets.
    pub(crate) value: u32,
}

/// Forms of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A bullet, dash or asterisk.
    Bullet(char),
    /// 1. 1) (1), in either script.
    Number,
    /// 1.1
    Decimal,
    /// a) (a) A.
    Letter,
    /// (i) ii.
    Roman,
    /// (क) ख)
    Devanagari,
}

const BULLETS: &str = "\u{2022}\u{25cf}\u{25aa}\u{25ab}\u{25a0}\u{25a1}\u{25e6}\u{25cb}\u{2023}\u{2043}\u{27a2}\u{27a4}\u{2794}\u{2192}\u{2713}\u{2714}\u{25ba}\u{25b6}\u{2756}\u{2726}\u{2605}\u{204c}\u{b7}\u{f0b7}\u{f0a7}\u{f0d8}\u{f0fc}\u{f076}\u{f0a8}*\u{2013}\u{2014}-";

const LETTERS: &str = "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह";

/// The mark at the start of a line, and what follows it.
pub(crate) fn marker(line: &str) -> Option<(Marker, &str)> {
    let line = line.trim_start();
    let first = line.chars().next()?;
    if BULLETS.contains(first) {
        let rest = line.get(first.len_utf8()..)?;
        let dash = matches!(first, '-' | '\u{2013}' | '\u{2014}' | '*');
        // "-do-" and "–5" are no items.
        if dash && !rest.starts_with(char::is_whitespace) {
            return None;
        }
        return Some((Marker { style: Style::Bullet(first), value: 0 }, rest.trim_start()));
    }
    // What OCR reads for an arrow; "> 5 lakh" is a number.
    if let Some(rest) =
        line.strip_prefix("> ").map(str::trim_start).filter(|r| r.starts_with(char::is_alphabetic))
    {
        return Some((Marker { style: Style::Bullet(first), value: 0 }, rest));
    }
    if first == 'o' && line.get(1..).is_some_and(|r| r.starts_with("  ") || r.starts_with('\t')) {
        return Some((Marker { style: Style::Bullet('o'), value: 0 }, line.get(1..)?.trim_start()));
    }
    let open = matches!(first, '(' | '[');
    let body = if open { line.get(1..)? } else { line };
    let end =
        body.find(|c: char| !c.is_alphanumeric() && c != '.' && !('\u{900}'..='\u{963}').contains(&c))?;
    let end = if open { end } else { body.find([')', '.', ':', ' ', ']']).map_or(end, |e| e.min(end)) };
    let (label, after) = body.split_at_checked(end)?;
    let close = after.chars().next()?;
    let rest = after.get(close.len_utf8()..)?;
    let closed = if open { matches!(close, ')' | ']') } else { matches!(close, ')' | '.' | ']') };
    if !closed || label.is_empty() || label.len() > 12 {
        return None;
    }
    if close == '.' && rest.starts_with(|c: char| c.is_ascii_digit()) {
        return decimal(label, rest);
    }
    let value = value_of(label)?;
    if rest.is_empty()
        || !(rest.starts_with(char::is_whitespace)
            || open
            || close == ')'
            || !rest.starts_with(char::is_alphanumeric)
            || value.style == Style::Number)
    {
        return None;
    }
    Some((value, rest.trim_start()))
}

/// 1.1 or 2.3.1 followed by a space.
fn decimal<'a>(label: &str, rest: &'a str) -> Option<(Marker, &'a str)> {
    let head: u32 = label.parse().ok()?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (tail, text) = rest.split_at_checked(end)?;
    if head == 0 || head > 40 || tail.len() > 6 || !text.starts_with(char::is_whitespace) {
        return None;
    }
    // "2.5 lakh" is an amount: an item's text starts with a capital or a letter without case.
    let starts = text.trim_start().chars().next()?;
    if starts.is_lowercase() || starts.is_ascii_digit() {
        return None;
    }
    Some((Marker { style: Style::Decimal, value: head }, text.trim_start()))
}

fn value_of(label: &str) -> Option<Marker> {
    let label = label.trim_end_matches('.');
    let digits: Option<u32> = label.chars().try_fold(0_u32, |n, c| {
        let d = match c {
            '\u{966}'..='\u{96f}' => c as u32 - 0x966,
            _ => c.to_digit(10)?,
        };
        n.checked_mul(10)?.checked_add(d)
    });
    if let Some(value) = digits {
        return (1..200).contains(&value).then_some(Marker { style: Style::Number, value });
    }
    let mut chars = label.chars();
    let first = chars.next()?;
    let single = chars.next().is_none();
    if let Some(n) = LETTERS.chars().position(|c| c == first).filter(|_| single) {
        return Some(Marker { style: Style::Devanagari, value: n as u32 + 1 });
    }
    if let Some(value) = roman(label) {
        // A lone "c", "d", "l", "m" is a letter; "i", "v" and "x" are numerals until the sequence says otherwise.
        if !single || matches!(first, 'i' | 'I' | 'v' | 'V' | 'x' | 'X') {
            return Some(Marker { style: Style::Roman, value });
        }
    }
    (single && first.is_ascii_alphabetic()).then(|| Marker {
        style: Style::Letter,
        value: u32::from(first.to_ascii_lowercase() as u8 - b'a') + 1,
    })
}

fn roman(label: &str) -> Option<u32> {
    let lower = label.to_ascii_lowercase();
    if label.len() > 6 || (label != lower && label != label.to_ascii_uppercase()) {
        return None;
    }
    let value = |c| {
        Some(match c {
            'i' => 1,
            'v' => 5,
            'x' => 10,
            'l' => 50,
            _ => return None,
        })
    };
    let digits: Option<Vec<u32>> = lower.chars().map(value).collect();
    let digits = digits?;
    let mut total = 0;
    for (i, &d) in digits.iter().enumerate() {
        if digits.get(i + 1).is_some_and(|&n| n > d) {
            total -= d as i32;
        } else {
            total += d as i32;
        }
    }
    u32::try_from(total).ok().filter(|&t| t > 0 && t < 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_was_recognised_as_a_greater_sign_is_a_bullet() {
        let (mark, rest) = marker("> कार्य एवं दायित्व").expect("a bullet");
        assert_eq!((mark.style, rest), (Style::Bullet('>'), "कार्य एवं दायित्व"));
        assert_eq!(marker("> 5 lakh"), None);
        assert_eq!(marker(">= 60 marks"), None);
    }
}
