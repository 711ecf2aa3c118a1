//! Reading a dataset's rows one after the other.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::super::{Dataset, Error, io_error};
use super::{Report, Rule};

/// Rows that are read at a time.
const BATCH: usize = 1024;

/// The record batches of a table.
pub fn batches(
    dataset: &Dataset,
    table: &'static str,
) -> impl Iterator<Item = Result<RecordBatch, Error>> + use<> {
    let unreadable = move |e: parquet::errors::ParquetError| Error::Read { table, source: e };
    dataset.files(table).into_iter().flat_map(move |path| {
        let reader = File::open(&path)
            .map_err(io_error("cannot read", &path))
            .and_then(|f| ParquetRecordBatchReaderBuilder::try_new(f).map_err(unreadable))
            .and_then(|b| b.with_batch_size(BATCH).build().map_err(unreadable));
        let (batches, error) = match reader {
            Ok(batches) => (Some(batches), None),
            Err(error) => (None, Some(error)),
        };
        let batches = batches.into_iter().flatten();
        let batches = batches.map(move |b| b.map_err(|e| unreadable(e.into())));
        batches.chain(error.map(Err))
    })
}

/// The rows of a table.
pub fn rows(
    dataset: &Dataset,
    table: &'static str,
) -> impl Iterator<Item = Result<Row, Error>> + use<> {
    batches(dataset, table).flat_map(|batch| {
        let (batch, error) = match batch {
            Ok(batch) => (Some(Arc::new(batch)), None),
            Err(error) => (None, Some(Err(error))),
        };
        let rows = batch.into_iter().flat_map(|batch| {
            (0..batch.num_rows()).map(move |index| {
                let batch = Arc::clone(&batch);
                Ok(Row { batch, index })
            })
        });
        rows.chain(error)
    })
}

/// One row of a table whose schema was checked.
#[derive(Debug, Clone)]
pub struct Row {
    batch: Arc<RecordBatch>,
    index: usize,
}

impl Row {
    fn array(&self, column: &str) -> Option<&ArrayRef> {
        let array = self.batch.column_by_name(column)?;
        array.is_valid(self.index).then_some(array)
    }

    /// Whether the column has a value.
    pub fn has(&self, column: &str) -> bool {
        self.array(column).is_some()
    }

    /// A string; `None` for NULL.
    pub fn text(&self, column: &str) -> Option<&str> {
        let array = self.array(column)?.as_string_opt::<i32>()?;
        Some(array.value(self.index))
    }

    /// A string that is never NULL.
    pub fn id(&self, column: &str) -> &str {
        self.text(column).unwrap_or_default()
    }

    /// A whole number; `None` for NULL.
    pub fn int(&self, column: &str) -> Option<i32> {
        let array = self.array(column)?.as_primitive_opt::<Int32Type>()?;
        Some(array.value(self.index))
    }

    /// The range of characters that the row names, if it names one.
    pub fn span(&self) -> Option<(i32, i32)> {
        Some((self.int("start_char")?, self.int("end_char")?))
    }

    /// A list of strings, or a string as the only element; `None` for NULL.
    pub fn texts(&self, column: &str) -> Option<Vec<String>> {
        let array = self.array(column)?;
        if let Some(strings) = array.as_string_opt::<i32>() {
            return Some(vec![strings.value(self.index).to_owned()]);
        }
        let items = array.as_list_opt::<i32>()?.value(self.index);
        let items = items.as_string_opt::<i32>()?;
        Some(items.iter().flatten().map(str::to_owned).collect())
    }
}

/// Rows that stand together, as pieces of batches.
pub fn runs(rows: &[Row]) -> impl Iterator<Item = (&RecordBatch, Range<usize>)> {
    let follows = |a: &Row, b: &Row| Arc::ptr_eq(&a.batch, &b.batch) && a.index + 1 == b.index;
    rows.chunk_by(follows).filter_map(|run| {
        let first = run.first()?;
        Some((&*first.batch, first.index..first.index + run.len()))
    })
}

/// Walks through a table in step with the table `letters`.
pub struct Cursor<'a> {
    table: &'static str,
    rows: std::iter::Peekable<Box<dyn Iterator<Item = Result<Row, Error>>>>,
    /// The letter to which a row belongs.
    letter: fn(&Row) -> &str,
    /// The place of every letter in `letters`.
    places: &'a HashMap<String, usize>,
}

impl<'a> Cursor<'a> {
    /// A cursor over the rows of `table` that `wanted` picks.
    pub fn new(
        dataset: &Dataset,
        table: &'static str,
        letter: fn(&Row) -> &str,
        wanted: fn(&Row) -> bool,
        places: &'a HashMap<String, usize>,
    ) -> Self {
        let rows = rows(dataset, table).filter(move |r| r.as_ref().map_or(true, wanted));
        let rows: Box<dyn Iterator<Item = _>> = Box::new(rows);
        Self {
            table,
            rows: rows.peekable(),
            letter,
            places,
        }
    }

    /// The rows of the letter at `place`. Rows that come too late are noted and left out.
    pub fn take(&mut self, place: usize, report: &mut Report) -> Result<Vec<Row>, Error> {
        let mut taken = Vec::new();
        loop {
            let next = self.rows.next_if(|row| match row {
                Ok(row) => {
                    let at = self.places.get((self.letter)(row));
                    at.is_none_or(|at| *at <= place)
                }
                Err(_) => true,
            });
            let Some(row) = next.transpose()? else {
                return Ok(taken);
            };
            let letter = (self.letter)(&row);
            let in_order = self.places.get(letter) == Some(&place);
            report.expect(Rule::Order, in_order, || {
                format!("{}: a row of {letter} is out of its place", self.table)
            });
            if in_order {
                taken.push(row);
            }
        }
    }
}
