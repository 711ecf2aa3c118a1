//! Finding the files to read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use glob::PatternError;

use super::Options;
use super::kind::{self, Kind};
use super::scan::Scan;
use super::search::Search;

/// Everything that a build reads, sorted bytewise by path, so that results depend neither on the order of
/// the arguments nor on that of the file system.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    pub(super) files: Arc<[Input]>,
    /// When the search began, in nanoseconds since 1970.
    pub searched: i64,
    /// How many files were passed over, by extension (`.doc`; empty for none).
    pub skipped: BTreeMap<String, u64>,
}

/// How files are found.
#[derive(Debug, Clone, Default)]
pub struct FindOptions {
    /// A list of further files and folders, one a line, or ended by NUL where it has one; `-` is standard
    /// input.
    pub files_from: Option<PathBuf>,
}

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    pub path: Box<Path>,
    /// In bytes; 0 where it is not known.
    pub size: u64,
    pub times: Times,
    /// Whether it was named itself, not found in a folder.
    pub named: bool,
    pub lies: Lies,
}

/// When a file was last written, and when anything about it last changed (where the system tells that), in
/// nanoseconds since 1970; 0 where it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    pub modified: i64,
    pub changed: i64,
}

/// Nanoseconds since 1970, or 0.
fn nanoseconds(time: Option<SystemTime>) -> i64 {
    let since = time.and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.map_or(0, |t| i64::try_from(t.as_nanos()).unwrap_or(0))
}

impl Times {
    /// What the system tells of a file.
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = nanoseconds(metadata.modified().ok());
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            let seconds = metadata.ctime().saturating_mul(1_000_000_000);
            seconds.saturating_add(metadata.ctime_nsec())
        };
        #[cfg(not(unix))]
        let changed = 0;
        Self { modified, changed }
    }
}

/// What was found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lies {
    File,
    Stdin,
    /// Held in memory.
    Bytes(Bytes),
    /// Why it cannot be read, where the search has already shown that.
    Fault(Box<str>),
}

/// What was named on the command line cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    #[error("no such file or folder: {}: {source}; name the letters' files or the folders that hold them", path.display())]
    Missing { path: PathBuf, source: io::Error },
    #[error("no file matches {0}")]
    NoMatch(String),
    #[error("{pattern} is no pattern: {source}")]
    Pattern {
        pattern: String,
        source: PatternError,
    },
    #[error("cannot read the list {}: {source}", path.display())]
    List { path: PathBuf, source: io::Error },
    #[error("standard input is either the letters (-) or their list (--files-from -), not both")]
    StdinTwice,
}

/// The name of standard input.
const STDIN: &str = "-";

impl Inputs {
    /// Looks through `paths` and the list of `options` for files to read: files, folders to any depth,
    /// patterns (`letters/**/*.pdf`), and `-`, standard input.
    pub fn find<P: AsRef<Path>>(paths: &[P], options: &FindOptions) -> Result<Self, FindError> {
        let mut search = Search::begun(nanoseconds(Some(SystemTime::now())));
        let stdin = |path: &Path| path == Path::new(STDIN);
        for path in paths {
            let path = path.as_ref();
            if stdin(path) {
                search.push(path, true, Lies::Stdin);
            } else {
                search.argument(path)?;
            }
        }
        if let Some(list) = &options.files_from {
            if stdin(list) && paths.iter().any(|path| stdin(path.as_ref())) {
                return Err(FindError::StdinTwice);
            }
            let read = if stdin(list) {
                let mut bytes = Vec::new();
                io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            } else {
                fs::read(list)
            };
            let bytes = read.map_err(|source| FindError::List {
                path: list.clone(),
                source,
            })?;
            for path in listed(&bytes) {
                search.listed(Path::new(&path));
            }
        }
        Ok(search.finish())
    }

    /// One input that is in memory already. Its name tells what it holds where its content does not.
    pub fn held(name: &str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let mut search = Search::default();
        let stat = (bytes.len() as u64, Times::default());
        search.add(Path::new(name), stat, true, Lies::Bytes(bytes));
        search.finish()
    }

    /// How many files there are to read. An archive is one.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// How many bytes they have together, as far as that is known before they are read.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// The files, in their order.
    pub fn iter(&self) -> slice::Iter<'_, Input> {
        self.files.iter()
    }

    /// Those of the files that are `wanted`, which are asked for in their order.
    pub fn only(&self, mut wanted: impl FnMut(&Input) -> bool) -> Self {
        Self {
            files: self.iter().filter(|file| wanted(file)).cloned().collect(),
            searched: self.searched,
            skipped: self.skipped.clone(),
        }
    }

    /// Goes through all of them.
    pub fn scan(&self, options: &Options) -> Scan {
        Scan::new(self, options)
    }
}

