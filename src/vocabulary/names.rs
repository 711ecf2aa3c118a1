//! Plain names: states, specialties, the words of diagnoses.

use super::Row;
use super::roles::WordTable;
use super::runs::{ByHash, Hashed, Run, Sieve, hash};
use super::tokens::tokens;
use rustc_hash::FxHashSet;

/// The hashes of a name's words, its value, and whether it goes on over commas and full stops.
type Named = (Vec<u64>, &'static str, bool);

/// Names with a value each, found at a place of a text; the longest name wins.
pub struct Names {
    /// By the first word: the hashes of all words of a name, longer names first.
    by_first: ByHash<Vec<Named>>,
    openings: Sieve,
}

impl Names {
    /// Rows with the columns `name`, `value` and optionally `variants` (other spellings, `;`-separated).
    pub fn load(rows: Vec<Row>, name: &str, value: &str) -> Names {
        let mut by_first: ByHash<Vec<Named>> = ByHash::default();
        for row in &rows {
            let spellings = std::iter::once(row[name])
                .chain(row.get("variants").into_iter().flat_map(|v| v.split(';')));
            for spelling in spellings {
                let words: Vec<u64> = tokens(&spelling.replace('&', " and "))
                    .iter()
                    .map(Hashed::hash)
                    .collect();
                let Some(first) = words.first().copied() else {
                    continue;
                };
                // "Mosby's" is one word here; in a text its first run is "Mosby".
                let run = spelling.split(|c: char| !c.is_alphanumeric()).next();
                let run = run.map(|run| hash(run.as_bytes()));
                let other = run.filter(|run| *run != first);
                for first in std::iter::once(first).chain(other) {
                    let goes_on = spelling.contains([',', '.']);
                    let name = (words.clone(), row[value], goes_on);
                    by_first.entry(first).or_default().push(name);
                }
            }
        }
        for names in by_first.values_mut() {
            // Of equal names the last row counts.
            names.reverse();
            names.sort_by_key(|(words, ..)| std::cmp::Reverse(words.len()));
        }
        let openings = Sieve::new(by_first.keys().copied());
        Names { by_first, openings }
    }

    /// `value` if it is one of the values.
    pub fn value(&self, value: &str) -> Option<&'static str> {
        let all = self.by_first.values().flatten();
        all.map(|(_, v, _)| *v).find(|v| *v == value)
    }

    /// As [`Names::at`], at the first of the words `runs` of `text`.
    pub fn at_run(&self, text: &str, runs: &[Run]) -> Option<(&'static str, usize)> {
        let candidates = self.beginning_with(runs.first()?.hash)?;
        let at = runs[0].start as usize;
        let within = text.len().min(at + LONGEST_NAME);
        let window = &text.as_bytes()[at..within];
        let joined = memchr::memchr3(b'&', b'\'', CURLY, window).is_some();
        if joined || candidates.iter().any(|(.., beyond)| *beyond) {
            return self.at(text, at);
        }
        candidates.iter().find_map(|(name, value, _)| {
            let words = runs.get(..name.len())?;
            let is_here = name.iter().zip(words).all(|(n, w)| *n == w.hash)
                && words.windows(2).all(|pair| {
                    let between = &text[pair[0].end as usize..pair[1].start as usize];
                    !between.contains(ENDS)
                });
            let end = words.last()?.end as usize;
            (is_here && end <= within).then_some((*value, end))
        })
    }

    /// The names that begin with the word of this hash, longer ones first.
    fn beginning_with(&self, word: u64) -> Option<&Vec<Named>> {
        let may = self.openings.may_hold(word);
        may.then(|| self.by_first.get(&word)).flatten()
    }

    /// The value of the longest name at byte `at` of `text`, and the byte after the name.
    pub fn at(&self, text: &str, at: usize) -> Option<(&'static str, usize)> {
        let rest = &text[at..];
        let first = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let candidates = self.beginning_with(hash(&rest.as_bytes()[..first]))?;
        let most = candidates.first().map_or(0, |(words, ..)| words.len());
        let mut end = rest.len().min(LONGEST_NAME);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let words = with_ands(&rest[..end], ENDS, most);
        // "Ear, Nose and Throat", "Washington, D.C."
        let beyond = candidates
            .iter()
            .any(|(.., beyond)| *beyond)
            .then(|| with_ands(&rest[..end], &[';', '(', ')', '\n', ':'], most));
        candidates.iter().find_map(|(name, value, over)| {
            let words = beyond.as_ref().filter(|_| *over).unwrap_or(&words);
            let is_here =
                name.len() <= words.len() && name.iter().zip(words).all(|(n, (w, _))| n == w);
            is_here.then(|| (*value, at + words[name.len() - 1].1))
        })
    }
}

