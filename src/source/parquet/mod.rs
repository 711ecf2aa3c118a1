//! Parquet: a row is a row, its text in one column. Only the columns of the text and the id are read.

mod delta;
mod footer;
mod pages;
mod thrift;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use ::parquet::arrow::{
    FieldLevels, ProjectionMask, parquet_to_arrow_field_levels, parquet_to_arrow_schema_by_columns,
};
use ::parquet::basic::{Repetition, Type as Physical};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::file::reader::Length;
use ::parquet::schema::types::Type;
use arrow::array::{Array, AsArray, BinaryViewArray, RecordBatch, StringViewArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Fields};
use arrow::error::ArrowError;

use super::document::{Document, Format};
use super::fault::{Fault, rows_before};
use super::jsonl::row_name;
use super::limits::{Limits, Stop};
use super::open::{Container, Context, Piece, Place, too_large};
use super::scan::UNIT_DOCUMENTS;
use super::stream::At;
use pages::{Budget, Group};

/// Opens a table.
pub(super) fn open(at: At, place: Place, context: &Context) -> Piece {
    let options = &context.options;
    let column = options.text_column.as_str();
    let bytes = at.len();
    match guarded(|| Groups::new(at, column, &options.limits)).flatten() {
        Ok(groups) => Piece::Inner(Box::new(Rows {
            bytes,
            expanded: 0,
            bytes_per_row: bytes as f64 / groups.rows().max(1) as f64,
            groups,
            consumed: Arc::clone(&context.consumed),
            batch: None,
            at: 0,
            row: 0,
            done: false,
            column: column.to_owned(),
            place,
            limits: options.limits.clone(),
        })),
        Err(Error::TooWide) => place.stopped(
            Stop::Columns(options.limits.columns),
            "select the letters' column",
        ),
        Err(Error::NoColumn) => {
            let why = format!(
                "it has no column {column}; name the letters' column with --text-column; it was left out"
            );
            place.fault("no_text_column", &why)
        }
        Err(Error::NotText(kind)) => no_text(place, column, &kind),
        Err(Error::Broken(why)) => {
            place.fault("broken_parquet", &format!("{why}; it was left out"))
        }
    }
}

fn no_text(place: Place, column: &str, kind: &DataType) -> Piece {
    let kind = match kind.is_nested() {
        true => "lists or groups".to_owned(),
        false => kind.to_string(),
    };
    let why = format!("its column {column} holds {kind}, not text; it was left out");
    place.fault("no_text_column", &why)
}

/// Why a table is not read.
enum Error {
    Broken(String),
    TooWide,
    NoColumn,
    NotText(DataType),
}

fn broken(why: &str) -> Error {
    Error::Broken(why.to_owned())
}

impl From<ParquetError> for Error {
    fn from(error: ParquetError) -> Self {
        Error::Broken(error.to_string())
    }
}

impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Self {
        Error::Broken(error.to_string())
    }
}

/// Runs what may stop at broken data.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| broken("its data is broken"))
}

/// Goes through the row groups of a table.
struct Groups {
    at: At,
    metadata: Arc<ParquetMetaData>,
    levels: FieldLevels,
    /// The place of the text among the columns of a row group, and whether it is read as views.
    text: usize,
    is_viewed: bool,
    budget: Arc<Budget>,
    /// The next row group, and the reader of the one before it.
    next: usize,
    reader: Option<ParquetRecordBatchReader>,
}

impl Groups {
    fn new(at: At, column: &str, limits: &Limits) -> Result<Self, Error> {
        let metadata = footer::read(&at, limits.columns)?;
        let schema = metadata.file_metadata().schema_descr();
        let fields = schema.root_schema().get_fields();
        if fields.len() > limits.columns {
            return Err(Error::TooWide);
        }
        let find = |name: &str| fields.iter().position(|f| f.name() == name);
        let text = find(column).ok_or(Error::NoColumn)?;
        let id = find("id").filter(|id| is_plain(&fields[*id]));
        let types = parquet_to_arrow_schema_by_columns(schema, ProjectionMask::all(), None)?;
        // Columns that hold nothing are not among the types.
        let kind = types.field_with_name(column)?.data_type();
        if !is_text(kind) {
            return Err(Error::NotText(kind.clone()));
        }
        let columns = || ProjectionMask::roots(schema, [Some(text), id].into_iter().flatten());
        let viewed = viewed(types.fields(), column);
        let viewed = parquet_to_arrow_field_levels(schema, columns(), Some(&viewed));
        let is_viewed = viewed.is_ok();
        let levels = match viewed {
            Ok(levels) => levels,
            Err(_) => parquet_to_arrow_field_levels(schema, columns(), None)?,
        };
        let leaf = |n: &usize| schema.get_column_root_idx(*n) == text;
        let text = (0..schema.num_columns())
            .find(leaf)
            .ok_or(Error::NoColumn)?;
        Ok(Self {
            budget: Arc::new(Budget::new(at.len(), limits.clone())),
            at,
            metadata: Arc::new(metadata),
            levels,
            text,
            is_viewed,
            next: 0,
            reader: None,
        })
    }

