//! Which rules a sentence can fulfil at all, by the words that it holds.

use super::super::lexicon::{Lexicon, Symbol};
use super::Word;
use super::pattern::{Element, Item};

/// A set, a bit a member.
pub type Set = Vec<u64>;

/// Adds a member, for which the set must have room.
fn insert(set: &mut [u64], member: usize) {
    set[member / 64] |= 1 << (member % 64);
}

/// The blocks of a set with room for so many members.
fn blocks(members: usize) -> usize {
    members.div_ceil(64)
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
    /// Blocks of a set.
    width: usize,
    /// Of each symbol the place in `sets`; 0 is the empty set.
    places: Vec<u16>,
    sets: Vec<u64>,
    number: Set,
    drug: Set,
}

impl Index {
    /// For so many symbols, and sets of so many members.
    pub fn new(symbols: usize, members: usize) -> Index {
        let width = blocks(members);
        Index {
            width,
            places: vec![0; symbols],
            sets: vec![0; width],
            number: vec![0; width],
            drug: vec![0; width],
        }
    }

    /// Adds a member to the sets of all words that `element` may be.
    pub fn add(&mut self, element: &Element, member: usize) {
        if let Element::Words { symbols, drug, .. } = element {
            for symbol in symbols {
                let place = &mut self.places[*symbol as usize];
                if *place == 0 {
                    *place = (self.sets.len() / self.width) as u16;
                    self.sets.resize(self.sets.len() + self.width, 0);
                }
                insert(&mut self.sets[*place as usize * self.width..], member);
            }
            if *drug {
                insert(&mut self.drug, member);
            }
        }
        if element.is_number() {
            insert(&mut self.number, member);
        }
    }

    /// The set of a symbol.
    fn of_symbol(&self, symbol: Symbol) -> Option<&[u64]> {
        match self.places[symbol as usize] as usize * self.width {
            0 => None,
            at => Some(&self.sets[at..at + self.width]),
        }
    }

    /// Adds the members of the sets of what a word is to `set`; whether it is anything.
    pub fn unite(&self, word: &Word, set: &mut [u64]) -> bool {
        let mut any = false;
        let mut add = |other: &[u64]| {
            any = true;
            set.iter_mut().zip(other).for_each(|(a, b)| *a |= b);
        };
        if let Some(known) = self.of_symbol(word.symbol) {
            add(known);
        }
        if word.number.is_some() {
            add(&self.number);
        }
        if word.drug {
            add(&self.drug);
        }
        any
    }
}

/// Of a thousand sentences of letters about so many hold one of these words.
const FREQUENT: &[(usize, &str)] = &[
    (300, "and is the"),
    (150, "a decision for in not of on pain to"),
    (
        75,
        "administrator appropriate guideline guidelines has medical medically mtus necessary \
         physician request reviewer that treatment was with",
    ),
    (
        35,
        "an are at be been by case final from he her his imr it its no opioids or page review \
         section she this",
    ),
    (
        18,
        "after all any application as back chapter day days denial did disability disputed \
         documents dose drug employee evidence file following hours left lumbar made medications \
         mg more number odg one opioid pages part patient received recommended records right same \
         schedule should since strength tablets than therapy there two ur use utilization visits \
         weaning week weeks were which who working year",
    ),
    (
        9,
        "acoem applies because below benzodiazepines but certification certified complete \
         considered criteria currently developed discontinued dispute do does down er first found \
         function functional had have home how i if included injections make management may \
         medication medicine month months off old over patch per program provided providers \
         recommendations reduction refills regarding report reports requested risk sent service \
         set so standard state surgery syndrome taken taper tapering these up used when within \
         without work worker would",
    ),
];

/// About how many of a thousand sentences hold a number, or a drug's name.
const NUMBERS: usize = 250;
const DRUGS: usize = 150;

