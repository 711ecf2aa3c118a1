//! What the field knows: drugs, requests, specialties, states, guidelines, diagnoses, weaning
//! language. Read once from the tables under `data/vocabulary`, which are compiled in.

pub mod bits;
mod drugs;
pub mod lexicon;
mod names;
pub mod numbers;
pub mod patterns;
mod requests;
pub mod roles;
pub mod runs;
pub mod tokens;
pub mod weights;

pub use drugs::{Drug, DrugKind, DrugMatch, Drugs};
pub use names::Names;
pub use requests::{Request, Requests};

use lexicon::{Lexicon, Marks};
use names::DIAGNOSES;
use runs::{Run, Words};
use std::sync::LazyLock;

/// All tables.
pub struct Vocabulary {
    pub lexicon: Lexicon,
    pub drugs: Drugs,
    pub requests: Requests,
    pub weaning: patterns::Rules,
    /// Of phrases in sentences on weaning.
    pub weights: weights::Weights,
    states: Names,
    specialties: Names,
    guidelines: Names,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let weaning = table(include_str!("../../data/vocabulary/weaning.csv"));
    let mut lexicon = Lexicon::of(&weaning);
    let drugs = Drugs::load();
    for word in drugs.openings() {
        lexicon.mark(word, Marks::DRUG);
    }
    for word in ABBREVIATIONS {
        lexicon.mark(word, Marks::ABBREVIATION);
    }
    let kinds = table(include_str!("../../data/vocabulary/weaning_kinds.csv"));
    Vocabulary {
        weaning: patterns::Rules::load(weaning, kinds, &lexicon),
        weights: weights::Weights::load(include_str!("../../data/vocabulary/weaning_weights.csv")),
        lexicon,
        drugs,
        requests: Requests::load(),
        states: Names::load(
            table(include_str!("../../data/vocabulary/states.csv")),
            "name",
            "code",
        ),
        specialties: Names::load(
            table(include_str!("../../data/vocabulary/specialties.csv")),
            "name",
            "name",
        ),
        guidelines: Names::load(
            table(include_str!("../../data/vocabulary/guidelines.csv")),
            "name",
            "source",
        ),
    }
});

/// Abbreviations (lower-case, without their full stop) after which a sentence goes on.
pub const ABBREVIATIONS: &[&str] = &[
    "dr", "drs", "mr", "mrs", "ms", "st", "jr", "sr", "vs", "v", "no", "pg", "pgs", "pp", "p",
    "ch", "sec", "sect", "fig", "vol", "ed", "eds", "approx", "appt", "inc", "e.g", "i.e", "eg",
    "ie", "cf", "al", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
    "dec", "m.d", "d.o", "d.c", "ph.d", "psy.d", "d.p.m", "dept", "div", "ext", "max", "min", "wk",
    "hx", "dx", "tx", "rx", "lic", "seq",
];

impl Vocabulary {
    /// The tables, read at the first call.
    pub fn get() -> &'static Vocabulary {
        &VOCABULARY
    }

    /// The words of `text`.
    pub fn words(&self, text: &str) -> Words {
        runs::words(text, &self.lexicon)
    }

    /// The words of `text` without their places.
    pub fn runs(&self, text: &str) -> Vec<Run> {
        self.words(text).runs
    }

    /// The USPS code of the state whose name begins at byte `at` of `text`, and where the name ends.
    /// A code itself stands in capitals ("CA").
    pub fn state_at(&self, text: &str, at: usize) -> Option<(&'static str, usize)> {
        let word = text[at..]
            .split(|c: char| !c.is_ascii_alphabetic())
            .next()
            .unwrap_or("");
        let code = (word.len() == 2 && word.bytes().all(|b| b.is_ascii_uppercase()))
            .then(|| self.states.value(word))
            .flatten();
        code.map(|code| (code, at + 2))
            .or_else(|| self.states.at(text, at))
    }

    /// Where the specialty ends whose name begins at byte `at` of `text`.
    pub fn specialty_at(&self, text: &str, at: usize) -> Option<usize> {
        self.specialties.at(text, at).map(|(_, end)| end)
    }

    /// Whose guideline it is whose name begins at the first of the words `runs` of `text`, and where the
    /// name ends.
    pub fn guideline_at(&self, text: &str, runs: &[Run]) -> Option<(&'static str, usize)> {
        self.guidelines.at_run(text, runs)
    }

    /// A specialty in the dataset's spelling: `and` for `&`, each main word capitalised, single blanks.
    pub fn specialty_name(&self, text: &str) -> String {
        names::titled(text)
    }

    /// Whether `text` names a diagnosis by itself, not just a qualifier of one.
    pub fn names_diagnosis(&self, text: &str) -> bool {
        DIAGNOSES.names(text)
    }

    /// Whether `text`, standing after a comma, qualifies the diagnosis before it.
    pub fn qualifies_diagnosis(&self, text: &str) -> bool {
        DIAGNOSES.qualifies(text)
    }

    /// Whether `text` is or begins with a word that goes on with the diagnosis before ("bilateral").
    pub fn begins_as_qualifier(&self, text: &str) -> bool {
        DIAGNOSES.begins_as_qualifier(text)
    }

    /// Whether `text` begins with a history or a question ("status post", "rule out").
    pub fn is_history(&self, text: &str) -> bool {
        DIAGNOSES.is_history(text)
    }

    /// Whether the "and" in `text` is part of one diagnosis's name.
    pub fn is_one_diagnosis(&self, text: &str) -> bool {
        DIAGNOSES.is_one(text)
    }
}

/// A row of a table, by the names of its columns.
pub type Row = std::collections::HashMap<&'static str, &'static str>;

/// Reads a table. The tables are compiled in and tested, so a malformed row cannot reach a user.
pub fn table(text: &'static str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let leak = |s: &str| -> &'static str { Box::leak(s.to_owned().into_boxed_str()) };
    let header: Vec<&'static str> = reader
        .headers()
        .map(|h| h.iter().map(leak).collect())
        .unwrap_or_default();
    reader
        .records()
        .flatten()
        .map(|record| {
            header
                .iter()
                .copied()
                .zip(record.iter().map(leak))
                .collect()
        })
        .collect()
}
