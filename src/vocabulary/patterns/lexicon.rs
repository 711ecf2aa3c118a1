//! The words and stems that patterns speak of, each with a number.

use super::super::runs::{ByHash, hash};
use super::super::{Row, numbers};

/// The number of a word, or of a stem that words begin with; 0 is none of the tables.
pub type Symbol = u16;

/// The symbol of what begins with a figure and is no word of the tables.
pub const FIGURE: Symbol = 1;

/// The words and stems of the patterns.
#[derive(Default)]
pub struct Lexicon {
    words: ByHash<Symbol>,
    /// The words once more, each at the first free slot from where its hash points.
    slots: Vec<(u64, Symbol)>,
    /// Stems by their first two letters, longer ones first.
    stems: Vec<Vec<(&'static str, Symbol)>>,
    /// What each symbol stands for.
    texts: Vec<&'static str>,
    /// The amounts that they stand for.
    amounts: Vec<Option<f64>>,
}

impl Lexicon {
    pub fn of(rows: &[Row]) -> Lexicon {
        let mut all = Lexicon {
            stems: vec![Vec::new(); OPENINGS],
            ..Lexicon::default()
        };
        all.name("");
        all.name("0");
        let literals = rows
            .iter()
            .flat_map(|row| row["pattern"].split_whitespace())
            .map(|part| part.trim_start_matches('[').trim_end_matches(']'))
            .flat_map(|part| part.split('|'));
        for literal in literals.filter(|l| !l.starts_with(['<', '~'])) {
            match literal.strip_suffix('*') {
                Some(stem) => {
                    let known = &mut all.stems[opening(stem.as_bytes())];
                    if !known.iter().any(|(s, _)| *s == stem) {
                        known.push((stem, all.texts.len() as Symbol));
                        all.texts.push(stem);
                        all.amounts.push(None);
                    }
                }
                None => {
                    all.add(literal);
                    all.add(first_part(literal));
                }
            }
        }
        for word in numbers::words() {
            all.add(word);
        }
        all.slots = vec![(0, 0); (all.words.len() * 4).next_power_of_two()];
        for (hash, symbol) in &all.words {
            let mut at = *hash as usize & (all.slots.len() - 1);
            while all.slots[at].1 != 0 {
                at = (at + 1) & (all.slots.len() - 1);
            }
            all.slots[at] = (*hash, *symbol);
        }
        for stems in &mut all.stems {
            stems.sort_by_key(|(stem, _)| std::cmp::Reverse(stem.len()));
        }
        all
    }

    fn name(&mut self, text: &'static str) {
        self.texts.push(text);
        self.amounts.push(numbers::amount(hash(text.as_bytes())));
    }

    fn add(&mut self, word: &'static str) {
        let next = self.texts.len() as Symbol;
        if *self.words.entry(hash(word.as_bytes())).or_insert(next) == next {
            self.name(word);
        }
    }

    /// How many symbols there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// What a symbol stands for.
    pub fn text(&self, symbol: Symbol) -> &'static str {
        self.texts[symbol as usize]
    }

    /// The amount that a symbol stands for.
    pub fn amount(&self, symbol: Symbol) -> Option<f64> {
        self.amounts[symbol as usize]
    }

    /// The symbol of a word: its own, else that of the longest stem that it begins with.
    pub fn symbol(&self, hash: u64, word: &str) -> Symbol {
        let mut at = hash as usize & (self.slots.len() - 1);
        while self.slots[at].1 != 0 {
            if self.slots[at].0 == hash {
                return self.slots[at].1;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        let word = word.as_bytes();
        if word[0].is_ascii_digit() {
            return FIGURE;
        }
        if word.len() < 2 {
            return 0;
        }
        let begins = |stem: &str| {
            word.len() >= stem.len() && word[..stem.len()].eq_ignore_ascii_case(stem.as_bytes())
        };
        self.stems[opening(word)]
            .iter()
            .find(|(stem, _)| begins(stem))
            .map_or(0, |(_, symbol)| *symbol)
    }

    /// The symbols of all words that `literal` stands for.
    pub fn matched_by(&self, literal: &str) -> Vec<Symbol> {
        let Some(stem) = literal.strip_suffix('*') else {
            return self
                .words
                .get(&hash(literal.as_bytes()))
                .into_iter()
                .copied()
                .collect();
        };
        (FIGURE as usize + 1..self.texts.len())
            .filter(|&i| self.texts[i].starts_with(stem))
            .map(|i| i as Symbol)
            .collect()
    }
}

/// A hyphenated word up to its first hyphen, as it is met before words are joined.
pub fn first_part(word: &'static str) -> &'static str {
    word.split('-').next().unwrap_or(word)
}

/// Places for stems by their first two letters.
const OPENINGS: usize = 1024;

/// The place of the stems that a word may begin with; capitals do not count.
fn opening(word: &[u8]) -> usize {
    (word[0] as usize & 31) << 5 | word[1] as usize & 31
}
