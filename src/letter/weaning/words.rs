//! A sentence as the weaning tables see it: words, numbers, drugs.

use crate::vocabulary::Vocabulary;
use crate::vocabulary::lexicon::{FIGURE, Marks};
use crate::vocabulary::patterns::{Clues, Letters, Word};
use crate::vocabulary::runs::{ByHash, Run, hash, is_part_of_fraction, is_year};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

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
    let runs = vocabulary.runs(sentence, 0..sentence.len());
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
    const UNITS: &[&str] = &["", "mg", "mcg", "mgs", "tabs", "tablets", "x", "pills", "d"];
    (UNITS.contains(&&text[digits..])
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

static DOSE_WORDS: LazyLock<ByHash<()>> =
    LazyLock::new(|| DOSES.iter().map(|w| (hash(w.as_bytes()), ())).collect());

static DOWN_WORDS: LazyLock<ByHash<()>> =
    LazyLock::new(|| DOWN.iter().map(|w| (hash(w.as_bytes()), ())).collect());

/// Whether a sentence speaks of drugs or doses at all.
pub fn speaks_of_doses(words: &[Word]) -> bool {
    words
        .iter()
        .any(|w| w.drug || DOSE_WORDS.contains_key(&w.hash) || has_dose_unit(&w.text))
        || words.windows(3).any(|w| {
            w[0].number.is_some()
                && matches!(w[1].text.as_str(), "a" | "per" | "times")
                && matches!(w[2].text.as_str(), "day" | "night" | "a" | "daily")
        })
}

fn has_dose_unit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && (word.ends_with("mg") || word.ends_with("mcg"))
}

/// Things that are counted and are no doses.
const OTHER_COUNTS: &[&str] = &[
    "degrees",
    "degree",
    "pain",
    "score",
    "scores",
    "vas",
    "visits",
    "visit",
    "sessions",
    "session",
    "weeks",
    "week",
    "months",
    "years",
    "hours",
    "lbs",
    "pounds",
    "bdi",
    "phq",
    "gaf",
    "points",
    "page",
    "pages",
    "miles",
    "minutes",
    "hrs",
    "inches",
    "cm",
    "mm",
    "kg",
    "point",
    "level",
    "percent",
    "beck",
    "gad",
    "oswestry",
    "a1c",
    "bmi",
    "bpm",
    "feet",
    "blocks",
    "flights",
    "year",
    "attack",
    "attacks",
    "headache",
    "headaches",
    "migraines",
    "episodes",
    "seizures",
    "phq-9",
    "phq9",
    "gad-7",
    "gad7",
    "bdi-ii",
    "bai",
    "promis",
    "ess",
    "isi",
];

/// Scores of questionnaires and tests, of which doses may be told in the same sentence.
const SCORES: &[&str] = &[
    "phq-9",
    "phq9",
    "phq",
    "gad-7",
    "gad7",
    "gad",
    "bdi",
    "bdi-ii",
    "bai",
    "vas",
    "score",
    "scores",
    "pain",
    "attacks",
    "headaches",
    "migraines",
    "episodes",
    "seizures",
    "a1c",
    "bmi",
    "oswestry",
    "odi",
    "promis",
    "ess",
    "isi",
    "gaf",
    "beck",
    "inventory",
    "index",
    "questionnaire",
    "glucose",
    "hba1c",
    "cows",
    "bp",
    "sugar",
    "pressure",
    "weight",
    "cholesterol",
    "temperature",
    "pulse",
];

/// Whether the numbers that a pattern compared are doses or counts of units.
pub fn compares_doses(words: &[Word], hit: &Range<usize>) -> bool {
    let end = (hit.end + 3).min(words.len());
    let near = &words[hit.start.saturating_sub(5)..end];
    let dose = |w: &Word| {
        w.drug
            || w.counted
            || DOSE_WORDS.contains_key(&w.hash)
            || has_dose_unit(&w.text)
            || matches!(
                w.text.as_str(),
                "d" | "day" | "daily" | "bid" | "tid" | "qid"
            )
    };
    let before = &words[hit.start.saturating_sub(5)..hit.start];
    near.iter().any(dose)
        && !before.iter().any(|w| SCORES.contains(&w.text.as_str()))
        && !(hit.start..(hit.end + 1).min(words.len())).any(|i| counts_other(words, i))
}

/// Whether the word at `at` says that something else than doses is counted; a time is counted only where
/// a number stands before it ("a year ago" tells when).
fn counts_other(words: &[Word], at: usize) -> bool {
    let word = words[at].text.as_str();
    let is_time = matches!(
        word,
        "week" | "weeks" | "month" | "months" | "year" | "years" | "hours" | "hrs" | "minutes"
    );
    // "for two weeks" tells how long.
    let lasts = is_time
        && at > 1
        && matches!(
            words[at - 2].text.as_str(),
            "for" | "over" | "within" | "every" | "after"
        );
    OTHER_COUNTS.contains(&word)
        && !lasts
        && (!is_time || at > 0 && words[at - 1].number.is_some() && words[at - 1].text != "a")
        && !words
            .get(at + 1)
            .is_some_and(|n| matches!(n.text.as_str(), "ago" | "earlier" | "before" | "later"))
}

