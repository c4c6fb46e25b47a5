//! Finds the items that a text names.

use std::collections::BTreeMap;

use cbp_core::{KnowledgeBase, KnowledgeKind};

use super::{
    heard::Heard,
    names::{SURE, Spelling, Token, kind_of, spellings, tokens},
};

/// An item named in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mention {
    /// Place in the knowledge base.
    pub(crate) item: usize,
    /// How surely the words mean it, 0 to 1.
    pub(crate) sure: f64,
    /// Section of the Act that is named with it: place in the item's sections.
    pub(super) section: Option<usize>,
}

/// One spelling of an item, without its first word.
struct Entry {
    rest: Vec<String>,
    item: usize,
    how: Spelling,
}

/// Every spelling of every item, by its first word.
pub(crate) struct Mentions<'a> {
    knowledge: &'a KnowledgeBase,
    by_first: BTreeMap<String, Vec<Entry>>,
    heard: Heard,
}

impl<'a> Mentions<'a> {
    pub(crate) fn new(knowledge: &'a KnowledgeBase) -> Self {
        let mut all: BTreeMap<Vec<String>, Vec<(Spelling, usize)>> = BTreeMap::new();
        for (item, known) in knowledge.items.iter().enumerate() {
            for (words, how) in spellings(known) {
                all.entry(words).or_default().push((how, item));
            }
        }
        let all: Vec<(Vec<String>, (Spelling, usize))> =
            all.into_iter().filter_map(|(words, means)| Some((words, meaning(means)?))).collect();
        let heard = Heard::new(all.iter().map(|(words, (how, item))| (words.as_slice(), *how, *item)));
        let mut by_first: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for (words, (how, item)) in all {
            let mut parts = words.into_iter();
            let Some(first) = parts.next() else { continue };
            by_first.entry(first).or_default().push(Entry { rest: parts.collect(), item, how });
        }
        for entries in by_first.values_mut() {
            entries.sort_by(|a, b| b.rest.len().cmp(&a.rest.len()).then(a.how.cmp(&b.how)));
        }
        Self { knowledge, by_first, heard }
    }

    /// Items that `text` names, each once, in the order of the knowledge base.
    pub(crate) fn find(&self, text: &str) -> Vec<Mention> {
        let words = tokens(text);
        let mut best: BTreeMap<usize, Mention> = BTreeMap::new();
        let mut note = |mention: Mention| {
            let known = best.entry(mention.item).or_insert(mention);
            if mention.sure > known.sure {
                known.sure = mention.sure;
            }
            known.section = known.section.or(mention.section);
        };
        let mut at = 0;
        while at < words.len() {
            let named = self.longest(&words, at).or_else(|| self.heard.longest(&words, at));
            if let Some((how, item, length)) = named {
                let sure = SURE.iter().find(|(known, _)| *known == how).map_or(0.0, |s| s.1);
                note(Mention { item, sure, section: self.section_before(&words, at, item) });
                at += length;
                continue;
            }
            if let Some(mention) = self.by_kind(&words, at) {
                note(mention);
            }
            at += 1;
        }
        best.into_values().collect()
    }

    /// The longest spelling that starts at `at`. Abbreviations and starts must be written as names are.
    fn longest(&self, words: &[Token], at: usize) -> Option<(Spelling, usize, usize)> {
        let entries = self.by_first.get(&words.get(at)?.text)?;
        entries.iter().find_map(|entry| {
            let here = words.get(at..=at + entry.rest.len())?;
            let same = here.iter().skip(1).zip(&entry.rest).all(|(a, b)| a.text == *b);
            let written = match entry.how {
                Spelling::Abbreviation => {
                    here.iter().any(|t| t.capitals) || here[0].text.len() > 5 && here[0].proper
                }
                Spelling::Start => here.iter().all(|t| t.proper),
                Spelling::Full | Spelling::Core => true,
            };
            (same && written).then_some((entry.how, entry.item, here.len()))
        })
    }

    /// "section 31 of the Act", "the 2012 Rules": the Act or rules of the papers that this can only mean.
    fn by_kind(&self, words: &[Token], at: usize) -> Option<Mention> {
        let kind = kind_of(&words.get(at)?.text).filter(|_| words[at].proper)?;
        let before =
            |back: usize| at.checked_sub(back).and_then(|i| words.get(i)).map_or("", |w| w.text.as_str());
        let year: Option<u16> = before(1).parse().ok().filter(|y| (1800..2200).contains(y));
        let number = section_number(words, at);
        // A name of its own before the kind ("the Companies Act") is not ours.
        if year.is_none() && !matches!(before(1), "the" | "this" | "said") {
            return None;
        }
        let fits = |item: &cbp_core::KnowledgeItem| {
            item.kind == kind
                && year.is_none_or(|y| item.year == Some(y))
                && number.is_none_or(|n| item.sections.iter().any(|s| same_number(&s.number, n)))
                && (item.has_own_document || year.is_some())
        };
        let mut fitting = self.knowledge.items.iter().enumerate().filter(|(_, item)| fits(item));
        let (item, known) = fitting.next()?;
        if fitting.next().is_some() {
            return None;
        }
        let section = number.and_then(|n| known.sections.iter().position(|s| same_number(&s.number, n)));
        let sure = if year.is_some() || number.is_some() { 0.88 } else { 0.75 };
        Some(Mention { item, sure, section })
    }

