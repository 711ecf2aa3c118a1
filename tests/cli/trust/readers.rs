//! Readers that have opened a dataset before another one takes its place, or while it does.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use datafusion::prelude::SessionContext;
use imr::sql::{self, Script};
use imr::tables::TABLES;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::scratch;
use crate::scratch::{IMR, ROOT, Run, Scratch};

/// All that a session can be asked, a statement a line.
fn everything() -> String {
    let tables = TABLES.iter().map(|table| table.name);
    let tables = tables.chain(["determinations", "storage", "dictionary"]);
    tables
        .map(|name| format!("SELECT * FROM {name};\n"))
        .collect()
}

/// With letters that are in none of the others as `other`.
fn with_others() -> Scratch {
    let scratch = scratch();
    for n in 1..=9 {
        let letter = fs::read(format!("{ROOT}/tests/letters/own/p{n}.txt")).unwrap();
        scratch.write(&format!("other/{n}.txt"), letter);
    }
    scratch
}

/// An open session over `dataset` that was asked one thing, and waits for what else it is to be asked.
struct Session {
    child: std::process::Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Session {
    fn open(scratch: &Scratch, arguments: &[&str]) -> Self {
        let count = "SELECT count(*) AS n FROM cases";
        let mut command = vec!["sql", "dataset", "--format", "csv", "-c", count, "-f", "-"];
        command.extend(arguments);
        let mut child = scratch.begin(&command);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        out.read_line(&mut first).unwrap();
        assert_eq!(first, "n\n5\n");
        Self { child, out }
    }

    fn ask(mut self, script: &str) -> String {
        let mut input = self.child.stdin.take().unwrap();
        input.write_all(script.as_bytes()).unwrap();
        drop(input);
        let mut answer = String::new();
        self.out.read_to_string(&mut answer).unwrap();
        let run: Run = self.child.wait_with_output().unwrap().into();
        run.ok();
        answer
    }
}

#[test]
fn a_session_reads_on_what_it_opened() {
    let scratch = with_others();
    let overwrite = "build other --out dataset --overwrite --quiet";
    let update = "build new other --out dataset --update --quiet";
    let again = "build old --out dataset --overwrite --quiet";
    scratch.imr("build old --out dataset --quiet").ok();
    let before = Session::open(&scratch, &[]).ask(&everything());
    for (replacement, arguments) in [
        (overwrite, &[][..]),
        (overwrite, &["--sandbox"]),
        (update, &[]),
    ] {
        let session = Session::open(&scratch, arguments);
        scratch.imr(replacement).ok();
        assert_eq!(session.ask(&everything()), before, "{replacement}");
        scratch.imr(again).ok();
    }
    // Also when there is nothing any more.
    let session = Session::open(&scratch, &[]);
    fs::remove_dir_all(scratch.path("dataset")).unwrap();
    assert_eq!(session.ask(&everything()), before);
}

#[test]
fn what_took_the_datasets_place_is_not_written_either() {
    let scratch = with_others();
    scratch.imr("build old --out dataset --quiet").ok();
    fs::hard_link(
        scratch.path("dataset/cases/part-00000.parquet"),
        scratch.path("linked.parquet"),
    )
    .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let ctx = sql::open(&scratch.path("dataset")).await.unwrap();
        scratch
            .imr("build other --out dataset --overwrite --quiet")
            .ok();
        for place in [
            "dataset/new.csv",
            "dataset/cases/part-00000.parquet",
            "linked.parquet",
        ] {
            let place = scratch.path(place);
            let copy = format!("COPY (SELECT 1) TO '{}' STORED AS CSV", place.display());
            let script = Script {
                name: None,
                text: &copy,
            };
            let error = sql::collect(&ctx, script).await.unwrap_err().to_string();
            assert!(error.contains("read-only here"), "{error}");
            // What refuses it is not the words.
            assert!(ctx.sql(&copy).await.unwrap().collect().await.is_err());
        }
        let copy = "COPY (SELECT 1) TO 'imr://dataset/cases/part-00000.parquet' STORED AS CSV";
        assert!(ctx.sql(copy).await.unwrap().collect().await.is_err());
    });
    scratch.imr("check dataset").ok();
}

