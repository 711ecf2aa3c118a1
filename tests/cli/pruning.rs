//! How much of a dataset a query reads.

use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::physical_plan::{ExecutionPlan, collect, displayable};
use datafusion::prelude::SessionContext;
use imr::dataset::{Layout, Options, build, open};
use imr::source::{FindOptions, Inputs};
use imr::sql;

use crate::scratch::{ROOT, Scratch};

const LETTERS: usize = 200;

/// A letter of its own case number, with prose that hardly compresses.
fn letter(template: &str, n: usize, noise: &mut u64) -> String {
    let mut words = String::new();
    for _ in 0..1500 {
        *noise ^= *noise << 13;
        *noise ^= *noise >> 7;
        *noise ^= *noise << 17;
        words.push_str(&format!("{:x} ", *noise % 0xFFFF_FFFF));
    }
    template
        .replace("CM16-0144871", &format!("CM16-{:07}", n * 7919 % 1_000_000))
        .replace(
            "mechanism was lifting",
            &format!("mechanism was {words} lifting"),
        )
}

/// The bytes that the scans of a plan have read.
fn bytes_scanned(plan: &dyn ExecutionPlan) -> usize {
    let own = plan.metrics().and_then(|m| m.sum_by_name("bytes_scanned"));
    let below = plan
        .children()
        .into_iter()
        .map(|p| bytes_scanned(p.as_ref()));
    own.map_or(0, |m| m.as_usize()) + below.sum::<usize>()
}

/// The rows of a query, and the bytes it has read.
async fn run(ctx: &SessionContext, sql: &str) -> (usize, usize) {
    let plan = ctx
        .sql(sql)
        .await
        .unwrap()
        .create_physical_plan()
        .await
        .unwrap();
    let rows = collect(Arc::clone(&plan), ctx.task_ctx()).await.unwrap();
    let rows = rows.iter().map(|b| b.num_rows()).sum();
    (rows, bytes_scanned(plan.as_ref()))
}

#[test]
fn one_case_is_found_without_reading_the_others() {
    let scratch = Scratch::new();
    let template = std::fs::read_to_string(format!("{ROOT}/tests/letters/own/u11.txt")).unwrap();
    let mut noise = 88_172_645_463_325_252;
    for n in 0..LETTERS {
        scratch.write(&format!("in/{n:04}.txt"), letter(&template, n, &mut noise));
    }
    let options = Options {
        out: scratch.path("dataset"),
        overwrite: false,
        jobs: NonZeroUsize::MIN,
        limit: None,
        sample: None,
        // As large datasets have them: many row groups, and several files a table.
        layout: Layout {
            group_rows: 25,
            file_bytes: 500_000,
            ..Layout::default()
        },
        text_column: None,
        limits: imr::source::Limits::default(),
        update: None,
    };
    let inputs = Arc::new(Inputs::find(&[scratch.path("in")], &FindOptions::default()).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(build(inputs, &options, |_| ())).unwrap();
    scratch.imr("check dataset").ok();
    let dataset = open(&options.out).unwrap();
    let size = |table: &str| {
        let files = &dataset.table(table).unwrap().files;
        files.iter().map(|f| f.bytes as usize).sum::<usize>()
    };
    let files = &dataset.table("letters").unwrap().files;
    assert!(files.len() > 2, "{files:?}");
    assert_eq!(files[1].path, "letters/part-00001.parquet");
    runtime.block_on(async {
        let ctx = sql::open(&options.out).await.unwrap();
        for (table, sql) in [
            (
                "cases",
                "SELECT * FROM cases WHERE case_number = 'CM16-0791900'",
            ),
            (
                "letters",
                "SELECT text FROM letters WHERE letter_id = (SELECT min(letter_id) FROM letters)",
            ),
        ] {
            let (rows, read) = run(&ctx, sql).await;
            let all = size(table);
            assert_eq!(rows, 1, "{table}");
            assert!(read > 0 && read < all / 4, "{table}: {read} of {all} bytes");
        }
        // Of prose no row is decoded that a filter drops; small columns are read first and filtered then.
        for (column, filtered_after) in [("clinical_summary", false), ("patient_sex", true)] {
            let sql = format!("SELECT {column} FROM cases WHERE patient_age > 50");
            let plan = ctx.sql(&sql).await.unwrap().create_physical_plan().await;
            let plan = displayable(plan.unwrap().as_ref())
                .indent(false)
                .to_string();
            assert_eq!(plan.contains("FilterExec"), filtered_after, "{plan}");
        }
    });
}
