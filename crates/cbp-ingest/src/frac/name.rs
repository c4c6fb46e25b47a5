//! Designations: headcounts taken off, abbreviations expanded, spellings compared.

use super::expand::{Scope, expand, long_form, unshout};
use super::headcount::split_headcount;
use super::rank::names_post;
use crate::prose::{collapse, fold, marker};

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
