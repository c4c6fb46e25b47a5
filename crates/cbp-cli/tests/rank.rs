//! `cbp rank` and `cbp recommend`: run files, explanations that add up, an index file, officials one by one, and bad input.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use assert_cmd::Command;

const COURSES: &str = "id\ttext\nbudget\tPreparing the annual budget of an office\naudit\tInternal audit of accounts\n\
    yoga\tYoga at the work place\n";
const NEEDS: &str = "id\ttext\nn1\tprepare budget estimates\nn2\treply to audit objections\n";

/// A folder with the catalogue and the needs.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("courses.tsv"), COURSES).unwrap();
    fs::write(folder.path().join("needs.tsv"), NEEDS).unwrap();
    folder
}

/// Exit status, output and errors of a command that is run in a folder. There is no cache, so that each computes.
fn cbp(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cbp"));
    let done = command.args(args).current_dir(folder).env("CBP_CACHE", "").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

const RANK: [&str; 5] = ["rank", "--catalogue", "courses.tsv", "--queries", "needs.tsv"];

/// What the parts of an explanation add up to, in the innermost brackets where there are some.
fn leaves(text: &str) -> f64 {
    let mut depth = 0_usize;
    let mut parts = vec![String::new()];
    for letter in text.chars() {
        depth = depth + usize::from(letter == '(') - usize::from(letter == ')');
        match letter {
            '+' if depth == 0 => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(letter),
        }
    }
    let value = |part: &String| {
        if let Some((_, within)) = part.split_once('(') {
            return leaves(within.trim_end().strip_suffix(')').unwrap());
        }
        let (weight, value) = part.split_whitespace().last().unwrap().split_once('×').unwrap();
        weight.parse::<f64>().unwrap() * value.parse::<f64>().unwrap()
    };
    parts.iter().map(value).sum()
}

#[test]
fn a_run_file_and_explanations_that_add_up() {
    let folder = folder();
    let (status, run, told) = cbp(folder.path(), &[&RANK[..], &["--explain", "-k", "2"]].concat());
    assert_eq!(status, Some(0), "{told}");
    let lines: Vec<Vec<&str>> = run.lines().map(|line| line.split('\t').collect()).collect();
    let firsts: Vec<_> = lines.iter().map(|line| line[..3].join(" ")).collect();
    assert_eq!([&firsts[0], &firsts[2]], ["n1 budget 1", "n2 audit 1"]);
    assert_eq!(lines.len(), 4);
    for line in &lines {
        let score: f64 = line[3].parse().unwrap();
        // Every number of the explanation is rounded to three places.
        assert!((leaves(line[4]) - score).abs() < 0.005, "{line:?}");
    }
    assert!(lines[0][4].contains("lexical") && lines[0][4].contains("(budget "), "{run}");
}

#[test]
fn an_index_file_gives_the_same_and_is_made_anew_for_another_catalogue() {
    let folder = folder();
    let args = [&RANK[..], &["--index", "courses.index"]].concat();
    let (_, first, told) = cbp(folder.path(), &args);
    let made = fs::read(folder.path().join("courses.index")).expect(&told);
    let (_, again, _) = cbp(folder.path(), &args);
    assert_eq!(first, again);
    assert_eq!(fs::read(folder.path().join("courses.index")).unwrap(), made);

    fs::write(folder.path().join("courses.tsv"), COURSES.replace("yoga", "sport")).unwrap();
    let (status, other, told) = cbp(folder.path(), &args);
    assert!(status == Some(0) && told.contains("another catalogue") && other.contains("sport"), "{told}");

    fs::write(folder.path().join("courses.index"), "a file of somebody's").unwrap();
    let (status, _, told) = cbp(folder.path(), &args);
    assert!(status != Some(0) && told.contains("courses.index"), "{told}");
    assert_eq!(fs::read(folder.path().join("courses.index")).unwrap(), b"a file of somebody's");
}

#[test]
fn bad_needs_and_conditions_are_named() {
    let folder = folder();
    for (args, wanted) in [
        (["--max-hours", "much"], "number of hours"),
        (["-k", "0"], "-k"),
        (["--weights", "needs.tsv"], "needs.tsv"),
    ] {
        let (status, _, told) = cbp(folder.path(), &[&RANK[..], &args].concat());
        assert!(status != Some(0) && told.contains(wanted), "{told}");
    }
    for (needs, wanted) in [("id\ttext\n", "no row"), ("id\ttext\nn1 without a tab\n", "line 2")] {
        fs::write(folder.path().join("needs.tsv"), needs).unwrap();
        let (status, _, told) = cbp(folder.path(), &RANK);
        assert!(status != Some(0) && told.contains(wanted), "{told}");
    }
}

#[test]
fn officials_are_answered_one_by_one_in_shards_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("papers")).unwrap();
    fs::write(
        folder.path().join("papers/work-allocation.csv"),
        "S. No.,Group,Designation,Roles,Activities\n\
         1,B,Accounts Officer,Accounts and audit,\"1. Check bills before payment\n2. Prepare the budget estimates\"\n",
    )
    .unwrap();
    let (status, _, told) = cbp(folder.path(), &["plan", "papers", "-o", "out"]);
    assert_eq!(status, Some(0), "{told}");

    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/catalogue.json");
    let common = ["recommend", "--plan", "out/plan.json", "--catalogue", catalogue.to_str().unwrap()];
    let recommend =
        |more: &[&str]| cbp(folder.path(), &[&common[..], &["--officials", "all.jsonl"], more].concat());
    let official = |id: &str, post: &str| format!("{{\"id\":\"{id}\",\"designation\":\"{post}\"}}\n");
    let all = [
        official("a", "Accounts Officer"),
        official("b", "Pilot"),
        "no JSON\n".into(),
        official("c", "accounts officer"),
    ];
    fs::write(folder.path().join("all.jsonl"), all.concat()).unwrap();

    let (status, _, told) = recommend(&["-o", "answers.jsonl"]);
    assert!(status == Some(3) && told.contains("2 officials answered"), "{told}");
    let answers = fs::read_to_string(folder.path().join("answers.jsonl")).unwrap();
    let (head, lines) = answers.split_once('\n').unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    assert!(head.contains("cbp-recommendations") && lines.len() == 4, "{answers}");
    assert!(
        lines[0].starts_with("{\"id\":\"a\",\"courses\":[{\"course\":\"") && lines[1].contains("Pilot"),
        "{answers}"
    );
    assert!(lines[2].contains("line 3 is no official"), "{answers}");
    assert_eq!(lines[0].replace("\"a\"", "\"c\""), lines[3]);
    assert!(!folder.path().join("answers.jsonl.partial").exists());

    let shards = ["1/2", "2/2"].map(|shard| {
        recommend(&["-o", "shard.jsonl", "--shard", shard]);
        fs::read_to_string(folder.path().join("shard.jsonl")).unwrap()
    });
    assert_eq!(shards[0].lines().skip(1).collect::<Vec<_>>(), [lines[0], lines[2]]);
    assert_eq!(shards[1].lines().skip(1).collect::<Vec<_>>(), [lines[1], lines[3]]);

    let (status, _, told) = recommend(&["-o", "shard.jsonl", "--shard", "3/2"]);
    assert!(status != Some(0) && told.contains("i/n"), "{told}");
    fs::write(folder.path().join("out/plan.json"), "{}").unwrap();
    let (status, _, told) = recommend(&["-o", "answers.jsonl"]);
    assert!(status != Some(0) && told.contains("plan.json"), "{told}");
}
