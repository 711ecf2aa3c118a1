//! Datasets on disk: building, the commit, the manifest, opening, integrity.

mod build;
pub mod check;
mod manifest;
mod open;
mod stage;
mod summary;
mod wilson;
mod write;

use std::io;
use std::path::{Path, PathBuf};

pub use build::{Options, Progress, build};
pub use manifest::{FileEntry, LetterCounts, MANIFEST, Manifest, TableEntry};
pub use open::{Dataset, open};
pub use summary::{ContextRate, DecisionCounts, ProblemCount, Rate, Summary};
pub use wilson::wilson_interval;

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

    #[error("{} holds a dataset already; add --overwrite to replace it", .0.display())]
    Exists(PathBuf),

    #[error("{} holds files that are not a dataset's ({file}) and was not touched; name another folder with --out", path.display())]
    Foreign { path: PathBuf, file: String },

    #[error("{} is a file and was not touched; name a folder with --out", .0.display())]
    IsFile(PathBuf),

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

    #[error("a reading thread stopped unexpectedly; this is a bug, and nothing was written")]
    WorkerLost,
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
