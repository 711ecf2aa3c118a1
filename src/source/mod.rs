//! Where letters come from: files and folders → (source name, bytes).

pub mod decode;
mod scan;

pub use scan::{Fault, Scan, Unit};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use walkdir::WalkDir;

/// The largest file that is read. Letters have some 10 KB to 100 KB; the bound keeps the memory of a
/// build bounded, and every offset within the dataset's 32-bit integers.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A document as it was found, not yet decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name in the dataset (`letters.source`).
    pub source: String,
    pub bytes: Vec<u8>,
}

/// A place to read one document from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    path: PathBuf,
    /// Why it cannot be read, where the search has already shown that.
    fault: Option<Box<str>>,
}

/// Everything that a build reads, sorted bytewise by source, so that results depend neither on the
/// order of the arguments nor on that of the file system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    pub documents: Vec<Input>,
    /// How many files were passed over, by extension (`.pdf`; empty for none).
    pub skipped: BTreeMap<String, u64>,
}

/// A path named on the command line that is not there.
#[derive(Debug, thiserror::Error)]
#[error("no such file or folder: {}: {source}; name the letters' files or the folders that hold them", path.display())]
pub struct Missing {
    path: PathBuf,
    source: io::Error,
}

impl Inputs {
    /// Looks through `paths`, folders to any depth, for documents to read.
    pub fn find<P: AsRef<Path>>(paths: &[P]) -> Result<Self, Missing> {
        let mut found = Self::default();
        for path in paths {
            let path = path.as_ref();
            if let Err(source) = path.symlink_metadata() {
                let path = path.to_owned();
                return Err(Missing { path, source });
            }
            found.walk(path);
        }
        let documents = &mut found.documents;
        documents.sort_by(|a, b| a.source().as_bytes().cmp(b.source().as_bytes()));
        // A file reached twice (`letters letters/a.txt`) is one input.
        documents.dedup_by(|a, b| a.path == b.path);
        Ok(found)
    }

    fn walk(&mut self, root: &Path) {
        for entry in WalkDir::new(root).follow_links(true) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    let odd = !entry.file_type().is_file();
                    let fault = odd.then(|| "it is not a regular file".to_owned());
                    self.add(entry.path(), fault);
                }
                // The folder that the link leads back to is being walked already.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    let cause = error.io_error().map(ToString::to_string);
                    let fault = cause.unwrap_or_else(|| error.to_string());
                    if path.is_dir() {
                        self.push(&path, Some(fault)); // a folder that may not be listed
                    } else {
                        self.add(&path, Some(fault));
                    }
                }
            }
        }
    }

    /// Takes a text file, counts any other.
    fn add(&mut self, path: &Path, fault: Option<String>) {
        let extension = path.extension().map(OsStr::to_string_lossy);
        match extension {
            Some(e) if e.eq_ignore_ascii_case("txt") => self.push(path, fault),
            Some(e) => {
                *self
                    .skipped
                    .entry(format!(".{}", e.to_lowercase()))
                    .or_default() += 1
            }
            None => *self.skipped.entry(String::new()).or_default() += 1,
        }
    }

    fn push(&mut self, path: &Path, fault: Option<String>) {
        let path = path.to_owned();
        let fault = fault.map(String::into_boxed_str);
        self.documents.push(Input { path, fault });
    }
}

impl Input {
    /// Its name in the dataset: the path as given and below it, with `/` between the parts.
    pub fn source(&self) -> Cow<'_, str> {
        match self.path.to_string_lossy() {
            name if MAIN_SEPARATOR != '/' => name.replace(MAIN_SEPARATOR, "/").into(),
            name => name,
        }
    }

    /// Reads the document; the error says why it cannot be read.
    pub fn read(&self) -> Result<Document, String> {
        if let Some(fault) = &self.fault {
            return Err(fault.to_string());
        }
        let file = File::open(&self.path).map_err(|e| e.to_string())?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| e.to_string())?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!(
                "it is larger than {} MiB; split it into a file a letter",
                MAX_BYTES >> 20
            ));
        }
        let source = self.source().into_owned();
        Ok(Document { source, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn sources(inputs: &Inputs) -> Vec<Cow<'_, str>> {
        inputs.documents.iter().map(Input::source).collect()
    }

    #[test]
    fn folders_are_searched_to_any_depth_and_sorted_bytewise() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        for file in [
            "a/z.txt",
            "a-1.txt",
            "a/b/c.TXT",
            "a/b/d.pdf",
            "a/README",
            "B.txt",
        ] {
            fs::write(dir.path().join(file), "x").unwrap();
        }
        let inputs = Inputs::find(&[dir.path()]).unwrap();
        let root = dir.path().to_str().unwrap();
        let sources = sources(&inputs);
        let names: Vec<_> = sources.iter().map(|s| &s[root.len() + 1..]).collect();
        assert_eq!(names, ["B.txt", "a-1.txt", "a/b/c.TXT", "a/z.txt"]);
        let skipped: Vec<_> = inputs.skipped.into_iter().collect();
        assert_eq!(skipped, [(String::new(), 1), (".pdf".to_owned(), 1)]);
    }

    #[test]
    fn a_file_named_twice_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.txt");
        fs::write(&file, "x").unwrap();
        let inputs = Inputs::find(&[dir.path(), &file]).unwrap();
        assert_eq!(inputs.documents.len(), 1);
        assert_eq!(inputs.documents[0].read().unwrap().bytes, b"x");
    }

    #[test]
    fn a_missing_path_is_an_error_that_names_it() {
        let error = Inputs::find(&["no/such/folder"]).unwrap_err().to_string();
        assert!(error.contains("no/such/folder"), "{error}");
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
        let inputs = Inputs::find(&[dir.path()]).unwrap();
        let read: Vec<_> = inputs.documents.iter().map(|d| d.read().is_ok()).collect();
        assert_eq!(read, [true, false]);
    }
}
