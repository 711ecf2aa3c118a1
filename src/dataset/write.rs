//! Writing a table's Parquet file.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use sha2::{Digest, Sha256};

use super::manifest::{FileEntry, TableEntry};
use super::{Error, io_error};
use crate::tables::{CONTRACT_VERSION, Table};

/// A row group is written when it has so many bytes, so that memory is bounded.
const ROW_GROUP_BYTES: usize = 32 * 1024 * 1024;

/// A row group has no more rows than this, so that readers can use several cores.
const ROW_GROUP_ROWS: usize = 128 * 1024;

/// The file of one table while it is written.
pub struct TableWriter {
    table: &'static Table,
    path: PathBuf,
    rows: u64,
    writer: ArrowWriter<Hashing<BufWriter<File>>>,
}

/// The file of a table below the dataset's folder.
fn part(table: &Table) -> String {
    format!("{}/part-00000.parquet", table.name)
}

impl TableWriter {
    /// Creates the table's folder and file in `dir`.
    pub fn create(dir: &Path, table: &'static Table) -> Result<Self, Error> {
        let path = dir.join(part(table));
        let folder = dir.join(table.name);
        fs::create_dir(&folder).map_err(io_error("cannot create", &folder))?;
        let file = File::create_new(&path).map_err(io_error("cannot create", &path))?;
        let sink = Hashing::new(BufWriter::new(file));
        let writer = properties(table)
            .and_then(|p| ArrowWriter::try_new(sink, table.schema(), Some(p)))
            .map_err(|source| Error::Write {
                table: table.name,
                source,
            })?;
        Ok(Self {
            table,
            path,
            rows: 0,
            writer,
        })
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows += batch.num_rows() as u64;
        let table = self.table.name;
        self.writer
            .write(batch)
            .map_err(|source| Error::Write { table, source })
    }

    /// Ends the file and makes sure that it is on disk.
    pub fn finish(self) -> Result<TableEntry, Error> {
        let (table, rows) = (self.table, self.rows);
        let sink = self.writer.into_inner().map_err(|source| Error::Write {
            table: table.name,
            source,
        })?;
        let cannot_write = || io_error("cannot write", &self.path);
        let (bytes, sha256) = (sink.bytes, hex(&sink.hash.finalize()));
        let file = sink
            .inner
            .into_inner()
            .map_err(|e| cannot_write()(e.into_error()))?;
        file.sync_all().map_err(cannot_write())?;
        let file = FileEntry {
            path: part(table),
            rows,
            bytes,
            sha256,
        };
        Ok(TableEntry {
            name: table.name.to_owned(),
            rows,
            files: vec![file],
        })
    }
}

fn properties(table: &Table) -> Result<WriterProperties, ParquetError> {
    let metadata = [
        ("program", env!("CARGO_PKG_NAME")),
        ("version", env!("CARGO_PKG_VERSION")),
        ("contract_version", CONTRACT_VERSION),
        ("table", table.name),
    ];
    let metadata = metadata.map(|(k, v)| KeyValue::new(k.to_owned(), v.to_owned()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_key_value_metadata(Some(metadata.to_vec()))
        // No two letters have the same text.
        .set_column_dictionary_enabled("text".into(), false);
    Ok(properties.build())
}

/// A hash in hexadecimal digits.
pub fn hex(hash: &[u8]) -> String {
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

/// Hashes and counts what passes through.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        let hash = Sha256::new();
        let bytes = 0;
        Self { inner, hash, bytes }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(buf)?;
        self.hash.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
