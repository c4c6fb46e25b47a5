//! Acts, rules, schemes and programmes that a department's papers hold or name.

use cbp_core::KnowledgeBase;

use crate::{Document, DocumentKind};

/// The knowledge base of a department.
pub fn knowledge_base(_docs: &[(Document, DocumentKind)]) -> KnowledgeBase {
    KnowledgeBase::default()
}
