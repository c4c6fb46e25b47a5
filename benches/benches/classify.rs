//! Classification, stage by stage: a department against the Karmayogi model, and a large taxonomy.
//!
//! Prints the seconds of: the taxonomy made ready once; the texts embedded alone; the texts classified, embedding included;
//! and the ratio of the two, which is what classification adds. Then a thousand sentences against 14,000 entries.
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

use cbp_core::{Activity, Competency, CompetencyModel, Designation, Role};
use cbp_infer::classify::{Classifier, ClassifyOptions};
use cbp_infer::embed::{Embedder, ModelSource, TextKind};

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
    let (classifier, _) = timed("KCM made ready (114 entries, all views)", || {
        Ok(Classifier::new(Arc::clone(&embedder), kcm, options)?)
    })?;

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
    let (_, whole) = timed("60 posts classified, embedding included", || Ok(classifier.posts(&posts)?))?;
    println!("{:<52} {:>8.2} ×", "classified over embedded (at most 2 is wanted)", whole / alone);

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
