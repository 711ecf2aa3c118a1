//! Writing results: for people (table, markdown) and for programs (CSV, TSV, JSON).

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use arrow::error::ArrowError;
use arrow::json::writer::{
    EncoderOptions, JsonFormat, LineDelimited, Writer as JsonWriter, WriterBuilder, make_encoder,
};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use datafusion::prelude::SessionContext;
use futures::StreamExt;

use super::table;
use super::{Error, formulas};
use crate::harmless;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns; on a terminal fitted to its width
    Table,
    /// Comma-separated values with a header; lists as JSON, NULL as nothing
    Csv,
    /// The same, separated by tabs
    Tsv,
    /// One JSON array of objects
    Json,
    /// One JSON object a line
    Ndjson,
    /// A Markdown table
    Markdown,
}

/// The terminal that a table is fitted to.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// Characters a line.
    pub width: usize,
    /// Rows shown of one result.
    pub rows: usize,
}

impl Screen {
    /// The terminal on standard output; `None` if there is none.
    pub fn of_stdout() -> Option<Self> {
        let width = || terminal_size::terminal_size().map(|(width, _)| width.0.into());
        io::stdout().is_terminal().then(|| Screen {
            width: width().unwrap_or(80),
            rows: 200,
        })
    }
}

/// Where results go, and how.
pub struct Output {
    pub format: Format,
    target: Target,
    screen: Option<Screen>,
    neutral: bool,
    pool: Option<Arc<dyn MemoryPool>>,
}

enum Target {
    Stdout,
    /// A file, made when the first result is there: a failing statement leaves the file as it was.
    File(PathBuf, Option<File>),
}

impl Output {
    /// To standard output.
    pub fn stdout(format: Format) -> Self {
        Self {
            format,
            target: Target::Stdout,
            screen: Screen::of_stdout(),
            neutral: false,
            pool: None,
        }
    }

    /// To a file, as a pipe would get it.
    pub fn file(format: Format, path: PathBuf) -> Self {
        Self {
            format,
            target: Target::File(path, None),
            screen: None,
            neutral: false,
            pool: None,
        }
    }

    /// Has CSV and TSV begin no cell of text as a spreadsheet's formula begins.
    pub fn neutralise_formulas(&mut self) {
        self.neutral = true;
    }

    /// Takes the memory for results that are laid out as a whole from that of a session.
    pub fn share_memory(&mut self, ctx: &SessionContext) {
        self.pool = Some(ctx.runtime_env().memory_pool.clone());
    }

    /// The file that results go to.
    pub fn path(&self) -> Option<&Path> {
        match &self.target {
            Target::Stdout => None,
            Target::File(path, _) => Some(path),
        }
    }

    /// Writes text that is no result.
    pub fn write_text(&mut self, text: &str) -> Result<(), Error> {
        self.put(text.as_bytes())
    }

    /// Writes one result as its batches come; a table is measured first.
    pub async fn write(&mut self, mut stream: SendableRecordBatchStream) -> Result<(), Error> {
        let schema = stream.schema();
        if schema.fields().is_empty() {
            // A statement that has no result (SET, CREATE VIEW); it still has to run.
            while let Some(batch) = stream.next().await {
                batch?;
            }
            return Ok(());
        }
        match self.format {
            Format::Table => self.write_table(stream).await,
            Format::Markdown => {
                let (batches, _, _memory) = self.collect(stream, usize::MAX).await?;
                let text = table::markdown(&schema, &batches)?;
                self.put(text.as_bytes())
            }
            Format::Csv => self.write_separated(stream, b',').await,
            Format::Tsv => self.write_separated(stream, b'\t').await,
            Format::Json => self.write_json::<Array>(stream).await,
            Format::Ndjson => self.write_json::<LineDelimited>(stream).await,
        }
    }

    async fn write_table(&mut self, stream: SendableRecordBatchStream) -> Result<(), Error> {
        let schema = stream.schema();
        let limit = self.screen.map_or(usize::MAX, |screen| screen.rows);
        let (batches, rows, _memory) = self.collect(stream, limit).await?;
        let width = self.screen.map(|screen| screen.width);
        let plan = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .eq(["plan_type", "plan"]);
        let mut text = if plan {
            table::plan(&batches)?
        } else {
            table::text(&schema, &batches, width)?
        };
        if self.screen.is_some() && !plan {
            text.push_str(&footer(rows, limit));
        }
        self.put(text.as_bytes())
    }

    async fn write_separated(
        &mut self,
        mut stream: SendableRecordBatchStream,
        separator: u8,
    ) -> Result<(), Error> {
        let schema = stream.schema();
        let builder = arrow::csv::WriterBuilder::new().with_delimiter(separator);
        let encode = |batch: &RecordBatch, header| -> Result<Vec<u8>, ArrowError> {
            let mut writer = builder.clone().with_header(header).build(Vec::new());
            writer.write(&flat(batch)?)?;
            Ok(writer.into_inner())
        };
        // The header stands even above no rows.
        let head = match self.neutral {
            true => formulas::names(&schema),
            false => schema,
        };
        let head = encode(&RecordBatch::new_empty(head), true).map_err(engine)?;
        self.put(&head)?;
        while let Some(batch) = stream.next().await {
            let batch = match self.neutral {
                true => formulas::neutral(&batch?).map_err(engine)?,
                false => batch?,
            };
            let bytes = encode(&batch, false).map_err(engine)?;
            self.put(&bytes)?;
        }
        Ok(())
    }

