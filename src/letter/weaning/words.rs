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
            let whole = &sentence[range.clone()];
            // "the patient's" is of one patient, "the patients" are many.
            let owner = whole.strip_suffix("'s").or(whole.strip_suffix("’s"));
            let text: String = owner
                .unwrap_or(whole)
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
        .chain(of(SCORES, Sense::Score))
        .chain(of(TIMES, Sense::Time))
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
    /// A span of time, which is counted only where a number stands before it.
    Time,
    /// A score, which other numbers than doses may follow.
    Score,
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
    "film",
    "films",
];

/// Times at which a dose is taken.
const PERIODS: &[&str] = &["d", "day", "daily", "bid", "tid", "qid"];

/// Whether a sentence speaks of drugs or doses at all.
pub fn speaks_of_doses(sentence: &str, words: &[Word]) -> bool {
    words.iter().any(|w| is_dose(sentence, w))
        || words.windows(3).any(|w| {
            w[0].number.is_some()
                && is(sentence, &w[1], &["a", "per", "times"])
                && is(sentence, &w[2], &["day", "night", "a", "daily"])
        })
}

/// Whether a word is any of these.
fn is(sentence: &str, word: &Word, any: &[&str]) -> bool {
    let text = &sentence[word.range.clone()];
    let text = text
        .strip_suffix("'s")
        .or(text.strip_suffix("’s"))
        .unwrap_or(text);
    any.iter().any(|a| text.eq_ignore_ascii_case(a))
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
    "degrees", "degree", "visits", "visit", "sessions", "session", "lbs", "pounds", "points",
    "page", "pages", "miles", "inches", "cm", "mm", "kg", "point", "level", "percent", "bpm",
    "feet", "blocks", "flights",
];

/// Spans of time.
const TIMES: &[&str] = &[
    "week", "weeks", "months", "year", "years", "hours", "hrs", "minutes",
];

/// Scores of pain, of questionnaires and of tests.
const SCORES: &[&str] = &[
    "phq",
    "phq9",
    "gad",
    "gad7",
    "bdi",
    "bdi-ii",
    "bai",
    "vas",
    "score",
    "scores",
    "pain",
    "beck",
    "inventory",
    "index",
    "questionnaire",
    "a1c",
    "bmi",
    "oswestry",
    "odi",
    "promis",
    "ess",
    "isi",
    "gaf",
];

