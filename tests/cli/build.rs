//! `imr build`: good input and bad.

use std::fs;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::scratch::{IMR, ROOT, Run, Scratch};

/// The summary as JSON.
fn summary(scratch: &Scratch, args: &str) -> Value {
    let text = scratch.imr(&format!("build {args} --format json")).ok();
    serde_json::from_str(&text).unwrap()
}

/// Every file of a dataset with its bytes, but for the times of the inputs, which tell when it was built.
pub fn files(scratch: &Scratch, dataset: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut names = scratch.names(dataset);
    names.retain(|name| name != "inputs.times");
    for name in names {
        let path = format!("{dataset}/{name}");
        if scratch.path(&path).is_dir() {
            files.extend(self::files(scratch, &path));
        } else {
            let below = path.split_once('/').unwrap().1.to_owned();
            files.push((below, fs::read(scratch.path(&path)).unwrap()));
        }
    }
    files
}

/// A letter's text.
fn letter() -> String {
    let path = format!("{ROOT}/data/letters/000_8777545f973767d2.txt");
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_summary_accounts_for_every_letter() {
    let scratch = Scratch::with_letters();
    scratch.write("data/letters/again.txt", letter());
    scratch.write("data/letters/shopping.txt", "milk, eggs");
    scratch.write("data/letters/notes.md", "x");
    let summary = summary(&scratch, "data/letters --out dataset");
    let letters = &summary["letters"];
    let count = |name: &str| letters[name].as_u64().unwrap();
    assert_eq!(count("read"), 7);
    assert_eq!(count("duplicates"), 1);
    let sum = ["parsed", "partial", "rejected", "duplicates", "unreadable"].map(count);
    assert_eq!(sum.iter().sum::<u64>(), 7);
    assert_eq!(summary["skipped"][".md"], 1);
    let contexts = summary["overturn_by_weaning"].as_array().unwrap();
    assert_eq!(contexts.len(), 7);
    assert_eq!(contexts[0]["weaning_context"], "request_is_for_weaning");
    assert_eq!(contexts[6]["weaning_context"], "none");
    scratch.imr("check dataset").ok();
}

#[test]
fn the_text_summary_is_for_people_and_quiet_is_silent() {
    let scratch = Scratch::with_letters();
    let text = scratch.imr("build data/letters --out a").ok();
    for line in [
        "Letters read            5",
        "Overturn rate           decisions",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(
        text.lines()
            .all(|l| l == l.trim_end() && !l.contains('\u{1b}')),
        "{text}"
    );
    assert_eq!(scratch.imr("build data/letters --out b --quiet").ok(), "");
}

#[test]
fn the_same_letters_give_the_same_bytes() {
    let scratch = Scratch::with_letters();
    for n in 0..60 {
        scratch.write(
            &format!("data/letters/{n}.txt"),
            letter().replace("Norco", &format!("N{n}")),
        );
    }
    scratch.imr("build data/letters --out one --jobs 1").ok();
    scratch.imr("build data/letters --out four --jobs 4").ok();
    assert_eq!(files(&scratch, "one"), files(&scratch, "four"));
    // The order in which the inputs are named makes no difference either.
    let args = "data/letters/1.txt data/letters/0.txt data/letters";
    scratch.imr(&format!("build {args} --out named")).ok();
    assert_eq!(files(&scratch, "one"), files(&scratch, "named"));
}

#[test]
fn encodings_and_line_ends_are_no_obstacle() {
    let scratch = Scratch::new();
    let plain = letter().replace('\u{feff}', "");
    scratch.write("in/bom.txt", format!("\u{feff}{plain}"));
    scratch.write("in/crlf.txt", plain.replace('\n', "\r\n"));
    let units = |t: &str| {
        [0xFEFF]
            .into_iter()
            .chain(t.encode_utf16())
            .collect::<Vec<u16>>()
    };
    let bytes: Vec<u8> = units(&plain).iter().flat_map(|u| u.to_le_bytes()).collect();
    scratch.write("in/utf16le.txt", bytes);
    let bytes: Vec<u8> = units(&plain).iter().flat_map(|u| u.to_be_bytes()).collect();
    scratch.write("in/utf16be.txt", bytes);
    scratch.write("in/windows.txt", [plain.as_bytes(), b"\x92"].concat());
    let summary = summary(&scratch, "in --out dataset");
    assert_eq!(summary["letters"]["read"], 5);
    assert_eq!(summary["letters"]["duplicates"], 0);
    let problems = summary["problems"].to_string();
    assert!(problems.contains("decoded_as_windows_1252"), "{problems}");
    scratch.imr("check dataset").ok();
}

#[test]
fn what_is_no_letter_is_rejected_and_strict_says_so() {
    let scratch = Scratch::with_letters();
    scratch.write("in/empty.txt", "");
    scratch.write(
        "in/binary.txt",
        (0..=255).cycle().take(5000).collect::<Vec<u8>>(),
    );
    scratch.write("in/shopping.txt", "milk, eggs");
    let found = summary(&scratch, "in --out dataset");
    assert_eq!(found["letters"]["rejected"], 3);
    let problems = found["problems"].to_string();
    for code in ["empty_document", "unreadable", "not_an_imr_letter"] {
        assert!(problems.contains(code), "{problems}");
    }
    scratch.imr("check dataset").ok();
    let strict = scratch.imr("build in --out strict --strict");
    strict.fails(1, &["3 letters were rejected", "problems"]);
    scratch.imr("check strict").ok();
}

#[test]
fn a_letter_cut_off_anywhere_is_accounted_for() {
    let scratch = Scratch::new();
    let letter = letter();
    let cuts = letter.char_indices().map(|(at, _)| at);
    let step = letter.chars().count() / 40;
    for (n, cut) in cuts.step_by(step).skip(1).enumerate() {
        scratch.write(&format!("in/{n:02}.txt"), &letter[..cut]);
    }
    let summary = summary(&scratch, "in --out dataset");
    assert!(summary["letters"]["read"].as_u64().unwrap() >= 40);
    assert!(!summary["problems"].to_string().contains("parser_failed"));
    scratch.imr("check dataset").ok();
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_a_problem_and_no_end() {
    let scratch = Scratch::with_letters();
    std::os::unix::fs::symlink("nowhere", scratch.path("data/letters/gone.txt")).unwrap();
    let found = summary(&scratch, "data/letters --out dataset");
    assert_eq!(found["letters"]["unreadable"], 1);
    assert_eq!(found["letters"]["read"], 6);
    scratch.imr("check dataset").ok();
}

#[test]
fn without_letters_nothing_is_built() {
    let scratch = Scratch::new();
    scratch.write("in/a.doc", "x");
    scratch
        .imr("build in --out dataset")
        .fails(1, &["no letters in in", "1 files with other"]);
    scratch
        .imr("build nowhere --out dataset")
        .fails(1, &["no such file or folder: nowhere"]);
    scratch.imr("build --out dataset").fails(2, &["INPUT"]);
    scratch
        .imr("build in --out dataset --jobs 0")
        .fails(2, &["--jobs"]);
    assert_eq!(scratch.names("."), ["in"]);
}

#[test]
fn a_dataset_is_replaced_only_on_request() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset").ok();
    scratch.write("in/one.txt", letter());
    scratch
        .imr("build in --out dataset")
        .fails(1, &["dataset holds a dataset already", "--overwrite"]);
    scratch.imr("check dataset").ok();
    let manifest = || fs::read_to_string(scratch.path("dataset/manifest.json")).unwrap();
    assert!(manifest().contains("\"read\": 5"));
    scratch.imr("build in --out dataset --overwrite").ok();
    assert!(manifest().contains("\"read\": 1"));
    assert_eq!(scratch.names("."), ["data", "dataset", "in"]);
}

#[test]
fn a_folder_that_is_not_a_dataset_is_never_touched() {
    let scratch = Scratch::with_letters();
    scratch.write("out/thesis.doc", "years of work");
    let run = scratch.imr("build data/letters --out out --overwrite");
    run.fails(
        1,
        &[
            "out holds files that are not a dataset's",
            "thesis.doc",
            "--out",
        ],
    );
    assert_eq!(scratch.names("out"), ["thesis.doc"]);
    scratch.write("file", "x");
    scratch
        .imr("build data/letters --out file --overwrite")
        .fails(1, &["file is a file"]);
    assert_eq!(scratch.names("."), ["data", "file", "out"]);
}

#[test]
fn an_empty_folder_may_be_used_and_missing_ones_are_made() {
    let scratch = Scratch::with_letters();
    fs::create_dir(scratch.path("empty")).unwrap();
    scratch.imr("build data/letters --out empty").ok();
    scratch.imr("build data/letters --out deep/down/here").ok();
    // The manifest, the list of the inputs, and a file a table.
    assert_eq!(files(&scratch, "empty").len(), 10);
    assert_eq!(scratch.names("deep/down"), ["here"]);
}

#[test]
fn an_out_folder_that_cannot_be_written_is_named() {
    let scratch = Scratch::with_letters();
    scratch.write("file", "x");
    scratch
        .imr("build data/letters --out file/dataset")
        .fails(1, &["file"]);
    if cfg!(target_os = "linux") {
        scratch
            .imr("build data/letters --out /proc/dataset")
            .fails(1, &["cannot write in /proc"]);
    }
}

#[test]
fn a_build_that_is_killed_leaves_what_was_there() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset").ok();
    let before = files(&scratch, "dataset");
    for n in 0..3000 {
        scratch.write(&format!("many/{n}.txt"), format!("{n} {}", letter()));
    }
    let mut command = Command::new(IMR);
    let args = [
        "build",
        "many",
        "--out",
        "dataset",
        "--overwrite",
        "--quiet",
    ];
    let mut build = command
        .args(args)
        .current_dir(scratch.path(""))
        .spawn()
        .unwrap();
    until_begun(&scratch, &mut build);
    build.kill().unwrap();
    if build.wait().unwrap().success() {
        return; // it was quicker
    }
    assert_eq!(files(&scratch, "dataset"), before);
    scratch
        .imr("build data/letters --out dataset --overwrite")
        .ok();
    assert_eq!(scratch.names("."), ["data", "dataset", "many"]);
}

/// Waits until a build has files of its own to lose, or has ended.
fn until_begun(scratch: &Scratch, build: &mut Child) {
    let begun = || {
        let names = scratch.names(".");
        let stage = names.iter().find(|n| n.starts_with("dataset.tmp-"));
        stage.is_some_and(|s| scratch.path(s).join("dataset/letters").exists())
    };
    while !begun() && build.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn a_build_that_is_stopped_says_so_and_leaves_what_was_there() {
    let scratch = Scratch::with_letters();
    scratch.imr("build data/letters --out dataset").ok();
    let before = files(&scratch, "dataset");
    for n in 0..3000 {
        scratch.write(&format!("many/{n}.txt"), format!("{n} {}", letter()));
    }
    for signal in ["-INT", "-TERM"] {
        let mut command = Command::new(IMR);
        let args = ["build", "many", "--out", "dataset", "--overwrite"];
        let build = command.args(args).current_dir(scratch.path(""));
        let mut build = build
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        until_begun(&scratch, &mut build);
        let kill = Command::new("kill")
            .args([signal, &build.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let run = Run::from(build.wait_with_output().unwrap());
        run.fails(
            1,
            &["stopped by", "nothing was built", "dataset is as it was"],
        );
        assert_eq!(files(&scratch, "dataset"), before);
        assert_eq!(scratch.names("."), ["data", "dataset", "many"]);
    }
}

#[test]
fn a_limit_takes_the_first_letters() {
    let scratch = Scratch::with_letters();
    let limited = summary(&scratch, "data/letters --out first --limit 2 --jobs 3");
    assert_eq!(limited["letters"]["read"], 2);
    scratch.imr("check first").ok();
    let manifest = fs::read_to_string(scratch.path("first/manifest.json")).unwrap();
    assert!(manifest.contains("\"limit\": 2"), "{manifest}");
    let args = "data/letters/000_8777545f973767d2.txt data/letters/001_12a1b4f7c3cb7cb4.txt";
    scratch.imr(&format!("build {args} --out named")).ok();
    let parquet = |dataset| {
        let mut files = files(&scratch, dataset);
        files.retain(|(name, _)| name.contains('/'));
        files
    };
    assert_eq!(parquet("first"), parquet("named"));
    scratch
        .imr("build data/letters --out none --limit 0")
        .fails(2, &["--limit"]);
}

#[test]
fn a_sample_is_the_same_whatever_is_read_besides() {
    let scratch = Scratch::with_letters();
    for n in 0..40 {
        scratch.write(&format!("in/{n:02}.txt"), format!("letter {n}"));
    }
    let read = |args: &str| summary(&scratch, args)["letters"]["read"].as_u64().unwrap();
    let half = read("in --out half --sample 0.5");
    assert!((8..32).contains(&half), "{half}");
    assert_eq!(read("in data/letters --out more --sample 50% --jobs 1"), {
        half + read("data/letters --out five --sample 50%")
    });
    assert_eq!(read("in --out all --sample 1"), 40);
    scratch.imr("check half").ok();
    for share in ["0", "1.5", "many"] {
        let run = scratch.imr(&format!("build in --out wrong --sample {share}"));
        run.fails(2, &["--sample", "0.01 or 1%"]);
    }
}

#[test]
fn repeats_are_left_out_and_stand_among_the_problems() {
    let scratch = Scratch::new();
    // Repeats in the same batch and in later ones, first and last, beside letters with problems.
    for n in 0..200 {
        let body = if n % 3 == 0 {
            "milk".to_owned()
        } else {
            letter()
        };
        let text = format!("{} {body}", n % 30);
        scratch.write(&format!("in/{n:03}.txt"), text);
    }
    let found = summary(&scratch, "in --out dataset");
    assert_eq!(found["letters"]["duplicates"], 170);
    scratch.imr("check dataset").ok();
    scratch.imr("build in --out one --jobs 1").ok();
    assert_eq!(files(&scratch, "dataset"), files(&scratch, "one"));
}

#[test]
fn verbose_says_what_is_done_and_what_it_took() {
    let scratch = Scratch::with_letters();
    let run = scratch.imr("build data/letters --out dataset --verbose");
    assert_eq!(run.code, Some(0));
    for words in [
        "reading 5 files",
        "5 letters: putting the dataset in place",
        "WriteDatasetExec: tables=8",
        "write_time=",
        "LettersExec: files=5",
        "parse_time=",
    ] {
        assert!(run.err.contains(words), "no {words:?} in {}", run.err);
    }
}

#[test]
fn help_names_every_command() {
    let help = Run::of(Command::new(IMR).arg("--help")).ok();
    for command in ["build", "check", "schema"] {
        assert!(help.contains(command), "{help}");
    }
}
