//! Words that end a name, stand inside it, or bound it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::prose::{fold, table_rows};

/// "प्रोग्राम फॉर …": the folded word after which a name in English words goes on behind what says its kind.
pub(in crate::knowledge) fn names_purpose(word: &str) -> bool {
    matches!(word, "फॉर" | "फार" | "ऑफ" | "आफ")
}

fn word_set(cell: &'static OnceLock<BTreeSet<String>>, table: &'static str) -> &'static BTreeSet<String> {
    cell.get_or_init(|| table_rows(table).filter_map(|r| Some(fold(r.first()?))).collect())
}

/// Words that introduce a name and are no part of it.
pub(super) fn lead_words() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    word_set(&WORDS, include_str!("../../../data/lead_words.tsv"))
}

/// Hindi words that no name goes over.
pub(super) fn hindi_bounds() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    word_set(&WORDS, include_str!("../../../data/hindi_bounds.tsv"))
}

/// Words that make no name with the head word alone.
pub(super) fn generic_words() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    word_set(&WORDS, include_str!("../../../data/generic_words.tsv"))
}

/// Words that join the parts of a name.
pub(super) const CONNECTORS: [&str; 12] =
    ["of", "and", "the", "for", "to", "in", "on", "from", "with", "by", "&", "cum"];
