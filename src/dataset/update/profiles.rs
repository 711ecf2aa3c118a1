//! The reviewers of the dataset to be. A reviewer's specialties stand in the order of the first letter that
//! states them, so that it matters which letter that is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow::array::{AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take_record_batch};
use rustc_hash::FxHashMap;

use super::super::manifest::TableEntry;
use super::super::read::parse;
use super::super::{Dataset, Error};
use super::assemble::{Addition, read};
use super::changes::Changes;
use super::list::Place;
use crate::tables::nested::{Builders, Column, Item};
use crate::tables::{cases, letters, number, reviewers, split};

/// The rows of `reviewers` after the changes, sorted by key.
pub fn after(old: &Dataset, new: &Addition, changes: &Changes) -> Result<RecordBatch, Error> {
    let mut before = Firsts::default();
    let mut firsts = Firsts::default();
    stated(old.files(cases::TABLE.name), |letter, reviewer| {
        before.add(reviewer, letter, &changes.before);
        if !changes.dropped.contains(&letter) {
            firsts.add(reviewer, letter, &changes.after);
        }
    })?;
    stated(new.files(cases::TABLE.name), |letter, reviewer| {
        if !changes.unneeded.contains(&letter) {
            firsts.add(reviewer, letter, &changes.after);
        }
    })?;
    let known = rows_of(old)?;
    let mut rows: BTreeMap<String, RecordBatch> = BTreeMap::new();
    let mut unknown: FxHashMap<u64, String> = FxHashMap::default();
    for (reviewer, (_, letter)) in firsts.0 {
        let of_old = before.0.get(&reviewer).filter(|(_, l)| *l == letter);
        let of_old = of_old.filter(|_| !changes.dropped.contains(&letter));
        let of_new = new.profiles.get(&reviewer).filter(|p| p.letter == letter);
        let row = match (of_new, of_old) {
            (Some(profile), _) => Some(profile.row.clone()),
            (None, Some(_)) => known.get(&reviewer).cloned(),
            (None, None) => None,
        };
        match row {
            Some(row) => drop(rows.insert(reviewer, row)),
            None => drop(unknown.insert(letter, reviewer)),
        }
    }
    if !unknown.is_empty() {
        read_again(old, new, changes, &unknown, &mut rows)?;
    }
    Ok(concat_batches(&reviewers::TABLE.schema(), rows.values())?)
}

/// The first letter that states each reviewer.
#[derive(Default)]
struct Firsts(FxHashMap<String, (Place, u64)>);

impl Firsts {
    fn add(&mut self, reviewer: &str, letter: u64, places: &FxHashMap<u64, Place>) {
        let place = places.get(&letter).copied().unwrap_or((u32::MAX, u32::MAX));
        match self.0.get_mut(reviewer) {
            Some(first) if place < first.0 => *first = (place, letter),
            Some(_) => {}
            None => drop(self.0.insert(reviewer.to_owned(), (place, letter))),
        }
    }
}

impl Addition {
    fn files(&self, table: &str) -> Vec<PathBuf> {
        let entry: Option<&TableEntry> = self.tables.iter().find(|t| t.name == table);
        let files = entry.map_or(&[][..], |t| &t.files);
        files.iter().map(|f| self.dir.join(&f.path)).collect()
    }
}

/// Gives all letters that state a reviewer, with that.
fn stated(files: Vec<PathBuf>, mut take: impl FnMut(u64, &str)) -> Result<(), Error> {
    for file in files {
        for batch in read(&cases::TABLE, &file, Some(&["letter_id", "reviewer_id"]))? {
            let batch = batch?;
            let [ids, reviewers] =
                ["letter_id", "reviewer_id"].map(|c| batch[c].as_string::<i32>());
            for (id, reviewer) in ids.iter().zip(reviewers) {
                if let (Some(id), Some(reviewer)) = (id, reviewer) {
                    take(number(id), reviewer);
                }
            }
        }
    }
    Ok(())
}

/// The rows of `reviewers` in the dataset, by key.
fn rows_of(old: &Dataset) -> Result<FxHashMap<String, RecordBatch>, Error> {
    let mut rows = FxHashMap::default();
    for file in old.files(reviewers::TABLE.name) {
        for batch in read(&reviewers::TABLE, &file, None)? {
            let batch = batch?;
            let batch = RecordBatch::try_new(reviewers::TABLE.schema(), batch.columns().to_vec())?;
            let ids = batch.column(0).as_string::<i32>();
            for (n, id) in ids.iter().enumerate() {
                rows.insert(id.unwrap_or_default().to_owned(), batch.slice(n, 1));
            }
        }
    }
    Ok(rows)
}

/// Reads the profiles of letters in their texts.
fn read_again(
    old: &Dataset,
    new: &Addition,
    changes: &Changes,
    unknown: &FxHashMap<u64, String>,
    rows: &mut BTreeMap<String, RecordBatch>,
) -> Result<(), Error> {
    let table = letters::TABLE.name;
    let sides = [
        (old.files(table), &changes.dropped),
        (new.files(table), &changes.unneeded),
    ];
    for (files, dropped) in sides {
        for file in files {
            for batch in read(&letters::TABLE, &file, Some(&["letter_id", "text"]))? {
                let batch = batch?;
                let [ids, texts] = ["letter_id", "text"].map(|c| batch[c].as_string::<i32>());
                for (id, text) in ids.iter().zip(texts) {
                    let (Some(id), Some(text)) = (id, text) else {
                        continue;
                    };
                    let letter = number(id);
                    let reviewer = unknown.get(&letter).filter(|_| !dropped.contains(&letter));
                    let Some(reviewer) = reviewer else { continue };
                    if let Some(row) = profile(id, text)? {
                        rows.insert(reviewer.clone(), row);
                    }
                }
            }
        }
    }
    Ok(())
}

/// The row of the reviewer that a letter states.
fn profile(letter_id: &str, text: &str) -> Result<Option<RecordBatch>, Error> {
    let mut builders = Builders::new(Column::ALL.to_vec());
    builders.add(&Item {
        letter_id,
        source: "",
        text: None,
        letter: &parse(text),
    });
    let profiles = split::profiles(&builders.finish()?)?;
    let first = UInt32Array::from(vec![0]);
    match profiles.num_rows() {
        0 => Ok(None),
        _ => Ok(Some(take_record_batch(&profiles, &first)?)),
    }
}
