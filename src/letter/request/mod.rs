//! What a heading requests: review type, category, drug, strength, quantity, refills, visits.

mod drug;
mod lists;
mod numbers;
mod quantity;
mod refills;
mod strength;
mod visits;

use super::model::{Found, ReviewType};
use super::prose::Prose;
use crate::vocabulary::Vocabulary;
use crate::vocabulary::tokens::{Token, tokens};
use drug::DrugReading;
use numbers::has_number;
use quantity::quantity;
use refills::refills;
use regex::Regex;
use std::ops::Range;

/// The values read from one heading.
pub struct Read {
    pub review_type: Option<Found<ReviewType>>,
    pub category: Found<&'static str>,
    pub subcategory: Found<&'static str>,
    pub brand_name: Option<Found<String>>,
    pub generic_name: Option<Found<String>>,
    pub strength: Option<Found<String>>,
    pub quantity: Option<Found<i32>>,
    pub refills: Option<Found<i32>>,
    pub visits: Option<Found<i32>>,
    pub mme_per_unit: Option<Found<f64>>,
}

/// What was read, and the bytes of the heading that say so.
type At<T> = Option<(T, Range<usize>)>;

/// A pattern of the program's own, which a test has seen compile.
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a tested pattern")
}

/// Reads the heading at the bytes `range` of the prose.
pub fn read(prose: &Prose, range: &Range<usize>, vocabulary: &Vocabulary) -> Read {
    let text = &prose.text[range.clone()];
    let words = unglued(tokens(text));
    let drugs = vocabulary.drugs.find(&words);
    let mut class = vocabulary.requests.classify(&words, &drugs);
    let place = |r: &Range<usize>| range.start + r.start..range.start + r.end;
    let pharmaceutical = class.category == "pharmaceutical";
    let drug = if pharmaceutical {
        DrugReading::of(text, &words, &drugs, vocabulary, &mut class)
    } else {
        DrugReading::default()
    };
    let supplies = pharmaceutical || class.category == "dmepos";
    let numbered = has_number(text, &words);
    let therapy = matches!(
        class.category,
        "rehabilitation" | "mental_health" | "program"
    );
    let whole = if class.range.is_empty() {
        0..text.len()
    } else {
        class.range.clone()
    };
    Read {
        review_type: review_type(&words).map(|(value, r)| prose.found(value, &place(&r))),
        category: prose.found(class.category, &place(&whole)),
        subcategory: prose.found(class.subcategory, &place(&whole)),
        brand_name: drug.brand.map(|(v, r)| prose.found(v, &place(&r))),
        generic_name: drug.generic.map(|(v, r)| prose.found(v, &place(&r))),
        strength: drug.strength.map(|(v, r)| prose.found(v, &place(&r))),
        quantity: (supplies && numbered)
            .then(|| quantity(text, &words, &drugs))
            .flatten()
            .map(|(v, r)| prose.found(v, &place(&r))),
        refills: pharmaceutical
            .then(|| refills(text))
            .flatten()
            .map(|(v, r)| prose.found(v, &place(&r))),
        visits: (therapy && numbered)
            .then(|| visits::read(text))
            .flatten()
            .map(|(v, r)| prose.found(v, &place(&r))),
        mme_per_unit: drug.mme.map(|(v, r)| prose.found(v, &place(&r))),
    }
}

/// Parts a name from the strength glued to it ("Norco10/325mg").
fn unglued(words: Vec<Token>) -> Vec<Token> {
    let mut out = Vec::with_capacity(words.len());
    for word in words {
        let letters = word
            .word
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let glued = letters > 3 && word.word[letters..].starts_with(|c: char| c.is_ascii_digit());
        if !glued || word.range.len() != word.word.len() {
            out.push(word);
            continue;
        }
        let at = word.range.start + letters;
        let (name, strength) = word.word.split_at(letters);
        out.push(Token::new(name.into(), word.range.start..at));
        out.push(Token::new(strength.into(), at..word.range.end));
    }
    out
}

fn review_type(words: &[Token]) -> Option<(ReviewType, Range<usize>)> {
    words.iter().find_map(|t| {
        let value = match t.word.as_str() {
            "retrospective" | "retro" | "retrospectively" => ReviewType::Retrospective,
            "prospective" | "prospectively" => ReviewType::Prospective,
            "concurrent" | "concurrently" => ReviewType::Concurrent,
            _ => return None,
        };
        Some((value, t.range.clone()))
    })
}
