//! Letters that vanish or change while they are read.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::Value;

use super::{leftovers, scratch};
use crate::dice::Dice;
use crate::scratch::{Run, Scratch};

/// A build that has found its files and waits for standard input, which it reads before these.
struct Waiting(Child);

impl Waiting {
    fn begin(scratch: &Scratch, letters: &str) -> Self {
        let mut build = scratch.begin(&[
            "build", "-", letters, "--out", "dataset", "--format", "json",
        ]);
        // The files are found before the folder for the dataset is made.
        while leftovers(scratch).is_empty() && build.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        Self(build)
    }

    /// Lets it go on, and gives its summary.
    fn go_on(mut self) -> Value {
        let mut stdin = self.0.stdin.take().unwrap();
        stdin.write_all(b"milk, eggs").unwrap();
        drop(stdin);
        let run = Run::from(self.0.wait_with_output().unwrap());
        serde_json::from_str(&run.ok()).unwrap()
    }
}

/// How many letters ended so.
fn count(summary: &Value, how: &str) -> u64 {
    summary["letters"][how].as_u64().unwrap()
}

/// What happens to a file, and how its letter ends then.
type Change = (&'static str, fn(&Path), &'static str);

#[test]
fn what_happens_to_a_file_before_it_is_read_is_a_problem_of_that_file() {
    fn cut(path: &Path, share: usize) {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() * share / 100]).unwrap();
    }
    let changes: [Change; 7] = [
        (
            "vanishes",
            |path| fs::remove_file(path).unwrap(),
            "unreadable",
        ),
        ("shrinks", |path| cut(path, 40), "partial"),
        ("is emptied", |path| cut(path, 0), "rejected"),
        (
            "grows",
            |path| {
                let mut bytes = fs::read(path).unwrap();
                bytes.extend(b"\nThe end.\n".repeat(100_000));
                fs::write(path, bytes).unwrap();
            },
            "parsed",
        ),
        (
            "changes",
            |path| fs::write(path, "bread, butter").unwrap(),
            "rejected",
        ),
        (
            "turns into a folder",
            |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            "unreadable",
        ),
        (
            "turns into an archive",
            |path| fs::write(path, b"PK\x03\x04 and no more").unwrap(),
            "unreadable",
        ),
    ];
    for (what, change, ends) in changes {
        let scratch = scratch();
        let build = Waiting::begin(&scratch, "old");
        let name = scratch.names("old")[2].clone();
        change(&scratch.path(&format!("old/{name}")));
        let summary = build.go_on();
        // Standard input was a list of things to buy.
        let others = u64::from(ends == "rejected");
        assert_eq!(count(&summary, "read"), 6, "{what}: {summary}");
        assert_eq!(count(&summary, "rejected"), 1 + others, "{what}: {summary}");
        if ends != "rejected" {
            let others = if ends == "parsed" { 4 } else { 0 };
            assert_eq!(count(&summary, ends), 1 + others, "{what}: {summary}");
        }
        scratch.imr("check dataset --deep").ok();
        assert_eq!(leftovers(&scratch), [""; 0]);
    }
}

#[test]
fn a_folder_that_vanishes_takes_only_its_letters_along() {
    let scratch = scratch();
    fs::rename(scratch.path("new"), scratch.path("old/new")).unwrap();
    let build = Waiting::begin(&scratch, "old");
    fs::remove_dir_all(scratch.path("old/new")).unwrap();
    let summary = build.go_on();
    assert_eq!(count(&summary, "unreadable"), 20, "{summary}");
    assert_eq!(count(&summary, "parsed"), 5, "{summary}");
    scratch.imr("check dataset --deep").ok();
}

/// While builds run, somebody cuts, removes and puts back files of every kind.
#[test]
fn files_that_keep_changing_do_not_harm_the_dataset() {
    let scratch = scratch();
    let letters: Vec<_> = scratch
        .names("new")
        .iter()
        .map(|name| fs::read_to_string(scratch.path(&format!("new/{name}"))).unwrap())
        .collect();
    let lines = letters.iter().cycle().take(400);
    let lines = lines.map(|text| serde_json::json!({ "text": text }).to_string());
    let lines = lines.collect::<Vec<_>>().join("\n");
    scratch.write("new/many.jsonl", &lines);
    scratch.write(
        "new/many.jsonl.zst",
        zstd::encode_all(lines.as_bytes(), 1).unwrap(),
    );
    scratch.imr("build new/many.jsonl --out first --quiet").ok();
    let parquet = fs::read(scratch.path("first/letters/part-00000.parquet")).unwrap();
    scratch.write("new/letters.parquet", parquet);
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_dir_all("old", scratch.path("old")).unwrap();
    scratch.write("new/letters.tar", tar.into_inner().unwrap());
    let files: Vec<_> = scratch
        .names("new")
        .into_iter()
        .map(|name| {
            let path = scratch.path(&format!("new/{name}"));
            let bytes = fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut dice = Dice(4);
            while !done.load(Relaxed) {
                let (path, bytes) = &files[dice.below(files.len())];
                let _ = match dice.below(4) {
                    0 => fs::remove_file(path),
                    1 => fs::write(path, &bytes[..dice.below(bytes.len())]),
                    _ => fs::write(path, bytes),
                };
            }
        });
        for n in 0..15 {
            let args = format!(
                "build new --out dataset --overwrite --format json --jobs {}",
                n % 3 + 1
            );
            let run = scratch.imr(&args);
            let check = scratch.imr("check dataset --deep");
            if n == 14 || run.code != Some(0) || check.code != Some(0) {
                done.store(true, Relaxed);
            }
            let summary: Value = serde_json::from_str(&run.ok()).unwrap();
            assert!(count(&summary, "read") > 0, "{summary}");
            check.ok();
        }
    });
    assert_eq!(leftovers(&scratch), [""; 0]);
}
