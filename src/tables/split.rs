//! Letters' rows → the rows of each table, which are the values below the letters' nested columns.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::compute::{filter, filter_record_batch, is_not_null};
use arrow::error::ArrowError;

use super::nested::Column;
use super::{
    Table, cases, citations, decisions, evidence, letters, problems, reviewers, weaning_mentions,
};

/// The rows of each table but `reviewers`, where a letter's profile is no row of its own.
pub struct Tables {
    pub letters: RecordBatch,
    pub cases: RecordBatch,
    pub decisions: RecordBatch,
    pub citations: RecordBatch,
    pub weaning_mentions: RecordBatch,
    pub problems: RecordBatch,
    pub evidence: RecordBatch,
}

impl Tables {
    /// Takes the tables' rows out of letters' rows that begin with all columns of [`Column`]. Rows
    /// without a key are no rows of `letters`.
    pub fn of(rows: &RecordBatch) -> Result<Self, ArrowError> {
        let decisions = elements(rows, Column::Decisions);
        let citations = below(&decisions, decisions.num_columns() - 1);
        Ok(Self {
            letters: letters(rows)?,
            cases: present(rows.column(Column::Case as usize), &cases::TABLE)?,
            decisions: batch(&decisions::TABLE, decisions.columns())?,
            citations: batch(&citations::TABLE, citations.columns())?,
            weaning_mentions: list(rows, Column::WeaningMentions, &weaning_mentions::TABLE)?,
            problems: list(rows, Column::Problems, &problems::TABLE)?,
            evidence: list(rows, Column::Evidence, &evidence::TABLE)?,
        })
    }
}

fn letters(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let ids = rows.column(Column::LetterId as usize);
    if ids.null_count() == 0 {
        return batch(&letters::TABLE, rows.columns());
    }
    let own: Vec<usize> = (0..letters::TABLE.columns.len()).collect();
    let kept = filter_record_batch(&rows.project(&own)?, &is_not_null(ids)?)?;
    batch(&letters::TABLE, kept.columns())
}

/// The structs that are not NULL as rows.
fn present(structs: &ArrayRef, table: &'static Table) -> Result<RecordBatch, ArrowError> {
    if structs.null_count() == 0 {
        return batch(table, structs.as_struct().columns());
    }
    let kept = filter(structs, &is_not_null(structs)?)?;
    batch(table, kept.as_struct().columns())
}

/// The profiles of the reviewers at `rows`, in that order.
pub fn profiles(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    present(rows.column(Column::Reviewer as usize), &reviewers::TABLE)
}

fn list(
    rows: &RecordBatch,
    column: Column,
    table: &'static Table,
) -> Result<RecordBatch, ArrowError> {
    batch(table, elements(rows, column).columns())
}

/// The elements of all lists of a column.
fn elements(rows: &RecordBatch, column: Column) -> StructArray {
    elements_of(rows.column(column as usize))
}

/// The elements of all lists of a struct's column.
fn below(structs: &StructArray, column: usize) -> StructArray {
    elements_of(structs.column(column))
}

fn elements_of(lists: &ArrayRef) -> StructArray {
    let lists = lists.as_list::<i32>();
    // A slice of lists has the elements of all.
    let (first, last) = (lists.value_offsets()[0], lists.value_offsets()[lists.len()]);
    let (first, last) = (first as usize, last as usize);
    lists.values().as_struct().slice(first, last - first)
}

/// The first columns are the table's.
fn batch(table: &'static Table, columns: &[ArrayRef]) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new(table.schema(), columns[..table.columns.len()].to_vec())
}
