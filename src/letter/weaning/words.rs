//! A sentence as the weaning tables see it: words, numbers, drugs.

use crate::letter::numbers;
use crate::vocabulary::Vocabulary;
use crate::vocabulary::patterns::Word;
use crate::vocabulary::tokens::Token;
use aho_corasick::AhoCorasick;
use std::ops::Range;
use std::sync::LazyLock;

/// Stems that may make a sentence speak of weaning by themselves.
const STRONG: &[&str] = &[
    "wean",
    "taper",
    "tapp",
    "detox",
    "titrat",
    "abrupt",
    "sudden",
    "cold turkey",
    "withdraw",
    "stepdown",
    "step-down",
    "stepwise",
    "overnight",
];

/// Stems that may do so where a drug or dose is spoken of.
const WEAK: &[&str] = &[
    "step",
    " off",
    "cut",
    "halv",
    "reduc",
    "decreas",
    "decrement",
    "diminish",
    "lower",
    "down",
    "stop",
    "withdr",
    "halt",
    "gradual",
    "slow",
    "from ",
    " now",
    "->",
    " percent",
    "%",
    "drawn",
    "discontinu",
    "ceas",
    "cessation",
    "declining",
    "phas",
    "take",
    "taking",
    "took",
    "fewer",
    "fall",
    "fell",
    "drop",
    "come",
    "came",
    "coming",
    "went",
    "gone",
    "brought",
    "bring",
    "smaller",
    "zero",
    "nothing",
    "quit",
    "ending",
    "denying",
    "give",
    "gave",
    "giving",
    "at a time",
    "stages",
    "degrees",
    "mme",
    "less ",
    "lesser",
    "little by",
    " half",
    "then ",
    "below",
    "under ",
    "instead",
    "against ",
    "overdue",
    " dec. ",
    "would be on",
    "will be on",
    "given",
];

fn automaton(patterns: impl IntoIterator<Item = impl AsRef<[u8]>>) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(patterns)
        .expect("a short list of short words")
}

static STRONG_CUES: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(STRONG));
static WEAK_CUES: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(WEAK));
static DRUGS_OR_DOSES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let doses = [
        "mg", "mcg", "mme", "med", "tab", "pill", "patch", "dos", "capsule", "drug", "agent",
        "refill", "script", "rx", "film", "count", "certif", "refus", "declin", "turned",
        "hear of", " a day", "per day", "/day",
    ];
    automaton(
        Vocabulary::get()
            .drugs
            .spellings()
            .map(str::to_owned)
            .chain(doses.map(str::to_owned)),
    )
});

/// Whether a sentence is worth a closer look. `of_drug`: it stands under the request for a drug.
pub fn may_speak_of_weaning(sentence: &str, of_drug: bool) -> bool {
    STRONG_CUES.is_match(sentence)
        || WEAK_CUES.is_match(sentence) && (of_drug || DRUGS_OR_DOSES.is_match(sentence))
}

/// The words of a sentence.
pub fn words(sentence: &str, vocabulary: &Vocabulary) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(sentence.len() / 5);
    let mut chars = sentence.char_indices().peekable();
    let mut start: Option<usize> = None;
    let mut word = String::new();
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let inside = c.is_alphanumeric()
            || (start.is_some()
                && matches!(c, '\'' | '’' | '-')
                && next.is_some_and(char::is_alphabetic)
                && !sentence[i..].starts_with("->"))
            || (start.is_some()
                && c == '.'
                && word.bytes().all(|b| b.is_ascii_digit())
                && next.is_some_and(|c| c.is_ascii_digit()));
        if inside {
            start.get_or_insert(i);
            if !matches!(c, '\'' | '’') {
                word.extend(c.to_lowercase());
            }
            continue;
        }
        if let Some(s) = start.take() {
            push(sentence, s..i, std::mem::take(&mut word), &mut out);
        }
        let sign = match c {
            ';' => ";",
            ':' => ":",
            '%' => "%",
            '>' if sentence[..i].ends_with('-') => "to",
            '→' => "to",
            _ => continue,
        };
        out.push(Word {
            text: sign.to_owned(),
            number: None,
            drug: false,
            range: i..i + c.len_utf8(),
        });
    }
    if let Some(s) = start {
        push(sentence, s..sentence.len(), word, &mut out);
    }
    mark_drugs(&mut out, vocabulary);
    out
}

fn push(sentence: &str, range: Range<usize>, mut text: String, out: &mut Vec<Word>) {
    // "the patient's" is of one patient, "the patients" are many.
    if sentence[range.clone()].ends_with("'s") || sentence[range.clone()].ends_with("’s") {
        text.pop();
    }
    let digits = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let unit = &text[digits..];
    let before = sentence[..range.start].chars().next_back();
    let after = &sentence[range.end..];
    // Parts of dates, scores and fractions ("8/10", "4-/5") are no doses; "2/d" is one.
    let fraction = before == Some('/')
        && sentence[..range.start - 1].ends_with(|c: char| c.is_ascii_digit() || c == '-')
        || after
            .strip_prefix('/')
            .is_some_and(|a| a.starts_with(|c: char| c.is_ascii_digit()))
        || after.starts_with("-/");
    let number = match (digits, unit) {
        (0, _) => match text.as_str() {
            "once" => None,
            "half" => Some(0.5),
            "none" | "zero" => Some(0.0),
            other => numbers::from_word(other).map(f64::from),
        },
        (_, "" | "mg" | "mcg" | "mgs" | "tabs" | "tablets" | "x" | "pills" | "d")
            if !fraction && !is_year(&text) =>
        {
            text[..digits].parse().ok()
        }
        _ => None,
    };
    out.push(Word {
        text,
        number,
        drug: false,
        range,
    });
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))
}

fn mark_drugs(words: &mut [Word], vocabulary: &Vocabulary) {
    let tokens: Vec<Token> = words
        .iter()
        .map(|w| Token {
            word: w.text.clone(),
            range: w.range.clone(),
        })
        .collect();
    for found in vocabulary.drugs.find(&tokens) {
        words[found.words].iter_mut().for_each(|w| w.drug = true);
    }
    for i in 0..words.len() {
        let one = vocabulary.drugs.class_of(&words[i].text).is_some();
        let two = words.get(i + 1).is_some_and(|next| {
            vocabulary
                .drugs
                .class_of(&format!("{} {}", words[i].text, next.text))
                .is_some()
        });
        if one || two {
            words[i].drug = true;
        }
        if two {
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

/// Whether a sentence speaks of drugs or doses at all.
pub fn speaks_of_doses(words: &[Word]) -> bool {
    words
        .iter()
        .any(|w| w.drug || DOSES.contains(&w.text.as_str()) || has_dose_unit(&w.text))
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
            || DOSES.contains(&w.text.as_str())
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
                | "during"
        )
    })
}

/// Whether what begins at `at` is a certain one: "the oral opioids", not "opioids".
pub fn is_definite(words: &[Word], at: usize) -> bool {
    words[at.saturating_sub(2)..at].iter().any(|w| {
        matches!(
            w.text.as_str(),
            "the" | "his" | "her" | "both" | "patient" | "worker" | "employee"
        )
    })
}

/// Whether the "as" at `at` gives an example ("such as", "as well as") and ends no clause.
pub fn gives_example(words: &[Word], at: usize) -> bool {
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
