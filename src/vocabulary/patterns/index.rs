//! Which rules a sentence can fulfil at all, by the words that it holds.

use super::super::runs::hash;
use super::Word;
use super::lexicon::{Lexicon, Symbol, first_part};
use super::pattern::{Element, Item};

/// A set, a bit a member.
pub type Set = Vec<u64>;

/// Adds a member, for which the set must have room.
pub fn insert(set: &mut Set, member: usize) {
    set[member / 64] |= 1 << (member % 64);
}

/// A set of few members: its blocks that are not empty, and their places.
pub type Sparse = Vec<(usize, u64)>;

fn insert_sparse(set: &mut Sparse, member: usize) {
    let (block, bit) = (member / 64, 1 << (member % 64));
    match set.iter_mut().find(|(at, _)| *at == block) {
        Some((_, bits)) => *bits |= bit,
        None => set.push((block, bit)),
    }
}

fn unite(set: &mut Set, other: &Sparse) {
    for (block, bits) in other {
        set[*block] |= bits;
    }
}

pub fn is_empty(set: &Set) -> bool {
    set.iter().all(|bits| *bits == 0)
}

/// The members of `set`, in ascending order.
pub fn members(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(block, bits)| {
        let mut left = *bits;
        std::iter::from_fn(move || {
            (left != 0).then(|| {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                block * 64 + bit
            })
        })
    })
}

/// Sets by what a word is.
pub struct Index {
    /// Of each symbol the place in `sets`; 0 is the empty set.
    places: Vec<u16>,
    sets: Vec<Sparse>,
    number: Sparse,
    drug: Sparse,
}

impl Index {
    /// For so many symbols.
    pub fn new(symbols: usize) -> Index {
        Index {
            places: vec![0; symbols],
            sets: vec![Sparse::new()],
            number: Sparse::new(),
            drug: Sparse::new(),
        }
    }

    fn add_to(&mut self, symbol: Symbol, member: usize) {
        let place = &mut self.places[symbol as usize];
        if *place == 0 {
            *place = self.sets.len() as u16;
            self.sets.push(Sparse::new());
        }
        insert_sparse(&mut self.sets[*place as usize], member);
    }

    /// Adds a member to the sets of all words that `element` may be.
    pub fn add(&mut self, element: &Element, member: usize) {
        if let Element::Words { symbols, drug, .. } = element {
            for symbol in symbols {
                self.add_to(*symbol, member);
            }
            if *drug {
                insert_sparse(&mut self.drug, member);
            }
        }
        if element.is_number() {
            insert_sparse(&mut self.number, member);
        }
    }

    /// The set of a symbol.
    pub fn of_symbol(&self, symbol: Symbol) -> Option<&Sparse> {
        match self.places[symbol as usize] {
            0 => None,
            place => Some(&self.sets[place as usize]),
        }
    }

    /// The sets of what a word is.
    pub fn of(&self, word: &Word) -> impl Iterator<Item = &Sparse> {
        let number = word.number.map(|_| &self.number);
        let drug = word.drug.then_some(&self.drug);
        self.of_symbol(word.symbol)
            .into_iter()
            .chain(number)
            .chain(drug)
    }
}

/// Words that stand in any sentence, of which no pattern makes its key if it has another word.
const COMMON: &[&str] = &[
    "a", "an", "the", "this", "that", "another", "any", "one", "to", "of", "in", "on", "at", "by",
    "from", "for", "with", "is", "are", "was", "were", "be", "been", "has", "have", "had", "and",
    "not", "no", "do", "does", "did", "it", "them", "he", "she", "his", "her", "their", "now",
    "will", "would", "may", "can", "could", "all", "patient",
];

/// The element by which a pattern is told: the one that fewest sentences hold.
fn key<'a>(items: &'a [Item], lexicon: &Lexicon) -> Option<&'a Element> {
    let weight = |element: &Element| match element {
        Element::Words {
            symbols,
            number,
            drug,
        } => {
            let common = |s: &&Symbol| COMMON.contains(&lexicon.text(**s));
            symbols.len()
                + 1000 * symbols.iter().filter(common).count()
                + 500 * (usize::from(*number) + usize::from(*drug))
        }
        Element::More | Element::Less => 500,
        Element::Gap(_) => usize::MAX,
    };
    required(items).min_by_key(|element| weight(element))
}

/// The elements without which no sentence fulfils a pattern.
fn required(items: &[Item]) -> impl Iterator<Item = &Element> {
    items
        .iter()
        .filter(|item| !item.optional && !matches!(item.element, Element::Gap(_)))
        .map(|item| &item.element)
}

/// What a rule asks of a sentence as a whole.
#[derive(Default)]
struct Needs {
    elements: Sparse,
    numbers: usize,
}

/// Tells the rules that a sentence can fulfil.
pub struct Filter {
    /// Rules by their keys.
    keys: Index,
    /// Elements by what they may be.
    elements: Index,
    elements_len: usize,
    needs: Vec<Needs>,
}

/// What stands in a sentence, and the rules that it may fulfil.
pub struct Sheet {
    keyed: Set,
    elements: Set,
    numbers: usize,
    pub picked: Set,
}

