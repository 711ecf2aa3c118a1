//! `inputs.parquet`: what a dataset was built of, so that an update need not read it again.
//!
//! The inputs stand in their order. Each has a row for everything that was found in it; the last of these
//! (or one of its own, where nothing was found) tells of the input itself.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayBuilder, ArrayRef, AsArray, BinaryBuilder, BooleanBuilder, FixedSizeBinaryBuilder,
    RecordBatch, StringBuilder, UInt32Builder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type, UInt64Type};
use datafusion::common::runtime::SpawnedTask;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use sha2::{Digest as _, Sha256};

use super::hashing::Hashing;
use super::letters::{INPUT, READING, SHA256};
use super::manifest::FileEntry;
use super::read::Reading;
use super::{Error, io_error};
use crate::source::{Input, Inputs, Lies};
use crate::tables::nested::Column;
use crate::tables::{Digest, number};

/// The file's name.
pub const INPUTS: &str = "inputs.parquet";

/// An input of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path as given and below it ([`Input::bytes`]).
    pub path: Box<[u8]>,
    /// Whether it was read otherwise than if it had been found in a folder.
    pub is_special: bool,
    pub size: u64,
    /// `None` where nobody knows, as of standard input.
    pub sha256: Option<Digest>,
    /// Whether it need not be read again while it does not change. What could not be read may be readable
    /// next time.
    pub is_settled: bool,
    /// What was found in it, in that order.
    pub holds: Vec<Occurrence>,
}

impl Entry {
    /// Its name in the dataset.
    pub fn source(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// Something that was found in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// What follows the input's name in its own.
    pub suffix: Box<str>,
    pub what: What,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A letter, by the number of its key.
    Letter(u64, Reading),
    /// Something that could not be read: the code and the message of its problem.
    Fault(Box<(String, String)>),
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("suffix", DataType::Utf8, true),
        Field::new("letter_id", DataType::UInt64, true),
        Field::new("reading", DataType::UInt32, true),
        Field::new("code", DataType::Utf8, true),
        Field::new("message", DataType::Utf8, true),
        Field::new("path", DataType::Binary, true),
        Field::new("special", DataType::Boolean, true),
        Field::new("size", DataType::UInt64, true),
        Field::new("sha256", DataType::FixedSizeBinary(32), true),
        Field::new("settled", DataType::Boolean, true),
    ]))
}

/// Rows of a batch.
const BATCH: usize = 8 * 1024;

/// Writes the file.
pub struct Writer {
    writer: ArrowWriter<Hashing<BufWriter<File>>>,
    rows: u64,
    suffix: StringBuilder,
    letter: UInt64Builder,
    reading: UInt32Builder,
    code: StringBuilder,
    message: StringBuilder,
    path: BinaryBuilder,
    special: BooleanBuilder,
    size: UInt64Builder,
    sha256: FixedSizeBinaryBuilder,
    settled: BooleanBuilder,
}

fn failed(source: ParquetError) -> Error {
    let table = INPUTS;
    Error::Write { table, source }
}

impl Writer {
    /// Creates the file in the dataset's folder.
    pub fn create(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(INPUTS);
        let file = File::create_new(&path).map_err(io_error("cannot create", &path))?;
        let level = ZstdLevel::try_new(3).map_err(failed)?;
        let mut properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
        // Each value is another one, so that a dictionary of them is made for nothing.
        for column in ["letter_id", "path", "sha256"] {
            properties = properties.set_column_dictionary_enabled(column.into(), false);
        }
        let sink = Hashing::new(BufWriter::new(file));
        let writer = ArrowWriter::try_new(sink, schema(), Some(properties.build()));
        Ok(Self {
            writer: writer.map_err(failed)?,
            rows: 0,
            suffix: Default::default(),
            letter: Default::default(),
            reading: Default::default(),
            code: Default::default(),
            message: Default::default(),
            path: Default::default(),
            special: Default::default(),
            size: Default::default(),
            sha256: FixedSizeBinaryBuilder::new(32),
            settled: Default::default(),
        })
    }

    /// Adds an input.
    pub fn add(&mut self, entry: &Entry) -> Result<(), Error> {
        let (last, others) = match entry.holds.split_last() {
            Some((last, others)) => (Some(last), others),
            None => (None, &[][..]),
        };
        for occurrence in others {
            self.hold(occurrence)?;
        }
        self.end(last, entry)
    }

    /// Adds something that the next input holds, but for the last.
    fn hold(&mut self, occurrence: &Occurrence) -> Result<(), Error> {
        self.push(Some(occurrence));
        self.path.append_null();
        self.special.append_null();
        self.size.append_null();
        self.sha256.append_null();
        self.settled.append_null();
        self.row()
    }

