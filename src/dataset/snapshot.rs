//! A dataset's files, held open.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::SystemTime;

use super::manifest::{FileEntry, MANIFEST, Manifest};
use super::{Dataset, Error};
use crate::tables::TABLES;

/// How often opening a dataset is begun anew because it was replaced. For another build to come in between each
/// time, all would have to end at the wrong moment.
const ATTEMPTS: usize = 100;

/// A dataset as it was when it was opened. Its files are held open, so that they can be read whatever takes the
/// dataset's place, and when what was replaced is deleted.
#[derive(Debug)]
pub struct Snapshot {
    pub dataset: Dataset,
    /// The file of the manifest.
    pub manifest: File,
    /// The Parquet files of the tables, in the manifest's order.
    pub files: Vec<SnapshotFile>,
}

/// An open Parquet file of a dataset.
#[derive(Debug)]
pub struct SnapshotFile {
    /// Below the dataset's folder, with `/`.
    pub path: String,
    pub bytes: u64,
    pub modified: SystemTime,
    pub file: File,
}

impl SnapshotFile {
    /// Reads a part of the file, from any thread.
    pub fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let bytes = usize::try_from(range.end.saturating_sub(range.start));
        let mut bytes = vec![0; bytes.map_err(io::Error::other)?];
        #[cfg(unix)]
        std::os::unix::fs::FileExt::read_exact_at(&self.file, &mut bytes, range.start)?;
        #[cfg(windows)]
        {
            let (mut at, mut rest) = (range.start, bytes.as_mut_slice());
            while !rest.is_empty() {
                let read = std::os::windows::fs::FileExt::seek_read(&self.file, rest, at)?;
                if read == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                at += read as u64;
                rest = &mut rest[read..];
            }
        }
        Ok(bytes)
    }
}

/// Opens the dataset in `dir` and each of its files. They are those of one dataset, also if it is replaced meanwhile.
pub fn snapshot(dir: &Path) -> Result<Snapshot, Error> {
    let mut attempts = 0;
    loop {
        let folder = Folder::open(dir).map_err(|e| Manifest::missing(dir, e))?;
        let taken = take(dir, &folder);
        attempts += 1;
        // What was replaced is deleted, and cannot be opened any more; another one is there.
        if taken.is_ok() || attempts == ATTEMPTS || folder.is_in_place(dir) {
            return taken;
        }
    }
}

fn take(dir: &Path, folder: &Folder) -> Result<Snapshot, Error> {
    let file = folder.file(MANIFEST);
    let manifest_file = file.map_err(|e| Manifest::missing(dir, e))?;
    let manifest = Manifest::of_file(dir, &manifest_file)?;
    let damaged = |why: String| Error::Damaged {
        path: dir.to_owned(),
        why,
    };
    for table in TABLES {
        let entry = manifest.tables.iter().find(|t| t.name == table.name);
        if entry.is_none_or(|t| t.files.is_empty()) {
            return Err(damaged(format!("table {} has no files", table.name)));
        }
    }
    let open = |entry: &FileEntry| {
        let path = entry.path.clone();
        let opened = folder.file(&path).and_then(|file| {
            let metadata = file.metadata()?;
            Ok((file, metadata))
        });
        let (file, metadata) = opened.map_err(|error| match is_too_many(&error) {
            true => Error::TooManyFiles {
                path: dir.to_owned(),
                files: manifest.files().count(),
            },
            false => damaged(format!("{path}: {error}")),
        })?;
        let (is, was) = (metadata.len(), entry.bytes);
        if is != was {
            return Err(damaged(format!("{path} has {is} bytes, not {was}")));
        }
        Ok(SnapshotFile {
            path,
            bytes: was,
            // It tells versions of a file apart, of which there is one here.
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            file,
        })
    };
    if let Some(inputs) = &manifest.inputs {
        open(inputs)?;
    }
    let files = manifest.files().map(open).collect::<Result<_, _>>()?;
    let dir = dir.to_owned();
    Ok(Snapshot {
        dataset: Dataset { dir, manifest },
        manifest: manifest_file,
        files,
    })
}

/// Whether a file could not be opened because too many are (ENFILE, EMFILE).
fn is_too_many(error: &io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

/// A folder whose files are all opened through one handle: another one that takes its place has none of them.
#[cfg(unix)]
pub struct Folder(File);

#[cfg(unix)]
impl Folder {
    pub fn open(dir: &Path) -> io::Result<Self> {
        File::open(dir).map(Self)
    }

    fn file(&self, path: &str) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags, openat};
        // Where a pipe took a file's place, nobody is waited for.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        Ok(openat(&self.0, path, flags, Mode::empty())?.into())
    }

    /// Whether `dir` is still this folder.
    pub fn is_in_place(&self, dir: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        let same = || {
            let (is, was) = (dir.metadata()?, self.0.metadata()?);
            io::Result::Ok((is.dev(), is.ino()) == (was.dev(), was.ino()))
        };
        same().unwrap_or(true)
    }
}

/// A folder, which cannot be renamed as long as a file in it is open.
#[cfg(not(unix))]
pub struct Folder(std::path::PathBuf);

#[cfg(not(unix))]
impl Folder {
    pub fn open(dir: &Path) -> io::Result<Self> {
        Ok(Self(dir.to_owned()))
    }

    fn file(&self, path: &str) -> io::Result<File> {
        File::open(self.0.join(path))
    }

    /// Whether this folder is still where it was.
    pub fn is_in_place(&self, _: &Path) -> bool {
        true
    }
}
