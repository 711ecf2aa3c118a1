//! A directory to run the binary in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// The repository.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The binary.
pub const IMR: &str = env!("CARGO_BIN_EXE_imr");

/// A scratch directory; it goes when the test ends.
pub struct Scratch {
    dir: TempDir,
}

/// What a run of the binary gave.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Scratch {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    /// With the five letters as `data/letters`.
    pub fn with_letters() -> Self {
        let scratch = Self::new();
        for entry in fs::read_dir(Path::new(ROOT).join("data/letters")).unwrap() {
            let entry = entry.unwrap();
            let name = format!("data/letters/{}", entry.file_name().to_str().unwrap());
            scratch.write(&name, fs::read(entry.path()).unwrap());
        }
        scratch
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs `imr` with arguments separated by blanks.
    pub fn imr(&self, args: &str) -> Run {
        let mut command = Command::new(IMR);
        Run::of(
            command
                .args(args.split_whitespace())
                .current_dir(self.dir.path()),
        )
    }

    /// Begins `imr` with these arguments, to be talked to through pipes.
    pub fn begin(&self, args: &[&str]) -> Child {
        let mut command = Command::new(IMR);
        let command = command.args(args).current_dir(self.dir.path());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The names in a folder of it, sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).output().unwrap().into()
    }

    /// Asserts that it went well, without a word on stderr.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(
            (self.code, self.err.as_str()),
            (Some(0), ""),
            "{}",
            self.out
        );
        self.out
    }

    /// Asserts that it failed with this code and a message that has all these words.
    #[track_caller]
    pub fn fails(self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {}", self.err);
        }
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
