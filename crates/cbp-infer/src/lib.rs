//! cbp-infer