    fn rows(&self) -> i64 {
        self.metadata.file_metadata().num_rows()
    }

    fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        self.budget.start();
        loop {
            if let Some(batch) = self.reader.as_mut().and_then(Iterator::next) {
                return Ok(Some(batch?));
            }
            if self.next == self.metadata.num_row_groups() {
                return Ok(None);
            }
            let group = Group {
                at: self.at.clone(),
                metadata: Arc::clone(&self.metadata),
                index: self.next,
                budget: Arc::clone(&self.budget),
            };
            self.next += 1;
            let rows = self.at_once(group.index);
            let reader =
                ParquetRecordBatchReader::try_new_with_row_groups(&self.levels, &group, rows, None);
            self.reader = Some(reader?);
        }
    }

    /// How many rows of a row group are read at once: what of their texts must be held stays within bounds.
    fn at_once(&self, index: usize) -> usize {
        if !self.is_viewed {
            return 1;
        }
        let group = self.metadata.row_group(index);
        let bytes = u64::try_from(group.column(self.text).uncompressed_size()).unwrap_or(0);
        let each = bytes / (group.num_rows() as u64).max(1);
        (pages::TOGETHER / each.max(1)).clamp(1, UNIT_DOCUMENTS) as usize
    }
}

/// Whether a column holds values that can be names of rows.
fn is_plain(field: &Type) -> bool {
    /// Bytes of the longest numbers.
    const LONGEST: i32 = 32;
    let once = field.get_basic_info().repetition() != Repetition::REPEATED;
    match field {
        Type::GroupType { .. } => false,
        Type::PrimitiveType {
            physical_type: Physical::FIXED_LEN_BYTE_ARRAY,
            type_length,
            ..
        } => once && *type_length <= LONGEST,
        Type::PrimitiveType { .. } => once,
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
    )
}

/// The columns with the text as views: a text that stands once in the file is then once in memory, however many
/// rows have it.
fn viewed(fields: &Fields, text: &str) -> Fields {
    let view = |field: &FieldRef| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 if field.name() == text => {
            with_type(field, DataType::Utf8View)
        }
        DataType::Binary | DataType::LargeBinary if field.name() == text => {
            with_type(field, DataType::BinaryView)
        }
        _ => Arc::clone(field),
    };
    fields.iter().map(view).collect()
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
    groups: Groups,
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
                    let why = format!("{stop}; {}", rows_before(self.row));
                    return Some(self.place.clone().fault(stop.code(), &why));
                }
                let piece = self.read(batch);
                self.at += 1;
                self.row += 1;
                return Some(piece);
            }
            match guarded(|| self.groups.next()).flatten() {
                Ok(None) => self.done = true,
                Ok(Some(batch)) => match columns(&batch, &self.column) {
                    Ok(batch) => {
                        let bytes = batch.text.len() as f64 * self.bytes_per_row;
                        self.consumed.fetch_add(bytes as u64, Relaxed);
                        self.batch = Some(batch);
                        self.at = 0;
                    }
                    Err(kind) => {
                        self.done = true;
                        return Some(no_text(self.place.clone(), &self.column, &kind));
                    }
                },
                Err(error) => {
                    self.done = true;
                    return Some(self.broken(error));
                }
            }
        }
    }
}

impl Rows {
    /// What is said of the rows that cannot be read.
    fn broken(&self, error: Error) -> Piece {
        let stop = self.groups.budget.stop();
        let why = match (stop, error) {
            (Some(stop), _) => stop.to_string(),
            (None, Error::Broken(why)) => why,
            (None, _) => "its data is broken".to_owned(),
        };
        let code = stop.map_or("broken_parquet", Stop::code);
        let why = format!("{why}; {}", rows_before(self.row));
        self.place.clone().fault(code, &why)
    }

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
    let kind = text.data_type();
    if !is_text(kind) {
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
