//! Items that name the same law or scheme become one.

use std::collections::BTreeMap;

use cbp_core::{
    Evidence, KnowledgeItem, KnowledgeKind,
    sound::{Writing, together},
};

use super::names::{known, name_key};
use crate::prose::{fold, has_devanagari};

/// Most pieces of evidence that an item keeps, its own document's first.
const EVIDENCE: usize = 24;

/// Fewest consonants by which a name of another script is taken for the same: two are in too many words.
const DISTINCT: usize = 3;
/// The same for two Hindi names that differ in their vowel signs.
const SPELLINGS: usize = 6;

/// Gathers items; those of one name and year are joined.
#[derive(Default)]
pub(crate) struct Collection {
    items: Vec<KnowledgeItem>,
    keys: BTreeMap<String, Vec<usize>>,
    /// Items by what their names sound like.
    heard: BTreeMap<(KnowledgeKind, Writing, String), Vec<usize>>,
}

impl Collection {
    /// Adds an item, joining it with one of the same name. `written` is the name as this paper writes it.
    pub(crate) fn add(&mut self, mut item: KnowledgeItem, written: &str) {
        let canonical = known(&item.name);
        let key = canonical.map_or_else(|| name_key(&item.name), |k| name_key(k.name));
        if key.is_empty() {
            return;
        }
        item.year = item.year.or_else(|| canonical.and_then(|k| k.year));
        let heard = sound(&key);
        // "Samagra Shiksha Scheme" is Samagra Shiksha, where there is such an item.
        let bare = key
            .rsplit_once(' ')
            .filter(|(_, last)| KnowledgeKind::named(last).is_some())
            .map(|(bare, _)| bare.to_owned());
        // "ऑन लाइन" and "ऑनलाइन", "मातृ-शिशु" and "मातृशिशु": where words part differs from page to page.
        let joined = |key: String| key.replace(' ', "");
        let key = bare.map(joined).filter(|bare| self.keys.contains_key(bare)).unwrap_or_else(|| joined(key));
        let same_year = |i: usize| {
            self.items.get(i).is_some_and(|o| o.year.is_none() || item.year.is_none() || o.year == item.year)
        };
        let first = |places: Option<&Vec<usize>>| places?.iter().copied().find(|&i| same_year(i));
        // "आयुर्ज्ञान योजना" is the Ayurgyan Scheme; "हेल्थ" and "हैल्थ" are one word in long Hindi names.
        let by_sound = || {
            let (writing, sound) = heard.clone()?;
            let place = |writing| first(self.heard.get(&(item.kind, writing, sound.clone())));
            let spelled =
                || place(writing).filter(|_| writing == Writing::Indian && sound.len() >= SPELLINGS);
            place(writing.other()).or_else(spelled)
        };
        let at = first(self.keys.get(&key)).or_else(by_sound);
        if let Some((writing, sound)) = heard {
            let (places, place) =
                (self.heard.entry((item.kind, writing, sound)).or_default(), at.unwrap_or(self.items.len()));
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let Some(at) = at else {
            remember(&mut item, written);
            self.keys.entry(key).or_default().push(self.items.len());
            self.items.push(item);
            return;
        };
        if let Some(known) = self.items.get_mut(at) {
            join(known, item);
            remember(known, written);
        }
    }

    /// The items, named, ordered by name, with ids.
    pub(crate) fn finish(mut self) -> Vec<KnowledgeItem> {
        self.items.retain(|item| !is_stray(item));
        for item in &mut self.items {
            settle_name(item);
        }
        self.items.sort_by(|a, b| {
            fold(&a.name).cmp(&fold(&b.name)).then_with(|| a.name.cmp(&b.name)).then(a.year.cmp(&b.year))
        });
        let width = self.items.len().to_string().len().max(3);
        for (i, item) in self.items.iter_mut().enumerate() {
            item.id = format!("k{:0width$}", i + 1);
            item.aliases.retain(|a| *a != item.name && Some(a) != item.abbreviation.as_ref());
        }
        self.items
    }
}

/// What the words of a folded name that do not say its kind sound like. `None` where that is too little to tell names apart.
fn sound(key: &str) -> Option<(Writing, String)> {
    let words = key.split(' ').filter(|word| KnowledgeKind::named(word).is_none());
    together(words).filter(|(_, sound)| sound.len() >= DISTINCT)
}

/// One word before "योजना" or "कार्यक्रम", said once and nowhere explained: any Hindi sentence has such pairs, and a name
/// that matters to a department comes back.
fn is_stray(item: &KnowledgeItem) -> bool {
    !item.has_own_document
        && has_devanagari(&item.name)
        && matches!(item.kind, KnowledgeKind::Scheme | KnowledgeKind::Programme | KnowledgeKind::Policy)
        && item.name.split_whitespace().count() <= 2
        && item.evidence.len() < 2
        && item.points.is_empty()
        && item.year.is_none()
        && item.abbreviation.is_none()
        && known(&item.name).is_none()
}

fn remember(item: &mut KnowledgeItem, written: &str) {
    if written != item.name && !written.is_empty() && item.aliases.iter().all(|a| a != written) {
        item.aliases.push(written.to_owned());
    }
}

fn join(known: &mut KnowledgeItem, item: KnowledgeItem) {
    let owns = item.has_own_document && !known.has_own_document;
    if item.name != known.name {
        // The longer name says more; the name in the item's own document is the right one.
        let longer = item.name.chars().count() > known.name.chars().count();
        if owns || (longer && !known.has_own_document) {
            let old = std::mem::replace(&mut known.name, item.name.clone());
            remember(known, &old);
        } else {
            remember(known, &item.name);
        }
    }
    if owns {
        known.kind = item.kind;
    }
    known.year = known.year.or(item.year);
    if known.abbreviation.is_none() {
        known.abbreviation = item.abbreviation;
    }
    if known.summary.is_empty() {
        known.summary = item.summary;
    }
    for point in item.points {
        if !known.points.contains(&point) {
            known.points.push(point);
        }
    }
    if known.sections.is_empty() {
        known.sections = item.sections;
    }
    for officer in item.officers {
        if !known.officers.contains(&officer) {
            known.officers.push(officer);
        }
    }
    known.has_own_document |= item.has_own_document;
    let mut evidence: Vec<Evidence> = Vec::new();
    let (first, second) = if owns {
        (item.evidence, std::mem::take(&mut known.evidence))
    } else {
        (std::mem::take(&mut known.evidence), item.evidence)
    };
    for piece in first.into_iter().chain(second) {
        if evidence.len() < EVIDENCE && !evidence.contains(&piece) {
            evidence.push(piece);
        }
    }
    known.evidence = evidence;
}

/// A national item that only Hindi papers name keeps its Hindi name, the English one beside it.
fn settle_name(item: &mut KnowledgeItem) {
    let Some(national) = known(&item.name) else { return };
    if item.abbreviation.is_none() {
        item.abbreviation = national.abbreviation.map(str::to_owned);
    }
    let hindi_only = item.evidence.iter().all(|e| has_devanagari(&e.quote));
    let name = match national.hindi {
        Some(hindi) if hindi_only => hindi,
        _ if item.has_own_document => return,
        _ => national.name,
    };
    if name != item.name {
        let old = std::mem::replace(&mut item.name, name.to_owned());
        remember(item, &old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{mention::Mention, report::item_of};

    fn names(written: &[(KnowledgeKind, &str)]) -> Vec<(String, Vec<String>)> {
        let mut collection = Collection::default();
        for (kind, name) in written {
            let mention = Mention {
                kind: *kind,
                name: (*name).to_owned(),
                year: None,
                abbreviation: None,
                start: 0,
                end: 0,
            };
            let mut item = item_of(&mention);
            item.evidence = vec![Evidence::new("paper.pdf", 1, *name); 2];
            item.points = vec![String::from("a point")];
            collection.add(item, name);
        }
        collection.finish().into_iter().map(|item| (item.name, item.aliases)).collect()
    }

    #[test]
    fn a_name_in_two_scripts_is_one_item() {
        let scheme = KnowledgeKind::Scheme;
        let found = names(&[
            (scheme, "Nauka Sahayata Yojana"),
            (scheme, "नौका सहायता योजना"),
            (scheme, "नौका योजना"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0], ("Nauka Sahayata Yojana".to_owned(), vec!["नौका सहायता योजना".to_owned()]));
    }

    #[test]
    fn a_long_hindi_name_in_two_spellings_is_one_item() {
        let scheme = KnowledgeKind::Scheme;
        assert_eq!(names(&[(scheme, "रूरल हेल्थ सेंटर योजना"), (scheme, "रूरल हैल्थ सेंटर योजना")]).len(), 1);
        assert_eq!(names(&[(scheme, "कमल योजना"), (scheme, "कोमल योजना")]).len(), 2);
    }

    #[test]
    fn what_sounds_alike_in_latin_letters_or_is_of_another_kind_stays_apart() {
        let (scheme, act) = (KnowledgeKind::Scheme, KnowledgeKind::Act);
        assert_eq!(names(&[(scheme, "Pashu Dhan Scheme"), (scheme, "Pesh Udhan Scheme")]).len(), 2);
        assert_eq!(names(&[(scheme, "Nauka Sahayata Yojana"), (act, "नौका सहायता अधिनियम")]).len(), 2);
    }
}
