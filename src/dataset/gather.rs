//! Letters' rows in order → the tables' rows: repeats are dropped, reviewers collected, all is counted.

use std::collections::BTreeMap;

use arrow::array::{AsArray, BooleanArray, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{
    concat_batches, filter_record_batch, interleave_record_batch, take_record_batch,
};
use arrow::error::ArrowError;
use rustc_hash::FxHashSet;

use super::summary::Tally;
use crate::letter::{Problem, Severity};
use crate::tables::nested::Column;
use crate::tables::split::{Tables, profiles};
use crate::tables::{TABLES, number, problems, reviewers};

/// Gathers what must be known of all letters: their keys, the reviewers' profiles, the counts.
#[derive(Default)]
pub struct Gatherer {
    seen: FxHashSet<u64>,
    /// The profiles met, each a batch of one row, by key. There are few (some thousands in the whole of
    /// the letters).
    reviewers: BTreeMap<String, RecordBatch>,
    pub tally: Tally,
}

/// What becomes of a row.
enum Fate {
    Kept,
    Unreadable,
    Repeated,
}

impl Gatherer {
    /// Takes the next rows and gives the tables'.
    pub fn take(&mut self, rows: &RecordBatch) -> Result<Tables, ArrowError> {
        let ids = rows.column(Column::LetterId as usize).as_string::<i32>();
        let fates: Vec<Fate> = ids.iter().map(|id| self.fate(id)).collect();
        self.tally.letters.read += fates.len() as u64;
        let repeats = fates.iter().filter(|f| matches!(f, Fate::Repeated)).count();
        let unreadable = fates
            .iter()
            .filter(|f| matches!(f, Fate::Unreadable))
            .count();
        self.tally.letters.duplicates += repeats as u64;
        self.tally.letters.unreadable += unreadable as u64;
        let tables = if repeats == 0 {
            self.add_reviewers(rows)?;
            Tables::of(rows)?
        } else {
            let kept = fates.iter().map(|f| !matches!(f, Fate::Repeated));
            let kept = filter_record_batch(rows, &BooleanArray::from_iter(kept.map(Some)))?;
            self.add_reviewers(&kept)?;
            let mut tables = Tables::of(&kept)?;
            tables.problems = with_repeats(&tables.problems, &kept, rows, &fates)?;
            tables
        };
        self.tally.add(&tables);
        Ok(tables)
    }

    fn fate(&mut self, id: Option<&str>) -> Fate {
        match id {
            None => Fate::Unreadable,
            Some(id) if self.seen.insert(number(id)) => Fate::Kept,
            Some(_) => Fate::Repeated,
        }
    }

    /// Of two letters that differ only in the order of specialties, the first one's profile is kept.
    fn add_reviewers(&mut self, rows: &RecordBatch) -> Result<(), ArrowError> {
        let profiles = profiles(rows)?;
        for (n, id) in profiles
            .column(0)
            .as_string::<i32>()
            .iter()
            .flatten()
            .enumerate()
        {
            if !self.reviewers.contains_key(id) {
                // A slice would keep the whole batch.
                let row = take_record_batch(&profiles, &UInt32Array::from(vec![n as u32]))?;
                self.reviewers.insert(id.to_owned(), row);
            }
        }
        Ok(())
    }

    /// The rows of `reviewers`, sorted by key.
    pub fn reviewers(&self) -> Result<RecordBatch, ArrowError> {
        concat_batches(&reviewers::TABLE.schema(), self.reviewers.values())
    }
}

/// The problems of the rows that are kept, and one of each that is not, in the order of all rows.
fn with_repeats(
    problems: &RecordBatch,
    kept: &RecordBatch,
    rows: &RecordBatch,
    fates: &[Fate],
) -> Result<RecordBatch, ArrowError> {
    let string = |column: Column| -> &StringArray { rows.column(column as usize).as_string() };
    let (ids, sources) = (string(Column::LetterId), string(Column::Source));
    let lists = kept.column(Column::Problems as usize).as_list::<i32>();
    let lengths: Vec<usize> = lists.offsets().lengths().collect();
    let mut lengths = lengths.into_iter();
    let mut repeats = problems::Builder::default();
    let (mut own, mut order) = (0, Vec::new());
    for (n, fate) in fates.iter().enumerate() {
        if matches!(fate, Fate::Repeated) {
            order.push((1, repeats.rows()));
            let problem = repeated(ids.value(n));
            repeats.add(Some(ids.value(n)), sources.value(n), &problem);
        } else {
            let end = own + lengths.next().unwrap_or(0);
            order.extend((own..end).map(|row| (0, row)));
            own = end;
        }
    }
    let repeats = RecordBatch::try_new(problems::TABLE.schema(), repeats.finish())?;
    interleave_record_batch(&[problems, &repeats], &order)
}

fn repeated(letter_id: &str) -> Problem {
    Problem {
        severity: Severity::Warning,
        code: "duplicate_document",
        message: format!("the same bytes as letter {letter_id}, read before; it was left out"),
        span: None,
    }
}

/// Rows of each table, in the order of [`TABLES`]; those of `reviewers` come at the end of all.
pub fn in_order(tables: Tables) -> [RecordBatch; TABLES.len()] {
    [
        tables.letters,
        tables.cases,
        RecordBatch::new_empty(reviewers::TABLE.schema()),
        tables.decisions,
        tables.citations,
        tables.weaning_mentions,
        tables.problems,
        tables.evidence,
    ]
}
