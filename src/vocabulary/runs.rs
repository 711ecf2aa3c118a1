//! The words of a text as hashes, found in one pass over its bytes: what the tables and phrases are
//! looked up by, without a copy of any word.

use std::ops::Range;

/// A run of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Of the run's letters, whatever their capitals.
    pub hash: u64,
    pub start: u32,
    pub end: u32,
}

impl Run {
    /// The bytes of the text that the run is.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What is looked up by its hash.
pub trait Hashed {
    fn hash(&self) -> u64;
    /// Bytes of the text.
    fn range(&self) -> Range<usize>;
}

impl Hashed for Run {
    fn hash(&self) -> u64 {
        self.hash
    }

    fn range(&self) -> Range<usize> {
        Run::range(self)
    }
}

const BLANK: u8 = 0;
const WORD: u8 = 1;
const WIDE: u8 = 2;

static CLASS: [u8; 256] = {
    let mut class = [BLANK; 256];
    let mut b = 0;
    while b < 256 {
        if (b as u8).is_ascii_alphanumeric() {
            class[b] = WORD;
        } else if b >= 0x80 {
            class[b] = WIDE;
        }
        b += 1;
    }
    class
};

/// The runs in the bytes `range` of `text`, in order; their places are those in `text`.
pub fn runs(text: &str, range: Range<usize>) -> Vec<Run> {
    let mut out = Vec::with_capacity(range.len() / 5 + 1);
    let bytes = &text.as_bytes()[..range.end];
    let mut at = range.start;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() {
            match CLASS[bytes[at] as usize] {
                WORD => at += 1,
                BLANK => break,
                _ => match text[at..].chars().next() {
                    Some(c) if c.is_alphanumeric() => at += c.len_utf8(),
                    _ => break,
                },
            }
        }
        if at > start {
            out.push(Run {
                hash: hash(&bytes[start..at]),
                start: start as u32,
                end: at as u32,
            });
        }
        // What ends a run is no part of one.
        at += match bytes.get(at) {
            Some(b) if *b >= 0x80 => text[at..].chars().next().map_or(1, char::len_utf8),
            _ => 1,
        };
    }
    out
}

/// The hash of a word. ASCII capitals do not count.
pub fn hash(word: &[u8]) -> u64 {
    let eight = |at: usize| word[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
    let four = |at: usize| {
        word[at..at + 4]
            .try_into()
            .map_or(0, |b| u64::from(u32::from_le_bytes(b)))
    };
    let mut hash = (word.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = word.len();
    let last = match n {
        0 => 0,
        1..=3 => u64::from(word[0]) | u64::from(word[n / 2]) << 8 | u64::from(word[n - 1]) << 16,
        4..=8 => four(0) | four(n - 4) << 32,
        _ => {
            let mut at = 0;
            while at + 8 < n {
                hash = mixed(hash ^ lowered(eight(at)));
                at += 8;
            }
            eight(n - 8)
        }
    };
    mixed(hash ^ lowered(last))
}

/// ASCII letters made small, eight at a time; digits stay as they are.
fn lowered(eight: u64) -> u64 {
    eight | 0x2020_2020_2020_2020
}

fn mixed(value: u64) -> u64 {
    let product = u128::from(value ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    product as u64 ^ (product >> 64) as u64
}

/// Hashes are looked up as they are.
#[derive(Default, Clone, Copy)]
pub struct AsIs(u64);

impl std::hash::Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= hash(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 ^= hash;
    }
}

/// What is known of words, by their hashes.
pub type ByHash<T> = std::collections::HashMap<u64, T, std::hash::BuildHasherDefault<AsIs>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_words_whatever_stands_between_them() {
        let text = "The patient’s café — 10/325mg, “off”½";
        let words: Vec<&str> = runs(text, 0..text.len())
            .iter()
            .map(|r| &text[r.range()])
            .collect();
        assert_eq!(
            words,
            ["The", "patient", "s", "café", "10", "325mg", "off", "½"]
        );
        assert_eq!(runs(text, 4..11)[0].range(), 4..11);
        assert_eq!(runs("", 0..0), []);
    }

    #[test]
    fn capitals_do_not_count_and_everything_else_does() {
        for word in [
            "a",
            "of",
            "the",
            "taper",
            "weaning",
            "opioids",
            "detoxification",
        ] {
            assert_eq!(hash(word.as_bytes()), hash(word.to_uppercase().as_bytes()));
        }
        let mut all: Vec<u64> = [
            "a",
            "aa",
            "aaa",
            "aaaa",
            "taper",
            "tapers",
            "detoxification",
            "detoxificatiom",
        ]
        .iter()
        .map(|w| hash(w.as_bytes()))
        .collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8);
    }
}
