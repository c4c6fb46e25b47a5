//! `cbp eval`: a table of figures, run files for an outside scorer, and tasks that are not sound.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use assert_cmd::Command;

/// Exit status, output and errors of `cbp eval` in a folder. There is no cache, so that each computes.
fn eval(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cbp"));
    let done = command.arg("eval").args(args).current_dir(folder).env("CBP_CACHE", "").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

/// Writes a task of duties and what they need.
fn ranking_task(folder: &Path, name: &str, queries: &str) {
    let task = folder.join(name);
    fs::create_dir(&task).unwrap();
    let about = format!(
        r#"{{"task":"{name}","kind":"rank","use":"classify","metric":"ndcg@10","corpus":"../entries.tsv","may_train":false}}"#
    );
    fs::write(task.join("task.json"), about).unwrap();
    fs::write(task.join("queries.tsv"), format!("query_id\tgroup\ttext\n{queries}")).unwrap();
    fs::write(task.join("qrels.tsv"), "query_id\tdoc_id\tgain\nq1\tbudget\t1\nq2\taudit\t1\n").unwrap();
    fs::write(
        folder.join("entries.tsv"),
        "doc_id\ttext\nbudget\tBudgeting. Estimates of income and expenditure\naudit\tAuditing. Checking of accounts\n\
         drive\tDriving. Steering motor vehicles\n",
    )
    .unwrap();
}

#[test]
fn figures_are_printed_and_runs_written() {
    let folder = tempfile::tempdir().unwrap();
    ranking_task(
        folder.path(),
        "duties",
        "q1\ta\tPrepare the budget estimates\nq2\tb\tAudit the accounts of blocks\n",
    );
    let level = folder.path().join("levels");
    fs::create_dir(&level).unwrap();
    let about = r#"{"task":"levels","kind":"level","use":"level","metric":"pairwise","scale":[1,4],"may_train":false}"#;
    fs::write(level.join("task.json"), about).unwrap();
    fs::write(
        level.join("queries.tsv"),
        "query_id\tgroup\ttext\nl1\ta\tWriting: Assist in typing letters\nl2\ta\tWriting: Formulate the policy of the State\n",
    )
    .unwrap();
    fs::write(level.join("gold.tsv"), "query_id\tvalue\nl1\t1\nl2\t4\n").unwrap();

    let args = ["duties", "levels", "--runs", "runs", "--by-group", "--reliability", "curve.svg"];
    let (status, table, told) = eval(folder.path(), &args);
    assert_eq!(status, Some(0), "{told}");
    let figure = |start: &str| {
        let line = table.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{table}"));
        line.split('\t').nth(3).unwrap()
    };
    assert_eq!([figure("duties\t2\tndcg@10"), figure("levels\t2\t")], ["1.0000"; 2], "{table}");
    assert!(
        figure("  a\t1\tndcg@10") == "1.0000"
            && table.contains("expected calibration error of 2 first answers")
    );
    assert!(fs::read_to_string(folder.path().join("curve.svg")).unwrap().contains("<svg"));

    let run = fs::read_to_string(folder.path().join("runs/duties.tsv")).unwrap();
    assert!(run.starts_with("q1\tbudget\t1\t") && run.contains("\nq2\taudit\t1\t"), "{run}");
    let run = fs::read_to_string(folder.path().join("runs/levels.tsv")).unwrap();
    let values: Vec<f64> =
        run.lines().map(|line| line.split_once('\t').unwrap().1.parse().unwrap()).collect();
    assert!(values.len() == 2 && 1.0 <= values[0] && values[0] < values[1] && values[1] <= 4.0, "{run}");
}

#[test]
fn unsound_tasks_are_named_before_anything_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    ranking_task(folder.path(), "sound", "q1\ta\tPrepare the budget\nq2\tb\tAudit accounts\n");
    ranking_task(&folder.path().join("sound"), "twice", "q1\ta\tPrepare the budget\nq1\tb\tAudit accounts\n");
    for (task, wanted) in [("sound/twice", "q1"), ("missing", "missing")] {
        let (status, table, told) = eval(folder.path(), &["sound", task]);
        assert!(status != Some(0) && told.contains(wanted) && table.is_empty(), "{told} {table}");
    }
    let (status, _, told) = eval(folder.path(), &["sound", "--model", "no-such-model"]);
    assert!(status != Some(0) && told.contains("no-such-model"), "{told}");
}
