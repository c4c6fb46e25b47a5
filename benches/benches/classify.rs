//! Classification, stage by stage: a department against the Karmayogi model, and a large taxonomy.
//!
//! Prints the seconds of: the taxonomy and 200 schemes made ready once; the texts embedded alone; the posts classified,
//! matched with the schemes and given levels, embedding included; and the ratio of the two, which is what inference adds.
//! Then a thousand sentences against 14,000 entries.
//!
//! How it can mislead: texts are made up of office phrases, so they are short and alike; embedding dominates, so the ratio
//! worsens when the encoder gets faster; the large taxonomy repeats words, which makes its BM25 lists longer than real ones.
//! Wall-clock times on a shared machine differ from run to run: compare ratios.
//!
//! ```sh
//! cargo bench -p cbp-benches --bench classify
//! ```

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use cbp_core::{
    Activity, Competency, CompetencyModel, Designation, Evidence, KnowledgeBase, KnowledgeItem,
    KnowledgeKind, Role,
};
use cbp_infer::classify::{Classifier, ClassifyOptions};
use cbp_infer::domain::{DomainMatcher, DomainOptions};
use cbp_infer::embed::{Embedder, ModelSource, TextKind, VectorCache};
use cbp_infer::level::{LevelOptions, LevelQuery, Leveller};

const VERBS: [&str; 12] = [
    "Prepare",
    "Examine",
    "Scrutinise",
    "Maintain",
    "Submit",
    "Review",
    "Inspect",
    "Verify",
    "Compile",
    "Monitor",
    "Draft",
    "Coordinate",
];
const OBJECTS: [&str; 15] = [
    "the annual budget",
    "tender documents",
    "service books",
    "replies to Assembly questions",
    "stock registers",
    "progress reports",
    "bills of contractors",
    "pension cases",
    "grievance petitions",
    "muster rolls",
    "field visits",
    "cabinet notes",
    "training calendars",
    "court affidavits",
    "beneficiary lists",
];
const PLACES: [&str; 10] = [
    "of the Directorate",
    "for the district",
    "with the line departments",
    "every month",
    "before the committee",
    "as per the rules",
    "on the portal",
    "for audit",
    "of subordinate offices",
    "under the scheme",
];

fn phrases(count: usize) -> Vec<String> {
    let pick = |list: &'static [&'static str], at: usize| list[at % list.len()];
    (0..count)
        .map(|i| {
            let object = i / VERBS.len();
            let place = object / OBJECTS.len();
            let number = place / PLACES.len();
            let text = format!("{} {} {}", pick(&VERBS, i), pick(&OBJECTS, object), pick(&PLACES, place));
            if number == 0 { text } else { format!("{text} in series {number}") }
        })
        .collect()
}

/// Schemes, each about one of the phrases.
fn schemes(count: usize) -> KnowledgeBase {
    let item = |(place, about): (usize, String)| KnowledgeItem {
        id: format!("k{place:03}"),
        kind: KnowledgeKind::Scheme,
        name: format!("Sahayata {place} Scheme"),
        abbreviation: None,
        aliases: Vec::new(),
        year: None,
        evidence: vec![Evidence::new("guidelines.pdf", 1, about.as_str())],
        summary: about,
        points: Vec::new(),
        sections: Vec::new(),
        officers: Vec::new(),
        has_own_document: true,
    };
    KnowledgeBase { items: phrases(count).into_iter().enumerate().map(item).collect() }
}

fn timed<T>(
    what: &str,
    work: impl FnOnce() -> Result<T, Box<dyn Error>>,
) -> Result<(T, f64), Box<dyn Error>> {
    let start = Instant::now();
    let value = work()?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{what:<52} {seconds:>8.3} s");
    Ok((value, seconds))
}

fn main() -> Result<(), Box<dyn Error>> {
    let embedder = Arc::new(Embedder::open(&ModelSource::Shipped)?);
    let kcm = CompetencyModel::karmayogi();
    let options = ClassifyOptions::default();
    // As the engine has it: what one stage embedded, the next one finds.
    let cached = Arc::new(Embedder::open(&ModelSource::Shipped)?.with_cache(VectorCache::in_memory())?);
    let (classifier, _) = timed("KCM made ready (114 entries, all views)", || {
        Ok(Classifier::new(Arc::clone(&cached), kcm, options)?)
    })?;
    let knowledge = schemes(200);
    let (matcher, _) = timed("200 schemes made ready", || {
        Ok(DomainMatcher::new(Arc::clone(&cached), &knowledge, kcm, DomainOptions::default())?)
    })?;
    let leveller = Leveller::new(cached, LevelOptions::default())?;

    let texts = phrases(600);
    let posts: Vec<Designation> = texts
        .chunks(10)
        .map(|texts| {
            let activity = |text: &String| Activity { text: text.clone(), evidence: Vec::new() };
            let role = Role { activities: texts.iter().map(activity).collect(), ..Role::default() };
            Designation { roles: vec![role], ..Designation::default() }
        })
        .collect();
    let (_, alone) = timed("600 activities embedded", || Ok(embedder.embed(&texts, TextKind::Query)?))?;
    let (needs, classified) =
        timed("60 posts classified, embedding included", || Ok(classifier.posts(&posts)?))?;
    let (items, matched) = timed("60 posts matched with 200 schemes", || Ok(matcher.posts(&posts)?))?;
    let supports = needs.iter().zip(&items).zip(&posts).flat_map(|((needs, items), post)| {
        let listed = needs.iter().map(|need| (&need.support, kcm.competencies.get(need.entry)));
        let open = items.iter().map(|item| (&item.support, None));
        listed.chain(open).map(move |(support, entry)| (post, support, entry))
    });
    let queries: Vec<LevelQuery<'_>> = supports
        .map(|(post, support, entry)| LevelQuery {
            duties: support
                .iter()
                .filter_map(|s| Some(post.roles.get(s.role)?.activities.get(s.activity?)?.text.as_str()))
                .collect(),
            level_texts: entry.map_or(&[], |entry| &entry.levels),
            scale: &kcm.scale,
            group: None,
        })
        .collect();
    let (levels, levelled) = timed("levels of what they need", || Ok(leveller.levels(&queries)?))?;
    println!("{:<52} {:>8}", "needs with a level", levels.len());
    let whole = classified + matched + levelled;
    println!("{:<52} {:>8.2} ×", "all of it over embedded (at most 2 is wanted)", whole / alone);

    let entry = |(place, name): (usize, String)| Competency {
        id: place.to_string(),
        kind: None,
        theme: String::new(),
        theme_hi: None,
        sub_theme: name,
        sub_theme_hi: None,
        group: None,
        aliases: Vec::new(),
        description: String::new(),
        levels: Vec::new(),
    };
    let large = CompetencyModel {
        competencies: phrases(14_000).into_iter().enumerate().map(entry).collect(),
        ..CompetencyModel::default()
    };
    let (classifier, _) =
        timed("14,000 entries made ready", || Ok(Classifier::new(Arc::clone(&embedder), &large, options)?))?;
    let sentences = phrases(16_000).split_off(15_000);
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let (_, alone) = timed("1,000 sentences embedded", || Ok(embedder.embed(&sentences, TextKind::Query)?))?;
    let (_, whole) =
        timed("1,000 sentences classified, embedding included", || Ok(classifier.classify(&sentences, 10)?))?;
    println!("{:<52} {:>8.2} ×", "classified over embedded", whole / alone);
    Ok(())
}
