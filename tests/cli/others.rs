//! SQL from other people: what it cannot write, read, take or do to a terminal.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use datafusion::prelude::SessionContext;
use imr::sql::{self, Options, Script};

use crate::fixture;
use crate::scratch::{IMR, Run, Scratch};

/// Runs `imr sql dataset` with more arguments in a scratch folder, where `dataset` is the fixture.
fn sql(scratch: &Scratch, arguments: &[&str]) -> Run {
    let mut command = Command::new(IMR);
    let command = command.args(["sql", "dataset", "--format", "csv"]);
    Run::of(command.args(arguments).current_dir(scratch.path("")))
}

/// A scratch folder with a dataset.
fn with_dataset() -> Scratch {
    let scratch = Scratch::new();
    std::fs::rename(fixture::dataset().path(), scratch.path("dataset")).unwrap();
    scratch
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(test);
}

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

/// A session over the dataset of `scratch`.
async fn session(scratch: &Scratch, options: &Options) -> SessionContext {
    let dataset = scratch.path("dataset");
    sql::open_with(&dataset, options).await.unwrap()
}

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

const SORT: &str = "SELECT md5(value::text) AS m FROM generate_series(1, 400000) ORDER BY m";

const GROUPS: &str = "SELECT count(*) AS n, sum(c) AS c FROM \
     (SELECT md5(value::text), count(*) AS c FROM generate_series(1, 300000) GROUP BY 1)";

#[test]
fn what_is_larger_than_the_limit_is_spilled_and_removed() {
    let scratch = with_dataset();
    std::fs::create_dir(scratch.path("spill")).unwrap();
    let limit = ["--memory-limit", "16MB", "--temp-dir", "spill"];
    let run = sql(&scratch, &[&limit[..], &["-c", GROUPS]].concat());
    assert_eq!(run.ok(), "n,c\n300000,300000\n");
    let to_file = ["-c", SORT, "--output", "sorted.csv"];
    sql(&scratch, &[&limit[..], &to_file].concat()).ok();
    let sorted = std::fs::read_to_string(scratch.path("sorted.csv")).unwrap();
    let rows: Vec<_> = sorted.lines().skip(1).collect();
    assert_eq!(rows.len(), 400_000);
    assert!(rows.is_sorted());
    for statement in [GROUPS, SORT] {
        let explain = format!("EXPLAIN ANALYZE {statement}");
        let plan = sql(&scratch, &[&limit[..], &["-c", &explain]].concat()).ok();
        let spills = plan.split("spill_count=").skip(1);
        let spills = spills.filter(|rest| !rest.starts_with('0')).count();
        assert!(spills > 0, "{plan}");
    }
    assert_eq!(scratch.names("spill"), [""; 0]);
}

#[test]
fn a_session_outlives_a_statement_that_takes_too_much() {
    let scratch = with_dataset();
    block_on(async {
        let options = Options {
            memory_limit: Some(8_000_000),
            timeout: Some(std::time::Duration::from_secs(120)),
            ..Options::default()
        };
        let ctx = session(&scratch, &options).await;
        let collect = async |text: &str| sql::collect(&ctx, Script { name: None, text }).await;
        for statement in [
            // What cannot be spilled: a side of a join, and a table.
            "SELECT count(*) FROM (SELECT value AS a FROM generate_series(1, 500000)) x \
         JOIN (SELECT value * 2 AS a FROM generate_series(1, 500000)) y ON x.a = y.a",
            "CREATE TABLE t AS SELECT repeat('x', 1000) || value::text AS a FROM generate_series(1, 20000)",
        ] {
            let error = collect(statement).await.unwrap_err().to_string();
            assert!(error.contains("--memory-limit"), "{error}");
            assert_eq!(collect("SELECT 1").await.unwrap().len(), 1);
        }
        // A table has its memory as long as it is there.
        let table = "CREATE TABLE t AS SELECT repeat('x', 1000) || value::text AS a FROM generate_series(1, 5000)";
        collect(table).await.unwrap();
        let again = table.replace("TABLE t", "TABLE u");
        assert!(collect(&again).await.is_err());
        collect("DROP TABLE t").await.unwrap();
        collect(&again).await.unwrap();
    });
}

#[test]
fn a_result_that_is_laid_out_as_a_whole_is_bounded_too() {
    let scratch = with_dataset();
    let many = "SELECT repeat('x', 1000) AS a FROM generate_series(1, 20000)";
    let limit = ["--memory-limit", "8MB", "-c", many, "--output", "result"];
    let run = sql(&scratch, &limit);
    assert_eq!(run.ok(), "");
    let mut command = Command::new(IMR);
    let command = command
        .args(["sql", "dataset", "--format", "table"])
        .args(limit);
    Run::of(command.current_dir(scratch.path(""))).fails(1, &["--memory-limit", "as a table"]);
}

