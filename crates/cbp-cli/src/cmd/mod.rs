//! One file a subcommand.

pub(crate) mod embed;
pub(crate) mod eval;
pub(crate) mod frac;
pub(crate) mod ingest;
pub(crate) mod model;
pub(crate) mod plan;
pub(crate) mod rank;
pub(crate) mod recommend;
pub(crate) mod tune;
mod tune_heads;
mod tune_level;
mod tune_rank;

/// Reads a whole number from 1.
fn from_one() -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(1..)
}
