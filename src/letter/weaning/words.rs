//! A sentence as the weaning tables see it: words, numbers, drugs.

use crate::vocabulary::Vocabulary;
use crate::vocabulary::patterns::{Symbol, Word};
use crate::vocabulary::runs::{ByHash, Run, hash, runs};
use compact_str::CompactString;
use std::ops::Range;
use std::sync::LazyLock;

/// The words of a sentence.
pub fn words(sentence: &str, vocabulary: &Vocabulary) -> Vec<Word> {
    let runs = runs(sentence, 0..sentence.len());
    let symbols: Vec<Symbol> = runs
        .iter()
        .map(|run| vocabulary.weaning.symbol(run.hash, &sentence[run.range()]))
        .collect();
    of_runs(sentence, 0, &runs, &symbols, vocabulary)
}

/// The words of a sentence that begins at byte `at` of the text in which `runs` stand.
pub fn of_runs(
    sentence: &str,
    at: usize,
    runs: &[Run],
    symbols: &[Symbol],
    vocabulary: &Vocabulary,
) -> Vec<Word> {
    let place = |run: &Run| run.start as usize - at..run.end as usize - at;
    let mut out: Vec<Word> = Vec::with_capacity(runs.len() + 4);
    let (mut end, mut first) = (0, 0);
    while first < runs.len() {
        let joined = joined(sentence, at, &runs[first..]);
        let range = place(&runs[first]).start..place(&runs[first + joined - 1]).end;
        signs(sentence, end..range.start, vocabulary, &mut out);
        end = range.end;
        let word = if joined == 1 {
            let mut text = CompactString::from(&sentence[range.clone()]);
            text.make_ascii_lowercase();
            word(
                sentence,
                range,
                runs[first].hash,
                symbols[first],
                text,
                vocabulary,
            )
        } else {
            let letters = sentence[range.clone()]
                .chars()
                .filter(|c| !matches!(c, '\'' | '’'))
                .flat_map(char::to_lowercase);
            let mut text: CompactString = letters.collect();
            // "the patient's" is of one patient, "the patients" are many.
            if sentence[range.clone()].ends_with("'s") || sentence[range.clone()].ends_with("’s")
            {
                text.pop();
            }
            let hash = hash(text.as_bytes());
            let symbol = vocabulary.weaning.symbol(hash, &text);
            word(sentence, range, hash, symbol, text, vocabulary)
        };
        out.push(word);
        first += joined;
    }
    signs(sentence, end..sentence.len(), vocabulary, &mut out);
    mark_drugs(&mut out, vocabulary);
    out
}

