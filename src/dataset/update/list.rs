//! The list of a dataset's inputs, before and after.

use std::cmp::Ordering;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::inputs::{Entry, Occurrence, What, hash_file};
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
pub fn winners(list: &[Entry]) -> FxHashMap<u64, Place> {
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
pub fn at(list: &[Entry], (n, m): Place) -> (&Entry, &Occurrence) {
    let entry = &list[n as usize];
    (entry, &entry.holds[m as usize])
}

/// How the letter at a place was read.
pub fn reading(list: &[Entry], place: Place) -> Reading {
    match at(list, place).1.what {
        What::Letter(_, reading) => reading,
        What::Fault(_) => Reading::NONE,
    }
}

/// Chooses what must be read.
pub fn choose(list: &[Entry], times: Option<&[Times]>, inputs: &Inputs) -> Choice {
    let mut states = vec![State::Gone; list.len()];
    let mut entries = list.iter().enumerate().peekable();
    for input in inputs.iter() {
        while entries.next_if(|(_, e)| *e.path < *input.bytes()).is_some() {}
        if let Some((n, entry)) = entries.next_if(|(_, e)| *e.path == *input.bytes()) {
            let times = times.and_then(|times| times.get(n)).copied();
            states[n] = match is_unchanged(entry, times.unwrap_or_default(), input) {
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

/// Whether an input is read.
pub fn is_read(list: &[Entry], states: &[State], input: &Input) -> bool {
    let place = list.binary_search_by(|entry| (*entry.path).cmp(input.bytes()));
    place.map_or(true, |n| states[n] == State::Read)
}

/// The list after an update in which `new` was read.
pub fn merge(
    list: &[Entry],
    states: &[State],
    new: &[Entry],
    known: &Known,
    prune: bool,
) -> Vec<Entry> {
    let moves = match prune {
        true => Moves::default(),
        false => Moves::of(list, states, new),
    };
    let mut merged = Vec::with_capacity(list.len() + new.len());
    let mut fresh = new.iter().peekable();
    for (entry, state) in list.iter().zip(states) {
        while let Some(entry) = fresh.next_if(|f| f.path < entry.path) {
            merged.push(entry.clone());
        }
        let read = fresh.next_if(|f| f.path.cmp(&entry.path) == Ordering::Equal);
        match (state, read) {
            (State::Unchanged, _) => merged.push(as_known(entry, known)),
            (State::Read, Some(read)) => merged.push(not_lost(entry, read)),
            // Whatever was read is in the list of that.
            (State::Read, None) => merged.push(entry.clone()),
            (State::Gone, _) if prune || moves.has(entry) => {}
            (State::Gone, _) => merged.push(as_known(entry, known)),
        }
    }
    merged.extend(fresh.cloned());
    merged
}

/// Letters that stay have the rows that are there, however they were read.
fn as_known(entry: &Entry, known: &Known) -> Entry {
    let mut entry = entry.clone();
    for occurrence in &mut entry.holds {
        if let What::Letter(id, reading) = &mut occurrence.what {
            *reading = known.get(id).copied().unwrap_or(*reading);
        }
    }
    entry
}

/// An input that cannot be read for the time being keeps its letters.
fn not_lost(before: &Entry, read: &Entry) -> Entry {
    let is_letter = |o: &&Occurrence| matches!(o.what, What::Letter(..));
    let is_lost = !read.is_settled && !read.holds.iter().any(|o| is_letter(&o));
    let mut entry = read.clone();
    if is_lost {
        let letters = before.holds.iter().filter(is_letter).cloned();
        entry.holds = letters.chain(read.holds.iter().cloned()).collect();
    }
    entry
}

/// Where the same bytes are now, of inputs that are gone.
#[derive(Default)]
struct Moves<'a>(FxHashMap<Digest, Vec<&'a Entry>>);

impl<'a> Moves<'a> {
    fn of(list: &'a [Entry], states: &[State], new: &'a [Entry]) -> Self {
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
    merged: &[Entry],
    list: &[Entry],
    known: Option<&[Times]>,
    inputs: &Inputs,
) -> Vec<Times> {
    let present: FxHashMap<&[u8], Times> = inputs.iter().map(|i| (i.bytes(), i.times)).collect();
    let before = known.map(|known| list.iter().map(|e| &*e.path).zip(known.iter().copied()));
    let before: FxHashMap<&[u8], Times> = before.into_iter().flatten().collect();
    let of = |entry: &Entry| {
        let times = present
            .get(&*entry.path)
            .or_else(|| before.get(&*entry.path));
        times.copied().unwrap_or_default()
    };
    merged.iter().map(of).collect()
}

/// The keys of the letters that the new tables have rows of.
pub fn kept(new: &[Entry], known: &Known) -> FxHashSet<u64> {
    let letters = new.iter().flat_map(|entry| &entry.holds);
    let kept = letters.filter_map(|o| match o.what {
        What::Letter(id, reading) => (known.get(&id) != Some(&reading)).then_some(id),
        What::Fault(_) => None,
    });
    kept.collect()
}