/// Whether the numbers that a pattern compared are doses or counts of units.
pub fn compares_doses(sentence: &str, words: &[Word], hit: &Range<usize>) -> bool {
    let end = (hit.end + 3).min(words.len());
    let before = hit.start.saturating_sub(5);
    words[before..end]
        .iter()
        .any(|w| is_dose(sentence, w) || sense(w) == Some(Sense::Period))
        && !words[before..hit.start]
            .iter()
            .any(|w| sense(w) == Some(Sense::Score))
        && counts_units(sentence, words, hit)
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
pub fn counts_units(sentence: &str, words: &[Word], hit: &Range<usize>) -> bool {
    !(hit.start..(hit.end + 1).min(words.len())).any(|i| counts_other(sentence, words, i))
}

/// Whether the word at `at` says that something else than doses is counted; "a year ago" tells when.
fn counts_other(sentence: &str, words: &[Word], at: usize) -> bool {
    let counted = match sense(&words[at]) {
        Some(Sense::OtherCount | Sense::Score) => true,
        Some(Sense::Time) => at > 0 && words[at - 1].number.is_some(),
        _ => false,
    };
    counted
        && !words
            .get(at + 1)
            .is_some_and(|n| is(sentence, n, &["ago", "earlier", "before", "later"]))
}

/// Whether a phrase that ends with "pain" means the drugs for it ("decrease his pain medication"), or
/// one that ends with "use" this patient's use of a drug ("reduce her opioid use").
pub fn goes_on_to_drugs(sentence: &str, words: &[Word], hit: &Range<usize>) -> bool {
    const DRUGS: &[&str] = &[
        "medication",
        "medications",
        "medicine",
        "medicines",
        "meds",
        "pills",
        "killers",
        "pill",
    ];
    const OWNERS: &[&str] = &["his", "her", "patient", "their", "%", "percent"];
    let Some(last) = words[hit.clone()].last() else {
        return false;
    };
    if is(sentence, last, &["pain"]) {
        return words.get(hit.end).is_some_and(|w| is(sentence, w, DRUGS));
    }
    let end = (hit.end + 2).min(words.len());
    is(sentence, last, &["use"])
        && words[hit.start.saturating_sub(2)..hit.end]
            .iter()
            .any(|w| is(sentence, w, OWNERS))
        && words[hit.start..end].iter().any(|w| w.drug)
}

/// Whether a sentence names this number of units, not of milligrams.
pub fn names_units(sentence: &str, words: &[Word], quantity: f64) -> bool {
    words.iter().enumerate().any(|(i, w)| {
        w.number == Some(quantity)
            && !sentence[w.range.clone()].ends_with(['g', 'G'])
            && words
                .get(i + 1)
                .is_none_or(|next| !is(sentence, next, &["mg", "mcg", "%", "percent"]))
    })
}

/// Whether a word says that something ought to be.
pub fn is_modal(sentence: &str, word: &Word) -> bool {
    is(
        sentence,
        word,
        &["should", "must", "ought", "needs", "need"],
    )
}

/// Whether a sentence opens with an order to go down ("Taper over four weeks", not "Taper in progress").
pub fn is_order(sentence: &str, words: &[Word]) -> bool {
    const VERBS: &[&str] = &[
        "wean", "taper", "halve", "reduce", "decrease", "lower", "cut", "titrate", "step",
    ];
    const AFTER_NOUNS: &[&str] = &[
        "in", "is", "was", "of", "has", "had", "should", "will", "schedule", "plan", "not",
        "underway", "under", "ongoing",
    ];
    words.first().is_some_and(|w| is(sentence, w, VERBS))
        && !words.get(1).is_some_and(|w| is(sentence, w, AFTER_NOUNS))
}

/// Whether the "and" at `at` joins two things or verbs that the advice at `advice` is on alike: "taper
/// and discontinuation are recommended", "weaning will take months and should begin".
pub fn joins(
    sentence: &str,
    words: &[Word],
    cue: &Range<usize>,
    at: usize,
    advice: &Range<usize>,
) -> bool {
    let modal_next = cue.start < 3 && words.get(at + 1).is_some_and(|w| is_modal(sentence, w));
    let plural = advice.start > 0 && is(sentence, &words[advice.start - 1], &["are"]);
    is(sentence, &words[at], &["and"]) && (modal_next || plural)
}

/// Whether a sentence opens with a clause under another.
pub fn is_subordinate(sentence: &str, words: &[Word]) -> bool {
    const OPENERS: &[&str] = &[
        "because", "since", "while", "as", "when", "although", "though", "once", "after", "during",
    ];
    words.first().is_some_and(|w| is(sentence, w, OPENERS))
}

/// Whether what begins at `at` is a certain one: "the oral opioids", not "opioids".
pub fn is_definite(sentence: &str, words: &[Word], at: usize) -> bool {
    const BEFORE: &[&str] = &["the", "his", "her", "both", "patient", "worker", "employee"];
    words[at.saturating_sub(2)..at]
        .iter()
        .any(|w| is(sentence, w, BEFORE))
}

/// Whether the "as" at `at` gives an example ("such as", "as well as") and ends no clause.
pub fn gives_example(sentence: &str, words: &[Word], at: usize) -> bool {
    is(sentence, &words[at], &["as"])
        && (at > 0 && is(sentence, &words[at - 1], &["such", "well"])
            || words
                .get(at + 1)
                .is_some_and(|w| is(sentence, w, &["well"])))
}

/// Whether one of these words makes what follows the object of what went before ("no reason why").
pub fn opens_clause(sentence: &str, words: &[Word]) -> bool {
    words.iter().any(|w| {
        is(
            sentence,
            w,
            &["that", "why", "whether", "how", "when", "if"],
        )
    })
}

/// The words that follow a comma between the words `from` and `to` of a sentence.
pub fn commas_between<'a>(
    sentence: &'a str,
    words: &'a [Word],
    from: &Range<usize>,
    to: &Range<usize>,
) -> impl Iterator<Item = usize> + 'a {
    (from.end..=to.start).filter(move |&i| {
        i > 0
            && i < words.len()
            && sentence[words[i - 1].range.end..words[i].range.start].starts_with(',')
    })
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
