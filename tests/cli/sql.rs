//! `imr sql`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::fixture;
use crate::scratch::{IMR, Run, Scratch};

/// Runs `imr sql DATASET` with more arguments, over the fixture, in `dir`.
fn sql(dataset: &Path, arguments: &[&str]) -> Run {
    Run::of(Command::new(IMR).arg("sql").arg(dataset).args(arguments))
}

/// The same with text on standard input.
fn piped(dataset: &Path, arguments: &[&str], text: &str) -> Run {
    let scratch = Scratch::new();
    scratch.write("stdin.sql", text);
    let file = std::fs::File::open(scratch.path("stdin.sql")).unwrap();
    let output = Command::new(IMR)
        .arg("sql")
        .arg(dataset)
        .args(arguments)
        .stdin(file)
        .output()
        .unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

const OUTCOMES: &str =
    "SELECT outcome, count(*) AS n FROM decisions GROUP BY outcome ORDER BY outcome";

#[test]
fn every_format_is_clean_in_a_pipe() {
    let dataset = fixture::dataset();
    for (format, expected) in [
        (
            "table",
            " outcome    │ n\n────────────┼───\n overturned │ 3\n upheld     │ 5\n NULL       │ 1\n",
        ),
        ("csv", "outcome,n\noverturned,3\nupheld,5\n,1\n"),
        ("tsv", "outcome\tn\noverturned\t3\nupheld\t5\n\t1\n"),
        (
            "json",
            "[\n{\"outcome\":\"overturned\",\"n\":3},\n{\"outcome\":\"upheld\",\"n\":5},\n{\"outcome\":null,\"n\":1}\n]\n",
        ),
        (
            "ndjson",
            "{\"outcome\":\"overturned\",\"n\":3}\n{\"outcome\":\"upheld\",\"n\":5}\n{\"outcome\":null,\"n\":1}\n",
        ),
        (
            "markdown",
            "| outcome    |   n |\n| ---------- | --: |\n| overturned |   3 |\n| upheld     |   5 |\n|            |   1 |\n",
        ),
    ] {
        let run = sql(dataset.path(), &["-c", OUTCOMES, "--format", format]);
        assert_eq!(run.ok(), expected, "{format}");
    }
}

#[test]
fn no_rows_are_a_header_or_an_empty_array() {
    let dataset = fixture::dataset();
    let none = "SELECT case_id, diagnoses FROM cases WHERE false";
    for (format, expected) in [
        ("table", " case_id │ diagnoses\n─────────┼───────────\n"),
        ("csv", "case_id,diagnoses\n"),
        ("json", "[\n]\n"),
        ("ndjson", ""),
    ] {
        let run = sql(dataset.path(), &["-c", none, "--format", format]);
        assert_eq!(run.ok(), expected, "{format}");
    }
}

#[test]
fn lists_dates_and_awkward_text_survive() {
    let dataset = fixture::dataset();
    let case =
        "SELECT date_of_injury, diagnoses, clinical_summary FROM cases ORDER BY case_id LIMIT 2";
    let csv = sql(dataset.path(), &["-c", case, "--format", "csv"]).ok();
    let expected = "date_of_injury,diagnoses,clinical_summary\n\
        2008-05-29,\"[\"\"low back pain\"\",\"\"a \\\"\"quoted\\\"\" one\"\"]\",He is weaning.\n\
        2009-01-01,[],\"Line one.\nLine two.\"\n";
    assert_eq!(csv, expected);
    let json = sql(dataset.path(), &["-c", case, "--format", "json"]).ok();
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[0]["diagnoses"][1], "a \"quoted\" one");
    assert_eq!(rows[0]["date_of_injury"], "2008-05-29");
    assert_eq!(rows[1]["clinical_summary"], "Line one.\nLine two.");
    let bar = "SELECT request_text FROM decisions WHERE request_text LIKE '%|%'";
    let markdown = sql(dataset.path(), &["-c", bar, "--format", "markdown"]).ok();
    assert!(markdown.contains("| Cold unit \\| rental |"), "{markdown}");
}

#[test]
fn scripts_run_in_the_order_given() {
    let dataset = fixture::dataset();
    let scratch = Scratch::new();
    scratch.write(
        "two.sql",
        "-- it's a comment; with a semicolon\nSELECT 2 AS n; SELECT 'a;b' AS n;",
    );
    let file = scratch.path("two.sql");
    let file = file.to_str().unwrap();
    let arguments = [
        "--format",
        "ndjson",
        "-c",
        "SELECT 1 AS n",
        "-f",
        file,
        "-c",
        "SELECT 3 AS n;",
    ];
    let out = sql(dataset.path(), &arguments).ok();
    assert_eq!(out, "{\"n\":1}\n{\"n\":2}\n{\"n\":\"a;b\"}\n{\"n\":3}\n");
}

