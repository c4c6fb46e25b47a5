#![no_main]
//! An embedded font program, read backwards for its glyphs.

use cbp_ingest::read_pdf;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let pdf = cbp_fuzz::pdf(b"BT /F1 12 Tf (abc) Tj /F2 12 Tf <00410042> Tj ET", b"1 beginbfchar <41> <0915> endbfchar", data);
    let _ = read_pdf("fuzz.pdf", &pdf, &cbp_fuzz::options());
});
