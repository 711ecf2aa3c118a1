//! What an update changes in the rows.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::gather::add_repeat;
use super::super::inputs::{Entry, Occurrence, What};
use super::super::read::Known;
use super::list::{Place, at, kept, reading, winners};
use crate::tables::problems;

/// What changes between two lists of inputs.
pub struct Changes {
    /// Letters whose rows in the dataset go.
    pub dropped: FxHashSet<u64>,
    /// Letters whose rows in the new tables are not needed.
    pub unneeded: FxHashSet<u64>,
    /// Letters that have another source, with it.
    pub moved: FxHashMap<u64, String>,
    /// Rows of `problems` that go and are no letter's own, with how many of them there are.
    pub solved: FxHashMap<Trouble, usize>,
    /// Repeats that come: the letter and the source.
    pub repeats: Vec<(u64, String)>,
    /// Where the letters stood first before, and where they do now.
    pub before: FxHashMap<u64, Place>,
    pub after: FxHashMap<u64, Place>,
    pub added: u64,
    pub removed: u64,
}

/// A row of `problems` that is no letter's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// A repeat of that letter at that source.
    Repeat(u64, String),
    /// What could not be read: its source, and the code and message.
    Fault(String, String, String),
}

impl Changes {
    /// Of the list before, the list after, and what was read.
    pub fn of(
        list: &[Arc<Entry>],
        merged: &[Arc<Entry>],
        new: &[Arc<Entry>],
        known: &Known,
    ) -> Self {
        let (before, after) = (winners(list), winners(merged));
        let (mut dropped, mut unneeded) = (FxHashSet::default(), FxHashSet::default());
        let mut moved = FxHashMap::default();
        let kept = kept(new, known);
        for (id, place) in &after {
            let Some(was) = before.get(id) else { continue };
            // Of a letter that was read otherwise, the rows are new.
            if known.get(id) != Some(&reading(merged, *place)) {
                dropped.insert(*id);
                continue;
            }
            if kept.contains(id) {
                unneeded.insert(*id);
            }
            let ((was_in, was), (is_in, is)) = (at(list, *was), at(merged, *place));
            if (&was_in.path, &was.suffix) != (&is_in.path, &is.suffix) {
                moved.insert(*id, name(is_in, is));
            }
        }
        let gone = before.keys().filter(|id| !after.contains_key(id)).copied();
        let gone: Vec<u64> = gone.collect();
        let added = after.keys().filter(|id| !before.contains_key(id)).count() as u64;
        let removed = gone.len() as u64;
        dropped.extend(gone);
        let mut balance = FxHashMap::default();
        count_repeats(&mut balance, list, &before, -1);
        count_repeats(&mut balance, merged, &after, 1);
        let (mut solved, mut repeats) = (FxHashMap::default(), Vec::new());
        for ((id, source), n) in balance {
            if n < 0 {
                let n = n.unsigned_abs();
                solved.insert(Trouble::Repeat(id, source), n);
            } else {
                repeats.extend((0..n).map(|_| (id, source.clone())));
            }
        }
        // What could not be read of inputs that were read again stands in the new tables, if at all.
        for entry in list {
            let faults = entry
                .holds
                .iter()
                .filter_map(|occurrence| match &occurrence.what {
                    What::Fault(fault) => Some((occurrence, fault.as_ref())),
                    What::Letter(..) => None,
                });
            let mut faults = faults.peekable();
            let is_in =
                |list: &[Arc<Entry>]| list.binary_search_by(|e| e.path.cmp(&entry.path)).is_ok();
            if faults.peek().is_none() || (!is_in(new) && is_in(merged)) {
                continue;
            }
            for (occurrence, (code, message)) in faults {
                let source = name(entry, occurrence);
                let fault = Trouble::Fault(source, code.clone(), message.clone());
                *solved.entry(fault).or_default() += 1;
            }
        }
        repeats.sort_unstable_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
        Self {
            dropped,
            unneeded,
            moved,
            solved,
            repeats,
            before,
            after,
            added,
            removed,
        }
    }

    /// The rows of the repeats that come.
    pub fn repeats(&self) -> Result<RecordBatch, ArrowError> {
        let mut rows = problems::Builder::default();
        for (id, source) in &self.repeats {
            add_repeat(&mut rows, &format!("{id:016x}"), source);
        }
        RecordBatch::try_new(problems::TABLE.schema(), rows.finish())
    }
}

/// The name in the dataset of what an input holds.
fn name(entry: &Entry, occurrence: &Occurrence) -> String {
    format!("{}{}", entry.source(), occurrence.suffix)
}

/// Adds `by` for each repeat.
fn count_repeats(
    balance: &mut FxHashMap<(u64, String), isize>,
    list: &[Arc<Entry>],
    winners: &FxHashMap<u64, Place>,
    by: isize,
) {
    for (n, entry) in list.iter().enumerate() {
        for (m, occurrence) in entry.holds.iter().enumerate() {
            let What::Letter(id, _) = occurrence.what else {
                continue;
            };
            if winners.get(&id) != Some(&(n as u32, m as u32)) {
                *balance.entry((id, name(entry, occurrence))).or_default() += by;
            }
        }
    }
}