/// Whether a phrase that ends before word `at` has an object of its own that is no drug ("cut down on
/// ice cream").
pub fn goes_on_with_another_thing(words: &[Word], at: usize) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let object = &words[(at + 1).min(words.len())..(at + 4).min(words.len())];
    let is_drug = |w: &Word| w.drug || w.number.is_some() || DOSES.contains(&w.text.as_str());
    text(at) == "on"
        && !matches!(
            text(at + 1),
            "his" | "her" | "own" | "the" | "this" | "it" | "their"
        )
        && !object.iter().any(is_drug)
        && !object.iter().any(tells_when)
}

/// Whether a word is a day ("on workdays", "on Mondays").
fn tells_when(word: &Word) -> bool {
    ["day", "days", "weekend", "weekends", "nights", "mornings"]
        .iter()
        .any(|end| word.text.ends_with(end))
}

/// Whether someone steps down from a thing to stand on, not from a dose ("stepping down from an engine").
pub fn steps_from_another_thing(words: &[Word], hit: &Range<usize>) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let down = (hit.start + 1..hit.end + 1).find(|i| text(*i) == "down");
    let Some(from) = down
        .map(|i| i + 1)
        .filter(|_| text(hit.start).starts_with("step"))
    else {
        return false;
    };
    let thing = &words[(from + 1).min(words.len())..(from + 5).min(words.len())];
    let is_dose = |w: &Word| {
        w.drug
            || w.number
                .is_some_and(|_| !matches!(w.text.as_str(), "a" | "an" | "one"))
            || DOSES.contains(&w.text.as_str())
            || has_dose_unit(&w.text)
    };
    matches!(text(from), "from" | "off" | "onto" | "into" | "out")
        && matches!(text(from + 1), "a" | "an" | "the" | "his" | "her" | "one")
        && !thing.iter().any(is_dose)
}

/// Whether a phrase that begins with "pain" means a physician ("pain physician plans to lower").
pub fn names_a_person(words: &[Word], hit: &Range<usize>) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    text(hit.start) == "pain"
        && matches!(
            text(hit.start + 1),
            "physician"
                | "specialist"
                | "doctor"
                | "clinic"
                | "psychologist"
                | "management"
                | "provider"
                | "medicine"
        )
}

/// Whether each of the numbers in `hit` is smaller than the one before, and all are of one kind: a strength,
/// a count and refills ("10 mg #90, 2 refills") are not.
pub fn falls(words: &[Word], hit: &Range<usize>) -> bool {
    let numbers = || words[hit.clone()].iter().filter(|w| w.number.is_some());
    let alike = numbers().all(|w| w.counted) || !numbers().any(|w| w.counted);
    alike && numbers().is_sorted_by(|a, b| b.number < a.number)
}

/// Whether the numbers that a pattern compared may be counts of units dispensed.
pub fn counts_units(words: &[Word], hit: &Range<usize>) -> bool {
    !words[hit.start..(hit.end + 1).min(words.len())]
        .iter()
        .any(|w| OTHER_COUNTS.contains(&w.text.as_str()))
}

/// Whether a phrase that ends with "pain" means the drugs for it ("decrease his pain medication"), or
/// one that ends with "use" this patient's use of a drug ("reduce her opioid use").
pub fn goes_on_to_drugs(words: &[Word], hit: &Range<usize>) -> bool {
    let Some(last) = words[hit.clone()].last() else {
        return false;
    };
    let is = |at: usize, any: &[&str]| {
        words
            .get(at)
            .is_some_and(|w| any.contains(&w.text.as_str()))
    };
    match last.text.as_str() {
        "pain" => is(
            hit.end,
            &[
                "medication",
                "medications",
                "medicine",
                "medicines",
                "meds",
                "pills",
                "killers",
                "pill",
            ],
        ),
        "use" if is(hit.end, &["to", "from", "by"]) => words[hit.clone()].iter().any(|w| w.drug),
        "use" => {
            let end = (hit.end + 2).min(words.len());
            (hit.start.saturating_sub(2)..hit.end)
                .any(|i| is(i, &["his", "her", "patient", "their", "%", "percent"]))
                && words[hit.start..end].iter().any(|w| w.drug)
        }
        _ => false,
    }
}

/// Whether a sentence names this number of units, not of milligrams.
pub fn names_units(words: &[Word], quantity: f64) -> bool {
    words.iter().enumerate().any(|(i, w)| {
        w.number == Some(quantity)
            && !w.text.ends_with('g')
            && words
                .get(i + 1)
                .is_none_or(|next| !matches!(next.text.as_str(), "mg" | "mcg" | "%" | "percent"))
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

/// Whether a verb or an arrow of a sentence says that something became less.
pub fn goes_down(words: &[Word]) -> bool {
    // An arrow stands as "to", which is two bytes where it is a word.
    let is_arrow = |w: &Word| w.text == "to" && w.range.len() != 2;
    words
        .iter()
        .any(|w| DOWN_WORDS.contains_key(&w.hash) || is_arrow(w))
}