impl Input {
    /// Its name in the dataset: the path as given and below it, with `/` between the parts.
    pub fn source(&self) -> Cow<'_, str> {
        self.path.to_string_lossy()
    }

    /// Its path as bytes, by which the inputs are sorted.
    pub fn bytes(&self) -> &[u8] {
        self.path.as_os_str().as_encoded_bytes()
    }

    /// Whether it is read otherwise than if it had been found in a folder.
    pub fn is_special(&self) -> bool {
        self.named && kind::is_json(&self.source())
    }

    /// Whether it is one document by its name.
    pub fn is_document(&self) -> bool {
        matches!(kind::by_name(&self.source()), Some(Kind::Document(_)))
    }
}

/// The paths of a list.
fn listed(bytes: &[u8]) -> impl Iterator<Item = OsString> {
    let end = if bytes.contains(&0) { 0 } else { b'\n' };
    bytes
        .split(move |b| *b == end)
        .map(move |path| match end {
            0 => path,
            _ => path.strip_suffix(b"\r").unwrap_or(path),
        })
        .filter(|path| !path.is_empty())
        .map(path)
}

/// The path of such bytes ([`Input::bytes`]).
#[cfg(unix)]
pub fn path(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec())
}

/// The path of such bytes ([`Input::bytes`]).
#[cfg(not(unix))]
pub fn path(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(paths: &[&Path]) -> Inputs {
        Inputs::find(paths, &FindOptions::default()).unwrap()
    }

    fn sources(inputs: &Inputs, root: &Path) -> Vec<String> {
        let root = root.to_str().unwrap().len() + 1;
        let sources = inputs.files.iter().map(|f| f.source()[root..].to_owned());
        sources.collect()
    }

    #[test]
    fn folders_are_searched_to_any_depth_and_sorted_bytewise() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        for file in [
            "a/z.txt",
            "a-1.zip",
            "a/b/c.PDF",
            "a/b/d.doc",
            "a/README",
            "B.jsonl",
        ] {
            fs::write(dir.path().join(file), "xx").unwrap();
        }
        let inputs = find(&[dir.path()]);
        let names = sources(&inputs, dir.path());
        assert_eq!(names, ["B.jsonl", "a-1.zip", "a/b/c.PDF", "a/z.txt"]);
        assert_eq!((inputs.files(), inputs.bytes()), (4, 8));
        let skipped: Vec<_> = inputs.skipped.into_iter().collect();
        assert_eq!(skipped, [(String::new(), 1), (".doc".to_owned(), 1)]);
    }

    #[test]
    fn a_file_named_itself_is_taken_once_whatever_its_extension() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.dat");
        fs::write(&file, "x").unwrap();
        let inputs = find(&[dir.path(), &file, &file]);
        assert_eq!(inputs.files(), 1);
    }

    #[test]
    fn patterns_are_expanded() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        for file in ["a/1.pdf", "a/b/2.pdf", "a/b/3.txt", "x[1].txt"] {
            fs::write(dir.path().join(file), "x").unwrap();
        }
        let inputs = find(&[&dir.path().join("a/**/*.pdf")]);
        assert_eq!(sources(&inputs, dir.path()), ["a/1.pdf", "a/b/2.pdf"]);
        // What is there under that very name is no pattern.
        let inputs = find(&[&dir.path().join("x[1].txt")]);
        assert_eq!(inputs.files(), 1);
        let none = [dir.path().join("*.zip")];
        let error = Inputs::find(&none, &FindOptions::default()).unwrap_err();
        assert!(error.to_string().contains("no file matches"), "{error}");
    }

    #[test]
    fn lists_are_of_lines_or_ended_by_nul() {
        let paths = |bytes: &[u8]| listed(bytes).collect::<Vec<_>>();
        assert_eq!(paths(b"a b\r\n\nc\n"), ["a b", "c"]);
        assert_eq!(paths(b"a\nb\0c\0"), ["a\nb", "c"]);
    }

    #[test]
    fn a_missing_path_is_an_error_but_in_a_list_a_fault() {
        let error = Inputs::find(&["no/such/folder"], &FindOptions::default());
        let error = error.unwrap_err().to_string();
        assert!(error.contains("no/such/folder"), "{error}");
        let dir = tempfile::tempdir().unwrap();
        let list = dir.path().join("list");
        fs::write(&list, "no/such/file.txt\n").unwrap();
        let options = FindOptions {
            files_from: Some(list),
        };
        let inputs = Inputs::find::<&Path>(&[], &options).unwrap();
        assert!(matches!(inputs.files[0].lies, Lies::Fault(_)));
    }

    #[cfg(unix)]
    #[test]
    fn link_loops_end_and_dangling_links_are_unreadable() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/x.txt"), "x").unwrap();
        symlink(dir.path(), dir.path().join("a/up")).unwrap();
        symlink("nowhere", dir.path().join("a/y.txt")).unwrap();
        let inputs = find(&[dir.path()]);
        let read = inputs.files.iter().map(|f| f.lies == Lies::File);
        assert_eq!(read.collect::<Vec<_>>(), [true, false]);
    }
}
