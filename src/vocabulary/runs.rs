//! The words of a text as hashes, found in one pass over its bytes: what the tables and phrases are
//! looked up by, without a copy of any word.

use super::bits::Bits;
use super::lexicon::{FIGURE, Lexicon, Marks, Symbol};
use std::ops::Range;

/// A run of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Of the run's letters, whatever their capitals.
    pub hash: u64,
    pub start: u32,
    pub end: u32,
    /// Of the lexicon; 0 too where a figure is part of a date, score or fraction.
    pub symbol: Symbol,
    pub marks: Marks,
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

/// The words of a text.
pub struct Words {
    /// In order.
    pub runs: Vec<Run>,
    /// The bytes at which they begin.
    pub begins: Bits,
}

/// The words of `text`.
pub fn words(text: &str, lexicon: &Lexicon) -> Words {
    let bits = letters_and_digits(text);
    let begins = bits.begins();
    let bytes = text.as_bytes();
    let mut words = bits.stretches();
    let mut last_end = 0;
    let read = |_| {
        let word = words.next().unwrap_or_default();
        let before = marks_after(&bytes[last_end..word.start]);
        last_end = word.end;
        let (hash, first) = hash_at(bytes, &word);
        let (symbol, marks) = match lexicon.at_once(hash, first) {
            Some((symbol, own)) => (symbol, before | own),
            None => look_up(text, word.clone(), (hash, first), before, lexicon),
        };
        Run {
            hash,
            start: word.start as u32,
            end: word.end as u32,
            symbol,
            marks,
        }
    };
    let runs = (0..begins.count()).map(read).collect();
    Words { runs, begins }
}

/// What the signs before a word tell of it.
fn marks_after(signs: &[u8]) -> Marks {
    // Whether one sign or two stand there cannot be foretold, so that nothing branches on it.
    match (signs.first(), signs.last()) {
        (Some(first), Some(last)) if signs.len() <= 2 => {
            let both = AFTER[usize::from(*first)] & AFTER[usize::from(*last)];
            both.without(Marks::AFTER_BLANK.if_so(signs.len() > 1))
        }
        _ => marks_after_many(signs),
    }
}

#[inline(never)]
fn marks_after_many(signs: &[u8]) -> Marks {
    Marks::GOES_ON.if_so(!signs.iter().any(|sign| may_end(*sign)))
}

/// What each sign tells of the word after it.
const AFTER: [Marks; 256] = {
    let mut all = [Marks::GOES_ON; 256];
    let mut sign = 0;
    while sign < 256 {
        if may_end(sign as u8) {
            all[sign] = Marks::NONE;
        }
        sign += 1;
    }
    all[b' ' as usize] = Marks::GOES_ON.and(Marks::AFTER_BLANK);
    all
};

/// The hash of a word, and its first bytes as [`first_eight`] tells them.
fn hash_at(bytes: &[u8], word: &Range<usize>) -> (u64, u64) {
    match (word.end - word.start, bytes[word.start..].first_chunk()) {
        (length @ ..=16, Some(sixteen)) => {
            let known = u128::from_le_bytes(*sixteen) & LOW_BYTES[length];
            let (first, second) = (lowered(known as u64), lowered((known >> 64) as u64));
            (mixed(first, second), first)
        }
        _ => hash_of_any(&bytes[word.clone()]),
    }
}

#[inline(never)]
fn hash_of_any(word: &[u8]) -> (u64, u64) {
    (hash(word), first_eight(word))
}

/// What is known of a word that the lexicon does not tell of at once.
#[inline(never)]
fn look_up(
    text: &str,
    word: Range<usize>,
    (hash, first): (u64, u64),
    before: Marks,
    lexicon: &Lexicon,
) -> (Symbol, Marks) {
    let (symbol, own) = lexicon.look_up(hash, first, &text.as_bytes()[word.clone()]);
    match own.has(Marks::DIGIT) {
        true => figure(text, word, symbol, before | own),
        false => (symbol, before | own),
    }
}