    async fn write_json<F: JsonFormat>(
        &mut self,
        mut stream: SendableRecordBatchStream,
    ) -> Result<(), Error> {
        // A NULL is written, so that every object has every key.
        let mut writer: JsonWriter<Vec<u8>, F> = WriterBuilder::new()
            .with_explicit_nulls(true)
            .build(Vec::new());
        while let Some(batch) = stream.next().await {
            writer.write(&batch?).map_err(engine)?;
            // The writer cannot lend its buffer mutably; hand on what is there and empty it.
            self.put(writer.get_ref())?;
            writer.get_mut().clear();
        }
        writer.finish().map_err(engine)?;
        self.put(&writer.into_inner())
    }

    /// The batches of the first `limit` rows, how many rows there are in all, and the memory that is set aside.
    async fn collect(
        &self,
        mut stream: SendableRecordBatchStream,
        limit: usize,
    ) -> Result<(Vec<RecordBatch>, usize, Option<MemoryReservation>), Error> {
        let consumer = MemoryConsumer::new("the result as a table");
        let memory = self.pool.as_ref().map(|pool| consumer.register(pool));
        let mut batches = Vec::new();
        let mut rows = 0;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            let wanted = limit.saturating_sub(rows).min(batch.num_rows());
            if wanted > 0 {
                if let Some(memory) = &memory {
                    // The rows, their cells as text, and the lines that these make.
                    memory.try_grow(3 * get_record_batch_memory_size(&batch))?;
                }
                batches.push(batch.slice(0, wanted));
            }
            rows += batch.num_rows();
        }
        Ok((batches, rows, memory))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let result = match &mut self.target {
            Target::Stdout => {
                let mut stdout = io::stdout().lock();
                // For a program every character is data; a terminal would obey some.
                let written = match (&self.screen, std::str::from_utf8(bytes)) {
                    (Some(_), Ok(text)) => stdout.write_all(harmless(text).as_bytes()),
                    _ => stdout.write_all(bytes),
                };
                written.and_then(|()| stdout.flush())
            }
            Target::File(_, Some(file)) => file.write_all(bytes),
            Target::File(path, open) => match File::create(&path) {
                Ok(mut file) => {
                    let result = file.write_all(bytes);
                    *open = Some(file);
                    result
                }
                Err(error) => {
                    let path = path.display();
                    return Err(Error::input(format!("cannot write {path}: {error}")));
                }
            },
        };
        result.map_err(Error::Write)
    }
}

fn engine(error: ArrowError) -> Error {
    Error::Engine(DataFusionError::from(error))
}

fn footer(rows: usize, limit: usize) -> String {
    let count = match rows {
        1 => "1 row".to_string(),
        _ => format!("{} rows", table::grouped(rows)),
    };
    if rows > limit {
        format!("({count}, the first {limit} shown; --format csv or a pipe gives all)\n\n")
    } else {
        format!("({count})\n\n")
    }
}

/// One JSON array, a row a line.
#[derive(Debug, Default)]
struct Array;

impl JsonFormat for Array {
    fn start_stream<W: Write>(&self, writer: &mut W) -> Result<(), ArrowError> {
        Ok(writer.write_all(b"[")?)
    }

    fn start_row<W: Write>(&self, writer: &mut W, first: bool) -> Result<(), ArrowError> {
        Ok(writer.write_all(if first { b"\n" } else { b",\n" })?)
    }

    fn end_stream<W: Write>(&self, writer: &mut W) -> Result<(), ArrowError> {
        Ok(writer.write_all(b"\n]\n")?)
    }
}

/// A batch whose lists and structs are written as JSON text, which a cell of CSV can hold.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    if !schema
        .fields()
        .iter()
        .any(|field| field.data_type().is_nested())
    {
        return Ok(batch.clone());
    }
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() {
            fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
            columns.push(Arc::new(json_text(field, column)?));
        } else {
            fields.push(field.clone());
            columns.push(column.clone());
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// The values of `column` as JSON.
fn json_text(field: &FieldRef, column: &ArrayRef) -> Result<StringArray, ArrowError> {
    let options = EncoderOptions::default();
    let mut encoder = make_encoder(field, column.as_ref(), &options)?;
    let mut texts = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        if encoder.is_null(row) {
            texts.push(None);
        } else {
            let mut bytes = Vec::new();
            encoder.encode(row, &mut bytes);
            let text = String::from_utf8(bytes);
            texts.push(Some(
                text.map_err(|error| ArrowError::JsonError(error.to_string()))?,
            ));
        }
    }
    Ok(StringArray::from(texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footer_counts_and_says_what_is_left_out() {
        assert_eq!(footer(1, 200), "(1 row)\n\n");
        assert_eq!(footer(0, 200), "(0 rows)\n\n");
        assert!(footer(12_345, 200).starts_with("(12,345 rows, the first 200 shown"));
    }
}
