#![no_main]
//! Text of legacy fonts, both ways, and the normal form.

use cbp_ingest::{LegacyLayout, normalise, wellformedness};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for layout in LegacyLayout::ALL {
        let decoded = layout.decode(&text);
        let _ = layout.encode(&decoded);
    }
    let once = normalise(&text);
    assert_eq!(normalise(&once), once, "the normal form has a normal form of its own");
    let _ = wellformedness(&once);
});
