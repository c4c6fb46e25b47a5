//! Centre: mean vectors, one for each kind of text and script, which an embedder may subtract.
//!
//! Some encoders squeeze all texts into a narrow cone around a mean that differs from script to script. Without
//! it, what is left is what the text says, and texts of two scripts can be compared.

use std::{collections::BTreeMap, path::Path};

use crate::embed::{
    EmbedError, TextKind,
    engine::Run,
    manifest::{MANIFEST, Manifest},
    model::{Model, Opening},
    text::{self, Script},
};

/// Embeds `texts` and writes the means of their unit vectors, by kind and script, into the manifest of `dir`.
///
/// Returns how many texts each script had. Means are rounded to five decimals.
///
/// # Errors
///
/// If the model cannot be opened, a text cannot be embedded, or the manifest cannot be written.
pub fn centre(dir: &Path, texts: &[String]) -> Result<BTreeMap<&'static str, usize>, EmbedError> {
    let mut model = Model::open(dir, Opening::default())?;
    let mut clean = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let text = text::normalise(text).map_err(|detail| EmbedError::BadText { index, detail })?;
        if text.is_empty() {
            return Err(EmbedError::EmptyText { index });
        }
        clean.push(text);
    }
    let labelled: Vec<(&str, Script)> = clean.iter().map(|text| (text.as_ref(), Script::of(text))).collect();
    let mut counts = BTreeMap::new();
    for (_, script) in &labelled {
        *counts.entry(script.name()).or_insert(0) += 1;
    }
    model.manifest.centring.clear();
    let mut centring = BTreeMap::new();
    for kind in [TextKind::Query, TextKind::Passage] {
        let vectors = model.embed(&labelled, kind, false, &Run::default())?;
        let mut sums: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for ((_, script), row) in labelled.iter().zip(vectors.outer_iter()) {
            let sum = sums.entry(script.name()).or_insert_with(|| vec![0.0; row.len()]);
            sum.iter_mut().zip(&row).for_each(|(s, x)| *s += f64::from(*x));
        }
        for (script, sum) in sums {
            let n = counts.get(script).copied().unwrap_or(1) as f64;
            let mean = sum.iter().map(|s| ((s / n * 1e5).round() / 1e5) as f32).collect();
            centring.insert(format!("{}/{script}", kind.name()), mean);
        }
    }
    let mut manifest = model.manifest.clone();
    manifest.centring = centring;
    manifest.made_by.retain(|step| !step.starts_with("centre"));
    manifest.made_by.push(format!("centre: {} texts", texts.len()));
    super::draft::write_file(&dir.join(MANIFEST), Manifest::Encoder(manifest).to_json().as_bytes())?;
    Ok(counts)
}
