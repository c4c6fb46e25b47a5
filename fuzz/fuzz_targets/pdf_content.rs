#![no_main]
//! The content of a page, which can draw itself as a form.

use cbp_ingest::read_pdf;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let pdf = cbp_fuzz::pdf(data, b"1 beginbfrange <20> <7e> <0915> endbfrange", b"");
    let _ = read_pdf("fuzz.pdf", &pdf, &cbp_fuzz::options());
});
