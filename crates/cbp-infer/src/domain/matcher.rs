//! From posts to the items that they must know.

use std::{collections::BTreeMap, sync::Arc};

use cbp_core::{
    CompetencyModel, CompetencyRef, CompetencyType, Designation, Evidence, KnowledgeBase, KnowledgeKind,
};
use ndarray::{Array2, ArrayView1};

use super::{
    DomainError,
    mentions::{Mention, Mentions},
    names::{display, tokens},
};
use crate::{
    Support,
    embed::{Embedder, TextKind, text},
};

/// Most passages of one item that are compared with duties.
const PASSAGES: usize = 32;

/// How items are matched. Checked once, by [`DomainMatcher::new`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DomainOptions {
    /// Similarity from which a duty that does not name an item counts as being about it.
    pub implied: f64,
    /// How much more similar it must be to this item than to the next one.
    pub margin: f64,
    /// Similarity from which a domain theme of the model is taken for an item.
    pub theme: f64,
}

impl Default for DomainOptions {
    fn default() -> Self {
        Self { implied: 0.62, margin: 0.04, theme: 0.5 }
    }
}

/// A post must know an item.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainNeed {
    /// Place in the knowledge base.
    pub item: usize,
    /// The item as a competency: theme of the model where one fits, and the one normalised name.
    pub competency: CompetencyRef,
    /// Probability that the post needs it, 0 to 1.
    pub confidence: f64,
    /// Share of the post's duties that ask for it, 0 to 1.
    pub weight: f64,
    /// The duties.
    pub support: Vec<Support>,
    /// The document's side.
    pub evidence: Vec<Evidence>,
}

/// A passage of an item: its vector and where it stands.
struct Passage {
    item: usize,
    evidence: Evidence,
}

/// Matches posts with a knowledge base.
pub struct DomainMatcher<'a> {
    embedder: Arc<Embedder>,
    options: DomainOptions,
    knowledge: &'a KnowledgeBase,
    mentions: Mentions<'a>,
    competencies: Vec<CompetencyRef>,
    passages: Vec<Passage>,
    vectors: Array2<f32>,
}

/// What was found for one item while a post is read.
#[derive(Default)]
struct Tally {
    confidence: f64,
    support: BTreeMap<(usize, Option<usize>), f64>,
    evidence: Vec<Evidence>,
}

impl Tally {
    fn add(&mut self, sure: f64, place: Option<(usize, Option<usize>)>, evidence: Option<&Evidence>) {
        // Independent signs together are surer than the surest, but never sure.
        self.confidence = (1.0 - (1.0 - self.confidence) * (1.0 - sure)).min(0.99).max(self.confidence);
        if let Some(place) = place {
            let strength = self.support.entry(place).or_default();
            *strength = strength.max(sure);
        }
        if let Some(piece) = evidence.filter(|e| !self.evidence.contains(e)) {
            self.evidence.push(piece.clone());
        }
    }
}

impl<'a> DomainMatcher<'a> {
    /// A matcher for a knowledge base. `model` gives the themes.
    ///
    /// # Errors
    /// [`DomainError::Option`] where an option is out of range; [`DomainError::Embed`] where the model fails.
    pub fn new(
        embedder: Arc<Embedder>,
        knowledge: &'a KnowledgeBase,
        model: &CompetencyModel,
        options: DomainOptions,
    ) -> Result<Self, DomainError> {
        for (option, value) in
            [("implied", options.implied), ("margin", options.margin), ("theme", options.theme)]
        {
            if !(0.0..=1.0).contains(&value) {
                return Err(DomainError::Option { option, value });
            }
        }
        let (passages, texts) = passages(knowledge);
        let vectors = embed(&embedder, &texts, TextKind::Passage)?;
        let competencies = competencies(&embedder, knowledge, model, options.theme)?;
        let mentions = Mentions::new(knowledge);
        Ok(Self { embedder, options, knowledge, mentions, competencies, passages, vectors })
    }

    /// The needs of each post, in order; within a post the surest first.
    ///
    /// # Errors
    /// [`DomainError::Embed`] where the model fails.
    pub fn posts(&self, posts: &[Designation]) -> Result<Vec<Vec<DomainNeed>>, DomainError> {
        let duties: Vec<&str> = posts
            .iter()
            .flat_map(|p| p.activities().map(|(_, a)| a.text.as_str()))
            .filter(|t| readable(t))
            .collect();
        let vectors = embed(&self.embedder, &duties, TextKind::Query)?;
        let mut rows = vectors.outer_iter();
        Ok(posts.iter().map(|post| self.post(post, &mut rows)).collect())
    }

