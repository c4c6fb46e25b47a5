//! `department.toml`: what a reader need not guess about a folder of documents.

use std::collections::BTreeMap;

use cbp_core::Department;
use serde::Deserialize;

use crate::DocumentKind;

/// A department as its `department.toml` describes it. Every key is optional.
///
/// ```
/// let file = cbp_ingest::DepartmentFile::from_toml(
///     "department.toml",
///     "name = \"Department of Forests\"\n[documents]\n\"scan1.pdf\" = \"rules\"",
/// )?;
/// assert_eq!(file.kind_of("scan1.pdf"), Some(cbp_ingest::DocumentKind::Rules));
/// # Ok::<(), cbp_ingest::DepartmentError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentFile {
    /// Name of the department as its papers write it.
    #[serde(default)]
    pub name: Option<String>,
    /// Its name in English, where the papers are in another language.
    #[serde(default)]
    pub name_en: Option<String>,
    /// The state, or the ministry above it.
    #[serde(default)]
    pub state: Option<String>,
    /// Its sector.
    #[serde(default)]
    pub sector: Option<String>,
    /// The year that the plan is for, such as "2024-25".
    #[serde(default)]
    pub financial_year: Option<String>,
    /// Wings, divisions or sections in their order.
    #[serde(default)]
    pub wings: Vec<String>,
    /// File names with the kind of document that they hold, overruling what is read from the text.
    #[serde(default)]
    pub documents: BTreeMap<String, DocumentKind>,
}

/// A `department.toml` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: line {line}: {detail}; correct that line or remove it")]
pub struct DepartmentError {
    /// The file.
    pub what: String,
    /// 1-based line.
    pub line: usize,
    /// What is wrong there.
    pub detail: String,
}

impl DepartmentFile {
    /// Reads a `department.toml`.
    ///
    /// # Errors
    /// Malformed TOML, an unknown key and an unknown kind of document, with the line and what may stand there.
    pub fn from_toml(what: &str, text: &str) -> Result<Self, DepartmentError> {
        toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
            let start = e.span().map_or(0, |s| s.start);
            let line = text.bytes().take(start).filter(|&b| b == b'\n').count() + 1;
            DepartmentError { what: what.to_owned(), line, detail: e.message().replace('\n', " ") }
        })
    }

    /// The kind that the file names for a document, by file name without folders; case does not matter.
    pub fn kind_of(&self, document: &str) -> Option<DocumentKind> {
        let same = |name: &str| name.eq_ignore_ascii_case(document);
        self.documents.iter().find(|(name, _)| same(name)).map(|(_, kind)| *kind)
    }

    /// The department as the plan names it; an unnamed one has an empty name.
    pub fn department(&self) -> Department {
        Department {
            name: self.name.clone().or_else(|| self.name_en.clone()).unwrap_or_default(),
            parent: self.state.clone(),
            sector: self.sector.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_known_ones() {
        let error = DepartmentFile::from_toml("d.toml", "name = \"X\"\n\nwing = [\"A\"]\n").unwrap_err();
        let message = error.to_string();
        assert_eq!(error.line, 3);
        assert!(message.contains("`wing`") && message.contains("`wings`"), "{message}");
    }

    #[test]
    fn an_unknown_kind_is_named_with_the_known_ones() {
        let error = DepartmentFile::from_toml("d.toml", "[documents]\n\"a.pdf\" = \"poem\"\n").unwrap_err();
        let message = error.to_string();
        assert!(message.contains("poem") && message.contains("work-allocation"), "{message}");
    }

    #[test]
    fn every_key_is_optional_and_names_ignore_case() {
        assert_eq!(DepartmentFile::from_toml("d.toml", "").unwrap(), DepartmentFile::default());
        let file = DepartmentFile::from_toml("d.toml", "[documents]\n\"A.PDF\" = \"act\"\n").unwrap();
        assert_eq!(file.kind_of("a.pdf"), Some(DocumentKind::Act));
        assert_eq!(file.kind_of("b.pdf"), None);
    }
}
