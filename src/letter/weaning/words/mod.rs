//! A sentence as the weaning tables see it: words, numbers, drugs.

mod doses;
mod lists;

pub use doses::*;

use crate::vocabulary::Vocabulary;
use crate::vocabulary::lexicon::{FIGURE, Marks};
use crate::vocabulary::patterns::{Clues, Letters, Word};
use crate::vocabulary::runs::{Run, hash, is_part_of_fraction, is_year};
use lists::LISTS;
use std::borrow::Cow;
use std::ops::Range;

/// Notes what the words of a sentence that begins at byte `at` of the text are by themselves: what may be
/// told without looking at each sign and name. What does not stand there may be told, but nothing is left out.
pub fn note_clues(
    sentence: &str,
    at: usize,
    runs: &[Run],
    vocabulary: &Vocabulary,
    clues: &mut Clues,
) {
    clues.clear();
    for (first, joined) in joined(sentence, at, runs) {
        let (symbol, marks) = match joined {
            1 if runs[first].symbol == 0 => continue,
            1 => (runs[first].symbol, runs[first].marks),
            _ => {
                let last = &runs[first + joined - 1];
                let range = runs[first].start as usize - at..last.end as usize - at;
                let word = as_one(&sentence[range]);
                vocabulary.lexicon.of_word(word.as_bytes())
            }
        };
        let is_number = symbol == FIGURE || marks.has(Marks::NUMBER);
        clues.add(symbol, is_number, marks.has(Marks::DRUG));
    }
}

/// The words of a sentence; `lower` is the sentence in small letters.
pub fn words<'a>(sentence: &'a str, lower: &'a str, vocabulary: &Vocabulary) -> Vec<Word<'a>> {
    let runs = vocabulary.runs(sentence);
    of_runs(sentence, lower, 0, &runs, vocabulary)
}

/// The words of a sentence that begins at byte `at` of the text in which `runs` stand.
pub fn of_runs<'a>(
    sentence: &str,
    lower: &'a str,
    at: usize,
    runs: &[Run],
    vocabulary: &Vocabulary,
) -> Vec<Word<'a>> {
    let place = |run: &Run| run.start as usize - at..run.end as usize - at;
    let mut out: Vec<Word> = Vec::with_capacity(runs.len() + 4);
    let mut end = 0;
    for (first, joined) in joined(sentence, at, runs) {
        let run = &runs[first];
        let range = place(run).start..place(&runs[first + joined - 1]).end;
        if !run.marks.has(Marks::AFTER_BLANK) {
            signs(sentence, end..range.start, vocabulary, &mut out);
        }
        end = range.end;
        let mut word = Word {
            text: Letters(Cow::Borrowed(&lower[range.clone()])),
            hash: run.hash,
            symbol: run.symbol,
            marks: run.marks,
            number: None,
            counted: false,
            drug: false,
            range,
        };
        if joined > 1 {
            let text = as_one(&sentence[word.range.clone()]);
            word.hash = hash(text.as_bytes());
            (word.symbol, word.marks) = vocabulary.lexicon.of_word(text.as_bytes());
            word.text = Letters(Cow::Owned(text));
        }
        word.number = number(&word, sentence, vocabulary);
        word.counted = !run.marks.has(Marks::AFTER_BLANK)
            && sentence[..word.range.start]
                .trim_end_matches(' ')
                .ends_with('#');
        out.push(word);
    }
    signs(sentence, end..sentence.len(), vocabulary, &mut out);
    mark_drugs(&mut out, vocabulary);
    out
}

/// The word that `whole` makes, of which hyphens and apostrophes are part.
fn as_one(whole: &str) -> String {
    let letters = whole.chars().filter(|c| !matches!(c, '\'' | '’'));
    let mut text: String = letters.flat_map(char::to_lowercase).collect();
    // "the patient's" is of one patient, "the patients" are many.
    if whole.ends_with("'s") || whole.ends_with("’s") {
        text.pop();
    }
    text
}

/// The words that `runs` make up: the first run of each, and how many it has.
fn joined<'a>(
    sentence: &'a str,
    at: usize,
    runs: &'a [Run],
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut first = 0;
    std::iter::from_fn(move || {
        let rest = runs.get(first..).filter(|rest| !rest.is_empty())?;
        // Nearly always a blank parts two runs.
        let length = match rest.get(1) {
            Some(next) if !next.marks.has(Marks::AFTER_BLANK) => length(sentence, at, rest),
            _ => 1,
        };
        let word = (first, length);
        first += length;
        Some(word)
    })
}

/// How many of `runs` make up the first word: hyphens and apostrophes before letters join ("step-down"),
/// and the points of decimals.
fn length(sentence: &str, at: usize, runs: &[Run]) -> usize {
    let bytes = sentence.as_bytes();
    let mut n = 1;
    while let Some(next) = runs.get(n) {
        if next.marks.has(Marks::AFTER_BLANK) {
            break;
        }
        let between = runs[n - 1].end as usize - at..next.start as usize - at;
        let opens = |is: fn(char) -> bool| sentence[between.end..].starts_with(is);
        let joins = match &sentence[between.clone()] {
            "-" | "'" | "’" => opens(char::is_alphabetic),
            "." => {
                let first = runs[0].start as usize - at..runs[0].end as usize - at;
                n == 1
                    && bytes[first].iter().all(u8::is_ascii_digit)
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
    for (i, c) in sentence[between.clone()].char_indices() {
        let at = between.start + i;
        let sign = match c {
            ';' => ";",
            ':' => ":",
            '%' => "%",
            '>' if sentence[..at].ends_with('-') => "to",
            '→' => "to",
            '↓' => "decrease",
            '↑' => "increase",
            _ => continue,
        };
        let (symbol, marks) = vocabulary.lexicon.of_word(sign.as_bytes());
        out.push(Word {
            hash: hash(sign.as_bytes()),
            symbol,
            marks,
            text: Letters(Cow::Borrowed(sign)),
            number: None,
            counted: false,
            drug: false,
            range: at..at + c.len_utf8(),
        });
    }
}

/// The number that a word is.
fn number(word: &Word, sentence: &str, vocabulary: &Vocabulary) -> Option<f64> {
    let text = word.text.as_str();
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return vocabulary.lexicon.amount(word.symbol);
    }
    let digits = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let unit = &text[digits..];
    ((unit.is_empty() || LISTS.glued.has_word(unit))
        && !is_part_of_fraction(sentence, &word.range)
        && !is_year(text))
    .then(|| text[..digits].parse().ok())
    .flatten()
}

fn mark_drugs(words: &mut [Word], vocabulary: &Vocabulary) {
    if !words.iter().any(|w| w.marks.has(Marks::DRUG)) {
        return;
    }
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