/// Whether a sentence may end at a sign.
pub const fn may_end(sign: u8) -> bool {
    matches!(sign, b'.' | b'!' | b'?' | b';' | b':' | b'\n')
}

/// What is known of a word that begins with a digit: years and parts of fractions are no figures, others
/// are numbers. The number of a list's item may begin a sentence.
fn figure(text: &str, word: Range<usize>, symbol: Symbol, marks: Marks) -> (Symbol, Marks) {
    let marks = match text.as_bytes()[..word.start].last() {
        Some(b' ') => marks.without(Marks::GOES_ON),
        _ => marks,
    };
    if symbol != FIGURE {
        return (symbol, marks);
    }
    match is_year(&text[word.clone()]) || is_part_of_fraction(text, &word) {
        true => (0, marks),
        false => (FIGURE, marks | Marks::NUMBER),
    }
}

/// The bytes of letters and digits.
fn letters_and_digits(text: &str) -> Bits {
    let mut bits = Bits::of(text.as_bytes(), |b| b.is_ascii_alphanumeric());
    if !text.is_ascii() {
        let leading = Bits::of(text.as_bytes(), |b| b >= 0xc0);
        for at in leading.each() {
            let wide = text[at..].chars().next().filter(|c| c.is_alphanumeric());
            bits.set(at..at + wide.map_or(0, char::len_utf8));
        }
    }
    bits
}

/// Of sixteen bytes the first so many.
const LOW_BYTES: [u128; 17] = {
    let mut all = [u128::MAX; 17];
    let mut count = 0;
    while count < 16 {
        all[count] = !(u128::MAX << (8 * count));
        count += 1;
    }
    all
};

/// Parts of dates, scores and fractions ("8/10", "4-/5") are no doses; "2/d" is one.
pub fn is_part_of_fraction(text: &str, range: &Range<usize>) -> bool {
    let (before, after) = (
        &text.as_bytes()[..range.start],
        &text.as_bytes()[range.end..],
    );
    matches!(before, [.., b'0'..=b'9' | b'-', b'/'])
        || matches!(after, [b'/', b'0'..=b'9', ..] | [b'-', b'/', ..])
}

/// Whether a number is a year.
pub fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))
}

