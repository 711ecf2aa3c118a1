//! Drug names: brands and generics with their ingredients and classes.

use super::table;
use super::tokens::{Phrase, Token};
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
    by_first: HashMap<String, Vec<(Phrase, &'static Drug)>>,
    /// Label order of known combinations, by their sorted ingredients.
    combinations: HashMap<String, &'static str>,
    salts: HashSet<String>,
    /// Ingredient → morphine milligram equivalents in one milligram (CDC 2022).
    factors: HashMap<&'static str, f64>,
    classes: HashMap<&'static str, &'static str>,
}

impl Drugs {
    pub(super) fn load() -> Drugs {
        let mut by_first: HashMap<String, Vec<(Phrase, &'static Drug)>> = HashMap::default();
        let mut combinations = HashMap::default();
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
                let phrase = Phrase::new(spelling);
                if let Some((first, _)) = phrase.first() {
                    by_first
                        .entry(first.to_owned())
                        .or_default()
                        .push((phrase, drug));
                }
            }
        }
        let column = |text, key, value| {
            table(text)
                .into_iter()
                .map(move |r| (r[key], r[value]))
                .collect::<Vec<_>>()
        };
        Drugs {
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
            classes: column(
                include_str!("../../data/vocabulary/drug_classes.csv"),
                "word",
                "class",
            )
            .into_iter()
            .collect(),
        }
    }

    /// The first words of all names and classes, lower-case.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        self.by_first
            .keys()
            .map(String::as_str)
            .chain(self.classes.keys().copied())
    }

    /// The drug names among `words`, in order; the longest name at each place.
    pub fn find(&self, words: &[Token]) -> Vec<DrugMatch> {
        let mut out = Vec::new();
        let mut i = 0;
        while i < words.len() {
            let best = self.by_first.get(&words[i].word).and_then(|all| {
                all.iter()
                    .filter(|(phrase, _)| phrase.matches(&words[i..]))
                    .max_by_key(|(phrase, _)| phrase.len())
            });
            match best {
                Some((phrase, drug)) => {
                    let end = i + phrase.len();
                    out.push(DrugMatch {
                        drug,
                        words: i..end,
                        range: words[i].range.start..words[end - 1].range.end,
                    });
                    i = end;
                }
                None => i += 1,
            }
        }
        out
    }

    /// Whether `word` (lower-case) belongs to a name without being an ingredient: a salt or release form.
    pub fn is_salt(&self, word: &str) -> bool {
        self.salts.contains(word)
    }

    /// The class that a lower-case word or phrase names (`opioids` → `opioid`).
    pub fn class_of(&self, words: &str) -> Option<&'static str> {
        self.classes.get(words).copied()
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

fn sorted<'a>(ingredients: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<&str> = ingredients.collect();
    all.sort_unstable();
    all.join("/")
}