    /// Adds the last that an input holds, and the input.
    fn end(&mut self, last: Option<&Occurrence>, entry: &Entry) -> Result<(), Error> {
        self.push(last);
        self.path.append_value(&entry.path);
        self.special.append_value(entry.is_special);
        self.size.append_value(entry.size);
        match &entry.sha256 {
            Some(sha256) => self
                .sha256
                .append_value(sha256)
                .map_err(|e| failed(e.into()))?,
            None => self.sha256.append_null(),
        }
        self.settled.append_value(entry.is_settled);
        self.row()
    }

    fn push(&mut self, occurrence: Option<&Occurrence>) {
        self.suffix.append_option(occurrence.map(|o| &o.suffix));
        let what = occurrence.map(|o| &o.what);
        let (letter, fault) = match what {
            Some(What::Letter(id, reading)) => (Some((*id, reading.0)), None),
            Some(What::Fault(fault)) => (None, Some(fault.as_ref())),
            None => (None, None),
        };
        self.letter.append_option(letter.map(|l| l.0));
        self.reading.append_option(letter.map(|l| l.1));
        self.code.append_option(fault.map(|f| &f.0));
        self.message.append_option(fault.map(|f| &f.1));
    }

    fn row(&mut self) -> Result<(), Error> {
        self.rows += 1;
        match self.suffix.len() < BATCH {
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.suffix.finish()),
            Arc::new(self.letter.finish()),
            Arc::new(self.reading.finish()),
            Arc::new(self.code.finish()),
            Arc::new(self.message.finish()),
            Arc::new(self.path.finish()),
            Arc::new(self.special.finish()),
            Arc::new(self.size.finish()),
            Arc::new(self.sha256.finish()),
            Arc::new(self.settled.finish()),
        ];
        let batch = RecordBatch::try_new(schema(), columns)?;
        self.writer.write(&batch).map_err(failed)
    }

    /// Ends the file and makes sure that it is on disk.
    pub fn finish(mut self, dir: &Path) -> Result<FileEntry, Error> {
        self.flush()?;
        self.writer.finish().map_err(failed)?;
        let written = self.writer.inner_mut().finish();
        let (bytes, sha256) = written.map_err(io_error("cannot write", &dir.join(INPUTS)))?;
        Ok(FileEntry {
            path: INPUTS.to_owned(),
            rows: self.rows,
            bytes,
            sha256,
        })
    }
}

/// Inputs of a dataset, in their order.
pub type List = Vec<Arc<Entry>>;

