//! What the targets share: a small PDF around the bytes under test, and limits that keep one run short.

mod pdf;

use std::time::Duration;

use cbp_ingest::{Limits, ReadOptions};

pub use pdf::pdf;

/// Limits of one run: small enough that a slow input is a finding.
pub fn options() -> ReadOptions {
    let limits = Limits {
        stream_bytes: 4 << 20,
        total_bytes: 16 << 20,
        operators: 100_000,
        glyphs: 50_000,
        deadline: Duration::from_secs(5),
        ..Limits::default()
    };
    ReadOptions { limits, ..ReadOptions::default() }
}
