//! Words that end a name, stand inside it, or bound it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use cbp_core::KnowledgeKind;

use crate::prose::{fold, table_rows};

/// The kind that the last word of a name gives it.
pub(super) fn head_kind(word: &str) -> Option<KnowledgeKind> {
    Some(match word.to_lowercase().as_str() {
        "act" | "adhiniyam" | "sanhita" | "ordinance" | "अधिनियम" | "संहिता" | "अध्यादेश" => {
            KnowledgeKind::Act
        }
        "rules" | "regulations" | "niyamavali" | "नियमावली" | "नियम" | "विनियम" => {
            KnowledgeKind::Rules
        }
        "scheme" | "yojana" | "yojna" | "योजना" | "yojanas" => KnowledgeKind::Scheme,
        "mission"
        | "abhiyan"
        | "abhiyaan"
        | "programme"
        | "program"
        | "campaign"
        | "अभियान"
        | "मिशन"
        | "कार्यक्रम" => KnowledgeKind::Programme,
        "policy" | "नीति" => KnowledgeKind::Policy,
        _ => return None,
    })
}

fn word_set(cell: &'static OnceLock<BTreeSet<String>>, table: &'static str) -> &'static BTreeSet<String> {
    cell.get_or_init(|| table_rows(table).filter_map(|r| Some(fold(r.first()?))).collect())
}

pub(super) fn lead_words() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    word_set(&WORDS, include_str!("../../../data/lead_words.tsv"))
}

pub(super) fn hindi_bounds() -> &'static BTreeSet<String> {
    static WORDS: OnceLock<BTreeSet<String>> = OnceLock::new();
    word_set(&WORDS, include_str!("../../../data/hindi_bounds.tsv"))
}

pub(super) const CONNECTORS: [&str; 12] =
    ["of", "and", "the", "for", "to", "in", "on", "from", "with", "by", "&", "cum"];
/// Words that make no name with the head word alone.
pub(super) const GENERIC: [&str; 63] = [
    "integrated",
    "sector",
    "awareness",
    "capacity",
    "building",
    "education",
    "medical",
    "other",
    "state",
    "central",
    "national",
    "annual",
    "training",
    "government",
    "official",
    "special",
    "public",
    "principal",
    "parent",
    "model",
    "draft",
    "amendment",
    "new",
    "department",
    "departmental",
    "district",
    "pension",
    "labour",
    "tax",
    "action",
    "राज्य",
    "केंद्र",
    "केंद्रीय",
    "वार्षिक",
    "शासकीय",
    "विभागीय",
    "संबंधित",
    "सरकारी",
    "केन्द्र",
    "केन्द्रीय",
    "क्षेत्रक",
    "क्षेत्र",
    "क्षेत्रीय",
    "प्रायोजित",
    "पुरोनिधानित",
    "शत",
    "प्रतिशत",
    "शत-प्रतिशत",
    "राष्ट्रीय",
    "विशेष",
    "निर्धारित",
    "पूर्व",
    "प्रशिक्षण",
    "दिवसीय",
    "शैक्षिक",
    "प्रबंधन",
    "कार्य",
    "प्रस्ताव",
    "भुगतान",
    "निर्माण",
    "निर्णय",
    "सामान्य",
    "विभिन्न",
];
