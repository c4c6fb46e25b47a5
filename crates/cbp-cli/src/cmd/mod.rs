//! One file a subcommand.

pub(crate) mod embed;
pub(crate) mod model;
pub(crate) mod plan;
