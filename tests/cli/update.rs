//! `imr build --update`: what is new is added, what is known stays.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use imr::dataset::Manifest;
use serde_json::Value;

use crate::build::files;
use crate::pack::tar;
use crate::scratch::{IMR, ROOT, Run, Scratch};

/// Runs an update and gives its summary.
fn update(scratch: &Scratch, args: &str) -> Value {
    let run = scratch.imr(&format!(
        "build {args} --out dataset --update --format json"
    ));
    assert_eq!(run.code, Some(0), "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

/// What an update says of itself: letters added, removed, moved.
fn changes(summary: &Value) -> [u64; 3] {
    ["added", "removed", "moved"].map(|name| summary["update"][name].as_u64().unwrap())
}

fn letter(n: usize) -> String {
    let path = format!("{ROOT}/data/letters/000_8777545f973767d2.txt");
    let text = fs::read_to_string(path).unwrap();
    text.replace("50 year old", &format!("{} year old", 20 + n))
}

/// The rows of a query, as CSV.
fn sql(scratch: &Scratch, query: &str) -> String {
    let mut command = Command::new(IMR);
    let args = ["sql", "dataset", "--format", "csv", "-c", query];
    Run::of(command.args(args).current_dir(scratch.path(""))).ok()
}

/// The patients' ages, below their column's name.
fn ages(scratch: &Scratch) -> String {
    let ages = sql(scratch, "select patient_age from cases order by 1");
    ages.trim().to_owned()
}

fn manifest(scratch: &Scratch) -> Value {
    let text = fs::read(scratch.path("dataset/manifest.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn set_manifest(scratch: &Scratch, manifest: &Value) {
    let manifest: Manifest = serde_json::from_value(manifest.clone()).unwrap();
    scratch.write("dataset/manifest.json", manifest.to_json().unwrap());
}

#[test]
fn new_letters_are_added_and_known_files_are_not_touched() {
    let scratch = Scratch::with_letters();
    // Many beside the new one, so that they are not worth joining.
    for entry in fs::read_dir(format!("{ROOT}/tests/letters/dev")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        scratch.write(&format!("data/letters/{name}"), fs::read(&path).unwrap());
    }
    scratch.imr("build data/letters --out dataset").ok();
    let read = manifest(&scratch)["letters"]["read"].as_u64().unwrap();
    let before = files(&scratch, "dataset");
    scratch.write("data/letters/new.txt", letter(1));
    let summary = update(&scratch, "data/letters");
    assert_eq!(changes(&summary), [1, 0, 0]);
    assert_eq!(summary["letters"]["read"], read + 1);
    scratch.imr("check dataset").ok();
    let after = files(&scratch, "dataset");
    // The files that were there are there still, byte for byte.
    for file in before
        .iter()
        .filter(|(name, _)| name.starts_with("letters/"))
    {
        assert!(after.contains(file), "{}", file.0);
    }
}

#[test]
fn a_missing_dataset_is_built() {
    let scratch = Scratch::with_letters();
    let summary = update(&scratch, "data/letters");
    assert_eq!(summary["letters"]["read"], 5);
    assert!(summary.get("update").is_none(), "{summary}");
    scratch.imr("build data/letters --out again").ok();
    assert_eq!(files(&scratch, "dataset"), files(&scratch, "again"));
}

#[test]
fn letters_that_are_gone_stay_unless_they_are_pruned() {
    let scratch = Scratch::with_letters();
    scratch.write("data/letters/one.txt", letter(1));
    scratch.imr("build data/letters --out dataset").ok();
    fs::remove_file(scratch.path("data/letters/one.txt")).unwrap();
    let kept = update(&scratch, "data/letters");
    assert_eq!(
        (changes(&kept), &kept["letters"]["read"]),
        ([0, 0, 0], &6.into())
    );
    let pruned = update(&scratch, "data/letters --prune");
    assert_eq!(
        (changes(&pruned), &pruned["letters"]["read"]),
        ([0, 1, 0], &5.into())
    );
    scratch.imr("check dataset").ok();
    // As nothing is left of it, the dataset is that of the others.
    scratch.imr("build data/letters --out again").ok();
    let rows = |summary: &Value| summary["rows"].clone();
    let again = scratch
        .imr("build data/letters --out again --overwrite --format json")
        .ok();
    assert_eq!(rows(&pruned), rows(&serde_json::from_str(&again).unwrap()));
}

#[test]
fn a_file_that_changed_takes_the_place_of_what_it_was() {
    let scratch = Scratch::new();
    scratch.write("in/a.txt", letter(1));
    scratch.write("in/b.txt", letter(2));
    scratch.imr("build in --out dataset").ok();
    scratch.write("in/a.txt", letter(3));
    assert_eq!(changes(&update(&scratch, "in")), [1, 1, 0]);
    assert_eq!(ages(&scratch), "patient_age\n22\n23");
    scratch.imr("check dataset").ok();
}

/// Gives a file a time of change, so many seconds after the epoch.
fn set_time(scratch: &Scratch, file: &str, seconds: u64) {
    let file = fs::File::options().write(true).open(scratch.path(file));
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    file.unwrap().set_modified(time).unwrap();
}

#[test]
fn a_file_of_another_size_has_changed_whatever_its_time() {
    let scratch = Scratch::new();
    scratch.write("in/a.txt", letter(1));
    set_time(&scratch, "in/a.txt", 1_000_000_000);
    scratch.imr("build in --out dataset").ok();
    scratch.write("in/a.txt", letter(3) + "\n");
    set_time(&scratch, "in/a.txt", 1_000_000_000);
    assert_eq!(changes(&update(&scratch, "in")), [1, 1, 0]);
    assert_eq!(ages(&scratch), "patient_age\n23");
}

#[test]
fn an_archive_in_the_place_of_another_of_its_size_is_read() {
    let scratch = Scratch::new();
    let archive = |n: usize| {
        let (a, b) = (letter(n), letter(2));
        tar(&[("a.txt", a.as_bytes()), ("b.txt", b.as_bytes())])
    };
    assert_eq!(archive(1).len(), archive(3).len());
    scratch.write("in/all.tar", archive(1));
    set_time(&scratch, "in/all.tar", 1_000_000_000);
    scratch.imr("build in --out dataset").ok();
    scratch.write("in/all.tar", archive(3));
    set_time(&scratch, "in/all.tar", 1_000_000_001);
    assert_eq!(changes(&update(&scratch, "in")), [1, 1, 0]);
    assert_eq!(ages(&scratch), "patient_age\n22\n23");
}

#[test]
fn a_letter_that_was_moved_has_its_new_name() {
    let scratch = Scratch::new();
    scratch.write("in/a.txt", letter(1));
    scratch.write("in/b.txt", "milk");
    scratch.imr("build in --out dataset").ok();
    for name in ["a.txt", "b.txt"] {
        fs::create_dir_all(scratch.path("in/2015")).unwrap();
        let to = scratch.path("in/2015").join(name);
        fs::rename(scratch.path("in").join(name), to).unwrap();
    }
    assert_eq!(changes(&update(&scratch, "in")), [0, 0, 2]);
    let sources = "select source from letters union select source from problems order by 1";
    assert_eq!(
        sql(&scratch, sources).trim(),
        "source\nin/2015/a.txt\nin/2015/b.txt"
    );
    // Another spelling of the same folder is no other folder.
    assert_eq!(changes(&update(&scratch, "./in")), [0, 0, 2]);
    assert_eq!(
        sql(&scratch, sources).trim(),
        "source\n./in/2015/a.txt\n./in/2015/b.txt"
    );
    scratch.imr("check dataset").ok();
}

#[test]
fn a_repeat_is_a_problem_whichever_came_first() {
    let scratch = Scratch::new();
    scratch.write("in/m.txt", letter(1));
    scratch.imr("build in --out dataset").ok();
    scratch.write("in/a.txt", letter(1));
    scratch.write("in/z.txt", letter(1));
    assert_eq!(changes(&update(&scratch, "in")), [0, 0, 1]);
    assert_eq!(
        sql(&scratch, "select source from letters").trim(),
        "source\nin/a.txt"
    );
    let repeats = "select source from problems where code = 'duplicate_document' order by 1";
    assert_eq!(sql(&scratch, repeats).trim(), "source\nin/m.txt\nin/z.txt");
    scratch.imr("check dataset").ok();
}

#[test]
fn what_could_not_be_read_keeps_its_letters_until_it_can_be_read_again() {
    let scratch = Scratch::new();
    scratch.write("in/a.txt", letter(1));
    scratch.write("in/b.txt", letter(2));
    scratch.imr("build in --out dataset").ok();
    fs::remove_file(scratch.path("in/a.txt")).unwrap();
    if std::os::unix::fs::symlink("nowhere", scratch.path("in/a.txt")).is_err() {
        return;
    }
    for _ in 0..2 {
        let lost = update(&scratch, "in --prune");
        assert_eq!(changes(&lost), [0, 0, 0]);
        let letters = &lost["letters"];
        assert_eq!(
            (&letters["parsed"], &letters["unreadable"]),
            (&2.into(), &1.into())
        );
        scratch.imr("check dataset").ok();
    }
    fs::remove_file(scratch.path("in/a.txt")).unwrap();
    scratch.write("in/a.txt", letter(1));
    let found = update(&scratch, "in");
    assert_eq!(
        (changes(&found), &found["letters"]["read"]),
        ([0, 0, 0], &2.into())
    );
    scratch.imr("check dataset").ok();
}

#[test]
fn rows_that_are_appended_to_a_table_are_added() {
    let scratch = Scratch::new();
    let row = |n: usize| format!("{}\n", serde_json::json!({"body": letter(n)}));
    scratch.write("in/all.jsonl", [row(1), row(2)].concat());
    scratch
        .imr("build in --text-column body --out dataset")
        .ok();
    scratch.write("in/all.jsonl", [row(1), row(2), row(3)].concat());
    // The column is that of the dataset.
    assert_eq!(changes(&update(&scratch, "in")), [1, 0, 0]);
    let other = scratch.imr("build in --text-column text --out dataset --update");
    other.fails(
        1,
        &[
            "dataset cannot be updated",
            "body",
            "not text",
            "--overwrite",
        ],
    );
    scratch.imr("check dataset").ok();
}

#[test]
fn a_part_of_the_letters_is_updated_as_that_part_or_not_at_all() {
    let scratch = Scratch::new();
    for n in 0..40 {
        scratch.write(&format!("in/{n:02}.txt"), format!("letter {n}"));
    }
    scratch.imr("build in --out dataset --sample 0.5").ok();
    let before = manifest(&scratch)["letters"]["read"].as_u64().unwrap();
    for n in 40..80 {
        scratch.write(&format!("in/{n:02}.txt"), format!("letter {n}"));
    }
    let summary = update(&scratch, "in");
    let all = "build in --out again --sample 0.5 --format json";
    let again: Value = serde_json::from_str(&scratch.imr(all).ok()).unwrap();
    assert_eq!(summary["letters"], again["letters"]);
    assert!(summary["letters"]["read"].as_u64().unwrap() > before);
    let other = scratch.imr("build in --out dataset --update --sample 0.25");
    other.fails(1, &["a sample of 0.5, not a sample of 0.25"]);
    scratch
        .imr("build in --out dataset --overwrite --limit 3")
        .ok();
    let limited = scratch.imr("build in --out dataset --update");
    limited.fails(1, &["first 3 letters (--limit)", "--overwrite"]);
    scratch.imr("check dataset").ok();
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let scratch = Scratch::with_letters();
    for (args, word) in [
        ("--update --overwrite", "--overwrite"),
        ("--update --limit 3", "--limit"),
        ("--prune", "--update"),
    ] {
        scratch
            .imr(&format!("build data/letters --out dataset {args}"))
            .fails(2, &[word]);
    }
    scratch.imr("build data/letters --out dataset").ok();
    scratch
        .imr("build - --out dataset --update")
        .fails(1, &["standard input", "save it in a file"]);
    let mut without = manifest(&scratch);
    without.as_object_mut().unwrap().remove("inputs");
    set_manifest(&scratch, &without);
    fs::remove_file(scratch.path("dataset/inputs.parquet")).unwrap();
    let early = scratch.imr("build data/letters --out dataset --update");
    early.fails(1, &["no list of its inputs", "--overwrite"]);
}

#[test]
fn letters_of_an_earlier_parser_are_parsed_anew_without_their_files() {
    let scratch = Scratch::with_letters();
    scratch.write("data/letters/again.txt", letter(30));
    scratch.write(
        "data/letters/shopping.txt",
        [b"milk", &b"\x92"[..]].concat(),
    );
    scratch.write("data/letters/empty.txt", "");
    scratch.imr("build data/letters --out dataset").ok();
    let mut earlier = manifest(&scratch);
    let extraction = earlier["extraction"].clone();
    earlier["extraction"] = "0".into();
    set_manifest(&scratch, &earlier);
    fs::remove_dir_all(scratch.path("data")).unwrap();
    scratch.write("in/new.txt", letter(40));
    let run = scratch.imr("build in --out dataset --update --format json");
    assert_eq!(run.code, Some(0));
    assert!(run.err.contains("parsed anew"), "{}", run.err);
    let summary: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(changes(&summary), [1, 0, 0]);
    assert_eq!(summary["update"]["parsed_anew"], 7);
    scratch.imr("check dataset").ok();
    assert_eq!(manifest(&scratch)["extraction"], extraction);
    let mut newer = manifest(&scratch);
    newer["extraction"] = "0".into();
    newer["version"] = "999.0.0".into();
    set_manifest(&scratch, &newer);
    scratch.write("in/new.txt", letter(41));
    let newer = scratch.imr("build in --out dataset --update");
    newer.fails(1, &["version 999.0.0 has built it"]);
}

#[test]
fn a_second_build_is_told_who_is_at_work() {
    let scratch = Scratch::with_letters();
    for n in 0..3000 {
        scratch.write(&format!("many/{n}.txt"), format!("{n} {}", letter(1)));
    }
    let mut command = Command::new(IMR);
    let build = command.args(["build", "many", "--out", "dataset", "--quiet"]);
    let build = build.current_dir(scratch.path("")).stderr(Stdio::null());
    let mut build = build.spawn().unwrap();
    while !scratch.path("dataset.lock").exists() && build.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let second = scratch.imr("build data/letters --out dataset --overwrite");
    if build.try_wait().unwrap().is_none() {
        let process = format!("process {}", build.id());
        let words = [
            "dataset is being built by",
            &process,
            "since 20",
            "build many",
        ];
        second.fails(1, &words);
    }
    // Killed, it leaves its lock behind, which stops nobody.
    build.kill().unwrap();
    build.wait().unwrap();
    scratch
        .imr("build data/letters --out dataset --overwrite")
        .ok();
    assert_eq!(scratch.names("."), ["data", "dataset", "many"]);
}

#[test]
fn the_same_letters_give_the_same_files_in_any_order_and_locale() {
    let scratch = Scratch::with_letters();
    for n in 0..40 {
        scratch.write(&format!("data/letters/I{n}.txt"), letter(n));
        scratch.write(&format!("more/ı{n}.txt"), letter(n + 20));
    }
    let hashes = |args: &[&str], locale: &str| {
        let mut command = Command::new(IMR);
        command
            .arg("build")
            .args(args)
            .args(["--out", "dataset", "--overwrite"]);
        command.current_dir(scratch.path("")).env("LC_ALL", locale);
        Run::of(&mut command).ok();
        let manifest = manifest(&scratch);
        let tables = manifest["tables"].as_array().unwrap().clone();
        let files = tables
            .iter()
            .flat_map(|t| t["files"].as_array().unwrap().clone());
        let files = files.chain([manifest["inputs"].clone()]);
        let hash = |file: Value| format!("{} {}", file["path"], file["sha256"]);
        files.map(hash).collect::<Vec<_>>()
    };
    let one = hashes(&["data/letters", "more", "--jobs", "1"], "C");
    assert_eq!(one.len(), 9);
    for (args, locale) in [
        (&["more", "data/letters", "--jobs", "2"][..], "C.UTF-8"),
        (
            &["more", "data/letters", "more/ı1.txt", "--jobs", "7"],
            "tr_TR.UTF-8",
        ),
    ] {
        assert_eq!(hashes(args, locale), one);
    }
}
