//! One pattern: its elements, and whether they stand at a place of a sentence.

use super::super::lexicon::{Lexicon, Symbol};
use super::Word;

/// What has to stand at a place.
#[derive(Debug, PartialEq)]
pub enum Element {
    /// Any of these words, or a number, or a drug.
    Words {
        /// In ascending order: the words, and for a stem all that begin with it.
        symbols: Vec<Symbol>,
        number: bool,
        drug: bool,
    },
    /// Up to so many words of any kind.
    Gap(usize),
    /// The larger of two numbers that are compared.
    More,
    /// The smaller.
    Less,
}

impl Element {
    pub fn is_number(&self) -> bool {
        match self {
            Element::Words { number, .. } => *number,
            Element::More | Element::Less => true,
            Element::Gap(_) => false,
        }
    }
}

impl Element {
    /// Whether only a number fulfils it ("half" fulfils "half|<n>" too).
    pub fn is_nothing_else(&self) -> bool {
        match self {
            Element::Words {
                symbols,
                number,
                drug,
            } => *number && symbols.is_empty() && !drug,
            Element::More | Element::Less => true,
            Element::Gap(_) => false,
        }
    }
}

#[derive(Debug)]
pub struct Item {
    pub element: Element,
    pub optional: bool,
}

/// Reads a pattern as the table writes it.
pub fn parse(pattern: &str, lexicon: &Lexicon) -> Vec<Item> {
    pattern
        .split_whitespace()
        .map(|part| {
            let (part, optional) = match part.strip_prefix('[').and_then(|p| p.strip_suffix(']')) {
                Some(inner) => (inner, true),
                None => (part, false),
            };
            let element = match part {
                "<more>" => Element::More,
                "<less>" => Element::Less,
                _ => match part.strip_prefix('~').and_then(|n| n.parse().ok()) {
                    Some(n) => Element::Gap(n),
                    None => {
                        let any = || part.split('|');
                        let mut symbols: Vec<Symbol> =
                            any().flat_map(|w| lexicon.matched_by(w)).collect();
                        symbols.sort_unstable();
                        symbols.dedup();
                        Element::Words {
                            symbols,
                            number: any().any(|w| w == "<n>"),
                            drug: any().any(|w| w == "<drug>"),
                        }
                    }
                },
            };
            Item { element, optional }
        })
        .collect()
}

/// The two numbers that a pattern compares, as far as they are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pair {
    more: Option<f64>,
    less: Option<f64>,
}

/// The word after the pattern's last if it begins at `at`, and the smaller number it compared.
pub fn matches(
    items: &[Item],
    words: &[Word],
    at: usize,
    pair: Pair,
) -> Option<(usize, Option<f64>)> {
    let Some((item, rest)) = items.split_first() else {
        return Some((at, pair.less));
    };
    if let Element::Gap(longest) = item.element {
        return (0..=longest)
            .take_while(|n| at + n <= words.len())
            .find_map(|n| matches(rest, words, at + n, pair));
    }
    let read = words.get(at).and_then(|word| match &item.element {
        Element::Words {
            symbols,
            number,
            drug,
        } => (word.symbol != 0 && symbols.contains(&word.symbol)
            || *number && word.number.is_some()
            || *drug && word.drug)
            .then_some(pair),
        Element::More => word
            .number
            .filter(|n| pair.less.is_none_or(|l| l < *n))
            .map(|n| Pair {
                more: Some(n),
                ..pair
            }),
        Element::Less => word
            .number
            .filter(|n| pair.more.is_none_or(|m| *n < m))
            .map(|n| Pair {
                less: Some(n),
                ..pair
            }),
        Element::Gap(_) => None,
    });
    read.and_then(|pair| matches(rest, words, at + 1, pair))
        .or_else(|| {
            item.optional
                .then(|| matches(rest, words, at, pair))
                .flatten()
        })
}
