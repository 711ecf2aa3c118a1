//! Opening a dataset.

use std::path::{Path, PathBuf};

use super::Error;
use super::manifest::{Manifest, TableEntry};
use super::snapshot::snapshot;

/// A dataset whose manifest was read and whose files are all there.
#[derive(Debug, Clone)]
pub struct Dataset {
    pub dir: PathBuf,
    pub manifest: Manifest,
}

/// Opens the dataset in `dir`. Its files must be there, of the size that the manifest says; what they
/// hold is looked at by [`super::check`].
pub fn open(dir: &Path) -> Result<Dataset, Error> {
    Ok(snapshot(dir)?.dataset)
}

impl Dataset {
    /// What the manifest says of a table.
    pub fn table(&self, name: &str) -> Option<&TableEntry> {
        self.manifest.tables.iter().find(|t| t.name == name)
    }

    /// The Parquet files of a table, in order; none for a table that is not there.
    pub fn files(&self, table: &str) -> Vec<PathBuf> {
        let files = self.table(table).map_or(&[][..], |t| &t.files);
        files.iter().map(|f| self.dir.join(&f.path)).collect()
    }

    /// The size of all files.
    pub fn bytes(&self) -> u64 {
        self.manifest.files().map(|f| f.bytes).sum()
    }
}
