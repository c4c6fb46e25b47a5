//! See the sibling files; this crate holds only what several of them share.
