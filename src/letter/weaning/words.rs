//! A sentence as the weaning tables see it: words, numbers, drugs.

use crate::vocabulary::Vocabulary;
use crate::vocabulary::numbers;
use crate::vocabulary::patterns::Word;
use crate::vocabulary::runs::{ByHash, Run, hash, runs};
use std::ops::Range;
use std::sync::LazyLock;

/// The words of a sentence.
pub fn words(sentence: &str, vocabulary: &Vocabulary) -> Vec<Word> {
    let runs = runs(sentence, 0..sentence.len());
    let mut out: Vec<Word> = Vec::with_capacity(runs.len() + 4);
    let mut end = 0;
    let mut rest = runs.as_slice();
    while let Some(first) = rest.first() {
        signs(sentence, end..first.range().start, vocabulary, &mut out);
        let joined = joined(sentence, rest);
        let range = first.range().start..rest[joined - 1].range().end;
        end = range.end;
        rest = &rest[joined..];
        let word = if joined == 1 {
            let text = &sentence[range.clone()];
            word(sentence, range, first.hash, text, vocabulary)
        } else {
            let text: String = sentence[range.clone()]
                .chars()
                .filter(|c| !matches!(c, '\'' | '’'))
                .flat_map(char::to_lowercase)
                .collect();
            word(sentence, range, hash(text.as_bytes()), &text, vocabulary)
        };
        out.push(word);
    }
    signs(sentence, end..sentence.len(), vocabulary, &mut out);
    mark_drugs(&mut out, vocabulary);
    out
}

/// How many of `runs` make up one word: hyphens and apostrophes before letters join ("step-down"), and
/// the points of decimals.
fn joined(sentence: &str, runs: &[Run]) -> usize {
    let mut n = 1;
    while let Some(next) = runs.get(n) {
        let between = &sentence[runs[n - 1].range().end..next.range().start];
        let opens = |is: fn(char) -> bool| sentence[next.range()].starts_with(is);
        let joins = match between {
            "-" | "'" | "’" => opens(char::is_alphabetic),
            "." => {
                n == 1
                    && sentence[runs[0].range()]
                        .bytes()
                        .all(|b| b.is_ascii_digit())
                    && opens(|c| c.is_ascii_digit())
            }
            _ => false,
        };
        if !joins {
            break;
        }
        n += 1;
    }
    n
}

/// The signs between words that count as words.
fn signs(sentence: &str, between: Range<usize>, vocabulary: &Vocabulary, out: &mut Vec<Word>) {
    if between.len() == 1 && sentence.as_bytes()[between.start] == b' ' {
        return;
    }
    for (i, c) in sentence[between.clone()].char_indices() {
        let at = between.start + i;
        let sign = match c {
            ';' => ";",
            ':' => ":",
            '%' => "%",
            '>' if sentence[..at].ends_with('-') => "to",
            '→' => "to",
            _ => continue,
        };
        let hash = hash(sign.as_bytes());
        out.push(Word {
            hash,
            symbol: vocabulary.weaning.symbol(hash, sign),
            number: None,
            drug: false,
            range: at..at + c.len_utf8(),
        });
    }
}

/// The word at `range`, whose letters are `text`.
fn word(
    sentence: &str,
    range: Range<usize>,
    hash: u64,
    text: &str,
    vocabulary: &Vocabulary,
) -> Word {
    let digits = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let number = if digits == 0 {
        numbers::amount(hash)
    } else {
        const UNITS: &[&str] = &["", "mg", "mcg", "mgs", "tabs", "tablets", "x", "pills", "d"];
        let unit = &text[digits..];
        (UNITS.iter().any(|u| unit.eq_ignore_ascii_case(u))
            && !is_part_of_fraction(sentence, &range)
            && !is_year(text))
        .then(|| text[..digits].parse().ok())
        .flatten()
    };
    Word {
        hash,
        symbol: vocabulary.weaning.symbol(hash, text),
        number,
        drug: false,
        range,
    }
}

/// Parts of dates, scores and fractions ("8/10", "4-/5") are no doses; "2/d" is one.
fn is_part_of_fraction(sentence: &str, range: &Range<usize>) -> bool {
    let (before, after) = (&sentence[..range.start], &sentence[range.end..]);
    before
        .strip_suffix('/')
        .is_some_and(|b| b.ends_with(|c: char| c.is_ascii_digit() || c == '-'))
        || after
            .strip_prefix('/')
            .is_some_and(|a| a.starts_with(|c: char| c.is_ascii_digit()))
        || after.starts_with("-/")
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))
}

fn mark_drugs(words: &mut [Word], vocabulary: &Vocabulary) {
    for found in vocabulary.drugs.find(words) {
        words[found.words].iter_mut().for_each(|w| w.drug = true);
    }
    for i in 0..words.len() {
        let [one, two] = vocabulary.drugs.classes_at(&words[i..]);
        if one.is_some() || two.is_some() {
            words[i].drug = true;
        }
        if two.is_some() {
            words[i + 1].drug = true;
        }
    }
}

