//! What the README shows is what the program does.
//!
//! A block marked `console` is run: its lines after `$ ` are commands, the others their output. Times,
//! rates and sizes may differ. With `UPDATE_README=1` the README is written anew instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::scratch::{IMR, ROOT, Run, Scratch};

/// The command by which the README runs the binary.
const CARGO_RUN: &str = "cargo run --release --";

fn readme() -> PathBuf {
    Path::new(ROOT).join("README.md")
}

/// Hides what differs from run to run.
fn mask(text: &str) -> String {
    let numbers = Regex::new(r"[\d.,]+( KB in | s, | letters/s)").unwrap();
    numbers.replace_all(text, "N$1").into_owned()
}

/// Runs the commands of a block in a shell and gives the block as it should be.
fn run(scratch: &Scratch, block: &str) -> String {
    let mut text = String::new();
    for command in block.lines().filter_map(|l| l.strip_prefix("$ ")) {
        let script = command.replace(CARGO_RUN, "imr");
        let bin = Path::new(IMR).parent().unwrap().display();
        let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .current_dir(scratch.path(""))
            .env("PATH", path);
        let run = Run::of(&mut shell);
        assert_eq!(run.code, Some(0), "{command}: {}", run.err);
        text.push_str(&format!("$ {command}\n{}", run.out));
    }
    text
}

/// The README with every `console` block run and the data dictionary put in.
fn renewed(text: &str) -> String {
    let scratch = Scratch::with_letters();
    let block = Regex::new(r"(?s)```console\n(.*?)```").unwrap();
    let renewed = block.replace_all(text, |found: &regex::Captures| {
        let new = run(&scratch, &found[1]);
        // What only the time has changed stays as it is.
        let kept = if mask(&new) == mask(&found[1]) {
            &found[1]
        } else {
            &new
        };
        format!("```console\n{kept}```")
    });
    let schema = scratch.imr("schema").ok();
    let dictionary = Regex::new(r"(?s)(<!-- schema -->\n).*?(<!-- end -->)").unwrap();
    dictionary
        .replace(&renewed, |found: &regex::Captures| {
            format!("{}{schema}{}", &found[1], &found[2])
        })
        .into_owned()
}

#[test]
fn the_readme_shows_what_the_program_does() {
    let old = fs::read_to_string(readme()).unwrap();
    let new = renewed(&old);
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(readme(), &new).unwrap();
    } else {
        assert!(
            old == new,
            "README.md is out of date; UPDATE_README=1 renews it\n\n{new}"
        );
    }
}

#[test]
fn times_and_sizes_are_masked_and_nothing_else() {
    let line = "dataset: 81.3 KB in 8 tables, 0.09 s, 55 letters/s";
    assert_eq!(
        mask(line),
        mask("dataset: 9.1 KB in 8 tables, 10.00 s, 1,234 letters/s")
    );
    assert_ne!(
        mask(line),
        mask("other: 81.3 KB in 8 tables, 0.09 s, 55 letters/s")
    );
    assert_ne!(mask("Cases 5"), mask("Cases 6"));
}
