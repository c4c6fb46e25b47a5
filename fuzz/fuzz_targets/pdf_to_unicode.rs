#![no_main]
//! A character map.

use cbp_ingest::read_pdf;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let pdf = cbp_fuzz::pdf(b"BT /F1 12 Tf (abc) Tj /F2 12 Tf <00410042> Tj ET", data, b"");
    let _ = read_pdf("fuzz.pdf", &pdf, &cbp_fuzz::options());
});
