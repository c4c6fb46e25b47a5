//! How well duties are mapped to the closed list: the sample department's duties, labelled by hand, and what is found.
//!
//! Prints precision, recall and F1 of single duties and of whole posts at the thresholds in use, nDCG@10 and the expected
//! calibration error. The labels are one person's opinion: compare two versions, not two percent.
//!
//! ```sh
//! cargo run --release -p cbp-examples --example measure_classification
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use cbp_core::{Activity, CompetencyModel, Designation, Role};
use cbp_infer::classify::{Classifier, ClassifyOptions};
use cbp_infer::embed::{Embedder, ModelSource};
use cbp_infer::eval::{RankScores, Reliability};
use serde::Deserialize;

#[derive(Deserialize)]
struct Labels {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    designation: String,
    activities: Vec<Labelled>,
}

#[derive(Deserialize)]
struct Labelled {
    activity: String,
    competencies: Vec<String>,
}

/// Hits, found and wanted, summed up.
#[derive(Default)]
struct Counts(f64, f64, f64);

impl Counts {
    fn add(&mut self, found: &BTreeSet<usize>, wanted: &BTreeSet<usize>) {
        self.0 += found.intersection(wanted).count() as f64;
        self.1 += found.len() as f64;
        self.2 += wanted.len() as f64;
    }

    fn print(&self, what: &str) {
        let (precision, recall) = (self.0 / self.1.max(1.0), self.0 / self.2.max(1.0));
        let f1 = 2.0 * self.0 / (self.1 + self.2).max(1.0);
        println!("{what:<24} precision {precision:.3}  recall {recall:.3}  F1 {f1:.3}  found {}", self.1);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let labels: Labels =
        serde_json::from_str(include_str!("../fixtures/expected/rural-development-competencies.json"))?;
    let model = CompetencyModel::karmayogi();
    let places: BTreeMap<&str, usize> =
        model.competencies.iter().enumerate().map(|(place, entry)| (entry.id.as_str(), place)).collect();
    let wanted = |labelled: &Labelled| -> BTreeSet<usize> {
        labelled.competencies.iter().filter_map(|id| places.get(id.as_str()).copied()).collect()
    };
    let embedder = Arc::new(Embedder::open(&ModelSource::Shipped)?);
    let classifier = Classifier::new(embedder, model, ClassifyOptions::default())?;

    let duties: Vec<&Labelled> = labels.rows.iter().flat_map(|row| &row.activities).collect();
    let texts: Vec<&str> = duties.iter().map(|duty| duty.activity.as_str()).collect();
    let found = classifier.classify(&texts, 100)?;
    let (mut ndcg, mut first, mut reliability) = (0.0, 0.0, Reliability::default());
    let mut at: BTreeMap<u32, Counts> = BTreeMap::new();
    for (duty, matches) in duties.iter().zip(&found) {
        let wanted = wanted(duty);
        let ranking: Vec<usize> = matches.iter().map(|m| m.entry).collect();
        // Labels stand in order of fit: the first is worth as much as there are labels.
        let ranked = duty.competencies.iter().filter_map(|id| places.get(id.as_str()));
        let gains = ranked.rev().zip(1_u32..).map(|(&place, gain)| (place, f64::from(gain))).collect();
        let scores = RankScores::of(&ranking, &gains);
        ndcg += scores.ndcg10;
        first += scores.acc1;
        if let Some(best) = matches.first() {
            reliability.add(best.confidence, wanted.contains(&best.entry));
        }
        for percent in [20, 30, 40, 50, 60] {
            let sure = matches.iter().take(3).filter(|m| m.confidence * 100.0 >= f64::from(percent));
            at.entry(percent).or_default().add(&sure.map(|m| m.entry).collect(), &wanted);
        }
    }
    let n = duties.len().max(1) as f64;
    println!(
        "{n} duties: nDCG@10 {:.3}, first right {:.3}, calibration error {:.3}",
        ndcg / n,
        first / n,
        reliability.error()
    );
    for (percent, counts) in &at {
        counts.print(&format!("duties from {percent} %"));
    }

    let post = |row: &Row| {
        let activity =
            |labelled: &Labelled| Activity { text: labelled.activity.clone(), evidence: Vec::new() };
        let role = Role { activities: row.activities.iter().map(activity).collect(), ..Role::default() };
        Designation { name: row.designation.clone(), roles: vec![role], ..Designation::default() }
    };
    let posts: Vec<Designation> = labels.rows.iter().map(post).collect();
    let needs = classifier.posts(&posts)?;
    for percent in [30, 50, 70] {
        let mut counts = Counts::default();
        for (row, needs) in labels.rows.iter().zip(&needs) {
            let sure = needs.iter().filter(|need| need.confidence * 100.0 >= f64::from(percent));
            counts.add(&sure.map(|n| n.entry).collect(), &row.activities.iter().flat_map(wanted).collect());
        }
        counts.print(&format!("posts from {percent} %"));
    }
    Ok(())
}
