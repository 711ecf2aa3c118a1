//! Parquet: a row is a row, its text in one column. Only the columns of the text and the id are read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use ::parquet::file::reader::Length;
use arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::document::{Document, Format};
use super::fault::Fault;
use super::jsonl::row_name;
use super::open::{Container, Context, Piece, Place, too_large};
use super::scan::UNIT_DOCUMENTS;
use super::stream::At;

/// Opens a table.
pub(super) fn open(at: At, place: Place, context: &Context) -> Piece {
    let options = &context.options;
    let column = options.text_column.as_str();
    let bytes = at.len() as f64;
    match guarded(|| reader(at, column)) {
        Ok(Ok(Some((reader, rows)))) => Piece::Inner(Box::new(Rows {
            reader,
            bytes_per_row: bytes / rows.max(1) as f64,
            consumed: Arc::clone(&context.consumed),
            batch: None,
            at: 0,
            row: 0,
            done: false,
            column: column.to_owned(),
            place,
            document: options.limits.document,
        })),
        Ok(Ok(None)) => {
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

/// A reader of the columns that are used, and the number of rows; none if the text's column is missing.
fn reader(at: At, column: &str) -> Result<Option<(ParquetRecordBatchReader, i64)>, ArrowError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(at)?;
    let fields = builder.schema().fields();
    let find = |name: &str| fields.iter().position(|f| f.name() == name);
    let Some(text) = find(column) else {
        return Ok(None);
    };
    let columns = [Some(text), find("id")].into_iter().flatten();
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns);
    let batch = UNIT_DOCUMENTS as usize;
    let rows = builder.metadata().file_metadata().num_rows();
    let reader = builder
        .with_projection(mask)
        .with_batch_size(batch)
        .build()?;
    Ok(Some((reader, rows)))
}

/// The rows that were read last.
struct Batch {
    text: StringViewArray,
    id: Option<StringViewArray>,
}

/// Goes through a table.
struct Rows {
    reader: ParquetRecordBatchReader,
    bytes_per_row: f64,
    consumed: Arc<AtomicU64>,
    batch: Option<Batch>,
    /// The next row of the batch, and its number in the file.
    at: usize,
    row: u64,
    done: bool,
    column: String,
    place: Place,
    document: u64,
}

impl Container for Rows {
    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(batch) = &self.batch
                && self.at < batch.text.len()
            {
                let piece = self.read(batch);
                self.at += 1;
                self.row += 1;
                return Some(piece);
            }
            if self.done {
                return None;
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
        if text.len() as u64 > self.document {
            let mut place = self.place.clone();
            place.source = source;
            return too_large(place, self.document);
        }
        Piece::Document(Document {
            source,
            bytes: text.as_bytes().to_vec(),
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
    let strings = |array: &Arc<dyn Array>| {
        let array = cast(array, &DataType::Utf8View).ok()?;
        array.as_string_view_opt().cloned()
    };
    let text = strings(text).ok_or_else(|| kind.clone())?;
    let id = match column {
        "id" => None,
        _ => batch.column_by_name("id").and_then(strings),
    };
    Ok(Batch { text, id })
}