    fn post<'v>(
        &self,
        post: &Designation,
        rows: &mut impl Iterator<Item = ArrayView1<'v, f32>>,
    ) -> Vec<DomainNeed> {
        let mut tallies: BTreeMap<usize, Tally> = BTreeMap::new();
        let in_name = self.mentions.find(&post.written);
        for (r, role) in post.roles.iter().enumerate() {
            let in_title = self.mentions.find(&role.title);
            for mention in &in_title {
                self.note(&mut tallies, mention, 0.9, Some((r, None)));
            }
            for (a, activity) in role.activities.iter().enumerate() {
                let place = Some((r, Some(a)));
                let named = self.mentions.find(&activity.text);
                for mention in &named {
                    self.note(&mut tallies, mention, 1.0, place);
                }
                let row = if readable(&activity.text) { rows.next() } else { None };
                let Some(row) = row else { continue };
                let about = self.about(&row);
                // The post or role is about the item: a lower bar for its duties.
                let near = |item: usize| in_title.iter().chain(&in_name).any(|m| m.item == item);
                let Some((first, second)) = about else { continue };
                let (passage, similarity) = first;
                let Some(passage) = self.passages.get(passage) else { continue };
                let bar = if near(passage.item) { self.options.implied * 0.85 } else { self.options.implied };
                if similarity >= bar && similarity - second >= self.options.margin && named.is_empty() {
                    let sure = (0.5 + (similarity - bar)).clamp(0.5, 0.8);
                    tallies.entry(passage.item).or_default().add(sure, place, Some(&passage.evidence));
                }
            }
        }
        for mention in &in_name {
            self.note(&mut tallies, mention, 0.95, Some((0, None)).filter(|_| !post.roles.is_empty()));
        }
        self.offices(post, &mut tallies);
        self.needs(post, tallies)
    }

    fn note(
        &self,
        tallies: &mut BTreeMap<usize, Tally>,
        mention: &Mention,
        factor: f64,
        place: Option<(usize, Option<usize>)>,
    ) {
        let Some(item) = self.knowledge.items.get(mention.item) else { return };
        let section = mention.section.and_then(|s| item.sections.get(s)).map(|s| &s.evidence);
        let evidence = section.filter(|e| !e.quote.is_empty()).or_else(|| item.evidence.first());
        tallies.entry(mention.item).or_default().add(mention.sure * factor, place, evidence);
    }

    /// Items that give this office something to do, where a role or activity can carry it.
    fn offices(&self, post: &Designation, tallies: &mut BTreeMap<usize, Tally>) {
        let name = office(&post.name);
        if name.is_empty() || post.roles.is_empty() {
            return;
        }
        for (item, known) in self.knowledge.items.iter().enumerate() {
            let Some(officer) = known.officers.iter().find(|o| office(&o.designation) == name) else {
                continue;
            };
            let tally = tallies.entry(item).or_default();
            let place = if tally.support.is_empty() { Some((0, None)) } else { None };
            tally.add(0.7, place, Some(&officer.evidence));
        }
    }

    /// The passage most similar to a duty, and the similarity of the next item.
    fn about(&self, duty: &ArrayView1<'_, f32>) -> Option<((usize, f64), f64)> {
        let similar = self.vectors.dot(duty);
        let mut best: BTreeMap<usize, (usize, f64)> = BTreeMap::new();
        for (at, (passage, s)) in self.passages.iter().zip(&similar).enumerate() {
            let entry = best.entry(passage.item).or_insert((at, f64::MIN));
            if f64::from(*s) > entry.1 {
                *entry = (at, f64::from(*s));
            }
        }
        let mut items: Vec<(usize, f64)> = best.into_values().collect();
        items.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let second = items.get(1).map_or(0.0, |i| i.1);
        items.first().map(|first| (*first, second))
    }

    fn needs(&self, post: &Designation, tallies: BTreeMap<usize, Tally>) -> Vec<DomainNeed> {
        let duties = post.activities().count().max(post.roles.len()).max(1) as f64;
        let mut needs: Vec<DomainNeed> = tallies
            .into_iter()
            .filter_map(|(item, tally)| {
                // Evidence or nothing: a document's words and a duty's.
                let total: f64 = tally.support.values().sum();
                if tally.evidence.is_empty() || total <= 0.0 {
                    return None;
                }
                let support = tally
                    .support
                    .iter()
                    .map(|(&(role, activity), strength)| Support { role, activity, share: strength / total })
                    .collect();
                Some(DomainNeed {
                    item,
                    competency: self.competencies.get(item)?.clone(),
                    confidence: tally.confidence,
                    weight: (total / duties).min(1.0),
                    support,
                    evidence: tally.evidence,
                })
            })
            .collect();
        needs.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.item.cmp(&b.item)));
        needs
    }
}

