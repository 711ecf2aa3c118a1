//! `inputs.times`: when the inputs of a dataset were last written, so that an update need not even read those
//! that have not changed.
//!
//! The file is apart from what else is kept of the inputs, and the manifest does not have its hash, as the
//! same letters have other times on another machine. It names the `inputs.parquet` that it belongs to; where
//! it is missing or damaged, the inputs are read again and found to be known.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Error, io_error};
use crate::source::Times;

/// The file's name.
pub const TIMES: &str = "inputs.times";

/// What the file begins with; then stand the SHA-256 of the inputs' file, the times, compressed, and the
/// SHA-256 of all that.
const MAGIC: &[u8] = b"imr times 1\n";

/// A file that was written so shortly before the search may have been written again in the same instant, as
/// the file system tells time.
#[cfg(not(test))]
const INSTANT: i64 = 2_000_000_000;
#[cfg(test)]
const INSTANT: i64 = 0;

/// Writes the times of the inputs, in their order, which were searched for at `searched` (in nanoseconds).
pub fn write(
    dir: &Path,
    inputs: &str,
    searched: i64,
    times: impl Iterator<Item = Times>,
) -> Result<(), Error> {
    let path = dir.join(TIMES);
    let write = || -> io::Result<()> {
        let mut bytes = [MAGIC, inputs.as_bytes()].concat();
        let mut encoder = zstd::Encoder::new(&mut bytes, 3)?;
        for time in times {
            let time = match time.modified.max(time.changed) > searched - INSTANT {
                true => Times::default(),
                false => time,
            };
            encoder.write_all(&time.modified.to_le_bytes())?;
            encoder.write_all(&time.changed.to_le_bytes())?;
        }
        encoder.finish()?;
        let seal = Sha256::digest(&bytes);
        bytes.extend_from_slice(&seal);
        let mut file = File::create_new(&path)?;
        file.write_all(&bytes)?;
        file.sync_all()
    };
    write().map_err(io_error("cannot write", &path))
}

/// What stands before the SHA-256 at the end of the file, if that is of it.
fn unsealed(bytes: &[u8]) -> Option<&[u8]> {
    let (content, seal) = bytes.split_last_chunk::<32>()?;
    (Sha256::digest(content)[..] == seal[..]).then_some(content)
}

/// Whether the file, where there is one, is as it was written.
pub fn is_whole(dir: &Path) -> bool {
    let bytes = fs::read(dir.join(TIMES));
    bytes.map_or_else(
        |error| error.kind() == io::ErrorKind::NotFound,
        |bytes| unsealed(&bytes).is_some(),
    )
}

/// The times of so many inputs in the file of that SHA-256, if they are known.
pub fn read(dir: &Path, inputs: &str, count: usize) -> Option<Vec<Times>> {
    let bytes = fs::read(dir.join(TIMES)).ok()?;
    let rest = unsealed(&bytes)?
        .strip_prefix(MAGIC)?
        .strip_prefix(inputs.as_bytes())?;
    let mut raw = Vec::new();
    let most = count as u64 * 16 + 1;
    let decoder = zstd::Decoder::new(rest).ok()?;
    decoder.take(most).read_to_end(&mut raw).ok()?;
    let (pairs, []) = raw.as_chunks::<16>() else {
        return None;
    };
    let time = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().unwrap_or_default());
    let times = pairs.iter().map(|pair| Times {
        modified: time(&pair[..8]),
        changed: time(&pair[8..]),
    });
    (pairs.len() == count).then(|| times.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Times {
        let modified = seconds * 1_000_000_000;
        let changed = modified + 1;
        Times { modified, changed }
    }

    #[test]
    fn times_come_back_but_those_of_the_last_instant() {
        let dir = tempfile::tempdir().unwrap();
        let times = [at(5), Times::default(), at(100)];
        write(dir.path(), "ab", 100_000_000_000, times.into_iter()).unwrap();
        let expected = vec![at(5), Times::default(), Times::default()];
        assert_eq!(read(dir.path(), "ab", 3), Some(expected));
        for (inputs, count) in [("ac", 3), ("ab", 2), ("ab", 4)] {
            assert_eq!(read(dir.path(), inputs, count), None);
        }
        let path = dir.path().join(TIMES);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        assert_eq!(read(dir.path(), "ab", 3), None);
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, flipped).unwrap();
            assert!(!is_whole(dir.path()), "{bit}");
            assert_eq!(read(dir.path(), "ab", 3), None);
        }
        fs::write(&path, whole).unwrap();
        assert!(is_whole(dir.path()));
    }
}
