//! The model card that is written beside a tuned model.

use std::fmt::Write as _;

use super::{config::EncoderRecipe, data::Set, encoder::Tuned};

/// What a card tells.
pub(crate) struct Card<'a> {
    pub(crate) recipe: &'a EncoderRecipe,
    pub(crate) base: &'a str,
    pub(crate) tuned: &'a Tuned,
    pub(crate) sets: &'a [&'a Set],
}

/// The card as Markdown.
pub(crate) fn write(card: &Card<'_>) -> String {
    let (recipe, tuned) = (card.recipe, card.tuned);
    let mut out = format!(
        "# {}\n\nA sentence encoder: `{}` fine-tuned contrastively by `cbp tune encoder`, seed {}, {} steps of at most \
         {} queries, learning rate {}, temperature {}, {} hard negative(s) a query. The result holds {} of the tuned \
         weights and the rest of the base's.\n",
        recipe.name,
        card.base,
        recipe.seed,
        tuned.steps,
        recipe.batch.queries,
        recipe.steps.rate,
        recipe.batch.temperature,
        recipe.batch.hard,
        tuned.mix
    );
    out.push_str(
        "\n## Data\n\n| source | licence | queries trained on | passages | groups left out |\n|---|---|---|---|---|\n",
    );
    for set in card.sets {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            set.name,
            set.licence,
            set.train.len(),
            set.passages.len(),
            set.groups_out.join(", ")
        );
    }
    if tuned.scores.is_empty() {
        out.push_str("\nNo group was left out, so this run gives no figures of its own.\n");
    } else {
        out.push_str("\n## Groups left out\n\nMetric of each source, ranked among a sample of its passages.\n\n| source | base | tuned |\n|---|---|---|\n");
        for (name, (before, after)) in &tuned.scores {
            let _ = writeln!(out, "| {name} | {before:.4} | {after:.4} |");
        }
    }
    out
}
