#![no_main]
//! Any file: the office formats are found by their first bytes.

use cbp_ingest::read_document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = read_document("fuzz", data, &cbp_fuzz::options());
});