/// The words of a designation, so that "Chief Engineer" and "The Chief Engineer." are one office.
fn office(name: &str) -> Vec<String> {
    tokens(name).into_iter().map(|t| t.text).filter(|t| t != "the").collect()
}

/// True where the embedder takes the text.
fn readable(duty: &str) -> bool {
    text::normalise(duty).is_ok_and(|t| t.chars().any(char::is_alphanumeric))
}

/// What is compared with duties: name and summary, points, and headings of sections.
fn passages(knowledge: &KnowledgeBase) -> (Vec<Passage>, Vec<String>) {
    let (mut passages, mut texts) = (Vec::new(), Vec::new());
    for (item, known) in knowledge.items.iter().enumerate() {
        let Some(first) = known.evidence.first() else { continue };
        let whole = (format!("{}. {}", known.name, known.summary), first);
        let points = known.points.iter().map(|p| (p.clone(), first));
        let sections = known
            .sections
            .iter()
            .map(|s| (s.heading.clone(), if s.evidence.quote.is_empty() { first } else { &s.evidence }));
        for (text, evidence) in std::iter::once(whole).chain(points).chain(sections).take(PASSAGES) {
            if readable(&text) {
                passages.push(Passage { item, evidence: evidence.clone() });
                texts.push(text);
            }
        }
    }
    (passages, texts)
}

/// Each item as a competency: the nearest theme of the model if it is near enough, else its kind.
fn competencies(
    embedder: &Embedder,
    knowledge: &KnowledgeBase,
    model: &CompetencyModel,
    bar: f64,
) -> Result<Vec<CompetencyRef>, DomainError> {
    let names: Vec<String> = knowledge.items.iter().map(display).collect();
    let good: Vec<&str> = names.iter().map(String::as_str).filter(|n| readable(n)).collect();
    let themes: Vec<&str> =
        model.domain_themes.iter().map(|t| t.sub_theme.as_str()).filter(|t| readable(t)).collect();
    let of_items = embed(embedder, &good, TextKind::Query)?;
    let of_themes = embed(embedder, &themes, TextKind::Passage)?;
    let similar = of_items.dot(&of_themes.t());
    let mut rows = similar.outer_iter();
    let usable: Vec<_> = model.domain_themes.iter().filter(|t| readable(&t.sub_theme)).collect();
    Ok(knowledge
        .items
        .iter()
        .zip(&names)
        .map(|(item, name)| {
            let row = if readable(name) { rows.next() } else { None };
            let best = row.and_then(|row| {
                let pairs = row.iter().enumerate().map(|(i, s)| (i, f64::from(*s)));
                pairs.reduce(|a, b| if b.1 > a.1 { b } else { a })
            });
            let theme =
                best.filter(|(_, s)| *s >= bar).and_then(|(i, _)| usable.get(i)).map(|t| t.theme.clone());
            CompetencyRef {
                kind: CompetencyType::Domain,
                id: None,
                theme: theme.unwrap_or_else(|| kind_theme(item.kind).to_owned()),
                sub_theme: name.clone(),
            }
        })
        .collect())
}

/// The theme of an item that no theme of the model fits.
const fn kind_theme(kind: KnowledgeKind) -> &'static str {
    match kind {
        KnowledgeKind::Act | KnowledgeKind::Rules => "Acts and Rules",
        KnowledgeKind::Scheme | KnowledgeKind::Programme => "Schemes and Programmes",
        _ => "Policies and Guidelines",
    }
}

fn embed(
    embedder: &Embedder,
    texts: &[impl AsRef<str> + Sync],
    kind: TextKind,
) -> Result<Array2<f32>, DomainError> {
    if texts.is_empty() {
        return Ok(Array2::zeros((0, embedder.dims())));
    }
    Ok(embedder.embed(texts, kind)?)
}
