//! How much memory and time statements may take.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use imr::sql::{Options, Script};

use super::{block_on, session, sql, with_dataset};
use crate::scratch::{IMR, Run};

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