/// The rows of every table.
async fn counts(ctx: &SessionContext) -> Vec<usize> {
    let mut counts = Vec::new();
    for table in TABLES {
        let rows = ctx.table(table.name).await.unwrap();
        // As the files say, and not their footers, which the session knows.
        let rows = rows.collect().await.unwrap();
        counts.push(rows.iter().map(|batch| batch.num_rows()).sum());
    }
    counts
}

/// Puts a copy of the dataset `name` in the place of `dataset`, as a build does it, without its work.
fn replace_by(scratch: &Scratch, name: &str) {
    let fresh = scratch.path("fresh");
    for file in walkdir::WalkDir::new(scratch.path(name)) {
        let file = file.unwrap();
        let place = fresh.join(file.path().strip_prefix(scratch.path(name)).unwrap());
        match file.file_type().is_dir() {
            true => fs::create_dir(place).unwrap(),
            false => fs::hard_link(file.path(), place).unwrap(),
        }
    }
    let dataset = scratch.path("dataset");
    renameat_with(CWD, &fresh, CWD, &dataset, RenameFlags::EXCHANGE).unwrap();
    fs::remove_dir_all(fresh).unwrap();
}

/// How often a dataset is opened while others take its place.
const OPENED: usize = 100;

#[test]
fn what_is_opened_while_it_is_replaced_is_one_dataset() {
    let scratch = with_others();
    scratch.imr("build old --out a --quiet").ok();
    scratch.imr("build other --out b --quiet").ok();
    scratch.imr("build old --out dataset --quiet").ok();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let [a, b] = ["a", "b"].map(|name| {
        runtime.block_on(async { counts(&sql::open(&scratch.path(name)).await.unwrap()).await })
    });
    assert_ne!(a, b);
    let done = AtomicBool::new(false);
    let opened = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut names = ["b", "a"].iter().cycle();
            while !done.load(Ordering::Relaxed) {
                replace_by(&scratch, names.next().unwrap());
            }
        });
        let opened = runtime.block_on(async {
            let mut opened = Vec::new();
            for _ in 0..OPENED {
                match sql::open(&scratch.path("dataset")).await {
                    Ok(ctx) => opened.push(Ok(counts(&ctx).await)),
                    Err(error) => opened.push(Err(error.to_string())),
                }
            }
            opened
        });
        done.store(true, Ordering::Relaxed);
        opened
    });
    let was = |wanted: &Vec<usize>| opened.iter().filter(|o| o.as_ref() == Ok(wanted)).count();
    let (old, new) = (was(&a), was(&b));
    assert_eq!(old + new, OPENED, "{opened:?}");
    assert!(old > 0 && new > 0, "{old} old, {new} new");
}

#[test]
fn what_is_checked_while_it_is_replaced_is_not_damaged() {
    let scratch = with_others();
    scratch.imr("build old --out a --quiet").ok();
    scratch.imr("build other --out b --quiet").ok();
    scratch.imr("build old --out dataset --quiet").ok();
    for (n, name) in (0..40).zip(["b", "a"].iter().cycle()) {
        let check = scratch.begin(&["check", "dataset"]);
        std::thread::sleep(Duration::from_millis(2 * n));
        replace_by(&scratch, name);
        let run: Run = check.wait_with_output().unwrap().into();
        run.ok();
    }
}

#[test]
fn more_files_than_the_system_lets_open_are_an_error_that_says_so() {
    let scratch = scratch();
    scratch.imr("build old --out dataset --quiet").ok();
    let mut command = Command::new("sh");
    let script = format!("ulimit -n 12 && exec {IMR} sql dataset -c 'SELECT 1'");
    let run = Run::of(command.args(["-c", &script]).current_dir(scratch.path("")));
    run.fails(1, &["8 files", "ulimit -n"]);
}
