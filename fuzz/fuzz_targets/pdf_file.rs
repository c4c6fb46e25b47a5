#![no_main]
//! A whole PDF.

use cbp_ingest::read_pdf;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = read_pdf("fuzz.pdf", data, &cbp_fuzz::options());
});
