//! Which of the department's own Acts, rules, schemes and programmes a post must know.
//!
//! Behavioural and functional competencies are a closed list; domain competencies come from the papers and from
//! nothing else. A [`DomainMatcher`] holds the items of a [`KnowledgeBase`](cbp_core::KnowledgeBase) against the
//! posts' duties: an item is needed where a duty names it, where the papers give the post something to do under it,
//! or where a duty is plainly about what the item is about. Every need carries the duties and the document's words.

mod error;
mod heard;
mod matcher;
mod mentions;
mod names;
#[cfg(test)]
mod tests;

pub use error::DomainError;
pub use matcher::{DomainMatcher, DomainNeed, DomainOptions};
pub(crate) use mentions::Mentions;