#[test]
fn statements_share_a_session() {
    let dataset = fixture::dataset();
    let view =
        "CREATE VIEW opioids AS SELECT * FROM decisions WHERE request_subcategory = 'opioid'";
    let count = "SELECT count(*) AS n FROM opioids";
    let out = sql(
        dataset.path(),
        &["-c", view, "-c", count, "--format", "csv"],
    )
    .ok();
    assert_eq!(out, "n\n5\n");
}

#[test]
fn standard_input_is_a_script() {
    let dataset = fixture::dataset();
    let out = piped(
        dataset.path(),
        &["--format", "csv"],
        "SELECT 1 AS a;\nSELECT 2 AS b;\n",
    )
    .ok();
    assert_eq!(out, "a\n1\nb\n2\n");
    let out = piped(
        dataset.path(),
        &["--format", "csv", "-f", "-"],
        "SELECT 3 AS c",
    )
    .ok();
    assert_eq!(out, "c\n3\n");
    assert_eq!(piped(dataset.path(), &[], "").ok(), "");
}

#[test]
fn an_error_ends_the_script_with_its_place() {
    let dataset = fixture::dataset();
    let run = sql(
        dataset.path(),
        &[
            "--format",
            "csv",
            "-c",
            "SELECT 1 AS n;\nSELEC 2; SELECT 3 AS n",
        ],
    );
    assert_eq!(run.out, "n\n1\n");
    run.fails(
        1,
        &[
            "syntax error",
            "at line 2, column 1",
            "2 | SELEC 2",
            "    | ^",
        ],
    );

    let run = sql(dataset.path(), &["-c", "SELECT outcom FROM decisions"]);
    assert_eq!(run.out, "");
    run.fails(
        1,
        &[
            "no column named outcom",
            "line 1, column 8",
            "did you mean outcome?",
        ],
    );

    let scratch = Scratch::new();
    scratch.write("report.sql", "SELECT *\nFROM cass;");
    let file = scratch.path("report.sql");
    let file = file.to_str().unwrap();
    let run = sql(dataset.path(), &["-f", file]);
    run.fails(
        1,
        &[
            "no table named cass",
            file,
            "line 2, column 6",
            "did you mean cases?",
        ],
    );
}

#[test]
fn a_result_goes_to_a_file() {
    let dataset = fixture::dataset();
    let scratch = Scratch::new();
    let path = scratch.path("result.csv");
    let file = path.to_str().unwrap();
    let write = |statement| {
        sql(
            dataset.path(),
            &["-c", statement, "--format", "csv", "--output", file],
        )
    };
    assert_eq!(write("SELECT 1 AS n").ok(), "");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "n\n1\n");
    // A statement that fails leaves the file as it was.
    write("SELECT zork").fails(1, &["zork"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "n\n1\n");
    let nowhere = scratch.path("no/such/folder.csv");
    let run = sql(
        dataset.path(),
        &["-c", "SELECT 1", "--output", nowhere.to_str().unwrap()],
    );
    run.fails(1, &["cannot write", "folder.csv"]);
}

