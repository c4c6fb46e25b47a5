//! `cbp embed` and `cbp model`: vectors in a file, models made and looked at, and what is said of bad input.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use assert_cmd::Command;

/// Output and errors of a command, and whether it succeeded. There is no cache, so that each computes.
fn cbp(args: &[&str]) -> (bool, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_cbp")).args(args).env("CBP_CACHE", "").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.success(), text(done.stdout), text(done.stderr))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn texts_become_rows_of_unit_length() {
    let folder = tempfile::tempdir().unwrap();
    let (texts, out) = (path(folder.path(), "texts.tsv"), path(folder.path(), "out.npy"));
    fs::write(&texts, "id\ttext\n1\tMaintain the cash book\n2\tरोकड़ बही का संधारण\n").unwrap();
    let (sound, _, told) = cbp(&["embed", &texts, "-o", &out]);
    assert!(sound && told.contains("2 texts, 768 dimensions"), "{told}");
    let bytes = fs::read(&out).unwrap();
    let header = String::from_utf8_lossy(&bytes[..128]).into_owned();
    assert!(header.contains("'descr': '<f4'") && header.contains("(2, 768)"), "{header}");
    let numbers: Vec<f32> =
        bytes[128..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    let dot =
        |a: usize, b: usize| -> f32 { (0..768).map(|i| numbers[a * 768 + i] * numbers[b * 768 + i]).sum() };
    assert!((dot(0, 0) - 1.0).abs() < 1e-5 && (dot(1, 1) - 1.0).abs() < 1e-5 && dot(0, 1) < 0.999);
}

#[test]
fn what_cannot_be_embedded_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (texts, out) = (path(folder.path(), "texts.txt"), path(folder.path(), "out.npy"));
    fs::write(&texts, "Maintain the cash book\n\nfoHkkx ds deZpkjh dk dk;Z esa gS vkSj fy,\n").unwrap();
    let (sound, _, told) = cbp(&["embed", &texts, "-o", &out]);
    assert!(!sound && told.contains("line 3") && told.contains("legacy"), "{told}");
    fs::write(&texts, b"Maintain \xff\xfe\n").unwrap();
    let (sound, _, told) = cbp(&["embed", &texts, "-o", &out]);
    assert!(!sound && told.contains("UTF-8"), "{told}");
    fs::write(&texts, "\n \n").unwrap();
    let (sound, _, told) = cbp(&["embed", &texts, "-o", &out]);
    assert!(!sound && told.contains("no texts"), "{told}");
    fs::write(&texts, "Maintain the cash book\n").unwrap();
    let (sound, _, told) = cbp(&["embed", &texts, "-o", &out, "--model", "no-such-model"]);
    assert!(!sound && told.contains("no-such-model") && told.contains("CBP_MODELS"), "{told}");
    assert!(!Path::new(&out).exists());
}

#[test]
fn models_are_listed_shown_and_made_anew_to_the_byte() {
    let (sound, list, _) = cbp(&["model", "list"]);
    assert!(sound && ["default", "cbp-minilm", "cbp-e5"].iter().all(|m| list.contains(m)), "{list}");
    let (sound, manifest, told) = cbp(&["model", "show", "cbp-e5"]);
    assert!(
        sound && manifest.contains("\"MIT\"") && told.contains("passage/devanagari"),
        "{manifest} {told}"
    );

    let folder = tempfile::tempdir().unwrap();
    let shipped = list.lines().find_map(|line| line.strip_prefix("cbp-minilm\t")).unwrap();
    let made = ["a", "b"].map(|name| {
        let (whole, small) = (path(folder.path(), name), path(folder.path(), &format!("{name}-small")));
        let (sound, _, told) = cbp(&["model", "import", shipped, "--name", "mine", "-o", &whole]);
        assert!(sound, "{told}");
        let (sound, _, told) = cbp(&["model", "prune", &whole, "-o", &small]);
        assert!(sound, "{told}");
        small
    });
    for file in ["model.safetensors", "tokenizer.json.gz", "manifest.json"] {
        let [a, b] = made.each_ref().map(|dir| fs::read(Path::new(dir).join(file)).unwrap());
        assert!(a == b, "{file} differs from one time to the next");
    }
    let (sound, told, _) = cbp(&["model", "verify", &made[0]]);
    assert!(sound && told.contains("mine: sound; 384 dimensions"), "{told}");
    let weights = Path::new(&made[0]).join("model.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    let (sound, _, told) = cbp(&["model", "verify", &made[0]]);
    assert!(!sound && told.contains("SHA-256") && told.contains("model.safetensors"), "{told}");
}