/// How many ASCII letters and digits `bytes` begin with.
pub fn word_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(eight) = bytes[length..].first_chunk() {
        let others = !words_of(u64::from_le_bytes(*eight)) & HIGH;
        if others != 0 {
            return length + others.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = bytes[length..].iter();
    length + rest.take_while(|b| b.is_ascii_alphanumeric()).count()
}

const HIGH: u64 = 0x8080_8080_8080_8080;

/// Of eight bytes the highest bit of each that is an ASCII letter or digit.
fn words_of(eight: u64) -> u64 {
    // To each byte of seven bits so much is added that those from `low` on come to have the eighth.
    let from = |bytes: u64, low: u8| bytes + u64::from(0x80 - low) * (HIGH >> 7);
    let seven = eight & !HIGH;
    let small = lowered(seven);
    let letters = from(small, b'a') & !from(small, b'z' + 1);
    let digits = from(seven, b'0') & !from(seven, b'9' + 1);
    (letters | digits) & !eight & HIGH
}

/// The first eight bytes of a word in small letters, or all it has.
pub fn first_eight(word: &[u8]) -> u64 {
    let four = |b: Option<&[u8; 4]>| u64::from(b.copied().map_or(0, u32::from_le_bytes));
    lowered(match *word {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(a) | u64::from(b) << 8,
        [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
        [a, b, c, d, e, f, g, h, ..] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        [..] => four(word.first_chunk()) | four(word.last_chunk()) << (8 * (word.len() - 4)),
    })
}

/// The hash of a word. ASCII capitals do not count.
pub fn hash(word: &[u8]) -> u64 {
    // The bytes that a shorter word has not are blanks, which no word has.
    match word.len() {
        ..=8 => mixed(first_eight(word), BLANKS),
        length @ ..=16 => {
            let last = word.last_chunk().copied().map_or(0, u64::from_le_bytes);
            mixed(first_eight(word), lowered(last >> (8 * (16 - length))))
        }
        _ => hash_of_long(word),
    }
}

/// The hash of a word of more than sixteen bytes.
fn hash_of_long(word: &[u8]) -> u64 {
    let eight = |b: Option<&[u8; 8]>| lowered(b.copied().map_or(0, u64::from_le_bytes));
    let mut hash = word.len() as u64;
    let mut rest = word;
    while rest.len() > 8 {
        hash = mixed(hash, eight(rest.first_chunk()));
        rest = &rest[8..];
    }
    mixed(hash, eight(word.last_chunk()))
}

const BLANKS: u64 = 0x2020_2020_2020_2020;

/// ASCII letters made small, eight at a time; digits stay as they are.
fn lowered(eight: u64) -> u64 {
    eight | BLANKS
}

fn mixed(one: u64, two: u64) -> u64 {
    let product = u128::from(one) * u128::from(two ^ 0xe703_7ed1_a0b4_28db);
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

/// A set of words that is asked of nearly every word of a text, most of which are not in it: a bit a
/// word, by its hash. It may hold words that were never put in.
pub struct Sieve {
    blocks: Box<[u64; BLOCKS]>,
}

const BLOCKS: usize = 128;

impl Sieve {
    /// A sieve of these words.
    pub fn new(words: impl Iterator<Item = u64>) -> Sieve {
        let mut sieve = Sieve {
            blocks: Box::new([0; BLOCKS]),
        };
        words.for_each(|word| sieve.put(word));
        sieve
    }

    /// Puts in a word.
    pub fn put(&mut self, word: u64) {
        self.blocks[block(word)] |= 1 << (word % 64);
    }

    /// Whether a word may have been put in.
    pub fn may_hold(&self, word: u64) -> bool {
        self.blocks[block(word)] & 1 << (word % 64) != 0
    }
}

/// Where in a sieve a word has its bit.
fn block(word: u64) -> usize {
    (word >> 6) as usize % BLOCKS
}

/// What is known of words, by their hashes.
pub type ByHash<T> = std::collections::HashMap<u64, T, std::hash::BuildHasherDefault<AsIs>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str, lexicon: &Lexicon) -> Vec<Run> {
        words(text, lexicon).runs
    }

    #[test]
    fn runs_are_words_whatever_stands_between_them() {
        let text = "The patient’s café — 10/325mg, “off”½";
        let lexicon = Lexicon::of(&[]);
        let words: Vec<&str> = runs(text, &lexicon)
            .iter()
            .map(|r| &text[r.range()])
            .collect();
        assert_eq!(
            words,
            ["The", "patient", "s", "café", "10", "325mg", "off", "½"]
        );
        assert_eq!(runs(&text[4..], &lexicon)[0].range(), 0..7);
        assert_eq!(runs("", &lexicon), []);
        for b in 0..=255u8 {
            let mask = words_of(u64::from(b) * (HIGH >> 7));
            assert_eq!(
                mask,
                if b.is_ascii_alphanumeric() { HIGH } else { 0 },
                "{b}"
            );
        }
    }

    #[test]
    fn what_stands_before_a_word_tells_whether_a_sentence_may_end() {
        let lexicon = Lexicon::of(&[]);
        for (text, goes_on, after_blank) in [
            ("one two", true, true),
            ("one, two", true, false),
            ("one-two", true, false),
            ("one-2", true, false),
            ("one 2", false, true),
            ("one, 2", false, false),
            ("one. two", false, false),
            ("one\ntwo", false, false),
            ("one (b); two", false, false),
        ] {
            let marks = runs(text, &lexicon).last().map(|run| run.marks);
            let marks = marks.unwrap_or_default();
            assert_eq!(marks.has(Marks::GOES_ON), goes_on, "{text:?}");
            assert_eq!(marks.has(Marks::AFTER_BLANK), after_blank, "{text:?}");
        }
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
