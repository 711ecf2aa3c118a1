//! What a build made of its inputs.

use std::fs;

use arrow::array::StringArray;
use datafusion::prelude::SessionContext;
use serde_json::{Value, json};

use crate::scratch::{ROOT, Scratch};

/// A letter of its own for each number.
pub fn letter(n: usize) -> String {
    let path = format!("{ROOT}/data/letters/000_8777545f973767d2.txt");
    let text = fs::read_to_string(path).unwrap();
    text.replace("50 year old", &format!("{} year old", 30 + n))
}

/// Letters as JSON Lines, with ids from `id` on.
pub fn jsonl(letters: std::ops::Range<usize>) -> String {
    letters
        .map(|n| json!({"id": format!("l{n}.txt"), "n": n, "text": letter(n)}).to_string() + "\n")
        .collect()
}

/// What a build found: sources of letters that were parsed, and sources and codes of problems, each sorted.
#[derive(Debug)]
pub struct Built {
    pub letters: Vec<String>,
    pub problems: Vec<(String, String)>,
    pub summary: Value,
}

/// Builds a dataset, proves it sound and looks into it.
pub fn build(scratch: &Scratch, args: &str) -> Built {
    let text = scratch
        .imr(&format!(
            "build {args} --out dataset --overwrite --format json"
        ))
        .ok();
    built(scratch, &text)
}

pub fn built(scratch: &Scratch, summary: &str) -> Built {
    scratch.imr("check dataset").ok();
    let rows = |table: &str, sql: &str| -> Vec<(String, String)> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let path = scratch.path(&format!("dataset/{table}/"));
        let batches = runtime.block_on(async {
            let ctx = SessionContext::new();
            ctx.register_parquet("t", path.to_str().unwrap(), Default::default())
                .await
                .unwrap();
            ctx.sql(sql).await.unwrap().collect().await.unwrap()
        });
        let mut rows = Vec::new();
        for batch in &batches {
            let column = |n: usize| {
                let text = arrow::compute::cast(batch.column(n), &arrow::datatypes::DataType::Utf8);
                text.unwrap()
            };
            let (a, b) = (column(0), column(1));
            let (a, b) = (
                a.as_any().downcast_ref::<StringArray>().unwrap(),
                b.as_any().downcast_ref::<StringArray>().unwrap(),
            );
            for n in 0..batch.num_rows() {
                rows.push((a.value(n).to_owned(), b.value(n).to_owned()));
            }
        }
        rows
    };
    let letters = rows(
        "letters",
        "select source, status from t where status = 'parsed' order by source",
    );
    let problems = "select source, code from t where severity = 'error' order by source, code";
    Built {
        letters: letters.into_iter().map(|(source, _)| source).collect(),
        problems: rows("problems", problems),
        summary: serde_json::from_str(summary).unwrap(),
    }
}

impl Built {
    #[track_caller]
    pub fn has(&self, letters: &[&str], problems: &[(&str, &str)]) {
        assert_eq!(self.letters, letters, "{self:?}");
        let found: Vec<_> = self
            .problems
            .iter()
            .map(|(s, c)| (s.as_str(), c.as_str()))
            .collect();
        assert_eq!(found, problems, "{self:?}");
    }
}
