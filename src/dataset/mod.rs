//! Datasets on disk: building, the commit, the manifest, opening, integrity.

mod build;
pub mod check;
mod encoding;
mod gather;
mod hashing;
mod inputs;
mod letters;
mod lock;
mod manifest;
mod open;
mod pages;
mod read;
mod sink;
mod snapshot;
mod stage;
mod summary;
mod times;
mod update;
mod wilson;
mod write;

use std::io;
use std::path::{Path, PathBuf};

use datafusion::error::DataFusionError;

pub use build::{Options, Progress, Stage, build};
pub use encoding::Layout;
pub use letters::LettersExec;
pub use manifest::{FileEntry, LetterCounts, MANIFEST, Manifest, TableEntry};
pub use open::{Dataset, open};
pub use read::{Sample, parse};
pub use sink::WriteDatasetExec;
pub use snapshot::{Folder, Snapshot, SnapshotFile, snapshot};
pub use summary::{ContextRate, DecisionCounts, ProblemCount, Rate, Summary};
pub use update::{Update, Updated};
pub use wilson::wilson_interval;

/// Files that a program opens beside those of a dataset: what it spills, what its threads wait with.
const SPARE_FILES: usize = 200;

/// Why a dataset could not be built or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done (`cannot write`).
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },

    #[error("there is no dataset in {}: {why}; `imr build LETTERS --out {}` makes one", path.display(), path.display())]
    NoDataset { path: PathBuf, why: String },

    #[error("the dataset {} is damaged: {why}; build it anew with --overwrite", path.display())]
    Damaged { path: PathBuf, why: String },

    #[error("the dataset {} has {files} files, more than the system lets this program open at once; run `ulimit -n {}` before it", path.display(), files + SPARE_FILES)]
    TooManyFiles { path: PathBuf, files: usize },

    #[error("{} holds a dataset already; add --overwrite to replace it", .0.display())]
    Exists(PathBuf),

    #[error("{} holds files that are not a dataset's ({file}) and was not touched; name another folder with --out", path.display())]
    Foreign { path: PathBuf, file: String },

    #[error("{} cannot be updated: {why}; build it anew with --overwrite, or name another folder with --out", path.display())]
    NotUpdatable { path: PathBuf, why: String },

    #[error(
        "what comes through standard input has no name to be known by, so that no dataset is updated with it; save it in a file and name that"
    )]
    UpdateOfStdin,

    #[error("{} is being built by {holder}; wait until that is done (or, if it runs no more, remove {})", path.display(), lock.display())]
    Locked {
        path: PathBuf,
        holder: String,
        lock: PathBuf,
    },

    #[error("{} is a file and was not touched; name a folder with --out", .0.display())]
    IsFile(PathBuf),

    #[error("{} is a mount point, which no dataset can be put in place of; name a folder in it with --out, as {}", .0.display(), .0.join("dataset").display())]
    MountPoint(PathBuf),

    #[error("cannot write table {table}: {source}")]
    Write {
        table: &'static str,
        source: parquet::errors::ParquetError,
    },

    #[error("cannot read table {table}: {source}; `imr check` shows which file is at fault")]
    Read {
        table: &'static str,
        source: parquet::errors::ParquetError,
    },

    #[error("cannot gather the rows of the tables: {0}")]
    Gather(#[from] arrow::error::ArrowError),

    #[error(
        "of {inputs} inputs {counted} are accounted for; this is a bug, and nothing was written"
    )]
    Miscounted { inputs: u64, counted: u64 },

    #[error("a thread stopped unexpectedly; this is a bug, and nothing was written")]
    WorkerLost,

    #[error("cannot start a thread: {0}; close other programs, and run this again")]
    Thread(io::Error),

    #[error("cannot read the letters: {0}")]
    Reading(DataFusionError),
}

/// The engine hands an error on from one operator to the next.
impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Self {
        match error {
            DataFusionError::External(error) => match error.downcast() {
                Ok(own) => *own,
                Err(error) => Error::Reading(DataFusionError::External(error)),
            },
            error => Error::Reading(error),
        }
    }
}

impl From<Error> for DataFusionError {
    fn from(error: Error) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

/// Names the file in an I/O error.
fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        doing,
        path,
        source,
    }
}
