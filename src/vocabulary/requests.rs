//! Kinds of requests: the cue words by which a heading is classed.

use super::drugs::DrugMatch;
use super::runs::{ByHash, Hashed, Sieve, hash};
use super::table;
use super::tokens::{Phrase, Token};
use rustc_hash::FxHashMap as HashMap;
use std::ops::Range;

/// Rank of a drug's name among the cues.
const DRUG_RANK: u8 = 2;

/// A class of requests, and where in the heading it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub category: &'static str,
    pub subcategory: &'static str,
    /// Bytes of the heading; empty where nothing in it told.
    pub range: Range<usize>,
    /// A drug's name decided.
    pub by_drug: bool,
}

struct Cue {
    phrase: Phrase,
    category: &'static str,
    subcategory: &'static str,
    rank: u8,
}

/// `requests.csv`.
pub struct Requests {
    cues: Vec<Cue>,
    /// Cues by the hash of their first word.
    by_first: ByHash<Vec<usize>>,
    first_words: Sieve,
    /// Cues whose first word is a stem, by the stem's first two bytes.
    stems: HashMap<u16, Vec<usize>>,
}

impl Requests {
    pub(super) fn load() -> Requests {
        let mut all = Requests {
            cues: Vec::new(),
            by_first: ByHash::default(),
            first_words: Sieve::new(std::iter::empty()),
            stems: HashMap::default(),
        };
        for row in table(include_str!("../../data/vocabulary/requests.csv")) {
            let cue = Cue {
                phrase: Phrase::new(row["cue"]),
                category: row["category"],
                subcategory: row["subcategory"],
                rank: row["rank"].parse().unwrap_or(3),
            };
            let index = all.cues.len();
            match cue.phrase.first() {
                Some((stem, true)) => all.stems.entry(opening(stem)).or_default().push(index),
                Some((first, false)) => all
                    .by_first
                    .entry(hash(first.as_bytes()))
                    .or_default()
                    .push(index),
                None => continue,
            }
            all.cues.push(cue);
        }
        all.first_words = Sieve::new(all.by_first.keys().copied());
        all
    }

    /// Every category with its subcategories, in the table's order.
    pub fn categories(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let mut out: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
        for cue in &self.cues {
            let i = out
                .iter()
                .position(|(c, _)| *c == cue.category)
                .unwrap_or_else(|| {
                    out.push((cue.category, Vec::new()));
                    out.len() - 1
                });
            if !out[i].1.contains(&cue.subcategory) {
                out[i].1.push(cue.subcategory);
            }
        }
        out
    }

    /// Classes a heading by its words and the drugs among them: the lowest rank wins, then the
    /// earliest place, then the longest cue.
    pub fn classify(&self, words: &[Token], drugs: &[DrugMatch]) -> Request {
        let mut best: Option<((u8, usize, isize), Request)> = None;
        let mut consider = |rank: u8, at: usize, len: usize, request: Request| {
            let key = (rank, at, -(len as isize));
            if best.as_ref().is_none_or(|(k, _)| key < *k) {
                best = Some((key, request));
            }
        };
        // Later cues of the best rank so far, or of a worse one, need not be looked at.
        let mut best_cue = (u8::MAX, 0);
        for (at, token) in words.iter().enumerate() {
            // "CT of the hip prior to the next follow-up visit": what is to come later is not requested.
            if best_cue.0 <= DRUG_RANK && comes_before(&words[at..]) {
                break;
            }
            let exact = (self.first_words.may_hold(token.hash()))
                .then(|| self.by_first.get(&token.hash()))
                .flatten();
            let exact = exact.into_iter().flatten();
            let stems = self.stems.get(&opening(&token.word)).into_iter().flatten();
            for cue in exact.chain(stems).map(|&i| &self.cues[i]) {
                if (cue.rank, at) > best_cue || !cue.phrase.matches(&words[at..]) {
                    continue;
                }
                best_cue = (cue.rank, at);
                let range = token.range.start..words[at + cue.phrase.len() - 1].range.end;
                consider(
                    cue.rank,
                    at,
                    cue.phrase.len(),
                    Request {
                        category: cue.category,
                        subcategory: cue.subcategory,
                        range,
                        by_drug: false,
                    },
                );
            }
        }
        for found in drugs {
            let request = Request {
                category: "pharmaceutical",
                subcategory: found.drug.subcategory,
                range: found.range.clone(),
                by_drug: true,
            };
            consider(DRUG_RANK, found.words.start, found.words.len(), request);
        }
        best.map_or(
            Request {
                category: "other",
                subcategory: "other",
                range: 0..0,
                by_drug: false,
            },
            |(_, request)| request,
        )
    }
}

/// Whether words say that what was named before them comes first.
fn comes_before(words: &[Token]) -> bool {
    let word = |i: usize| words.get(i).map_or("", |t| t.word.as_str());
    word(0) == "before" || word(0) == "prior" && word(1) == "to"
}

/// The first two bytes of a word, by which stems are looked up.
fn opening(word: &str) -> u16 {
    let byte = |i| word.as_bytes().get(i).copied().unwrap_or(0);
    u16::from_le_bytes([byte(0), byte(1)])
}
