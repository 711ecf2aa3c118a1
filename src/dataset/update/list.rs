//! The list of a dataset's inputs, before and after.

use std::cmp::Ordering;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::inputs::{Entry, List, Occurrence, What, hash_file};
use super::super::read::{Known, Reading};
use crate::source::{Input, Inputs, Lies, Times, path};
use crate::tables::Digest;

/// What becomes of an input that the dataset has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is as it was.
    Unchanged,
    /// It is read again.
    Read,
    /// It is not among the inputs any more.
    Gone,
}

/// What an update reads.
pub struct Choice {
    /// What becomes of each input that the dataset has.
    pub states: Vec<State>,
    /// The letters whose rows the dataset has.
    pub known: Known,
}

/// The place of a letter: of its input, and of it in that.
pub type Place = (u32, u32);

/// Where each letter stands first, by the number of its key: these are the rows of `letters`.
pub fn winners(list: &[Arc<Entry>]) -> FxHashMap<u64, Place> {
    let mut winners = FxHashMap::default();
    for (n, entry) in list.iter().enumerate() {
        for (m, occurrence) in entry.holds.iter().enumerate() {
            if let What::Letter(id, _) = occurrence.what {
                winners.entry(id).or_insert((n as u32, m as u32));
            }
        }
    }
    winners
}

/// What stands at a place.
pub fn at(list: &[Arc<Entry>], (n, m): Place) -> (&Entry, &Occurrence) {
    let entry = &list[n as usize];
    (entry, &entry.holds[m as usize])
}

/// How the letter at a place was read.
pub fn reading(list: &[Arc<Entry>], place: Place) -> Reading {
    match at(list, place).1.what {
        What::Letter(_, reading) => reading,
        What::Fault(_) => Reading::NONE,
    }
}

/// Chooses what must be read.
pub fn choose(list: &[Arc<Entry>], times: Option<&[Times]>, inputs: &Inputs) -> Choice {
    let mut states = vec![State::Gone; list.len()];
    let mut entries = along(list.iter().enumerate().map(|(n, entry)| (&*entry.path, n)));
    for input in inputs.iter() {
        if let Some(n) = entries(input.bytes()) {
            let times = times.and_then(|times| times.get(n)).copied();
            states[n] = match is_unchanged(&list[n], times.unwrap_or_default(), input) {
                true => State::Unchanged,
                false => State::Read,
            };
        }
    }
    let winners = winners(list);
    let known: Known = winners
        .iter()
        .map(|(id, place)| (*id, reading(list, *place)))
        .collect();
    // Where the rows of a letter may go, the next document of the same bytes gives them; if it was read
    // otherwise (a page as a text), it must be read now.
    for (n, entry) in list.iter().enumerate() {
        let otherwise = entry.holds.iter().any(|o| match o.what {
            What::Letter(id, reading) => {
                let held = winners
                    .get(&id)
                    .is_some_and(|w| states[w.0 as usize] == State::Unchanged);
                !held && known.get(&id) != Some(&reading)
            }
            What::Fault(_) => false,
        });
        if states[n] == State::Unchanged && otherwise {
            states[n] = State::Read;
        }
    }
    Choice { states, known }
}

fn is_unchanged(entry: &Entry, times: Times, input: &Input) -> bool {
    let comparable = entry.is_settled
        && input.lies == Lies::File
        && entry.is_special == input.is_special()
        && entry.size == input.size;
    if !comparable {
        return false;
    }
    if times == input.times && times != Times::default() {
        return true;
    }
    // To hash an archive is quicker than to unpack it.
    !input.is_document() && entry.sha256.is_some() && hash_file(&input.path) == entry.sha256
}

/// Tells of each input whether it is read; they are asked for in their order.
pub fn is_read(list: &[Arc<Entry>], states: &[State]) -> impl FnMut(&Input) -> bool {
    let mut states = along(list.iter().zip(states).map(|(e, state)| (&*e.path, *state)));
    move |input| states(input.bytes()).is_none_or(|state| state == State::Read)
}

/// Goes along what is sorted by path, and gives what is there for each path, in their order.
fn along<'a, T>(sorted: impl Iterator<Item = (&'a [u8], T)>) -> impl FnMut(&[u8]) -> Option<T> {
    let mut sorted = sorted.peekable();
    move |path| loop {
        return match sorted.peek()?.0.cmp(path) {
            Ordering::Less => {
                sorted.next();
                continue;
            }
            Ordering::Equal => sorted.next().map(|(_, value)| value),
            Ordering::Greater => None,
        };
    }
}

