//! Parquet: a row is a row, its text in one column. Only the columns of the text and the id are read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use ::parquet::file::reader::{ChunkReader, Length};
use arrow::array::{Array, AsArray, BinaryViewArray, RecordBatch, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use bytes::Bytes;

use super::document::{Document, Format};
use super::fault::Fault;
use super::jsonl::row_name;
use super::limits::{Limits, Stop};
use super::open::{Container, Context, Piece, Place, too_large};
use super::scan::UNIT_DOCUMENTS;
use super::stream::At;
use super::thrift;

/// Opens a table.
pub(super) fn open(at: At, place: Place, context: &Context) -> Piece {
    let options = &context.options;
    let column = options.text_column.as_str();
    let bytes = at.len();
    match guarded(|| reader(at, column, options.limits.columns)) {
        Ok(Ok(Found::TooWide)) => place.stopped(
            Stop::Columns(options.limits.columns),
            "select the letters' column",
        ),
        Ok(Ok(Found::Rows(reader, rows))) => Piece::Inner(Box::new(Rows {
            reader,
            bytes,
            expanded: 0,
            bytes_per_row: bytes as f64 / rows.max(1) as f64,
            consumed: Arc::clone(&context.consumed),
            batch: None,
            at: 0,
            row: 0,
            done: false,
            column: column.to_owned(),
            place,
            limits: options.limits.clone(),
        })),
        Ok(Ok(Found::NoColumn)) => {
            let why = format!(
                "it has no column {column}; name the letters' column with --text-column; it was left out"
            );
            place.fault("no_text_column", &why)
        }
        Ok(Err(error)) | Err(error) => {
            place.fault("broken_parquet", &format!("{error}; it was left out"))
        }
    }
}

/// Runs what may stop at broken data.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, ArrowError> {
    let broken = |_| ArrowError::ParquetError("its data is broken".to_owned());
    catch_unwind(AssertUnwindSafe(run)).map_err(broken)
}

/// What a file was found to be.
enum Found {
    /// A reader of the columns that are used, and the number of rows.
    Rows(ParquetRecordBatchReader, i64),
    NoColumn,
    TooWide,
}

fn reader(at: At, column: &str, columns: usize) -> Result<Found, ArrowError> {
    if !footer(&at)?.is_none_or(|footer| thrift::is_sound(&footer)) {
        let broken = "its footer is broken".to_owned();
        return Err(ArrowError::ParquetError(broken));
    }
    let metadata = metadata(&at)?;
    let fields = metadata.schema().fields();
    if fields.len() > columns {
        return Ok(Found::TooWide);
    }
    let find = |name: &str| fields.iter().position(|f| f.name() == name);
    let Some(text) = find(column) else {
        return Ok(Found::NoColumn);
    };
    let columns = [Some(text), find("id")].into_iter().flatten();
    let mask = ProjectionMask::roots(metadata.parquet_schema(), columns);
    let rows = metadata.metadata().file_metadata().num_rows();
    let options = ArrowReaderOptions::new().with_schema(viewed(metadata.schema(), text));
    let viewed = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options);
    let metadata = viewed.unwrap_or(metadata);
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(at, metadata);
    let batch = UNIT_DOCUMENTS as usize;
    let reader = builder
        .with_projection(mask)
        .with_batch_size(batch)
        .build()?;
    Ok(Found::Rows(reader, rows))
}

/// The footer's bytes; none where it is not at its place, which the reader tells best.
fn footer(at: &At) -> Result<Option<Bytes>, ArrowError> {
    const END: u64 = 8;
    let Some(end) = at.len().checked_sub(END) else {
        return Ok(None);
    };
    let last = at.get_bytes(end, END as usize)?;
    let length = u32::from_le_bytes([last[0], last[1], last[2], last[3]]);
    match end.checked_sub(length.into()) {
        Some(begin) if last.ends_with(b"PAR1") => Ok(Some(at.get_bytes(begin, length as usize)?)),
        _ => Ok(None),
    }
}

/// How long a footer may take; real ones take some milliseconds.
const FOOTER: Duration = Duration::from_secs(30);

/// Reads the footer, in a thread of its own: what [`thrift`] does not find may still keep the reader busy for hours,
/// and nothing but the end of the program stops it then.
fn metadata(at: &At) -> Result<ArrowReaderMetadata, ArrowError> {
    let (sender, receiver) = mpsc::channel();
    let at = at.clone();
    thread::Builder::new().spawn(move || {
        let read = guarded(|| ArrowReaderMetadata::load(&at, ArrowReaderOptions::new()));
        // Nobody may wait any more.
        let _ = sender.send(read);
    })?;
    match receiver.recv_timeout(FOOTER) {
        Ok(read) => Ok(read??),
        Err(_) => {
            let slow = format!("its footer takes more than {} s to read", FOOTER.as_secs());
            Err(ArrowError::ParquetError(slow))
        }
    }
}

