//! Letters' rows in order → the tables' rows: repeats are dropped, reviewers collected, all is counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{
    concat_batches, filter_record_batch, interleave_record_batch, take_record_batch,
};
use arrow::datatypes::UInt32Type;
use arrow::error::ArrowError;
use rustc_hash::{FxHashMap, FxHashSet};

use super::letters::READING;
use super::read::{Known, Reading};
use super::summary::Tally;
use crate::letter::{Problem, Severity};
use crate::tables::nested::Column;
use crate::tables::split::{Tables, profiles};
use crate::tables::{TABLES, number, problems, reviewers};

/// Gathers what must be known of all letters: their keys, the reviewers' profiles, the counts.
#[derive(Default)]
pub struct Gatherer {
    seen: FxHashSet<u64>,
    reviewers: Profiles,
    /// The letters whose rows are elsewhere; then repeats are no rows of `problems` either, as whose they
    /// are is not yet settled.
    known: Option<Arc<Known>>,
    /// The place of each letter among all, where the rows do not come in that order.
    places: Option<Arc<FxHashMap<u64, u64>>>,
    pub tally: Tally,
}

/// The profiles met, by key. There are few (some thousands in the whole of the letters).
pub type Profiles = BTreeMap<String, Profile>;

/// A reviewer's profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The letter that states it.
    pub letter: u64,
    place: u64,
    /// A batch of one row of `reviewers`.
    pub row: RecordBatch,
}

/// What becomes of a row.
enum Fate {
    Kept,
    Unreadable,
    Repeated,
}

impl Gatherer {
    /// Leaves out the letters that are known.
    pub fn knowing(known: Option<Arc<Known>>) -> Self {
        Self {
            known,
            ..Self::default()
        }
    }

    /// With the places of the letters among all.
    pub fn placed(mut self, places: Option<Arc<FxHashMap<u64, u64>>>) -> Self {
        self.places = places;
        self
    }

    /// Takes the next rows and gives the tables'.
    pub fn take(&mut self, rows: &RecordBatch) -> Result<Tables, ArrowError> {
        let ids = rows.column(Column::LetterId as usize).as_string::<i32>();
        let fates = self.fates(rows, ids);
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
            if self.known.is_none() {
                tables.problems = with_repeats(&tables.problems, &kept, rows, &fates)?;
            }
            tables
        };
        self.tally.add(&tables);
        Ok(tables)
    }

    fn fates(&mut self, rows: &RecordBatch, ids: &StringArray) -> Vec<Fate> {
        let known = self.known.clone();
        let known = known.as_deref().zip(rows.column_by_name(READING));
        let is_known = |row: usize, id: u64| {
            known.is_some_and(|(known, readings)| {
                let reading = readings.as_primitive::<UInt32Type>().value(row);
                known.get(&id) == Some(&Reading(reading))
            })
        };
        let fate = |(row, id): (usize, Option<&str>)| match id.map(number) {
            None => Fate::Unreadable,
            Some(id) if !is_known(row, id) && self.seen.insert(id) => Fate::Kept,
            Some(_) => Fate::Repeated,
        };
        ids.iter().enumerate().map(fate).collect()
    }

    /// Of two letters that differ only in the order of specialties, the first one's profile is kept.
    fn add_reviewers(&mut self, rows: &RecordBatch) -> Result<(), ArrowError> {
        let profiles = profiles(rows)?;
        let ids = profiles.column(0).as_string::<i32>();
        let all = rows.column(Column::LetterId as usize).as_string::<i32>();
        let stated = rows.column(Column::Reviewer as usize);
        let letters = (0..rows.num_rows()).filter(|row| stated.is_valid(*row));
        let letters = letters.map(|row| number(all.value(row)));
        for ((n, id), letter) in ids.iter().flatten().enumerate().zip(letters) {
            let places = self.places.as_ref();
            let place = places.map_or(0, |p| p.get(&letter).copied().unwrap_or(u64::MAX));
            if self.reviewers.get(id).is_none_or(|met| place < met.place) {
                // A slice would keep the whole batch.
                let row = take_record_batch(&profiles, &UInt32Array::from(vec![n as u32]))?;
                let profile = Profile { letter, place, row };
                self.reviewers.insert(id.to_owned(), profile);
            }
        }
        Ok(())
    }

    /// The rows of `reviewers`, sorted by key.
    pub fn reviewers(&self) -> Result<RecordBatch, ArrowError> {
        let rows = self.reviewers.values().map(|p| &p.row);
        concat_batches(&reviewers::TABLE.schema(), rows)
    }

    /// What is known of the reviewers and of all.
    pub fn finish(self) -> (Tally, Profiles) {
        (self.tally, self.reviewers)
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
            add_repeat(&mut repeats, ids.value(n), sources.value(n));
        } else {
            let end = own + lengths.next().unwrap_or(0);
            order.extend((own..end).map(|row| (0, row)));
            own = end;
        }
    }
    let repeats = RecordBatch::try_new(problems::TABLE.schema(), repeats.finish())?;
    interleave_record_batch(&[problems, &repeats], &order)
}

/// The code of the problem that tells of a repeat.
pub const REPEAT: &str = "duplicate_document";

/// Adds the problem that tells of a repeat.
pub fn add_repeat(problems: &mut problems::Builder, letter_id: &str, source: &str) {
    let problem = Problem {
        severity: Severity::Warning,
        code: REPEAT,
        message: format!("the same bytes as letter {letter_id}, read before; it was left out"),
        span: None,
    };
    problems.add(Some(letter_id), source, &problem);
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
