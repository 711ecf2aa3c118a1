//! `manifest.json`: what a dataset consists of, and the mark by which a folder is known as one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::hashing::hex;
use super::read::Sample;
use super::{Error, io_error};
use crate::tables::CONTRACT_VERSION;

/// The manifest's file name.
pub const MANIFEST: &str = "manifest.json";

/// The value of `format` by which a manifest is known as ours.
const FORMAT: &str = "imr-dataset";

/// The extraction version of this program: letters that were parsed under another one are parsed anew.
pub const EXTRACTION: &str = env!("IMR_EXTRACTION");

/// What a dataset consists of. It holds no times, so that the same letters give the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    pub contract_version: String,
    pub program: String,
    pub version: String,
    /// A hash of all that determined what was read in the letters' texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extraction: Option<String>,
    pub letters: LetterCounts,
    /// What of the inputs was read, where it was not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// How the inputs were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<ReadOptions>,
    /// The list of the inputs with their hashes; a dataset of an early version has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<FileEntry>,
    pub tables: Vec<TableEntry>,
}

/// How the inputs of a build were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOptions {
    /// The column of tables that holds the letters.
    pub text_column: String,
}

/// What of its inputs a build has read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// No more than so many letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// A share of the letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<f64>,
}

/// How every input of a build ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterCounts {
    /// All that was met: the sum of the others.
    pub read: u64,
    pub parsed: u64,
    pub partial: u64,
    pub rejected: u64,
    /// The same bytes as another; left out.
    pub duplicates: u64,
    /// Could not be read at all.
    pub unreadable: u64,
}

impl LetterCounts {
    /// The rows of the table `letters`.
    pub fn rows(&self) -> u64 {
        self.parsed + self.partial + self.rejected
    }

    /// Everything that is accounted for.
    pub fn sum(&self) -> u64 {
        self.rows() + self.duplicates + self.unreadable
    }
}

/// A table's part of the dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    pub name: String,
    pub rows: u64,
    pub files: Vec<FileEntry>,
}

/// One Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Below the dataset's folder, with `/`.
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

/// How the JSON of a manifest ends before it is sealed.
const END: &str = "\n}";

/// What stands at the end of a manifest after `content`: the SHA-256 of that, as a last member `sha256`. So
/// each bit of the file is either hashed or part of this.
fn seal(content: &[u8]) -> String {
    let sha256 = hex(&Sha256::digest(content));
    format!(",\n  \"sha256\": \"{sha256}\"{END}\n")
}

/// Whether a manifest's file ends with its seal.
fn is_sealed(bytes: &[u8]) -> bool {
    let content = bytes.len().checked_sub(seal(&[]).len());
    let parts = content.map(|content| bytes.split_at(content));
    parts.is_some_and(|(content, end)| seal(content).as_bytes() == end)
}

impl Manifest {
    pub(super) fn new(letters: LetterCounts, tables: Vec<TableEntry>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            contract_version: CONTRACT_VERSION.to_owned(),
            program: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            extraction: Some(EXTRACTION.to_owned()),
            letters,
            selection: None,
            options: None,
            inputs: None,
            tables,
        }
    }

    /// Notes that not everything was read.
    pub(super) fn selected(mut self, limit: Option<usize>, sample: Option<Sample>) -> Self {
        let sample = sample.map(Sample::share);
        let some = limit.is_some() || sample.is_some();
        self.selection = some.then_some(Selection { limit, sample });
        self
    }

    /// Notes what was read and how.
    pub(super) fn of(mut self, inputs: FileEntry, text_column: &str) -> Self {
        let text_column = text_column.to_owned();
        self.options = Some(ReadOptions { text_column });
        self.inputs = Some(inputs);
        self
    }

    /// Reads the manifest of the dataset in `dir`.
    #[cfg(test)]
    pub(super) fn read(dir: &Path) -> Result<Self, Error> {
        let file = File::open(dir.join(MANIFEST));
        Self::of_file(dir, &file.map_err(|e| Self::missing(dir, e))?)
    }

    /// Reads the manifest of the dataset in `dir` from its open file.
    pub(super) fn of_file(dir: &Path, mut file: &File) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(io_error("cannot read", &dir.join(MANIFEST)))?;
        let manifest = Self::parse(&bytes).map_err(|why| Error::NoDataset {
            path: dir.to_owned(),
            why,
        })?;
        let damaged = |why: String| Error::Damaged {
            path: dir.to_owned(),
            why,
        };
        if !is_sealed(&bytes) {
            return Err(damaged(format!(
                "its {MANIFEST} is not as it was written: the SHA-256 at its end is not that of what stands before"
            )));
        }
        if manifest.contract_version != CONTRACT_VERSION {
            return Err(damaged(format!(
                "it keeps version {} of the data contract, this program version {CONTRACT_VERSION}",
                manifest.contract_version
            )));
        }
        Ok(manifest)
    }

    /// Why there is no manifest to read in `dir`.
    pub(super) fn missing(dir: &Path, error: io::Error) -> Error {
        let why = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                match dir.symlink_metadata() {
                    Ok(_) => format!("it has no {MANIFEST}"),
                    Err(_) => "there is no such folder".to_owned(),
                }
            }
            _ => return io_error("cannot read", &dir.join(MANIFEST))(error),
        };
        let path = dir.to_owned();
        Error::NoDataset { path, why }
    }

    /// Reads a manifest, whether its seal holds or not; else says what it is not.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(bytes)
            .map_err(|e| format!("its {MANIFEST} is not a dataset's ({e})"))?;
        match manifest.format == FORMAT {
            true => Ok(manifest),
            false => Err(format!("its {MANIFEST} is not a dataset's")),
        }
    }

    /// The manifest as it stands in its file, sealed.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.truncate(json.len() - END.len());
        json.extend(seal(&json).into_bytes());
        Ok(json)
    }

    /// Every Parquet file of the tables.
    pub fn files(&self) -> impl Iterator<Item = &FileEntry> {
        self.tables.iter().flat_map(|t| &t.files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_is_noticed() {
        let table = TableEntry {
            name: "letters".to_owned(),
            rows: 1,
            files: Vec::new(),
        };
        let manifest = Manifest::new(LetterCounts::default(), vec![table]);
        let json = manifest.to_json().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(MANIFEST);
        std::fs::write(&path, &json).unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), manifest);
        for bit in 0..json.len() * 8 {
            let mut flipped = json.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &flipped).unwrap();
            assert!(Manifest::read(dir.path()).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn the_seal_is_a_member_like_the_others() {
        let json = Manifest::new(LetterCounts::default(), Vec::new()).to_json();
        let json: serde_json::Value = serde_json::from_slice(&json.unwrap()).unwrap();
        assert_eq!(json["sha256"].as_str().unwrap().len(), 64);
    }
}