/// Bytes that no name is longer than.
const LONGEST_NAME: usize = 90;

/// Signs over which no name goes on, unless its own spelling has a comma or full stop.
const ENDS: &[char] = &[',', '.', ';', '(', ')', '\n', ':'];

/// The first byte of a curly apostrophe, and of other signs.
const CURLY: u8 = 0xe2;

/// The hashes of the first words of `text`, at most so many, with `&` read as "and", up to the first
/// of `ends`, and the byte after each.
fn with_ands(text: &str, ends: &[char], most: usize) -> Vec<(u64, usize)> {
    if memchr::memchr2(b'\'', CURLY, text.as_bytes()).is_some() {
        return joined_with_ands(text, ends);
    }
    let mut words = Vec::with_capacity(most);
    let mut at = 0;
    while words.len() < most {
        let rest = &text[at..];
        let length = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        if length > 0 {
            at += length;
            words.push((hash(&rest.as_bytes()[..length]), at));
            continue;
        }
        match rest.chars().next() {
            Some(sign) if !ends.contains(&sign) => {
                at += sign.len_utf8();
                if sign == '&' {
                    words.push((hash(b"and"), at));
                }
            }
            _ => break,
        }
    }
    words
}

/// As [`with_ands`], of a text in which an apostrophe may join two parts of a word.
fn joined_with_ands(text: &str, ends: &[char]) -> Vec<(u64, usize)> {
    let end = text.find(ends).unwrap_or(text.len());
    let text = &text[..end];
    let joined = tokens(text);
    let mut words: Vec<(u64, usize)> = joined.iter().map(|t| (t.hash(), t.range.end)).collect();
    for (i, _) in text.match_indices('&') {
        let at = words.partition_point(|(_, end)| *end <= i);
        words.insert(at, (hash(b"and"), i + 1));
    }
    words
}

/// `text` with `and` for `&`, single blanks, and each main word capitalised.
pub fn titled(text: &str) -> String {
    let joined = text.replace('&', " and ");
    // "PAIN MANAGEMENT" is all shouted, "Pain (ABPM)" holds an abbreviation.
    let all_shouted = joined.len() > 6 && !joined.contains(char::is_lowercase);
    let words = joined.split_whitespace().enumerate().map(|(i, word)| {
        let lower = word.to_lowercase();
        if i > 0
            && matches!(
                lower.as_str(),
                "and" | "of" | "in" | "the" | "for" | "or" | "to" | "with"
            )
        {
            return lower;
        }
        let shouted =
            word.len() > if all_shouted { 3 } else { 4 } && word.chars().all(|c| !c.is_lowercase());
        let mut out = String::with_capacity(word.len());
        let mut start = true;
        for c in word.chars() {
            match (start, shouted) {
                (true, _) if c.is_alphabetic() => {
                    out.extend(c.to_uppercase());
                    start = false;
                }
                (_, true) => out.extend(c.to_lowercase()),
                _ => out.push(c),
            }
            start |= matches!(c, '-' | '/');
        }
        out
    });
    words.collect::<Vec<_>>().join(" ")
}

const DIAGNOSIS_WORDS: &str = include_str!("../../data/vocabulary/diagnosis_words.csv");

pub static DIAGNOSES: WordTable<Diagnoses> = WordTable::new(DIAGNOSIS_WORDS, |table| Diagnoses {
    names: table.words("names").collect(),
    endings: table.words("ending").collect(),
    begins: table.words("begins").collect(),
    qualifiers: table.words("qualifies").collect(),
    one: table.words("one").collect(),
});

/// The words by which a list of diagnoses is cut.
pub struct Diagnoses {
    names: FxHashSet<&'static str>,
    /// By which medical language forms the names of conditions.
    endings: Vec<&'static str>,
    begins: FxHashSet<&'static str>,
    qualifiers: FxHashSet<&'static str>,
    one: Vec<&'static str>,
}

