//! Drug names: brands and generics with their ingredients and classes.

use super::runs::{ByHash, Hashed, Sieve, hash};
use super::table;
use super::tokens::tokens;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrugKind {
    Brand,
    Generic,
    /// An abbreviation of a generic name (APAP).
    Abbreviation,
}

/// A row of `drugs.csv`.
#[derive(Debug)]
pub struct Drug {
    /// The usual spelling.
    pub name: &'static str,
    pub kind: DrugKind,
    /// Lower-case ingredients in US label order, joined with `/`.
    pub ingredients: &'static str,
    /// The request_subcategory of its usual use.
    pub subcategory: &'static str,
}

/// A drug's name among the words of a text.
#[derive(Debug, Clone)]
pub struct DrugMatch {
    pub drug: &'static Drug,
    /// Indices of the words.
    pub words: Range<usize>,
    /// Bytes of the text.
    pub range: Range<usize>,
}

/// The drug tables.
pub struct Drugs {
    /// By the first word: the hashes of all words of a name, longer names first.
    by_first: ByHash<Vec<(Vec<u64>, &'static Drug)>>,
    /// The first words of names and classes.
    openings: Sieve,
    opening_words: Vec<String>,
    /// Label order of known combinations, by their sorted ingredients.
    combinations: HashMap<String, &'static str>,
    salts: HashSet<String>,
    /// Ingredient → morphine milligram equivalents in one milligram (CDC 2022).
    factors: HashMap<&'static str, f64>,
    /// Of one word, or of two by the hashes of both.
    classes: ByHash<&'static str>,
}

impl Drugs {
    pub(super) fn load() -> Drugs {
        let mut by_first: ByHash<Vec<(Vec<u64>, &'static Drug)>> = ByHash::default();
        let mut combinations = HashMap::default();
        let mut openings = Vec::new();
        for row in table(include_str!("../../data/vocabulary/drugs.csv")) {
            let drug: &'static Drug = Box::leak(Box::new(Drug {
                name: row["name"],
                kind: match row["kind"] {
                    "brand" => DrugKind::Brand,
                    "generic" => DrugKind::Generic,
                    _ => DrugKind::Abbreviation,
                },
                ingredients: row["ingredients"],
                subcategory: row["subcategory"],
            }));
            if drug.ingredients.contains('/') {
                combinations
                    .entry(sorted(drug.ingredients.split('/')))
                    .or_insert(drug.ingredients);
            }
            for spelling in std::iter::once(drug.name).chain(row["misspellings"].split(';')) {
                let words = tokens(spelling);
                if let Some(first) = words.first() {
                    let names = by_first.entry(first.hash()).or_default();
                    if names.is_empty() {
                        openings.push(first.word.to_string());
                    }
                    names.push((words.iter().map(Hashed::hash).collect(), drug));
                }
            }
        }
        for names in by_first.values_mut() {
            // Of equal names the last row counts.
            names.reverse();
            names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        let column = |text, key, value| {
            table(text)
                .into_iter()
                .map(move |r| (r[key], r[value]))
                .collect::<Vec<_>>()
        };
        let classes = column(
            include_str!("../../data/vocabulary/drug_classes.csv"),
            "word",
            "class",
        );
        let first_word = |words: &str| words.split(' ').next().map(str::to_owned);
        openings.extend(classes.iter().filter_map(|(words, _)| first_word(words)));
        Drugs {
            openings: Sieve::new(openings.iter().map(|word| hash(word.as_bytes()))),
            opening_words: openings,
            by_first,
            combinations,
            salts: table(include_str!("../../data/vocabulary/salts.csv"))
                .iter()
                .map(|r| r["word"].to_lowercase())
                .collect(),
            factors: column(
                include_str!("../../data/vocabulary/opioids.csv"),
                "ingredient",
                "mme_factor",
            )
            .into_iter()
            .filter_map(|(k, v)| Some((k, v.parse().ok()?)))
            .collect(),
            classes: classes
                .into_iter()
                .filter_map(|(words, class)| Some((of_words(words)?, class)))
                .collect(),
        }
    }

    /// The drug names among `words`, in order; the longest name at each place.
    pub fn find<W: Hashed>(&self, words: &[W]) -> Vec<DrugMatch> {
        let mut out = Vec::new();
        let mut i = 0;
        while i < words.len() {
            let stands_here = |name: &[u64]| {
                name.len() <= words.len() - i
                    && name.iter().zip(&words[i..]).all(|(n, w)| *n == w.hash())
            };
            let hash = words[i].hash();
            let longest = (self.openings.may_hold(hash))
                .then(|| self.by_first.get(&hash))
                .flatten()
                .and_then(|all| all.iter().find(|(name, _)| stands_here(name)));
            match longest {
                Some((name, drug)) => {
                    let end = i + name.len();
                    out.push(DrugMatch {
                        drug,
                        words: i..end,
                        range: words[i].range().start..words[end - 1].range().end,
                    });
                    i = end;
                }
                None => i += 1,
            }
        }
        out
    }

    /// The first words of all names of drugs and classes.
    pub fn openings(&self) -> &[String] {
        &self.opening_words
    }

    /// Whether `word` (lower-case) belongs to a name without being an ingredient: a salt or release form.
    pub fn is_salt(&self, word: &str) -> bool {
        self.salts.contains(word)
    }

    /// The classes that the first of `words` names by itself and with the next (`opioids` → `opioid`).
    pub fn classes_at<W: Hashed>(&self, words: &[W]) -> [Option<&'static str>; 2] {
        let class = |hash: u64| self.classes.get(&hash).copied();
        let (Some(one), two) = (words.first(), words.get(1)) else {
            return [None, None];
        };
        if !self.openings.may_hold(one.hash()) {
            return [None, None];
        }
        [
            class(one.hash()),
            two.and_then(|two| class(of_two(one.hash(), two.hash()))),
        ]
    }

    /// The class that a word or a phrase of two words names.
    pub fn class_of(&self, words: &str) -> Option<&'static str> {
        self.classes.get(&of_words(words)?).copied()
    }

    /// Ingredients in US label order where the combination is known, else as given.
    pub fn label_order(&self, ingredients: &[&str]) -> String {
        match self.combinations.get(&sorted(ingredients.iter().copied())) {
            Some(known) => (*known).to_owned(),
            None => ingredients.join("/"),
        }
    }

    /// Morphine milligram equivalents in one milligram of an ingredient (for a fentanyl patch: a day's
    /// equivalents for each mcg/hr).
    pub fn mme_factor(&self, ingredient: &str) -> Option<f64> {
        self.factors.get(ingredient).copied()
    }
}

/// The hash of a word or of two.
fn of_words(words: &str) -> Option<u64> {
    words.split(' ').map(|w| hash(w.as_bytes())).reduce(of_two)
}

/// The hash of two words from theirs.
fn of_two(one: u64, two: u64) -> u64 {
    one.rotate_left(1) ^ two
}

fn sorted<'a>(ingredients: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = ingredients.collect();
    all.sort_unstable();
    all.join("/")
}
