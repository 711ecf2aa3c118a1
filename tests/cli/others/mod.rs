//! SQL from other people: what it cannot write, read, take or do to a terminal.

mod access;
mod bounds;
mod terminal;

use std::process::Command;

use datafusion::prelude::SessionContext;
use imr::sql::{self, Options};

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

/// A session over the dataset of `scratch`.
async fn session(scratch: &Scratch, options: &Options) -> SessionContext {
    let dataset = scratch.path("dataset");
    sql::open_with(&dataset, options).await.unwrap()
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
