//! `imr query`.

use std::path::Path;
use std::process::Command;

use imr::sql::QUERIES;

use crate::fixture;
use crate::scratch::{IMR, Run, Scratch};

fn query(dataset: &Path, name: &str, format: &str) -> Run {
    let mut command = Command::new(IMR);
    Run::of(
        command
            .arg("query")
            .arg(name)
            .arg(dataset)
            .args(["--format", format]),
    )
}

#[test]
fn the_list_names_each_with_its_description() {
    let list = Scratch::new().imr("query").ok();
    assert_eq!(list.lines().count(), QUERIES.len());
    for query in QUERIES {
        let named = |line: &str| line.contains(query.name) && line.ends_with(query.description());
        assert!(list.lines().any(named), "{}", query.name);
    }
}

#[test]
fn every_analysis_runs_and_has_the_columns_of_its_header() {
    let dataset = fixture::dataset();
    for analysis in QUERIES {
        let csv = query(dataset.path(), analysis.name, "csv").ok();
        let header: String = analysis.columns().collect::<Vec<_>>().join(" ");
        for column in csv.lines().next().unwrap().split(',') {
            assert!(
                header.contains(column),
                "{}: {column} is not explained",
                analysis.name
            );
        }
        assert!(csv.lines().count() > 1, "{}", analysis.name);
    }
}

#[test]
fn every_context_is_listed_in_the_contracts_order() {
    let dataset = fixture::dataset();
    let json = query(dataset.path(), "overturn_by_weaning", "json").ok();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let contexts: Vec<_> = rows
        .iter()
        .map(|row| row["weaning_context"].as_str().unwrap())
        .collect();
    let declared = imr::tables::table("decisions")
        .unwrap()
        .column("weaning_context")
        .unwrap();
    assert_eq!(contexts, declared.allowed());
    assert_eq!(rows[0]["decisions"], 1);
    assert_eq!(rows[0]["rate"], 1.0);
    assert_eq!(rows[0]["lower"], 0.2065);
    assert_eq!(rows[2]["decisions"], 0);
    assert!(rows[2]["rate"].is_null());
}

#[test]
fn field_coverage_leaves_no_column_out() {
    let dataset = fixture::dataset();
    let json = query(dataset.path(), "field_coverage", "json").ok();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let listed: Vec<_> = rows
        .iter()
        .map(|row| (row["table"].as_str(), row["column"].as_str()))
        .collect();
    let mut declared = Vec::new();
    for name in ["cases", "decisions"] {
        let table = imr::tables::table(name).unwrap();
        declared.extend(
            table
                .columns
                .iter()
                .map(|column| (Some(name), Some(column.name))),
        );
    }
    assert_eq!(listed, declared);
}

#[test]
fn a_file_is_run_by_its_path() {
    let dataset = fixture::dataset();
    let scratch = Scratch::new();
    let sql = scratch.imr("query overturn_by_year --sql").ok();
    assert!(sql.starts_with("-- How often a denial is overturned, by year."));
    scratch.write("mine.sql", &sql);
    let mine = scratch.path("mine.sql");
    let own = query(dataset.path(), mine.to_str().unwrap(), "csv").ok();
    assert_eq!(own, query(dataset.path(), "overturn_by_year", "csv").ok());

    scratch.write("wrong.sql", "SELECT\n  outcom\nFROM decisions;");
    let wrong = scratch.path("wrong.sql");
    let run = query(dataset.path(), wrong.to_str().unwrap(), "csv");
    run.fails(1, &["wrong.sql, line 2, column 3", "did you mean outcome?"]);
    query(dataset.path(), "none.sql", "csv").fails(1, &["cannot read none.sql"]);
}

#[test]
fn an_unknown_name_is_answered_with_near_ones() {
    let scratch = Scratch::new();
    scratch
        .imr("query overturn_by_wean")
        .fails(1, &["did you mean overturn_by_weaning?"]);
    scratch
        .imr("query zork")
        .fails(1, &["no analysis named zork", "overturn_by_weaning"]);
    scratch
        .imr("query overturn_by_weaning nowhere")
        .fails(1, &["nowhere", "imr build"]);
    scratch.imr("query --sql").fails(2, &["NAME"]);
}