/// The element by which a pattern is told: numbers where it compares some, else what fewest sentences hold.
fn key<'a>(items: &'a [Item], frequencies: &[usize]) -> Option<&'a Element> {
    let compared = required(items).filter(|e| e.is_nothing_else()).count() > 1;
    let often = |element: &Element| match element {
        Element::Words {
            symbols,
            number,
            drug,
        } => {
            let words = symbols.iter().map(|s| frequencies[*s as usize]);
            words.sum::<usize>() + NUMBERS * usize::from(*number) + DRUGS * usize::from(*drug)
        }
        Element::More | Element::Less => NUMBERS,
        Element::Gap(_) => usize::MAX,
    };
    required(items).min_by_key(|e| (compared && !e.is_nothing_else(), often(e)))
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
    /// The blocks of its elements that are not empty, and their places among the facts.
    elements: Vec<(usize, u64)>,
    numbers: usize,
}

/// Tells the rules that a sentence can fulfil.
pub struct Filter {
    /// What words tell: first the rules of which they are keys, then the elements that they may be.
    facts: Index,
    needs: Vec<Needs>,
}

/// What stands in a sentence, and the rules that it may fulfil.
#[derive(Default)]
pub struct Sheet {
    facts: Set,
    pub picked: Set,
}

impl Filter {
    pub fn new(rules: &[&[Item]], lexicon: &Lexicon) -> Filter {
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
        // Elements begin a block of their own.
        let elements_from = blocks(rules.len()) * 64;
        let mut facts = Index::new(lexicon.symbols(), elements_from + known.len());
        for (id, element) in known.iter().enumerate() {
            facts.add(element, elements_from + id);
        }
        let mut frequencies = vec![1; lexicon.symbols()];
        for (often, words) in FREQUENT {
            for word in words.split(' ').flat_map(|word| lexicon.matched_by(word)) {
                frequencies[word as usize] = *often;
            }
        }
        for (rule, items) in rules.iter().enumerate() {
            if let Some(key) = key(items, &frequencies) {
                facts.add(key, rule);
            }
        }
        let needs = rules.iter().zip(ids).map(|(items, ids)| {
            let mut elements = vec![0; facts.width];
            for id in ids {
                insert(&mut elements, elements_from + id);
            }
            Needs {
                elements: elements
                    .into_iter()
                    .enumerate()
                    .filter(|(_, bits)| *bits != 0)
                    .collect(),
                numbers: required(items).filter(|e| e.is_nothing_else()).count(),
            }
        });
        Filter {
            needs: needs.collect(),
            facts,
        }
    }

    /// Picks the rules that a sentence may fulfil; whether there is any.
    pub fn pick(&self, words: &[Word], sheet: &mut Sheet) -> bool {
        let Sheet { facts, picked } = sheet;
        facts.clear();
        facts.resize(self.facts.width, 0);
        let mut numbers = 0;
        for word in words {
            self.facts.unite(word, facts);
            numbers += usize::from(word.number.is_some());
        }
        picked.clear();
        let keyed = &facts[..blocks(self.needs.len())];
        picked.extend(keyed.iter().enumerate().map(|(block, keyed)| {
            let mut left = *keyed;
            let mut picked = 0;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                let needs = &self.needs[block * 64 + bit];
                let fulfilled = numbers >= needs.numbers
                    && needs
                        .elements
                        .iter()
                        .all(|(block, bits)| facts[*block] & bits == *bits);
                picked |= u64::from(fulfilled) << bit;
            }
            picked
        }));
        picked.iter().any(|rules| *rules != 0)
    }

    /// How many numbers a sentence must have at least for a rule whose key is a number.
    pub fn numbers_needed(&self) -> usize {
        let told_by_number = members(&self.facts.number).take_while(|m| *m < self.needs.len());
        let numbers = told_by_number.map(|rule| self.needs[rule].numbers);
        numbers.min().unwrap_or(usize::MAX)
    }

    /// Whether a word may be the key of a rule.
    pub fn is_key(&self, symbol: Symbol) -> bool {
        let facts = self.facts.of_symbol(symbol);
        facts.is_some_and(|facts| self.has_rules(facts))
    }

    /// Whether a drug may be the key of a rule.
    pub fn is_key_drug(&self) -> bool {
        self.has_rules(&self.facts.drug)
    }

    fn has_rules(&self, facts: &[u64]) -> bool {
        facts[..blocks(self.needs.len())]
            .iter()
            .any(|rules| *rules != 0)
    }
}
