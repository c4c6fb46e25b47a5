//! Numbers of posts beside designations.

use std::sync::OnceLock;

use regex::Regex;

use crate::prose::{collapse, fold};

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
