//! A search for files: arguments, lists, patterns and folders → the inputs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::thread;

use glob::{MatchOptions, glob_with};
use walkdir::WalkDir;

use super::find::{FindError, Input, Inputs, Lies, Times};
use super::{Skipped, kind};

/// A search under way.
#[derive(Default)]
pub struct Search {
    searched: i64,
    files: Vec<Input>,
    /// Paths of files that are still to be looked at, and whether they were named.
    found: Vec<(PathBuf, bool)>,
    skipped: Skipped,
}

/// Files that a thread looks at, at least.
const LOOKS: usize = 1024;

impl Search {
    /// A search that begins at this time, in nanoseconds since 1970.
    pub fn begun(searched: i64) -> Self {
        Self {
            searched,
            ..Self::default()
        }
    }

    /// Takes what was named as an argument: a path, or a pattern where there is no such path.
    pub fn argument(&mut self, path: &Path) -> Result<(), FindError> {
        let Err(source) = path.symlink_metadata() else {
            self.walk(path);
            return Ok(());
        };
        match path.to_str().filter(|p| p.contains(['*', '?', '['])) {
            Some(pattern) => self.pattern(pattern),
            None => {
                let path = path.to_owned();
                Err(FindError::Missing { path, source })
            }
        }
    }

    fn pattern(&mut self, pattern: &str) -> Result<(), FindError> {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            // As in a shell.
            require_literal_leading_dot: true,
        };
        let matches = glob_with(pattern, options).map_err(|source| FindError::Pattern {
            pattern: pattern.to_owned(),
            source,
        })?;
        let before = self.files.len() + self.found.len();
        for found in matches {
            match found {
                Ok(path) => self.walk(&path),
                Err(error) => {
                    let path = error.path().to_owned();
                    let fault = error.error().to_string();
                    self.push(&path, false, Lies::Fault(fault.into()));
                }
            }
        }
        match self.files.len() + self.found.len() == before {
            true => Err(FindError::NoMatch(pattern.to_owned())),
            false => Ok(()),
        }
    }

    /// Takes a path of a list. What is missing does not keep the others from being read.
    pub fn listed(&mut self, path: &Path) {
        match path.symlink_metadata() {
            Ok(_) => self.walk(path),
            Err(error) => self.push(path, true, Lies::Fault(error.to_string().into())),
        }
    }

    /// Takes a file, or those that a folder holds to any depth.
    fn walk(&mut self, root: &Path) {
        for entry in WalkDir::new(root).follow_links(true) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let named = entry.depth() == 0;
                    if named || self.takes(entry.path()) {
                        self.found.push((entry.into_path(), named));
                    }
                }
                // The folder that the link leads back to is being walked already.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    let cause = error.io_error().map(ToString::to_string);
                    let fault = cause.unwrap_or_else(|| error.to_string());
                    let named = error.depth() == 0;
                    // A folder that may not be listed has no extension to go by.
                    if named || path.is_dir() || self.takes(&path) {
                        self.push(&path, named, Lies::Fault(fault.into()));
                    }
                }
            }
        }
    }

    /// Whether a file in a folder is read; counts it if not.
    fn takes(&mut self, path: &Path) -> bool {
        let name = path.file_name().map(OsStr::to_string_lossy);
        let name = name.unwrap_or_default();
        let taken = kind::is_taken(&name);
        if !taken {
            self.skipped.add(&name);
        }
        taken
    }

    /// Adds what could not be found as a file.
    pub fn push(&mut self, path: &Path, named: bool, lies: Lies) {
        self.add(path, (0, Times::default()), named, lies);
    }

    /// Adds an input whose size and times are known.
    pub fn add(&mut self, path: &Path, stat: (u64, Times), named: bool, lies: Lies) {
        self.files.push(input(path, stat, named, lies));
    }

    /// All that was found, once each, in order.
    pub fn finish(mut self) -> Inputs {
        let files = &mut self.files;
        files.extend(look_at_all(&self.found));
        // A file reached twice (`letters letters/a.txt`) is one input, and was named if it was once.
        files.sort_by(|a, b| a.bytes().cmp(b.bytes()).then(b.named.cmp(&a.named)));
        files.dedup_by(|a, b| a.bytes() == b.bytes());
        Inputs {
            files: self.files.into(),
            searched: self.searched,
            skipped: self.skipped.counts(),
        }
    }
}

fn input(path: &Path, (size, times): (u64, Times), named: bool, lies: Lies) -> Input {
    let path = match cfg!(windows) {
        true => PathBuf::from(path.to_string_lossy().replace('\\', "/")).into(),
        false => path.into(),
    };
    Input {
        path,
        size,
        times,
        named,
        lies,
    }
}

/// Looks at files, with several threads where there are many: of a large folder most of the time goes into
/// asking the system for each file's size and times.
fn look_at_all(found: &[(PathBuf, bool)]) -> Vec<Input> {
    let look = |found: &[(PathBuf, bool)]| -> Vec<Input> {
        let inputs = found.iter().map(|(path, named)| look_at(path, *named));
        inputs.collect()
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = found.len().div_ceil(cores).max(LOOKS);
    let (first, others) = found.split_at(share.min(found.len()));
    thread::scope(|scope| {
        let look = &look;
        let spawn = |share| thread::Builder::new().spawn_scoped(scope, move || look(share));
        let shares = others.chunks(share).map(|share| (share, spawn(share)));
        let shares: Vec<_> = shares.collect();
        let mut inputs = look(first);
        for (share, looking) in shares {
            // What no thread could do is done here.
            let looked = looking.ok().and_then(|looking| looking.join().ok());
            inputs.extend(looked.unwrap_or_else(|| look(share)));
        }
        inputs
    })
}

/// The input at a path, as far as it is known without opening it.
fn look_at(path: &Path, named: bool) -> Input {
    let fault = |why: &str| input(path, (0, Times::default()), named, Lies::Fault(why.into()));
    match path.metadata() {
        // Pipes and devices are never opened: they may have no end.
        Ok(metadata) if !metadata.is_file() => {
            fault("it is not a regular file; pipe it into `imr build -`")
        }
        Ok(metadata) if metadata.len() == 0 && is_made_up(path) => {
            fault("it is not on a disk, but made up by the system; copy it first")
        }
        Ok(metadata) => {
            let stat = (metadata.len(), Times::of(&metadata));
            input(path, stat, named, Lies::File)
        }
        Err(error) => fault(&error.to_string()),
    }
}

/// Whether the system makes up what is read of an empty file, as below `/proc`; some of these never end.
#[cfg(target_os = "linux")]
fn is_made_up(path: &Path) -> bool {
    const PROC: u64 = 0x9FA0;
    rustix::fs::statfs(path).is_ok_and(|system| system.f_type as u64 == PROC)
}

#[cfg(not(target_os = "linux"))]
fn is_made_up(_: &Path) -> bool {
    false
}
