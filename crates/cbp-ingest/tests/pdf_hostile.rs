//! Random content streams, character maps and font programs: no panic, no endless run, nothing but finite places; and
//! the same document for any number of threads.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use cbp_ingest::{IngestError, Limits, ReadOptions, read_pdf};
use page::pdf;
use proptest::prelude::*;

#[allow(unreachable_pub)] // The fuzz targets use it from outside.
#[path = "../../../fuzz/src/pdf.rs"]
mod page;

const MAP: &[u8] = b"1 beginbfrange <20> <7e> <0915> endbfrange";

fn check(pdf: &[u8]) -> Result<(), TestCaseError> {
    let limits = Limits { operators: 20_000, deadline: Duration::from_secs(10), ..Limits::default() };
    let options = ReadOptions { limits, ..ReadOptions::default() };
    match read_pdf("random.pdf", pdf, &options) {
        Ok(document) => {
            for word in document.pages.iter().flat_map(|p| &p.words) {
                let b = word.bbox;
                prop_assert!([b.x0, b.y0, b.x1, b.y1, word.size].iter().all(|v| v.is_finite()), "{word:?}");
                prop_assert!(b.x0 <= b.x1 && b.y0 <= b.y1, "{word:?}");
            }
        }
        Err(IngestError::Damaged { .. } | IngestError::NoPages { .. } | IngestError::Limit { .. }) => {}
        Err(other) => prop_assert!(false, "{other}"),
    }
    Ok(())
}

/// One operator with operands that are about right, or not.
fn operation() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (-900i32..900).prop_map(|n| n.to_string()),
        (-9.0f64..9.0).prop_map(|n| format!("{n:.3}")),
        Just("1e9".to_owned()),
        Just("--5.".to_owned()),
        Just("99999999999999999999".to_owned()),
    ];
    let operand = prop_oneof![
        6 => number,
        2 => "\\([a-zA-Z ]{0,12}\\)",
        1 => "<[0-9a-f]{0,12}>",
        1 => prop_oneof![Just("/F1".to_owned()), Just("/F2".to_owned()), Just("/X".to_owned()), Just("[".to_owned()),
            Just("]".to_owned()), Just("<<".to_owned()), Just(">>".to_owned())],
    ];
    let operator = proptest::sample::select(vec![
        "q", "Q", "cm", "BT", "ET", "Tf", "Td", "TD", "Tm", "T*", "Tj", "TJ", "'", "\"", "Tc", "Tw", "Tz",
        "TL", "Ts", "Tr", "re", "m", "l", "c", "h", "S", "f", "B", "n", "Do", "gs", "g", "rg", "BDC", "BMC",
        "EMC", "BI", "ID", "EI", "W", "sh",
    ]);
    (proptest::collection::vec(operand, 0..7), operator)
        .prop_map(|(operands, operator)| format!("{} {operator}\n", operands.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn content_of_random_operators(ops in proptest::collection::vec(operation(), 0..80)) {
        check(&pdf(format!("BT /F1 12 Tf {}", ops.concat()).as_bytes(), MAP, b""))?;
    }

    #[test]
    fn content_of_random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&pdf(&bytes, MAP, b""))?;
    }

    #[test]
    fn random_maps_and_programs(
        map in proptest::collection::vec(any::<u8>(), 0..200),
        program in proptest::collection::vec(any::<u8>(), 0..400),
        head in proptest::sample::select(vec![&b"\0\x01\0\0\0\x04"[..], b"OTTO", b"\x01\0\x04\x01", b"%!PS", b""]),
    ) {
        let program = [head, &program].concat();
        let map = [b"1 beginbfchar <41> <0915> endbfchar ", map.as_slice()].concat();
        check(&pdf(b"BT /F1 12 Tf (ABC) Tj /F2 9 Tf <00410042> Tj ET", &map, &program))?;
    }

    #[test]
    fn damage_anywhere_in_a_real_file(at in 0usize..4_000, bytes in proptest::collection::vec(any::<u8>(), 1..20)) {
        let mut file = pdf(b"BT /F1 12 Tf 72 700 Td (ABC DEF) Tj 0 -14 Td (GHI) Tj ET", MAP, b"");
        let at = at % file.len();
        let end = (at + bytes.len()).min(file.len());
        file.splice(at..end, bytes);
        check(&file)?;
    }
}

#[test]
fn threads_do_not_change_the_document() {
    let path = "../../fixtures/departments/rural-development/work-allocation.pdf";
    let bytes = std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let read = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read_pdf("work-allocation.pdf", &bytes, &ReadOptions::default())).unwrap()
    };
    let one = read(1);
    assert!(!one.pages.is_empty());
    for threads in [2, 5] {
        assert_eq!(read(threads), one, "{threads} threads");
    }
}
