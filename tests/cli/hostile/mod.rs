//! Inputs made to do harm, or broken: each is accounted for, and none does any.

mod documents;
mod files;
mod limits;
mod mutated;
mod parquet;
mod streams;
mod tables;
mod tar;
mod zip;

use imr::source::{Inputs, Limits, Options, Unit};

/// Reads an input that is in memory. Gives the sources of its documents, and of its faults with their codes.
fn read(name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
    read_within(Limits::default(), name, bytes)
}

fn read_within(limits: Limits, name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
    survey_within(limits, name, bytes.as_ref()).0
}

/// The same, and how many members were passed over.
fn survey(name: &str, bytes: &[u8]) -> (Vec<String>, u64) {
    survey_within(Limits::default(), name, bytes)
}

fn survey_within(limits: Limits, name: &str, bytes: &[u8]) -> (Vec<String>, u64) {
    let options = Options {
        limits,
        ..Options::default()
    };
    let units = Inputs::held(name, bytes.to_vec()).scan(&options);
    let skipped = units.skipped();
    let found = units.flat_map(Unit::documents);
    let names = found.map(|found| match found.document {
        Ok(document) => {
            let decoded = document.decode();
            assert!(decoded.text.is_some() || !decoded.problems.is_empty());
            document.source
        }
        Err(fault) => {
            assert!(fault.message.contains(&fault.source), "{}", fault.message);
            format!("{} {}", fault.source, fault.code)
        }
    });
    let names = names.collect();
    (names, skipped.counts().values().sum())
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}
