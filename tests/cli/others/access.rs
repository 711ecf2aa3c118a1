//! What statements cannot write or read.

use std::collections::BTreeMap;
use std::path::Path;

use imr::sql::Options;

use super::{block_on, session, sql, with_dataset};

/// Every file below a folder with what it holds.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.insert(path.display().to_string(), Vec::new());
        match path.is_dir() {
            true => found.extend(contents(&path)),
            false => {
                found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

const READ_ONLY: &str = "read-only here";

#[test]
fn no_statement_changes_the_dataset() {
    let scratch = with_dataset();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(scratch.path("dataset"), scratch.path("link")).unwrap();
        symlink(
            scratch.path("dataset/letters/new.csv"),
            scratch.path("new.csv"),
        )
        .unwrap();
    }
    std::fs::create_dir(scratch.path("other")).unwrap();
    let before = contents(&scratch.path("dataset"));
    let url = format!("file://{}/new.parquet", scratch.path("dataset").display());
    let mut attempts = vec![
        "COPY (SELECT 1) TO 'dataset/decisions/part-00000.parquet'".to_owned(),
        "COPY (SELECT 1) TO 'dataset/decisions/' STORED AS PARQUET".to_owned(),
        "COPY (SELECT 1) TO 'dataset/manifest.json'".to_owned(),
        "COPY (SELECT 1) TO 'dataset/new/folder/new.csv'".to_owned(),
        "COPY (SELECT 1) TO 'other/../dataset/new.csv'".to_owned(),
        "COPY (SELECT 1 AS a, 2 AS b) TO 'dataset/' STORED AS CSV PARTITIONED BY (b)".to_owned(),
        format!("COPY (SELECT 1) TO '{url}'"),
        "EXPLAIN ANALYZE COPY (SELECT 1) TO 'dataset/new.json'".to_owned(),
        "CREATE EXTERNAL TABLE t (a INT) STORED AS CSV LOCATION 'dataset/cases/'; INSERT INTO t VALUES (1)".to_owned(),
        "CREATE EXTERNAL TABLE t (a INT) STORED AS PARQUET LOCATION 'dataset/new/'; INSERT INTO t VALUES (1)".to_owned(),
        "INSERT INTO decisions SELECT * FROM decisions".to_owned(),
        "DELETE FROM decisions".to_owned(),
        "UPDATE decisions SET outcome = 'upheld'".to_owned(),
        "TRUNCATE TABLE decisions".to_owned(),
    ];
    if cfg!(unix) {
        attempts.push("COPY (SELECT 1) TO 'link/new.csv'".to_owned());
        attempts.push("COPY (SELECT 1) TO 'new.csv'".to_owned());
        attempts.push("CREATE EXTERNAL TABLE t (a INT) STORED AS JSON LOCATION 'link/cases/'; INSERT INTO t VALUES (1)".to_owned());
    }
    for attempt in &attempts {
        let run = sql(&scratch, &["-c", attempt]);
        assert_eq!(run.code, Some(1), "{attempt}: {run:?}");
        assert!(run.err.contains(READ_ONLY), "{attempt}: {}", run.err);
        assert_eq!(contents(&scratch.path("dataset")), before, "{attempt}");
    }
    // A stream would be opened past the session's file system.
    let stream =
        "CREATE UNBOUNDED EXTERNAL TABLE t (a INT) STORED AS CSV LOCATION 'dataset/manifest.json'";
    sql(&scratch, &["-c", stream]).fails(1, &["unbounded"]);
    let spill = "SET datafusion.runtime.temp_directory = 'dataset'";
    sql(&scratch, &["-c", spill]).fails(1, &["--temp-dir"]);
    sql(&scratch, &["--temp-dir", "dataset", "-c", "SELECT 1"]).fails(1, &[READ_ONLY]);
    // In the session a table can go; on disk it stays.
    sql(&scratch, &["-c", "DROP TABLE decisions"]).ok();
    assert_eq!(contents(&scratch.path("dataset")), before);
    // Beside the dataset one may write.
    sql(&scratch, &["-c", "COPY (SELECT 1 AS a) TO 'other/new.csv'"]).ok();
    assert_eq!(
        std::fs::read_to_string(scratch.path("other/new.csv")).unwrap(),
        "a\n1\n"
    );
}

#[test]
fn a_result_is_not_written_into_the_dataset() {
    let scratch = with_dataset();
    let mut places = vec![
        "dataset/new.csv",
        "dataset/manifest.json",
        "./dataset/../dataset/x",
    ];
    if cfg!(unix) {
        let (from, to) = (
            scratch.path("dataset/manifest.json"),
            scratch.path("hard.json"),
        );
        std::fs::hard_link(from, to).unwrap();
        places.push("hard.json");
    }
    let before = contents(&scratch.path("dataset"));
    for place in places {
        sql(&scratch, &["-c", "SELECT 1", "--output", place]).fails(1, &[READ_ONLY]);
        let query = format!("query field_coverage dataset --output {place}");
        scratch.imr(&query).fails(1, &[READ_ONLY]);
        assert_eq!(contents(&scratch.path("dataset")), before, "{place}");
    }
}

#[test]
fn in_the_sandbox_statements_reach_nothing_but_the_dataset() {
    let scratch = with_dataset();
    scratch.write("secret/a.csv", "password\nswordfish\n");
    std::fs::copy(
        scratch.path("dataset/cases/part-00000.parquet"),
        scratch.path("secret/a.parquet"),
    )
    .unwrap();
    let before = contents(&scratch.path(""));
    for statement in [
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION 'secret/a.csv'",
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION 'dataset/cases/'",
        "CREATE EXTERNAL TABLE t (a INT) STORED AS CSV LOCATION 'https://example.com/a.csv'",
        "CREATE UNBOUNDED EXTERNAL TABLE t (a TEXT) STORED AS CSV LOCATION 'secret/a.csv'",
        "COPY (SELECT 1) TO 'secret/b.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO 'secret/b.csv'",
        "SELECT * FROM read_letters('secret')",
        "SELECT 1 WHERE EXISTS (SELECT * FROM read_letters('secret'))",
        "SELECT * FROM parquet_metadata('secret/a.parquet')",
        "SET datafusion.runtime.temp_directory = 'secret'",
        "SET datafusion.runtime.memory_limit = '100G'",
        "RESET datafusion.runtime.memory_limit",
        "SET datafusion.execution.target_partitions = 1000",
        "SET datafusion.sql_parser.recursion_limit = 100000",
        "SET datafusion.catalog.location = 'secret'",
        "PREPARE p AS SELECT 1",
        "CREATE SCHEMA s",
        "CREATE DATABASE d",
        "INSERT INTO decisions SELECT * FROM decisions",
        "CREATE TABLE t AS SELECT 1 AS a; INSERT INTO t VALUES (2)",
        "CREATE FUNCTION f(DOUBLE) RETURNS DOUBLE RETURN $1",
    ] {
        let run = sql(&scratch, &["--sandbox", "-c", statement]);
        run.fails(1, &["not allowed here", "--sandbox"]);
    }
    // There is no such thing at all.
    for statement in [
        "SELECT * FROM 'secret/a.csv'",
        "SELECT * FROM \"secret/a.parquet\"",
        "SELECT * FROM read_csv('secret/a.csv')",
        "SELECT * FROM read_parquet('secret/a.parquet')",
        "\\i secret/a.csv",
    ] {
        let run = sql(&scratch, &["--sandbox", "-c", statement]);
        assert_eq!(run.code, Some(1), "{statement}");
        assert!(!run.out.contains("swordfish") && !run.err.contains("swordfish"));
    }
    for (statement, expected) in [
        ("SELECT count(*) AS n FROM cases", "n\n5\n"),
        ("SELECT count(*) AS n FROM determinations", "n\n9\n"),
        ("SELECT count(*) > 0 AS n FROM storage", "n\ntrue\n"),
        (
            "CREATE VIEW v AS SELECT 1 AS a; SELECT * FROM v; DROP VIEW v",
            "a\n1\n",
        ),
        (
            "CREATE TABLE t AS SELECT 1 AS a; SELECT * FROM t; DROP TABLE t",
            "a\n1\n",
        ),
        (
            "SET datafusion.explain.logical_plan_only = true; SELECT 1 AS a",
            "a\n1\n",
        ),
        (
            "SELECT (parse_letter('milk'))['status'] AS s",
            "s\nrejected\n",
        ),
    ] {
        let run = sql(&scratch, &["--sandbox", "-c", statement]);
        assert_eq!(run.ok(), expected, "{statement}");
    }
    for statement in [
        "EXPLAIN SELECT 1",
        "SHOW TABLES",
        "DESCRIBE cases",
        "SHOW ALL",
    ] {
        assert!(
            !sql(&scratch, &["--sandbox", "-c", statement])
                .ok()
                .is_empty()
        );
    }
    // The same from a file.
    scratch.write(
        "theirs.sql",
        "SELECT 1 AS a;\nCOPY (SELECT 1) TO 'secret/b.csv'",
    );
    sql(&scratch, &["--sandbox", "-f", "theirs.sql"]).fails(1, &["COPY", "line 2"]);
    scratch
        .imr("query ./theirs.sql dataset --sandbox")
        .fails(1, &["COPY", "--sandbox"]);
    std::fs::remove_file(scratch.path("theirs.sql")).unwrap();
    assert_eq!(contents(&scratch.path("")), before);
}

/// What the words of the statement refuse, the session's file system refuses again: here nothing reads the words.
#[test]
fn a_sandbox_holds_without_its_rules() {
    let scratch = with_dataset();
    block_on(async {
        scratch.write("secret.csv", "password\nswordfish\n");
        let options = Options {
            sandbox: true,
            ..Options::default()
        };
        let ctx = session(&scratch, &options).await;
        let secret = scratch.path("secret.csv");
        let secret = secret.to_str().unwrap();
        let rows = ctx.read_csv(secret, Default::default()).await;
        assert!(rows.is_err());
        let copy = format!("COPY (SELECT 1) TO '{secret}'");
        assert!(ctx.sql(&copy).await.unwrap().collect().await.is_err());
        let table = format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{secret}'");
        assert!(ctx.sql(&table).await.is_err());
        // Neither does it in a session that is merely read-only.
        let dataset = scratch.path("dataset");
        let ctx = sql::open(&dataset).await.unwrap();
        let copy = format!("COPY (SELECT 1) TO '{}/new.csv'", dataset.display());
        assert!(ctx.sql(&copy).await.unwrap().collect().await.is_err());
        assert!(!dataset.join("new.csv").exists());
        assert_eq!(
            std::fs::read_to_string(secret).unwrap(),
            "password\nswordfish\n"
        );
    });
}