/// Words that count for the weighing of doses, by their hashes.
static SENSES: LazyLock<ByHash<Sense>> = LazyLock::new(|| {
    let of = |words: &'static [&str], sense: Sense| {
        words.iter().map(move |w| (hash(w.as_bytes()), sense))
    };
    of(DOSES, Sense::Dose)
        .chain(of(PERIODS, Sense::Period))
        .chain(of(OTHER_COUNTS, Sense::OtherCount))
        .chain(of(DOWN, Sense::Down))
        .collect()
});

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Dose,
    Period,
    OtherCount,
    Down,
}

fn sense(word: &Word) -> Option<Sense> {
    SENSES.get(&word.hash).copied()
}

const DOSES: &[&str] = &[
    "tablet",
    "tablets",
    "tab",
    "tabs",
    "pill",
    "pills",
    "capsule",
    "capsules",
    "patch",
    "patches",
    "mg",
    "mcg",
    "mme",
    "med",
    "dose",
    "doses",
    "dosage",
    "dosages",
    "medication",
    "medications",
    "meds",
    "medicine",
    "medicines",
    "drug",
    "drugs",
    "agent",
    "agents",
    "refill",
    "script",
    "prescription",
    "rx",
    "count",
    "dosing",
];

/// Times at which a dose is taken.
const PERIODS: &[&str] = &["d", "day", "daily", "bid", "tid", "qid"];

/// Whether a sentence speaks of drugs or doses at all.
pub fn speaks_of_doses(sentence: &str, words: &[Word]) -> bool {
    words.iter().any(|w| is_dose(sentence, w))
}

fn is_dose(sentence: &str, word: &Word) -> bool {
    word.drug
        || sense(word) == Some(Sense::Dose)
        || has_dose_unit(&sentence.as_bytes()[word.range.clone()])
}

fn has_dose_unit(word: &[u8]) -> bool {
    let ends = |unit: &[u8]| {
        word.len() >= unit.len() && word[word.len() - unit.len()..].eq_ignore_ascii_case(unit)
    };
    word[0].is_ascii_digit() && (ends(b"mg") || ends(b"mcg"))
}

/// Things that are counted and are no doses.
const OTHER_COUNTS: &[&str] = &[
    "degrees", "degree", "pain", "score", "scores", "vas", "visits", "visit", "sessions",
    "session", "weeks", "week", "months", "years", "hours", "lbs", "pounds", "bdi", "phq", "gaf",
    "points", "page", "pages", "miles", "minutes", "hrs", "inches", "cm", "mm", "kg", "point",
    "level", "percent", "beck", "gad", "oswestry", "a1c", "bmi", "bpm", "feet", "blocks",
    "flights", "year",
];

/// Whether the numbers that a pattern compared are doses or counts of units.
pub fn compares_doses(sentence: &str, words: &[Word], hit: &Range<usize>) -> bool {
    let end = (hit.end + 3).min(words.len());
    let near = &words[hit.start.saturating_sub(5)..end];
    near.iter()
        .any(|w| is_dose(sentence, w) || sense(w) == Some(Sense::Period))
        && counts_units(words, hit)
}

/// Whether a phrase that ends before word `at` has an object of its own ("cut down on ice cream").
pub fn goes_on_with_another_thing(sentence: &str, words: &[Word], at: usize) -> bool {
    let is = |i: usize, any: &[&str]| {
        words.get(i).is_some_and(|w| {
            any.iter()
                .any(|a| sentence[w.range.clone()].eq_ignore_ascii_case(a))
        })
    };
    let own = &["his", "her", "own", "the", "this", "it", "their"];
    is(at, &["on"]) && !is(at + 1, own)
}

/// Whether each of the numbers in `hit` is smaller than the one before.
pub fn falls(words: &[Word], hit: &Range<usize>) -> bool {
    let numbers: Vec<f64> = words[hit.clone()].iter().filter_map(|w| w.number).collect();
    numbers.windows(2).all(|w| w[1] < w[0])
}

/// Whether the numbers that a pattern compared may be counts of units dispensed.
pub fn counts_units(words: &[Word], hit: &Range<usize>) -> bool {
    !words[hit.start..(hit.end + 1).min(words.len())]
        .iter()
        .any(|w| sense(w) == Some(Sense::OtherCount))
}

/// Verbs that say that something became less.
const DOWN: &[&str] = &[
    "cut",
    "down",
    "reduced",
    "reduce",
    "decreased",
    "decrease",
    "dropped",
    "drop",
    "fell",
    "fallen",
    "lowered",
    "lowers",
    "lower",
    "weaned",
    "tapered",
    "halved",
    "now",
    "brought",
    "titrated",
    "reducing",
    "decreasing",
    "reduces",
    "decreases",
    "reduction",
    "taper",
    "went",
    "gone",
];

/// Whether a verb of a sentence says that something became less.
pub fn goes_down(words: &[Word]) -> bool {
    words.iter().any(|w| sense(w) == Some(Sense::Down))
}
