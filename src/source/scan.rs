//! Inputs in units that several threads read side by side.

use std::sync::Arc;

use super::{Document, Input, Inputs};

/// Documents in a unit.
const UNIT: usize = 16;

/// A document that cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub source: String,
    pub code: &'static str,
    pub message: String,
}

/// All units of the inputs, in order.
#[derive(Debug)]
pub struct Scan {
    documents: Arc<Vec<Input>>,
    next: usize,
}

/// Some documents that follow each other in the inputs.
#[derive(Debug)]
pub struct Unit {
    /// Its place among the units.
    pub ordinal: u64,
    /// How many bytes of the inputs it stands for.
    pub bytes: u64,
    documents: Vec<Input>,
}

impl Inputs {
    /// How many files there are.
    pub fn files(&self) -> usize {
        self.documents.len()
    }

    /// The size of the files.
    pub fn bytes(&self) -> u64 {
        size(&self.documents)
    }

    /// The inputs in units.
    pub fn scan(&self) -> Scan {
        let documents = Arc::new(self.documents.clone());
        Scan { documents, next: 0 }
    }
}

fn size(documents: &[Input]) -> u64 {
    let sizes = documents.iter().filter_map(|d| d.path.metadata().ok());
    sizes.map(|m| m.len()).sum()
}

impl Document {
    /// Its text, and what did not go cleanly in reading that.
    pub fn decode(&self) -> super::decode::Decoded<'_> {
        super::decode::decode(&self.bytes)
    }
}

impl Iterator for Scan {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        let documents = self.documents.chunks(UNIT).nth(self.next)?.to_vec();
        let ordinal = self.next as u64;
        self.next += 1;
        let bytes = size(&documents);
        Some(Unit {
            ordinal,
            bytes,
            documents,
        })
    }
}

impl Unit {
    /// Reads the documents.
    pub fn documents(self) -> impl Iterator<Item = Result<Document, Fault>> {
        self.documents.into_iter().map(|input| {
            input.read().map_err(|fault| Fault {
                source: input.source().into_owned(),
                code: "unreadable",
                message: format!("cannot read {}: {fault}; it was left out", input.source()),
            })
        })
    }
}