/// The schema with the text as views: a text that stands once in the file is then once in memory, however many
/// rows have it.
fn viewed(schema: &Schema, text: usize) -> SchemaRef {
    let view = |(n, field): (usize, &FieldRef)| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 if n == text => with_type(field, DataType::Utf8View),
        DataType::Binary | DataType::LargeBinary if n == text => {
            with_type(field, DataType::BinaryView)
        }
        _ => Arc::clone(field),
    };
    let fields = schema.fields().iter().enumerate().map(view);
    let fields: Vec<_> = fields.collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn with_type(field: &FieldRef, data_type: DataType) -> FieldRef {
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

/// The rows that were read last.
struct Batch {
    text: BinaryViewArray,
    id: Option<StringViewArray>,
}

/// Goes through a table.
struct Rows {
    reader: ParquetRecordBatchReader,
    /// Of the file, and what its rows have expanded to so far.
    bytes: u64,
    expanded: u64,
    bytes_per_row: f64,
    consumed: Arc<AtomicU64>,
    batch: Option<Batch>,
    /// The next row of the batch, and its number in the file.
    at: usize,
    row: u64,
    done: bool,
    column: String,
    place: Place,
    limits: Limits,
}

/// What a row counts beside its text: a file of a few bytes may hold any number of empty ones.
const ROW: u64 = 64;

impl Container for Rows {
    fn next(&mut self) -> Option<Piece> {
        loop {
            if self.done {
                return None;
            }
            if let Some(batch) = &self.batch
                && self.at < batch.text.len()
            {
                let size = match batch.text.is_valid(self.at) {
                    true => batch.text.value(self.at).len() as u64,
                    false => 0,
                };
                self.expanded = self.expanded.saturating_add(size + ROW);
                if let Err(stop) = self.limits.expansion(self.bytes, self.expanded) {
                    self.done = true;
                    let why = format!("{stop}; the rows before row {} were read", self.row);
                    return Some(self.place.clone().fault(stop.code(), &why));
                }
                let piece = self.read(batch);
                self.at += 1;
                self.row += 1;
                return Some(piece);
            }
            match guarded(|| self.reader.next()) {
                Ok(None) => self.done = true,
                Ok(Some(Ok(batch))) => match columns(&batch, &self.column) {
                    Ok(batch) => {
                        let bytes = batch.text.len() as f64 * self.bytes_per_row;
                        self.consumed.fetch_add(bytes as u64, Relaxed);
                        self.batch = Some(batch);
                        self.at = 0;
                    }
                    Err(kind) => {
                        self.done = true;
                        let why = format!(
                            "its column {} holds {kind}, not text; it was left out",
                            self.column
                        );
                        return Some(self.place.clone().fault("no_text_column", &why));
                    }
                },
                Ok(Some(Err(error))) | Err(error) => {
                    self.done = true;
                    let why = format!("{error}; the rows before row {} were read", self.row);
                    return Some(self.place.clone().fault("broken_parquet", &why));
                }
            }
        }
    }
}

impl Rows {
    /// Reads the next row of the batch.
    fn read(&self, batch: &Batch) -> Piece {
        let id = batch.id.as_ref().filter(|id| id.is_valid(self.at));
        let id = id.map(|id| id.value(self.at));
        let source = row_name(&self.place.source, self.row, id);
        if batch.text.is_null(self.at) {
            let column = &self.column;
            let message = format!("cannot read {source}: its {column} is NULL; it was left out");
            return Piece::Fault(Fault::new(source, "no_text_column", message));
        }
        let text = batch.text.value(self.at);
        if text.len() as u64 > self.limits.document {
            let mut place = self.place.clone();
            place.source = source;
            return too_large(place, self.limits.document);
        }
        Piece::Document(Document {
            source,
            bytes: text.to_vec(),
            format: Format::Text,
        })
    }
}

/// The columns as strings; the error is the type that cannot be one.
fn columns(batch: &RecordBatch, column: &str) -> Result<Batch, DataType> {
    let text = batch.column_by_name(column).ok_or(DataType::Null)?;
    let kind = match text.data_type() {
        DataType::Dictionary(_, value) => value,
        kind => kind,
    };
    let textual = matches!(
        kind,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
    );
    if !textual {
        return Err(kind.clone());
    }
    // Bytes need not be UTF-8: they are decoded as those of a file.
    let bytes = match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            cast(text, &DataType::Utf8View).and_then(|text| cast(&text, &DataType::BinaryView))
        }
        _ => cast(text, &DataType::BinaryView),
    };
    let bytes = bytes.ok().and_then(|b| b.as_binary_view_opt().cloned());
    let text = bytes.ok_or_else(|| kind.clone())?;
    let id = match column {
        "id" => None,
        _ => batch.column_by_name("id").and_then(|id| {
            let id = cast(id, &DataType::Utf8View).ok()?;
            id.as_string_view_opt().cloned()
        }),
    };
    Ok(Batch { text, id })
}