impl Sheet {
    /// Makes the sheet ready for another sentence.
    pub fn clear(&mut self) {
        self.keyed.fill(0);
        self.elements.fill(0);
        self.numbers = 0;
        self.picked.fill(0);
    }
}

impl Filter {
    pub fn new(rules: &[Vec<Item>], lexicon: &Lexicon) -> Filter {
        let mut known: Vec<&Element> = Vec::new();
        let mut ids: Vec<Vec<usize>> = Vec::new();
        for items in rules {
            let of_rule = required(items).map(|element| {
                known.iter().position(|k| *k == element).unwrap_or_else(|| {
                    known.push(element);
                    known.len() - 1
                })
            });
            ids.push(of_rule.collect());
        }
        let mut filter = Filter {
            keys: Index::new(lexicon.len()),
            elements: Index::new(lexicon.len()),
            elements_len: known.len(),
            needs: Vec::new(),
        };
        for (id, element) in known.iter().enumerate() {
            filter.elements.add(element, id);
            for part in parts(element, lexicon) {
                filter.elements.add_to(part, id);
            }
        }
        for (rule, (items, ids)) in rules.iter().zip(ids).enumerate() {
            if let Some(key) = key(items, lexicon) {
                filter.keys.add(key, rule);
                for part in parts(key, lexicon) {
                    filter.keys.add_to(part, rule);
                }
            }
            let mut all = Sparse::new();
            ids.into_iter().for_each(|id| insert_sparse(&mut all, id));
            filter.needs.push(Needs {
                elements: all,
                numbers: required(items).filter(|e| e.is_nothing_else()).count(),
            });
        }
        filter
    }

    /// A sheet for sentences.
    pub fn sheet(&self) -> Sheet {
        Sheet {
            keyed: vec![0; self.needs.len().div_ceil(64)],
            elements: vec![0; self.elements_len.div_ceil(64)],
            numbers: 0,
            picked: vec![0; self.needs.len().div_ceil(64)],
        }
    }

    /// Notes a word of which no more than its symbol is known, and whether it is a number.
    pub fn note_symbol(&self, symbol: Symbol, number: bool, sheet: &mut Sheet) {
        if let Some(rules) = self.keys.of_symbol(symbol) {
            unite(&mut sheet.keyed, rules);
        }
        if let Some(elements) = self.elements.of_symbol(symbol) {
            unite(&mut sheet.elements, elements);
        }
        if number {
            if sheet.numbers == 0 {
                unite(&mut sheet.keyed, &self.keys.number);
                unite(&mut sheet.elements, &self.elements.number);
            }
            sheet.numbers += 1;
        }
    }

    /// Notes that a drug is named.
    pub fn note_drug(&self, sheet: &mut Sheet) {
        unite(&mut sheet.keyed, &self.keys.drug);
        unite(&mut sheet.elements, &self.elements.drug);
    }

    /// Notes all words of a sentence.
    pub fn note(&self, words: &[Word], sheet: &mut Sheet) {
        for word in words {
            self.note_symbol(word.symbol, word.number.is_some(), sheet);
            if word.drug {
                self.note_drug(sheet);
            }
        }
    }

    /// Picks the rules among `wanted` that a sentence with all that is noted may fulfil.
    pub fn pick(&self, wanted: &Set, sheet: &mut Sheet) {
        for (block, wanted) in wanted.iter().enumerate() {
            let mut left = sheet.keyed[block] & wanted;
            let mut picked = 0;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                let needs = &self.needs[block * 64 + bit];
                let fulfilled = sheet.numbers >= needs.numbers
                    && needs
                        .elements
                        .iter()
                        .all(|(block, bits)| sheet.elements[*block] & bits == *bits);
                picked |= u64::from(fulfilled) << bit;
            }
            sheet.picked[block] = picked;
        }
    }

    /// How many numbers a sentence must have at least for one of the `wanted` rules whose key is a number.
    pub fn numbers_needed(&self, wanted: &Set) -> usize {
        let mut told_by_number = vec![0; wanted.len()];
        for (block, rules) in &self.keys.number {
            told_by_number[*block] = rules & wanted[*block];
        }
        let numbers = members(&told_by_number).map(|rule| self.needs[rule].numbers);
        numbers.min().unwrap_or(usize::MAX)
    }

    /// Whether a word may be the key of one of the `wanted` rules.
    pub fn is_key(&self, symbol: Symbol, wanted: &Set) -> bool {
        self.keys
            .of_symbol(symbol)
            .is_some_and(|rules| rules.iter().any(|(block, bits)| bits & wanted[*block] != 0))
    }
}

/// The symbols by which the hyphenated words of an element are met before words are joined.
fn parts<'a>(element: &'a Element, lexicon: &'a Lexicon) -> impl Iterator<Item = Symbol> + 'a {
    let symbols: &[Symbol] = match element {
        Element::Words { symbols, .. } => symbols,
        _ => &[],
    };
    symbols
        .iter()
        .map(|s| lexicon.text(*s))
        .filter(|text| text.contains('-'))
        .map(|text| {
            let part = first_part(text);
            lexicon.symbol(hash(part.as_bytes()), part)
        })
}