#[test]
fn a_session_outlives_a_statement_that_takes_too_long() {
    let scratch = with_dataset();
    block_on(async {
        let options = Options {
            timeout: Some(std::time::Duration::from_millis(300)),
            ..Options::default()
        };
        let ctx = session(&scratch, &options).await;
        let collect = async |text: &str| sql::collect(&ctx, Script { name: None, text }).await;
        for statement in [
            "SELECT sum(value) FROM generate_series(1, 1000000000000)",
            "SELECT count(*) FROM generate_series(1, 1000000) AS a (n), generate_series(1, 1000000) AS b (n), \
         cases WHERE a.n * patient_age > b.n",
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
            "SELECT count(*) FROM letters, generate_series(1, 100000000) \
         WHERE regexp_like(text || value::text, '(a|b|ab)*c{2,9}(.*x){5}$')",
            "SELECT value FROM generate_series(1, 1000000000000) ORDER BY md5(value::text)",
        ] {
            let error = collect(statement).await.unwrap_err().to_string();
            assert!(error.contains("0.3 seconds of --timeout"), "{error}");
        }
    });
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_statement_and_removes_what_it_spilled() {
    let scratch = with_dataset();
    std::fs::create_dir(scratch.path("spill")).unwrap();
    for signal in ["-INT", "-TERM"] {
        let mut child = Command::new(IMR)
            .args(["sql", "dataset", "--temp-dir", "spill", "-c"])
            .arg("SELECT 1 AS n; SELECT sum(value) FROM generate_series(1, 1000000000000)")
            .current_dir(scratch.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // With its first result it is on its way.
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        assert_eq!(scratch.names("spill").len(), 1);
        let id = child.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status();
        assert!(kill.unwrap().success());
        out.read_to_end(&mut Vec::new()).unwrap();
        let run: Run = child.wait_with_output().unwrap().into();
        run.fails(1, &["stopped by"]);
        assert_eq!(scratch.names("spill"), [""; 0]);
    }
}

#[test]
fn nothing_in_a_table_or_an_error_moves_a_terminal() {
    let scratch = with_dataset();
    let nasty =
        "chr(27) || '[31mred' || chr(8238) || 'txt.exe' || chr(8203) || chr(155) || 'x' || chr(13)";
    let select = format!("SELECT {nasty} AS \"a\u{1b}[2J\u{202e}b\"");
    let bad = |text: &str| text.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{9b}', '\r']);
    for format in ["table", "markdown"] {
        let mut command = Command::new(IMR);
        let command = command.args(["sql", "dataset", "--format", format, "-c", &select]);
        let out = Run::of(command.current_dir(scratch.path(""))).ok();
        assert!(!bad(&out) && out.contains("␛[31mred"), "{out:?}");
    }
    // For a program it is data.
    assert!(bad(&sql(&scratch, &["-c", &select]).ok()));
    for arguments in [
        ["-c", "SELECT zork\u{1b}[31m\u{202e}"],
        ["-c", "SELECT * FROM \"no\u{1b}[31m\u{202e}\""],
        ["-f", "missing\u{1b}[31m\u{202e}.sql"],
        ["--format", "x\u{1b}[31m\u{202e}"],
    ] {
        let run = sql(&scratch, &arguments);
        assert_ne!(run.code, Some(0));
        assert!(!run.err.is_empty() && !bad(&run.err), "{:?}", run.err);
    }
}

#[test]
fn formulas_are_neutralised_on_request() {
    let scratch = with_dataset();
    let select =
        "SELECT '=HYPERLINK(\"http://x\")' AS a, '-5' AS b, -5 AS c, '@x' AS \"=d\", 'Norco' AS e";
    let plain = sql(&scratch, &["-c", select]).ok();
    assert_eq!(
        plain,
        "a,b,c,=d,e\n\"=HYPERLINK(\"\"http://x\"\")\",-5,-5,@x,Norco\n"
    );
    let safe = sql(&scratch, &["--csv-safe", "-c", select]).ok();
    assert_eq!(
        safe,
        "a,b,c,'=d,e\n\"'=HYPERLINK(\"\"http://x\"\")\",-5,-5,'@x,Norco\n"
    );
}

#[test]
fn a_statement_may_begin_with_a_comment() {
    let scratch = with_dataset();
    assert_eq!(
        sql(&scratch, &["-c", "-- one\nSELECT 1 AS n"]).ok(),
        "n\n1\n"
    );
}

#[test]
fn no_statement_breaks_the_program() {
    let scratch = with_dataset();
    let nested = |open: &str, close: &str, n| format!("{}1{}", open.repeat(n), close.repeat(n));
    let statements = [
        format!("SELECT {}", nested("(", ")", 10_000)),
        format!("SELECT {}", nested("abs(", ")", 10_000)),
        format!("SELECT {}", nested("CASE WHEN true THEN ", " END", 10_000)),
        format!("SELECT {}", nested("(SELECT ", ")", 10_000)),
        format!("SELECT {}", nested("[", "]", 10_000)),
        format!("SELECT {}1", "- ".repeat(10_000)),
        format!("SELECT {}true", "NOT ".repeat(10_000)),
        format!("SELECT 1{}", "::int".repeat(10_000)),
        format!("SELECT 1{}", " + 1".repeat(10_000)),
        format!("SELECT 'a'{}", " || 'a'".repeat(10_000)),
        format!(
            "SELECT count(*) FROM cases WHERE patient_age > 0{}",
            " AND patient_age > 0".repeat(10_000)
        ),
        format!(
            "SELECT count(*) FROM cases WHERE patient_age > 0{}",
            " OR patient_age > 0".repeat(10_000)
        ),
        format!(
            "SELECT count(*) FROM cases WHERE patient_age IN (0{})",
            ", 1".repeat(100_000)
        ),
        format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(3_000)),
        format!("SELECT {}1", "1, ".repeat(3_000)),
        format!("SELECT 1{}", " , 1".repeat(10_000) + " +"),
        format!("SELECT 1{} )", " + 1".repeat(10_000)),
    ];
    let odd = [
        "SELECT repeat('x', 9223372036854775807)",
        "SELECT substr('é', -9223372036854775808, 9223372036854775807)",
        "SELECT * FROM generate_series(1, 9223372036854775807, 0)",
        "SELECT regexp_like('a', '(((a{1000}){1000}){1000})')",
        "SELECT date '9999-12-31' + interval '1000000 years'",
        "SELECT INTERVAL '9999999999999 years'",
        "SELECT 1 / 0",
        "SELECT (-9223372036854775807 - 1) / -1",
        "SELECT chr(55296)",
        "SELECT array_resize([1], 9223372036854775807)",
        // The engine panics at this one.
        "SELECT sum(patient_age) OVER (ROWS BETWEEN 18446744073709551615 PRECEDING AND \
         18446744073709551615 FOLLOWING) FROM cases",
        "SELECT '\u{1}\u{202e}",
    ];
    let tables: Vec<_> = (0..200).map(|n| format!("cases c{n}")).collect();
    let long = [
        format!("SELECT '{}", "a".repeat(1_000_000)),
        format!("SELECT {}", "/* ".repeat(10_000)),
        format!("SELECT count(*) FROM {}", tables.join(", ")),
        format!("{}1", "SELECT * FROM (".repeat(1_000)),
    ];
    let odd = odd.into_iter().map(str::to_owned);
    // A statement is an argument of at most 128 KiB.
    for statement in statements.into_iter().chain(odd).chain(long) {
        scratch.write("nasty.sql", &statement);
        let limits = ["--timeout", "3s", "--memory-limit", "500MB"];
        let run = ["--sandbox", "-f", "nasty.sql"];
        let run = sql(&scratch, &[&limits[..], &run].concat());
        let begin: String = statement.chars().take(60).collect();
        assert!(matches!(run.code, Some(0 | 1)), "{begin}: {:?}", run.code);
        assert_eq!(run.code == Some(1), !run.err.is_empty(), "{begin}");
        assert!(!run.err.contains("panicked"), "{begin}: {}", &run.err);
    }
}

#[test]
fn no_name_of_a_file_moves_a_terminal() {
    let scratch = Scratch::with_letters();
    scratch.write("data/letters/a\u{1b}[31m.tx\u{1b}[2J\u{202e}t", "");
    scratch.write("data/letters/b\u{1b}[31m\u{202e}.txt", "milk");
    let bad = |text: &str| text.contains(['\u{1b}', '\u{202e}']);
    let build = "build data/letters --verbose --out";
    for arguments in [
        format!("{build} dataset"),
        format!("{build} d\u{1b}[31m\u{202e}"),
        format!("{build} d\u{1b}[31m\u{202e}"),
        "check d\u{1b}[31m\u{202e}".to_owned(),
        "show dataset b\u{1b}[31m\u{202e}.txt".to_owned(),
        "show dataset nobody\u{1b}[31m\u{202e}".to_owned(),
        "query nothing\u{1b}[31m\u{202e} dataset".to_owned(),
    ] {
        let run = scratch.imr(&arguments);
        assert!(!bad(&run.out) && !bad(&run.err), "{arguments:?}: {run:?}");
    }
    let mut problems = Command::new(IMR);
    let problems = problems.args(["sql", "dataset", "-c", "SELECT * FROM problems"]);
    let out = Run::of(problems.current_dir(scratch.path(""))).ok();
    assert!(!bad(&out) && out.contains('␛'), "{out}");
}