#[test]
fn a_reader_that_hangs_up_ends_it_quietly() {
    let dataset = fixture::dataset();
    let many = "SELECT a.text FROM letters a, letters b, letters c, letters d, letters e, letters f, letters g";
    for format in ["csv", "ndjson", "json", "table"] {
        let mut child = Command::new(IMR)
            .arg("sql")
            .arg(dataset.path())
            .args(["-c", many, "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut line).unwrap();
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
}

#[test]
fn what_is_not_a_dataset_is_said_to_be_none() {
    let scratch = Scratch::new();
    scratch.write("notes/todo.txt", "milk");
    scratch
        .imr("sql nowhere -c SELECT")
        .fails(1, &["nowhere", "imr build"]);
    scratch
        .imr("sql notes -c SELECT")
        .fails(1, &["notes", "imr build"]);
    // The default folder.
    let run = Run::of(
        Command::new(IMR)
            .args(["sql", "-c", "SELECT * FROM decisions"])
            .current_dir(scratch.path("")),
    );
    run.fails(
        1,
        &[
            "no table named decisions",
            "no dataset is open",
            "imr build",
        ],
    );
    scratch.imr("sql --format xml").fails(2, &["xml", "csv"]);
    let dataset = fixture::dataset();
    sql(dataset.path(), &["-f", "missing.sql"]).fails(1, &["cannot read missing.sql"]);
}

#[test]
fn a_folder_with_a_pattern_in_its_name_opens() {
    let scratch = Scratch::new();
    let dataset = fixture::dataset();
    let odd = scratch.path("[2015] *.parquet, 100% ü");
    std::fs::rename(dataset.path(), &odd).unwrap();
    let run = sql(
        &odd,
        &["-c", "SELECT count(*) AS n FROM cases", "--format", "csv"],
    );
    assert_eq!(run.ok(), "n\n5\n");
}

#[test]
fn a_query_writes_nothing_into_the_dataset() {
    let dataset = fixture::dataset();
    let before = std::fs::read_dir(dataset.path().join("cases"))
        .unwrap()
        .count();
    let insert = "INSERT INTO cases SELECT * FROM cases";
    sql(dataset.path(), &["-c", insert]).fails(1, &["read-only", "CREATE TABLE my_cases"]);
    assert_eq!(
        std::fs::read_dir(dataset.path().join("cases"))
            .unwrap()
            .count(),
        before
    );
}

/// Not a terminal, but the shell's statements over several lines arrive this way too.
#[test]
fn a_long_script_streams_in() {
    let dataset = fixture::dataset();
    let mut child = Command::new(IMR)
        .arg("sql")
        .arg(dataset.path())
        .args(["--format", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for n in 0..200 {
        writeln!(stdin, "SELECT\n  {n} AS n\n;").unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().lines().count(),
        400
    );
}

#[test]
fn letters_are_read_without_a_dataset() {
    let scratch = Scratch::with_letters();
    scratch.write("data/letters/shopping.txt", "milk, eggs");
    let query = |sql: &str| {
        let mut command = Command::new(IMR);
        command.args(["sql", "--format", "csv", "-c", sql]);
        Run::of(command.current_dir(scratch.path("")))
    };
    let sql = "SELECT status, count(*) AS n FROM read_letters('data/letters/*.txt') GROUP BY 1 ORDER BY 1";
    assert_eq!(query(sql).ok(), "status,n\nparsed,5\nrejected,1\n");
    query("SELECT * FROM read_letters('nowhere')").fails(1, &["read_letters", "nowhere"]);
    query("SELECT * FROM read_letters()").fails(1, &["read_letters(path, …)"]);
    query("SELECT * FROM read_letters(1 + 1)").fails(1, &["in quotes"]);
    // The plan tells what was read and how long that took.
    let plan = query("EXPLAIN ANALYZE SELECT source FROM read_letters('data/letters')").ok();
    for word in [
        "LettersExec: files=6",
        "columns=[source]",
        "letters=6",
        "bytes=",
        "parse_time=",
    ] {
        assert!(plan.contains(word), "no {word} in {plan}");
    }
}

/// What is read without a dataset is what a dataset holds.
#[test]
fn a_dataset_holds_what_read_letters_reads() {
    let scratch = Scratch::with_letters();
    scratch.write("data/letters/shopping.txt", "milk, eggs");
    scratch.imr("build data/letters --out dataset").ok();
    let query = |sql: &str| {
        let mut command = Command::new(IMR);
        command.args(["sql", "--format", "ndjson", "-c", sql]);
        Run::of(command.current_dir(scratch.path(""))).ok()
    };
    let letters = "read_letters('data/letters')";
    for (table, nested) in [
        (
            "letters",
            format!("SELECT letter_id, source, template, status, text FROM {letters}"),
        ),
        (
            "cases",
            format!("SELECT unnest(\"case\") FROM {letters} WHERE \"case\" IS NOT NULL"),
        ),
        (
            "weaning_mentions",
            format!("SELECT unnest(r) FROM (SELECT unnest(weaning_mentions) AS r FROM {letters})"),
        ),
        (
            "problems",
            format!("SELECT unnest(r) FROM (SELECT unnest(problems) AS r FROM {letters})"),
        ),
        (
            "evidence",
            format!("SELECT unnest(r) FROM (SELECT unnest(evidence) AS r FROM {letters})"),
        ),
        (
            "citations",
            format!(
                "SELECT unnest(r) FROM (SELECT unnest(d['citations']) AS r FROM (SELECT unnest(decisions) AS d FROM {letters}))"
            ),
        ),
    ] {
        let lines = |sql: &str| {
            let text = query(sql);
            let rows = text.lines().map(|line| {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                let values = row.as_object().unwrap().values().map(|v| v.to_string());
                values.collect::<Vec<_>>().join(" ")
            });
            let mut rows: Vec<String> = rows.collect();
            rows.sort();
            rows
        };
        let held = lines(&format!("SELECT * FROM {table}"));
        assert!(!held.is_empty(), "{table}");
        assert_eq!(held, lines(&nested), "{table}");
    }
}
