//! Sets of phrases, looked up together at the words of a text.
//!
//! A phrase is lower-case words separated by single blanks. In the text anything but letters and digits
//! may stand between two of them, as far as [`WIDEST`] bytes.

use crate::vocabulary::runs::{ByHash, Run, Sieve, hash};

/// The most that may stand between two words of a phrase, in bytes.
const WIDEST: u32 = 8;

/// Phrases that each stand for something.
pub struct Phrases<T> {
    /// By the hash of the first word: the hashes of all words, longer phrases first.
    by_first: ByHash<Vec<(Vec<u64>, T)>>,
    /// The first words of phrases.
    firsts: Sieve,
    /// Phrases of one word, and the first two words of the others.
    openings: Sieve,
}

/// The hash of two words that follow each other, or of one.
fn opening(first: u64, second: Option<u64>) -> u64 {
    second.map_or(first, |second| first.rotate_left(1) ^ second)
}

/// A phrase in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhraseAt<T> {
    pub value: T,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
}

impl<T: Copy> Phrases<T> {
    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, T)>) -> Phrases<T> {
        let mut by_first: ByHash<Vec<(Vec<u64>, T)>> = ByHash::default();
        for (phrase, value) in rows {
            let words: Vec<u64> = phrase.split(' ').map(|w| hash(w.as_bytes())).collect();
            by_first.entry(words[0]).or_default().push((words, value));
        }
        for phrases in by_first.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        let all = by_first.values().flatten();
        let openings = all.map(|(words, _)| opening(words[0], words.get(1).copied()));
        Phrases {
            firsts: Sieve::new(by_first.keys().copied()),
            openings: Sieve::new(openings.collect::<Vec<_>>().into_iter()),
            by_first,
        }
    }

    /// Whether a phrase may begin at the first of `runs`.
    fn may_begin(&self, runs: &[Run]) -> bool {
        let first = runs[0].hash;
        let known = |second| self.openings.may_hold(opening(first, second));
        self.firsts.may_hold(first)
            && (known(None) || runs.get(1).is_some_and(|second| known(Some(second.hash))))
    }

    /// The phrases that begin at the first of `runs`, longer ones first.
    pub fn at<'a>(&'a self, runs: &'a [Run]) -> impl Iterator<Item = PhraseAt<T>> + 'a {
        let known = runs
            .first()
            .filter(|_| self.may_begin(runs))
            .and_then(|run| self.by_first.get(&run.hash));
        known
            .into_iter()
            .flatten()
            .filter(|(words, _)| stands_at(words, runs))
            .map(|(words, value)| PhraseAt {
                value: *value,
                start: runs[0].start as usize,
                end: runs[words.len() - 1].end as usize,
            })
    }

    /// Every phrase in `runs`, in order; of those that begin at one word the longer first.
    pub fn find(&self, runs: &[Run]) -> Vec<PhraseAt<T>> {
        let mut out = Vec::new();
        for (i, run) in runs.iter().enumerate() {
            if self.firsts.may_hold(run.hash) && self.may_begin(&runs[i..]) {
                out.extend(self.at(&runs[i..]));
            }
        }
        out
    }

    /// Whether any of the phrases stands in `runs`.
    pub fn any(&self, runs: &[Run]) -> bool {
        !self.find(runs).is_empty()
    }
}

fn stands_at(words: &[u64], runs: &[Run]) -> bool {
    words.len() <= runs.len()
        && words.iter().zip(runs).all(|(word, run)| *word == run.hash)
        && runs[..words.len()]
            .windows(2)
            .all(|pair| pair[1].start - pair[0].end <= WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;

    #[test]
    fn phrases_in_any_dress() {
        let phrases = Phrases::new([("decision s", 1), ("decision", 2), ("rationale", 3)]);
        let found = |text: &str| -> Vec<(i32, usize, usize)> {
            phrases
                .find(&Vocabulary::get().runs(text))
                .into_iter()
                .map(|p| (p.value, p.start, p.end))
                .collect()
        };
        assert_eq!(
            found("IMR DECISION(S)\nand Rationale:"),
            [(1, 4, 14), (2, 4, 12), (3, 20, 29)]
        );
        assert_eq!(found("Decision          s"), [(2, 0, 8)]);
        assert_eq!(found("decisions"), []);
    }
}
