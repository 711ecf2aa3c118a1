//! Runs tests/slt/*.slt, the SQL that anyone can read, over the fixture.
//!
//! `analysis NAME` in a file stands for the named analysis of the folder `queries/`.

mod fixture;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::SessionContext;
use sqllogictest::{
    DB, DBOutput, DefaultColumnType, Runner, default_normalizer, default_validator,
    strict_column_validator,
};
use tokio::runtime::Runtime;

/// A session as the runner sees it, with the runtime that its statements run on.
struct Session(SessionContext, Arc<Runtime>);

/// An error as the user would read it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failure(String);

impl DB for Session {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let sql = match sql.strip_prefix("analysis ") {
            Some(name) => {
                imr::sql::find(name.trim())
                    .map_err(|near| Failure(format!("{near:?}")))?
                    .sql
            }
            None => sql,
        };
        let script = imr::sql::Script {
            name: None,
            text: sql,
        };
        let results = self
            .1
            .block_on(imr::sql::collect(&self.0, script))
            .map_err(|e| Failure(e.to_string()))?;
        match results.into_iter().next_back() {
            Some((schema, batches)) if !schema.fields().is_empty() => rows(&schema, &batches),
            _ => Ok(DBOutput::StatementComplete(0)),
        }
    }
}

/// Rows as text: NULL is `NULL`, no text is `(empty)`.
fn rows(schema: &Schema, batches: &[RecordBatch]) -> Result<DBOutput<DefaultColumnType>, Failure> {
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Vec::new();
    for batch in batches {
        let formatters = batch
            .columns()
            .iter()
            .map(|c| ArrayFormatter::try_new(c.as_ref(), &options));
        let formatters: Vec<_> = formatters
            .collect::<Result<_, _>>()
            .map_err(|e| Failure(e.to_string()))?;
        for row in 0..batch.num_rows() {
            let cell = |f: &ArrayFormatter| match f.value(row).to_string() {
                text if text.is_empty() => "(empty)".to_string(),
                text => text.replace('\n', "⏎"),
            };
            rows.push(formatters.iter().map(cell).collect());
        }
    }
    let types = schema
        .fields()
        .iter()
        .map(|field| kind(field.data_type()))
        .collect();
    Ok(DBOutput::Rows { types, rows })
}

fn kind(data_type: &DataType) -> DefaultColumnType {
    match data_type {
        t if t.is_integer() => DefaultColumnType::Integer,
        t if t.is_floating() => DefaultColumnType::FloatingPoint,
        t if t.is_string() => DefaultColumnType::Text,
        _ => DefaultColumnType::Any,
    }
}

/// With `SLT_UPDATE` set, the results are written into the files instead: read the difference well.
#[test]
fn the_files_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join("slt");
    let entries = std::fs::read_dir(folder).expect("tests/slt");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "slt"));
    files.sort();
    assert!(!files.is_empty());
    let dataset = fixture::dataset();
    let runtime = Arc::new(Runtime::new().expect("a runtime"));
    for file in files {
        let mut runner = Runner::new(|| async {
            let session = runtime.block_on(imr::sql::open(dataset.path()));
            session
                .map(|session| Session(session, runtime.clone()))
                .map_err(|error| Failure(error.to_string()))
        });
        runner.with_column_validator(strict_column_validator);
        if std::env::var_os("SLT_UPDATE").is_some() {
            let update = runner.update_test_file(
                &file,
                "\t",
                default_validator,
                default_normalizer,
                strict_column_validator,
            );
            futures::executor::block_on(update).expect("an updated file");
        } else {
            let run = runner.run_file(&file);
            run.unwrap_or_else(|error| panic!("{}", error.display(false)));
        }
    }
}