/// The list after an update in which `new` was read.
pub fn merge(
    list: &[Arc<Entry>],
    states: &[State],
    new: &[Arc<Entry>],
    known: &Known,
    prune: bool,
) -> List {
    let moves = match prune {
        true => Moves::default(),
        false => Moves::of(list, states, new),
    };
    let mut merged = Vec::with_capacity(list.len() + new.len());
    let mut fresh = new.iter().peekable();
    for (entry, state) in list.iter().zip(states) {
        while let Some(entry) = fresh.next_if(|f| f.path < entry.path) {
            merged.push(Arc::clone(entry));
        }
        let read = fresh.next_if(|f| f.path.cmp(&entry.path) == Ordering::Equal);
        match (state, read) {
            (State::Unchanged, _) => merged.push(as_known(entry, known)),
            (State::Read, Some(read)) => merged.push(not_lost(entry, read)),
            // Whatever was read is in the list of that.
            (State::Read, None) => merged.push(Arc::clone(entry)),
            (State::Gone, _) if prune || moves.has(entry) => {}
            (State::Gone, _) => merged.push(as_known(entry, known)),
        }
    }
    merged.extend(fresh.cloned());
    merged
}

/// Letters that stay have the rows that are there, however they were read.
fn as_known(entry: &Arc<Entry>, known: &Known) -> Arc<Entry> {
    let is_known = |o: &Occurrence| match &o.what {
        What::Letter(id, reading) => known.get(id).is_none_or(|known| known == reading),
        What::Fault(_) => true,
    };
    let mut entry = Arc::clone(entry);
    if !entry.holds.iter().all(is_known) {
        for occurrence in &mut Arc::make_mut(&mut entry).holds {
            if let What::Letter(id, reading) = &mut occurrence.what {
                *reading = known.get(id).copied().unwrap_or(*reading);
            }
        }
    }
    entry
}

/// An input that cannot be read for the time being keeps its letters.
fn not_lost(before: &Entry, read: &Arc<Entry>) -> Arc<Entry> {
    let is_letter = |o: &&Occurrence| matches!(o.what, What::Letter(..));
    let is_lost = !read.is_settled && !read.holds.iter().any(|o| is_letter(&o));
    let mut entry = Arc::clone(read);
    if is_lost {
        let letters = before.holds.iter().filter(is_letter).cloned();
        let holds = letters.chain(read.holds.iter().cloned()).collect();
        Arc::make_mut(&mut entry).holds = holds;
    }
    entry
}

/// Where the same bytes are now, of inputs that are gone.
#[derive(Default)]
struct Moves<'a>(FxHashMap<Digest, Vec<&'a Entry>>);

impl<'a> Moves<'a> {
    fn of(list: &'a [Arc<Entry>], states: &[State], new: &'a [Arc<Entry>]) -> Self {
        let mut present: FxHashMap<Digest, Vec<&Entry>> = FxHashMap::default();
        let gone = list.iter().zip(states).filter(|(_, s)| **s == State::Gone);
        for sha256 in gone.filter_map(|(entry, _)| entry.sha256) {
            present.entry(sha256).or_default();
        }
        if !present.is_empty() {
            let stay = list
                .iter()
                .zip(states)
                .filter(|(_, s)| **s == State::Unchanged);
            for entry in stay.map(|(entry, _)| entry).chain(new) {
                if let Some(places) = entry.sha256.and_then(|sha256| present.get_mut(&sha256)) {
                    places.push(entry);
                }
            }
        }
        Self(present)
    }

    /// Whether an input that is gone has another name now: its file is not there any more, or the file is
    /// the same one.
    fn has(&self, gone: &Entry) -> bool {
        let Some(places) = gone.sha256.and_then(|sha256| self.0.get(&sha256)) else {
            return false;
        };
        let real = |entry: &Entry| Path::new(&path(&entry.path)).canonicalize().ok();
        match real(gone) {
            None => !places.is_empty(),
            Some(file) => places
                .iter()
                .any(|place| real(place).as_ref() == Some(&file)),
        }
    }
}

/// The times of the inputs of the list to be: of those that are present now, else those known before.
pub fn times(
    merged: &[Arc<Entry>],
    list: &[Arc<Entry>],
    known: Option<&[Times]>,
    inputs: &Inputs,
) -> Vec<Times> {
    let mut present = along(inputs.iter().map(|input| (input.bytes(), input.times)));
    let known = list.iter().zip(known.unwrap_or_default());
    let mut before = along(known.map(|(entry, times)| (&*entry.path, *times)));
    let of = |entry: &Arc<Entry>| {
        let times = present(&entry.path).or_else(|| before(&entry.path));
        times.unwrap_or_default()
    };
    merged.iter().map(of).collect()
}

/// The keys of the letters that the new tables have rows of.
pub fn kept(new: &[Arc<Entry>], known: &Known) -> FxHashSet<u64> {
    let letters = new.iter().flat_map(|entry| &entry.holds);
    let kept = letters.filter_map(|o| match o.what {
        What::Letter(id, reading) => (known.get(&id) != Some(&reading)).then_some(id),
        What::Fault(_) => None,
    });
    kept.collect()
}