impl Diagnoses {
    pub fn names(&self, text: &str) -> bool {
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';'))
            .any(|word| {
                let lower = word
                    .trim_matches(|c: char| !c.is_alphanumeric())
                    .to_lowercase();
                self.names.contains(lower.as_str())
                    || lower.len() > 5 && self.endings.iter().any(|e| lower.ends_with(e))
                    || is_icd(word) && !text.contains('(')
                    || self.begins.contains(lower.as_str())
            })
    }

    pub fn is_history(&self, text: &str) -> bool {
        self.begins.contains(first_word(text).as_str())
    }

    pub fn qualifies(&self, text: &str) -> bool {
        if self.is_history(text) {
            return false;
        }
        let qualifier = self.begins_as_qualifier(text);
        let one_word = text
            .split_whitespace()
            .filter(|w| !w.starts_with('('))
            .count()
            <= 1;
        if self.names(text) {
            qualifier && !self.names_after_first(text)
        } else {
            qualifier || one_word
        }
    }

    pub fn begins_as_qualifier(&self, text: &str) -> bool {
        self.qualifiers.contains(first_word(text).as_str())
            || self
                .qualifiers
                .contains(text.trim().to_lowercase().as_str())
    }

    fn names_after_first(&self, text: &str) -> bool {
        text.split_once(char::is_whitespace)
            .is_some_and(|(first, rest)| {
                let with = matches!(
                    first.to_lowercase().as_str(),
                    "with" | "without" | "due" | "secondary"
                );
                !with && self.names(rest)
            })
    }

    pub fn is_one(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.one.iter().any(|one| lower.contains(one))
    }
}

fn first_word(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or("");
    first
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

/// An ICD-9 or ICD-10 code (`722.10`, `M54.5`).
fn is_icd(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let digits = word.trim_start_matches(|c: char| c.is_ascii_uppercase());
    word.len() - digits.len() <= 1
        && digits.len() >= 2
        && digits.split_once('.').is_some_and(|(a, b)| {
            a.len() >= 2
                && a.bytes().all(|c| c.is_ascii_digit())
                && !b.is_empty()
                && b.bytes().all(|c| c.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::super::{Vocabulary, table};
    use super::*;

    #[test]
    fn vocabulary_of_diagnoses() {
        DIAGNOSES.check(|row| {
            let (role, example) = (row["role"], row["example"]);
            let does = match role {
                "names" | "ending" => DIAGNOSES.names(example),
                "begins" => DIAGNOSES.is_history(example),
                "qualifies" => {
                    let (_, after) = example.rsplit_once(", ").expect(example);
                    DIAGNOSES.begins_as_qualifier(after) && DIAGNOSES.qualifies(after)
                }
                "one" => DIAGNOSES.is_one(example),
                _ => false,
            };
            (if does { role } else { "nothing" }).to_owned()
        });
        for two in ["anxiety and depression", "headache and dizziness"] {
            assert!(!DIAGNOSES.is_one(two), "{two}");
        }
    }

    #[test]
    fn names_go_on_over_signs_inside_them_only() {
        let guidelines = Names::load(
            table(include_str!("../../data/vocabulary/guidelines.csv")),
            "name",
            "source",
        );
        for (text, want) in [
            ("Official  Disability Guidelines, Pain", Some(("ODG", 31))),
            ("official-disability guidelines", Some(("ODG", 30))),
            ("Mosby’s Drug Consult", Some(("other", 22))),
            ("Goodman & Gilman's", None),
            ("Goodman & Gilman", Some(("other", 16))),
            ("Physicians' Desk Reference", Some(("other", 26))),
            ("Physicians’ Desk Reference", Some(("other", 28))),
            ("Official, Disability Guidelines", None),
            ("Official Disability", None),
        ] {
            let words = Vocabulary::get().runs(text);
            assert_eq!(guidelines.at(text, 0), want, "{text}");
            assert_eq!(guidelines.at_run(text, &words), want, "{text}");
        }
    }

    #[test]
    fn specialties_are_spelt_alike() {
        for (text, want) in [
            (
                "Physical Medicine &  Rehabilitation",
                "Physical Medicine and Rehabilitation",
            ),
            ("FAMILY MEDICINE", "Family Medicine"),
            ("pain medicine", "Pain Medicine"),
            (
                "Oral and Maxillofacial Surgery",
                "Oral and Maxillofacial Surgery",
            ),
        ] {
            assert_eq!(titled(text), want);
        }
    }
}