/// How many of `runs` make up one word: hyphens and apostrophes before letters join ("step-down"), and
/// the points of decimals.
fn joined(sentence: &str, at: usize, runs: &[Run]) -> usize {
    let bytes = sentence.as_bytes();
    let mut n = 1;
    while let Some(next) = runs.get(n) {
        let between = runs[n - 1].end as usize - at..next.start as usize - at;
        // Nearly always a blank.
        if bytes[between.start] == b' ' {
            break;
        }
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
            text: sign.into(),
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
    symbol: Symbol,
    text: CompactString,
    vocabulary: &Vocabulary,
) -> Word {
    let digits = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let number = if digits == 0 {
        vocabulary.weaning.amount(symbol)
    } else {
        const UNITS: &[&str] = &["", "mg", "mcg", "mgs", "tabs", "tablets", "x", "pills", "d"];
        let unit = &text[digits..];
        (UNITS.iter().any(|u| unit.eq_ignore_ascii_case(u))
            && !is_part_of_fraction(sentence, &range)
            && !is_year(&text))
        .then(|| text[..digits].parse().ok())
        .flatten()
    };
    Word {
        hash,
        symbol,
        text,
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
    "degrees", "degree", "pain", "score", "scores", "vas", "visits", "visit", "sessions",
    "session", "weeks", "week", "months", "years", "hours", "lbs", "pounds", "bdi", "phq", "gaf",
    "points", "page", "pages", "miles", "minutes", "hrs", "inches", "cm", "mm", "kg", "point",
    "level", "percent", "beck", "gad", "oswestry", "a1c", "bmi", "bpm", "feet", "blocks",
    "flights", "year", "phq-9", "phq9", "gad-7", "gad7", "bdi-ii", "bai", "promis", "ess", "isi",
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
];

/// Whether the numbers that a pattern compared are doses or counts of units.
pub fn compares_doses(words: &[Word], hit: &Range<usize>) -> bool {
    let end = (hit.end + 3).min(words.len());
    let near = &words[hit.start.saturating_sub(5)..end];
    let dose = |w: &Word| {
        w.drug
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
    OTHER_COUNTS.contains(&word)
        && (!is_time || at > 0 && words[at - 1].number.is_some() && words[at - 1].text != "a")
        && !words
            .get(at + 1)
            .is_some_and(|n| matches!(n.text.as_str(), "ago" | "earlier" | "before" | "later"))
}

/// Whether a phrase that ends before word `at` has an object of its own ("cut down on ice cream").
pub fn goes_on_with_another_thing(words: &[Word], at: usize) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    text(at) == "on"
        && !matches!(
            text(at + 1),
            "his" | "her" | "own" | "the" | "this" | "it" | "their"
        )
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

/// Whether a word says that something ought to be.
pub fn is_modal(word: &Word) -> bool {
    matches!(
        word.text.as_str(),
        "should" | "must" | "ought" | "needs" | "need"
    )
}

/// Whether a sentence opens with an order to go down ("Taper over four weeks", not "Taper in progress").
pub fn is_order(words: &[Word]) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    let verb = matches!(
        text(0),
        "wean" | "taper" | "halve" | "reduce" | "decrease" | "lower" | "cut" | "titrate" | "step"
    );
    verb && !matches!(
        text(1),
        "in" | "is"
            | "was"
            | "of"
            | "has"
            | "had"
            | "should"
            | "will"
            | "schedule"
            | "plan"
            | "not"
            | "underway"
            | "under"
            | "ongoing"
    )
}

/// Whether the "and" at `at` joins two things or verbs that the advice at `advice` is on alike: "taper
/// and discontinuation are recommended", "will take months and should begin".
pub fn joins(words: &[Word], cue: &Range<usize>, at: usize, advice: &Range<usize>) -> bool {
    let and = words[at].text == "and";
    let modal_next = cue.start < 3 && words.get(at + 1).is_some_and(is_modal);
    let plural = advice.start > 0 && words[advice.start - 1].text == "are";
    and && (modal_next || plural)
}

/// Whether what begins at `at` is denied ("nothing to approve", "has not certified").
pub fn is_denied(words: &[Word], at: usize) -> bool {
    words[at.saturating_sub(2)..at].iter().any(|w| {
        matches!(
            w.text.as_str(),
            "not" | "nothing" | "never" | "cannot" | "neither"
        )
    })
}

/// Whether a denying word at `at` denies nothing ("not only safe", "no better", "no more than").
pub fn denies_nothing(words: &[Word], at: usize) -> bool {
    const AFTER: &[&str] = &[
        "better", "worse", "more", "less", "longer", "later", "other",
    ];
    let next = words.get(at + 1).map_or("", |w| w.text.as_str());
    match words[at].text.as_str() {
        "not" => next == "only",
        "no" => AFTER.contains(&next),
        _ => false,
    }
}

/// Whether a comma parts the first two words of a phrase.
pub fn is_parted(sentence: &str, words: &[Word], hit: &Range<usize>) -> bool {
    hit.len() > 1
        && sentence[words[hit.start].range.end..words[hit.start + 1].range.start].starts_with(',')
}

/// The words around a cue up to the next boundaries.
pub fn clause(cue: &Range<usize>, boundaries: &[usize], end: usize) -> Range<usize> {
    let before = boundaries.iter().filter(|b| **b < cue.start).max();
    let after = boundaries.iter().filter(|b| **b >= cue.end).min();
    before.copied().unwrap_or(0)..after.copied().unwrap_or(end)
}

/// Whether a sentence opens with a clause under another.
pub fn is_subordinate(words: &[Word]) -> bool {
    words.first().is_some_and(|w| {
        matches!(
            w.text.as_str(),
            "because"
                | "since"
                | "while"
                | "as"
                | "when"
                | "although"
                | "though"
                | "once"
                | "after"
                | "until"
                | "during"
        )
    })
}

/// Whether what begins at `at` is a certain one: "the oral opioids", not "opioids".
pub fn is_definite(words: &[Word], at: usize) -> bool {
    let text = |i: usize| words.get(i).map_or("", |w| w.text.as_str());
    // "in a patient who is tapering"
    let in_one = at > 0 && text(at - 1) == "in" && matches!(text(at), "a" | "an");
    in_one
        || words[at.saturating_sub(2)..at].iter().any(|w| {
            matches!(
                w.text.as_str(),
                "the" | "his" | "her" | "both" | "patient" | "worker" | "employee"
            )
        })
}

/// Whether the word at `at` ends no clause: the "as" of "such as" and "as well as", the "but" of "not
/// only … but".
pub fn ends_nothing(words: &[Word], at: usize) -> bool {
    let not_only = |w: &[Word]| w[0].text == "not" && w[1].text == "only";
    if words[at].text == "but" && words[..at].windows(2).any(not_only) {
        return true;
    }
    words[at].text == "as"
        && (at > 0 && matches!(words[at - 1].text.as_str(), "such" | "well")
            || words.get(at + 1).is_some_and(|w| w.text == "well"))
}

/// Whether one of these words makes what follows the object of what went before ("no reason why").
pub fn opens_clause(words: &[Word]) -> bool {
    words.iter().any(|w| {
        matches!(
            w.text.as_str(),
            "that" | "why" | "whether" | "how" | "when" | "if"
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

/// Whether a verb of a sentence says that something became less.
pub fn goes_down(words: &[Word]) -> bool {
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
    words.iter().any(|w| DOWN.contains(&w.text.as_str()))
}
