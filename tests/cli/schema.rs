//! `imr schema`.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::scratch::{IMR, Scratch};

#[test]
fn markdown_is_the_default() {
    let text = Scratch::new().imr("schema").ok();
    for line in [
        "### weaning_mentions",
        "| column | type | null | meaning |",
        "| `case_id` | string → cases | no | The case. |",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}");
    }
}

#[test]
fn json_has_every_table_and_column() {
    let text = Scratch::new().imr("schema --format json").ok();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema["contract_version"], "1");
    let names: Vec<_> = schema["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["table"].as_str().unwrap())
        .collect();
    let expected = [
        "letters",
        "cases",
        "reviewers",
        "decisions",
        "citations",
        "weaning_mentions",
        "problems",
        "evidence",
    ];
    assert_eq!(names, expected);
    let outcome = &schema["tables"][3]["columns"][5];
    assert_eq!(outcome["column"], "outcome");
    assert_eq!(outcome["nullable"], true);
    assert_eq!(outcome["allowed"][1], "overturned");
    assert_eq!(schema["tables"][1]["columns"][2]["references"], "reviewers");
}

#[test]
fn a_reader_that_hangs_up_is_no_failure() {
    let mut run = Command::new(IMR)
        .arg("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(run.stdout.take());
    let run = run.wait_with_output().unwrap();
    assert_eq!(run.status.code(), Some(0));
    assert!(run.stderr.is_empty());
}

#[test]
fn a_wrong_argument_is_a_usage_error() {
    Scratch::new()
        .imr("schema --format yaml")
        .fails(2, &["yaml", "markdown"]);
    Scratch::new().imr("nonsense").fails(2, &["nonsense"]);
}
