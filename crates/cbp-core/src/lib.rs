//! cbp-core
