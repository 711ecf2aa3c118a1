//! A file's footer: which columns there are, and where they lie.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

use super::super::stream::At;
use super::thrift::{self, BYTE, I32, INT, Kind, LONG, Note, Shape};
use super::{Error, broken, guarded};

/// Bytes of a footer; those of tables of letters have some thousand.
const MOST: usize = 64 << 20;

/// Columns of all row groups.
const CHUNKS: usize = 1 << 20;

/// Nodes of the schema within one another.
const DEPTH: usize = 64;

/// How many nodes of the schema a column may have.
const NODES: usize = 16;

const FOOTER: Shape = &[
    (1, INT),
    (2, Kind::List(&Kind::Counted(NODE, Note::Node))),
    (3, LONG),
    (4, Kind::List(&Kind::Structure(ROW_GROUP))),
];

const NODE: Shape = &[
    // Its type, length and repetition, name and children, type once more, scale and precision.
    (1, INT),
    (2, INT),
    (3, INT),
    (4, Kind::Bytes),
    (5, Kind::Noted(I32, Note::Children)),
    (6, INT),
    (7, INT),
    (8, INT),
    (10, Kind::Union(LOGICAL)),
];

/// What a type means: text, numbers and times. Others are what they are made of.
const LOGICAL: Shape = &[
    (1, Kind::Structure(&[])),
    (5, Kind::Structure(&[(1, INT), (2, INT)])),
    (6, Kind::Structure(&[])),
    (7, Kind::Structure(TIMED)),
    (8, Kind::Structure(TIMED)),
    (10, Kind::Structure(&[(1, BYTE), (2, Kind::Truth)])),
];

/// Whether a time is of the whole world, and its unit.
const TIMED: Shape = &[(1, Kind::Truth), (2, Kind::Structure(UNIT))];

const UNIT: Shape = &[
    (1, Kind::Structure(&[])),
    (2, Kind::Structure(&[])),
    (3, Kind::Structure(&[])),
];

const ROW_GROUP: Shape = &[
    (1, Kind::List(&Kind::Counted(CHUNK, Note::Chunk))),
    (2, LONG),
    (3, LONG),
];

const CHUNK: Shape = &[(2, LONG), (3, Kind::Structure(COLUMN))];

const COLUMN: Shape = &[
    // Its type, encodings and codec, values, sizes, and where its pages begin. Statistics, indexes and filters are
    // of no use to whoever reads all rows.
    (1, INT),
    (2, Kind::List(&INT)),
    (4, INT),
    (5, LONG),
    (6, LONG),
    (7, LONG),
    (9, LONG),
    (11, LONG),
];

/// Reads the footer of a file that may have so many columns.
pub(super) fn read(at: &At, columns: usize) -> Result<ParquetMetaData, Error> {
    let footer = copied(&bytes(at)?, columns)?;
    let metadata = decoded(footer)?;
    match metadata.row_groups().iter().all(|g| g.num_rows() >= 0) {
        true => Ok(metadata),
        false => Err(broken("its footer is broken")),
    }
}

/// The footer's bytes.
fn bytes(at: &At) -> Result<Bytes, Error> {
    const END: u64 = 8;
    let missing = || broken("it does not end with a footer");
    let end = at.len().checked_sub(END).ok_or_else(missing)?;
    let last = at.get_bytes(end, END as usize)?;
    match &last[4..] {
        b"PAR1" => {}
        b"PARE" => return Err(broken("it is encrypted")),
        _ => return Err(missing()),
    }
    let length = u32::from_le_bytes([last[0], last[1], last[2], last[3]]);
    let begin = end.checked_sub(length.into()).ok_or_else(missing)?;
    if length as usize > MOST {
        let why = format!("its footer is larger than {} MiB", MOST >> 20);
        return Err(broken(&why));
    }
    Ok(at.get_bytes(begin, length as usize)?)
}

/// What of a footer is used.
fn copied(footer: &[u8], columns: usize) -> Result<Vec<u8>, Error> {
    let unsound = || broken("its footer is broken");
    let copied = thrift::copy(footer, FOOTER).ok_or_else(unsound)?;
    let mut nodes: Vec<i64> = Vec::new();
    let mut chunks = 0;
    for (note, value) in copied.notes {
        match note {
            Note::Node => nodes.push(0),
            Note::Children => *nodes.last_mut().ok_or_else(unsound)? = value,
            _ => chunks += 1,
        }
    }
    if nodes.len() > columns.saturating_mul(NODES) {
        return Err(Error::TooWide);
    }
    match is_tree(&nodes) && chunks <= CHUNKS {
        true => Ok(copied.bytes),
        false => Err(unsound()),
    }
}

/// Whether nodes that have so many below them make up one tree, and not a deep one.
fn is_tree(nodes: &[i64]) -> bool {
    // How many nodes are still to come at each level.
    let mut open = vec![1];
    for &children in nodes {
        match open.last_mut() {
            Some(left) => *left -= 1,
            None => return false,
        }
        match children {
            0 => {}
            1.. if open.len() < DEPTH && children < nodes.len() as i64 => open.push(children),
            _ => return false,
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    open.is_empty()
}

/// How long a footer may take; real ones take some milliseconds.
const TIME: Duration = Duration::from_secs(30);

/// Decodes the footer, in a thread of its own: should anything keep the reader busy in spite of all, then nothing
/// but the end of the program stops it.
fn decoded(footer: Vec<u8>) -> Result<ParquetMetaData, Error> {
    let (sender, receiver) = mpsc::channel();
    let decode = move || {
        let read = guarded(|| ParquetMetaDataReader::decode_metadata(&footer));
        // Nobody may wait any more.
        let _ = sender.send(read);
    };
    let spawned = thread::Builder::new().spawn(decode);
    spawned.map_err(|error| broken(&error.to_string()))?;
    match receiver.recv_timeout(TIME) {
        Ok(read) => Ok(read??),
        Err(_) => {
            let slow = format!("its footer takes more than {} s to read", TIME.as_secs());
            Err(broken(&slow))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_one_tree() {
        for tree in [&[0][..], &[2, 0, 0], &[2, 1, 0, 0], &[1, 1, 2, 0, 0]] {
            assert!(is_tree(tree), "{tree:?}");
        }
        let none: [&[i64]; 7] = [
            &[],
            &[1],
            &[0, 0],
            &[2, 0],
            &[1, 0, 0],
            &[-1, 0],
            &[i64::from(i32::MAX), 0],
        ];
        for none in none {
            assert!(!is_tree(none), "{none:?}");
        }
        let deep = |depth| [vec![1; depth], vec![0]].concat();
        assert!(is_tree(&deep(DEPTH - 1)));
        assert!(!is_tree(&deep(100_000)));
    }
}
