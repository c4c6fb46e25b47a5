//! Laws, schemes and programmes that a text names.

mod extent;
mod headed;
mod token;
mod words;

use std::collections::BTreeMap;

use cbp_core::KnowledgeKind;

use self::headed::headed_at;
use self::token::{Token, tokens};
use self::words::CONNECTORS;
pub(super) use self::words::names_purpose;
use super::names::{begins_known, is_short_form, known_key, longest_known, name_key};
use crate::prose::{fold, has_devanagari};

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

/// Short forms of national works that papers use for other things too (SCM is supply chain management as well as Smart
/// Cities Mission): they count only before "Mission", "Scheme" …
const DOUBTFUL: [&str; 5] = ["SCM", "SHC", "BNS", "BSA", "FRA"];

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
        if length > 1 && CONNECTORS.contains(&last.bare().to_lowercase().as_str()) {
            continue;
        }
        let key = name_key(&keys.get(i..i + length)?.join(" "));
        let Some((item, is_short)) = known_key(&key) else { continue };
        let here = tokens.get(i)?;
        if (is_short || length == 1) && !has_devanagari(here.bare()) && !is_short_form(here.bare()) {
            continue;
        }
        let doubtful = is_short && DOUBTFUL.contains(&here.bare());
        if doubtful && tokens.get(i + length).is_none_or(|next| KnowledgeKind::named(next.bare()).is_none()) {
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
            ("निरंतर कौशल विकास (एनकेवि) योजना का संचालन", &["निरंतर कौशल विकास (एनकेवि) योजना"]),
            ("(II) वेब-आधारित (मोबाइल) शैक्षिक कार्यक्रम:", &["वेब-आधारित (मोबाइल) शैक्षिक कार्यक्रम"]),
            ("सहायता (कन्या संबल योजना) की स्वीकृति", &["कन्या संबल योजना"]),
            ("लाइब्रेरी लाइसेंसिंग एक्ट, 1987 के अंतर्गत निरीक्षण", &["लाइब्रेरी लाइसेंसिंग एक्ट, 1987"]),
            (
                "नेशनल प्रोग्राम फॉर लाइब्रेरी बिल्डिंग कार्यक्रम की समीक्षा",
                &["नेशनल प्रोग्राम फॉर लाइब्रेरी बिल्डिंग कार्यक्रम"],
            ),
            ("नेशनल हेल्थ मिशन की बैठक", &["National Health Mission"]),
            ("पोर्टल (विभाग द्वारा संचालित) डिजिटल साक्षरता कार्यक्रम", &["डिजिटल साक्षरता कार्यक्रम"]),
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