    fn section_before(&self, words: &[Token], at: usize, item: usize) -> Option<usize> {
        let number = section_number(words, at)?;
        let known = self.knowledge.items.get(item)?;
        if !matches!(known.kind, KnowledgeKind::Act | KnowledgeKind::Rules) {
            return None;
        }
        known.sections.iter().position(|s| same_number(&s.number, number))
    }
}

/// What a spelling means that several items have: the one that it is the fullest name of, or none.
pub(super) fn meaning(mut means: Vec<(Spelling, usize)>) -> Option<(Spelling, usize)> {
    means.sort_unstable();
    means.dedup();
    let &best = means.first()?;
    (means.iter().filter(|(how, _)| *how == best.0).count() == 1).then_some(best)
}

/// The number in "section 31 of the …", "rule 9 of …", "धारा 12 …" up to five words before `at`.
fn section_number(words: &[Token], at: usize) -> Option<&str> {
    let near = words.get(at.saturating_sub(5)..at)?;
    near.windows(2).rev().find_map(|pair| {
        let named = matches!(
            pair[0].text.as_str(),
            "section" | "sections" | "rule" | "rules" | "regulation" | "clause" | "धारा" | "नियम"
        );
        (named && pair[1].text.starts_with(|c: char| c.is_ascii_digit())).then_some(pair[1].text.as_str())
    })
}

fn same_number(printed: &str, number: &str) -> bool {
    printed.trim_end_matches(['.', ')']).trim_start_matches('(').eq_ignore_ascii_case(number)
}

#[cfg(test)]
mod tests {
    use cbp_core::{KnowledgeItem, Section};

    use super::*;

    fn item(kind: KnowledgeKind, name: &str, short: Option<&str>, year: Option<u16>) -> KnowledgeItem {
        KnowledgeItem {
            id: String::new(),
            kind,
            name: name.into(),
            abbreviation: short.map(str::to_owned),
            aliases: Vec::new(),
            year,
            summary: String::new(),
            points: Vec::new(),
            sections: Vec::new(),
            officers: Vec::new(),
            has_own_document: true,
            evidence: Vec::new(),
        }
    }

    fn base() -> KnowledgeBase {
        let mut act = item(KnowledgeKind::Act, "Coastal Fisheries Act, 2004", None, Some(2004));
        act.sections.push(Section {
            number: "31".into(),
            heading: "Seizure of nets".into(),
            ..Section::default()
        });
        let mut boats = item(KnowledgeKind::Scheme, "Mukhyamantri Nauka Sahayata Yojana", Some("MNSY"), None);
        boats.aliases.push("मुख्यमंत्री नौका सहायता योजना".into());
        KnowledgeBase {
            items: vec![
                act,
                boats,
                item(KnowledgeKind::Rules, "Coastal Fisheries Rules, 2006", None, Some(2006)),
                item(KnowledgeKind::Programme, "Blue Harvest Mission", Some("BHM-2"), None),
            ],
        }
    }

    fn found(text: &str) -> Vec<usize> {
        let base = base();
        Mentions::new(&base).find(text).into_iter().map(|m| m.item).collect()
    }

    #[test]
    fn names_short_names_and_hindi_names_are_found() {
        for (text, items) in [
            ("Register boats under the Coastal Fisheries Act, 2004", vec![0]),
            ("Register boats under the coastal fisheries act", vec![0]),
            ("Sanction subsidy of MNSY and BHM-2", vec![1, 3]),
            ("Report on BHM 2", vec![3]),
            ("Hand out Nauka Sahayata grants", vec![1]),
            ("मुख्यमंत्री नौका सहायता योजना के प्रकरण तैयार करना", vec![1]),
            ("Seize nets under section 31 of the Act", vec![0]),
            ("Levy fees under the 2006 Rules", vec![2]),
            ("ब्लू हार्वेस्ट मिशन की प्रगति भेजना", vec![3]),
            ("एम.एन.एस.वाई. के आवेदन जांचना", vec![1]),
            ("एमएनएसवाई के आवेदन जांचना", vec![1]),
        ] {
            assert_eq!(found(text), items, "{text}");
        }
    }

    #[test]
    fn look_alikes_are_not() {
        for text in [
            "Act as nodal officer",
            "Keep harvest figures",
            "follow the rules of the office",
            "File returns under the Companies Act",
            "mnsy",
            "नौका की मरम्मत",
            "एम.एन. के आवेदन",
            "Seize nets under section 99 of the Act",
            "",
            "\u{0}",
        ] {
            assert_eq!(found(text), [] as [usize; 0], "{text}");
        }
    }

    #[test]
    fn a_section_is_kept_with_the_act() {
        let base = base();
        let mention = Mentions::new(&base).find("powers under section 31 of the Coastal Fisheries Act")[0];
        assert_eq!((mention.item, mention.section), (0, Some(0)));
    }
}
