//! Builds that are killed, starved and hindered: a dataset is whole all the same, or not there.

mod faults;
mod inputs;
mod kills;
mod readers;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use walkdir::WalkDir;

use crate::scratch::{IMR, Scratch};

/// The files of a dataset with their bytes.
#[derive(Debug, Clone)]
struct Files(Vec<(String, Vec<u8>)>);

/// The times at which the letters were written depend on when they were looked at.
impl PartialEq for Files {
    fn eq(&self, other: &Self) -> bool {
        let timeless = |files: &Self| {
            let mut files = files.0.clone();
            files.retain(|(name, _)| name != "inputs.times");
            files
        };
        timeless(self) == timeless(other)
    }
}

/// With the five letters as `old`, and these and fifteen others as `new`.
fn scratch() -> Scratch {
    let scratch = Scratch::with_letters();
    fs::rename(scratch.path("data/letters"), scratch.path("old")).unwrap();
    fs::remove_dir(scratch.path("data")).unwrap();
    for name in scratch.names("old") {
        let letter = fs::read(scratch.path(&format!("old/{name}"))).unwrap();
        for n in 0..4 {
            let more = format!("\n{n}\n").repeat(n);
            let letter = [letter.as_slice(), more.as_bytes()].concat();
            scratch.write(&format!("new/{n}-{name}"), letter);
        }
    }
    scratch
}

/// What a dataset consists of; `None` where there is none.
fn files(dataset: &Path) -> Option<Files> {
    if !dataset.exists() {
        return None;
    }
    let entries = WalkDir::new(dataset).sort_by_file_name().into_iter();
    let entries = entries.map(Result::unwrap);
    let files = entries.filter(|e| e.file_type().is_file()).map(|entry| {
        let name = entry.path().strip_prefix(dataset).unwrap();
        let name = name.to_str().unwrap().to_owned();
        (name, fs::read(entry.path()).unwrap())
    });
    Some(Files(files.collect()))
}

/// Makes a dataset of these files.
fn restore(dataset: &Path, files: Option<&Files>) {
    if dataset.exists() {
        fs::remove_dir_all(dataset).unwrap();
    }
    for (name, bytes) in files.into_iter().flat_map(|files| &files.0) {
        let path = dataset.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// What builds have left beside `dataset`.
fn leftovers(scratch: &Scratch) -> Vec<String> {
    let mut names = scratch.names(".");
    names.retain(|name| name.starts_with("dataset."));
    names
}

/// Begins to run `imr` with arguments separated by blanks.
fn begin(scratch: &Scratch, args: &str) -> Child {
    let mut command = Command::new(IMR);
    command
        .args(args.split_whitespace())
        .current_dir(scratch.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Somebody who has opened the files of a dataset.
struct Reader(Vec<(File, Vec<u8>)>);

impl Reader {
    fn open(dataset: &Path, files: Option<&Files>) -> Self {
        let files = files.into_iter().flat_map(|files| &files.0);
        let opened = files.map(|(name, bytes)| {
            let file = File::open(dataset.join(name)).unwrap();
            (file, bytes.clone())
        });
        Self(opened.collect())
    }

    /// Whether all is read as it was when it was opened.
    fn reads_on(self) -> bool {
        self.0.into_iter().all(|(mut file, bytes)| {
            let mut read = Vec::new();
            file.read_to_end(&mut read).unwrap();
            read == bytes
        })
    }
}

/// Whether a tool of the system is there and may do what the tests need it for; else says that the test
/// is left out.
fn can(program: &str, args: &[&str]) -> bool {
    let run = Command::new(program).args(args).output();
    let can = run.is_ok_and(|run| run.status.success());
    if !can {
        eprintln!(
            "left out: `{program} {}` does not work here",
            args.join(" ")
        );
    }
    can
}