/// Reads the inputs of the dataset in `dir`.
pub fn read(dir: &Path) -> Result<List, Error> {
    let path = dir.join(INPUTS);
    let failed = |source| Error::Read {
        table: INPUTS,
        source,
    };
    let file = File::open(&path).map_err(io_error("cannot read", &path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let same = reader.schema().fields() == schema().fields();
    if !same {
        return Err(Error::Damaged {
            path: dir.to_owned(),
            why: format!("{INPUTS} has other columns than it should have"),
        });
    }
    let reader = reader.with_batch_size(BATCH).build().map_err(failed)?;
    let (mut entries, mut holds) = (List::new(), Vec::new());
    for batch in reader {
        let batch = batch?;
        let column = |n: usize| batch.column(n);
        let suffix = column(0).as_string::<i32>();
        let letter = column(1).as_primitive::<UInt64Type>();
        let reading = column(2).as_primitive::<UInt32Type>();
        let code = column(3).as_string::<i32>();
        let message = column(4).as_string::<i32>();
        let path = column(5).as_binary::<i32>();
        let special = column(6).as_boolean();
        let size = column(7).as_primitive::<UInt64Type>();
        let sha256 = column(8).as_fixed_size_binary();
        let settled = column(9).as_boolean();
        for row in 0..batch.num_rows() {
            if suffix.is_valid(row) {
                let what = match letter.is_valid(row) {
                    true => What::Letter(letter.value(row), Reading(reading.value(row))),
                    false => What::Fault(Box::new((
                        code.value(row).to_owned(),
                        message.value(row).to_owned(),
                    ))),
                };
                let suffix = suffix.value(row).into();
                holds.push(Occurrence { suffix, what });
            }
            if path.is_valid(row) {
                let digest = sha256.is_valid(row).then(|| sha256.value(row).try_into());
                let mut holds = std::mem::take(&mut holds);
                holds.shrink_to_fit();
                entries.push(Arc::new(Entry {
                    path: path.value(row).into(),
                    is_special: special.value(row),
                    size: size.value(row),
                    sha256: digest.and_then(Result::ok),
                    is_settled: settled.value(row),
                    holds,
                }));
            }
        }
    }
    Ok(entries)
}

/// The SHA-256 of a file, if it can be read.
pub fn hash_file(path: &Path) -> Option<Digest> {
    let mut file = File::open(path).ok()?;
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut hash).ok()?;
    Some(hash.finalize().into())
}

/// Writes the inputs of a build while their rows come, in their order.
pub struct Recorder {
    inputs: Arc<Inputs>,
    writer: Writer,
    /// The place of the input that the rows are of.
    at: usize,
    open: Open,
}

/// What is known of an input while its rows come.
#[derive(Default)]
struct Open {
    held: Option<Occurrence>,
    has_rows: bool,
    sha256: Option<Digest>,
    hashing: Option<SpawnedTask<Option<Digest>>>,
    /// It may be readable next time.
    is_lost: bool,
}

/// The code of what the system could not read.
const LOST: &str = "unreadable";

impl Recorder {
    /// Records `inputs` in the dataset's folder.
    pub fn create(inputs: Arc<Inputs>, dir: &Path) -> Result<Self, Error> {
        Ok(Self {
            inputs,
            writer: Writer::create(dir)?,
            at: 0,
            open: Open::default(),
        })
    }

    fn input(&self) -> Option<&Input> {
        self.inputs.iter().as_slice().get(self.at)
    }

    /// Takes the next rows.
    pub async fn take(&mut self, rows: &RecordBatch) -> Result<(), Error> {
        let ids = rows.column(Column::LetterId as usize).as_string::<i32>();
        let sources = rows.column(Column::Source as usize).as_string::<i32>();
        let problems = rows.column(Column::Problems as usize).as_list::<i32>();
        let inputs = rows[INPUT].as_primitive::<UInt32Type>();
        let readings = rows[READING].as_primitive::<UInt32Type>();
        let hashes = rows[SHA256].as_fixed_size_binary();
        for row in 0..rows.num_rows() {
            let place = inputs.value(row) as usize;
            while self.at < place {
                self.close().await?;
            }
            let Some(input) = self.input() else { continue };
            let source = sources.value(row);
            let suffix = source.strip_prefix(&*input.source()).unwrap_or(source);
            let what = match ids.is_valid(row) {
                true => {
                    let id = number(ids.value(row));
                    What::Letter(id, Reading(readings.value(row)))
                }
                false => {
                    let problem = problems.value(row);
                    let text = |column: &str| {
                        let texts = problem.as_struct().column_by_name(column);
                        let texts = texts.and_then(|c| c.as_string_opt::<i32>());
                        let text = texts.filter(|t| !t.is_empty()).map(|t| t.value(0));
                        text.unwrap_or_default().to_owned()
                    };
                    let fault = (text("code"), text("message"));
                    self.open.is_lost |= fault.0 == LOST;
                    What::Fault(Box::new(fault))
                }
            };
            let suffix = suffix.into();
            if hashes.is_valid(row) {
                self.open.sha256 = hashes.value(row).try_into().ok();
            } else if !self.open.has_rows {
                self.hash();
            }
            self.open.has_rows = true;
            let held = self.open.held.replace(Occurrence { suffix, what });
            if let Some(held) = held {
                self.writer.hold(&held)?;
            }
        }
        Ok(())
    }

    /// Hashes a file while it is read.
    fn hash(&mut self) {
        if let Some(file) = self.input().filter(|i| i.lies == Lies::File) {
            let path = file.path.clone();
            let hashing = SpawnedTask::spawn_blocking(move || hash_file(&path));
            self.open.hashing = Some(hashing);
        }
    }

    /// Ends the input.
    async fn close(&mut self) -> Result<(), Error> {
        let Some(input) = self.input().cloned() else {
            return Ok(());
        };
        let is_file = input.lies == Lies::File;
        // What has been read for nothing, as it is in no sample, is not read once more.
        if !self.open.has_rows && !input.is_document() {
            self.hash();
        }
        let Open {
            held,
            has_rows,
            sha256,
            hashing,
            is_lost,
        } = std::mem::take(&mut self.open);
        let hashed = match hashing {
            Some(hashing) if sha256.is_none() => hashing.await.map_err(|_| Error::WorkerLost)?,
            _ => None,
        };
        let sha256 = sha256.or(hashed).filter(|_| !is_lost);
        let rowless = !has_rows && input.is_document();
        let entry = Entry {
            path: input.bytes().into(),
            is_special: input.is_special(),
            size: input.size,
            sha256,
            is_settled: is_file && !is_lost && (rowless || sha256.is_some()),
            holds: Vec::new(),
        };
        self.writer.end(held.as_ref(), &entry)?;
        self.at += 1;
        Ok(())
    }

    /// Ends the file: with all inputs, or those only of which rows came.
    pub async fn finish(mut self, all: bool, dir: &Path) -> Result<FileEntry, Error> {
        if !all && self.open.has_rows {
            self.close().await?;
        }
        while all && self.at < self.inputs.files() {
            self.close().await?;
        }
        self.writer.finish(dir)
    }
}
