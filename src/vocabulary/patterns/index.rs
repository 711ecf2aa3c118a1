//! Which rules a sentence can fulfil at all, by the words that it holds.

use super::super::lexicon::{DRUG, FIGURE, Lexicon, Symbol};
use super::Word;
use super::pattern::{Element, Item};

/// Adds a member to a set that has room for it, a bit a member.
fn insert(set: &mut [u64], member: usize) {
    set[member / 64] |= 1 << (member % 64);
}

/// The symbols of what `element` may be: of words, [`FIGURE`] for any number, [`DRUG`] for any drug.
fn symbols(element: &Element) -> impl Iterator<Item = Symbol> + '_ {
    let (words, drug) = match element {
        Element::Words { symbols, drug, .. } => (symbols.as_slice(), *drug),
        _ => (&[][..], false),
    };
    let others = [(element.is_number(), FIGURE), (drug, DRUG)];
    let others = others.into_iter().filter(|(is, _)| *is);
    words
        .iter()
        .copied()
        .chain(others.map(|(_, symbol)| symbol))
}

/// Sets by what a word is.
pub struct Index {
    /// Blocks of a set.
    width: usize,
    /// Of each symbol the place in `sets`; 0 is the empty set.
    places: Vec<u16>,
    sets: Vec<u64>,
}

impl Index {
    /// For so many symbols, and sets of so many members.
    pub fn new(symbols: usize, members: usize) -> Index {
        let width = members.div_ceil(64);
        Index {
            width,
            places: vec![0; symbols],
            sets: vec![0; width],
        }
    }

    /// Adds a member to the sets of all words that `element` may be.
    pub fn add(&mut self, element: &Element, member: usize) {
        for symbol in symbols(element) {
            let place = &mut self.places[symbol as usize];
            if *place == 0 {
                *place = (self.sets.len() / self.width) as u16;
                self.sets.resize(self.sets.len() + self.width, 0);
            }
            insert(&mut self.sets[*place as usize * self.width..], member);
        }
    }

    /// Adds the members of the set of `symbol` to `set`.
    fn unite(&self, symbol: Symbol, set: &mut [u64]) {
        let at = self.places[symbol as usize] as usize * self.width;
        if at > 0 {
            let other = &self.sets[at..at + self.width];
            set.iter_mut().zip(other).for_each(|(a, b)| *a |= b);
        }
    }

    /// Whether a member is in a set of what a word is.
    pub fn has(&self, word: &Word, member: usize) -> bool {
        let set_of = |symbol: Symbol| self.places[symbol as usize] as usize * self.width;
        let is_in = |symbol| self.sets[set_of(symbol) + member / 64] >> (member % 64) & 1 == 1;
        is_in(word.symbol) || word.number.is_some() && is_in(FIGURE) || word.drug && is_in(DRUG)
    }
}

/// Of a thousand sentences of letters about so many hold one of these words. Of signs it is not known before
/// the signs are looked at.
const FREQUENT: &[(usize, &str)] = &[
    (1000, "; : %"),
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

/// Of how many of a thousand sentences an element may be told.
fn frequency(element: &Element, frequencies: &[usize]) -> usize {
    match element {
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
    }
}

/// The element by which a pattern is told: numbers where it compares some, else what fewest sentences hold.
fn key<'a>(items: &'a [Item], frequencies: &[usize]) -> Option<&'a Element> {
    let compared = required(items).filter(|e| e.is_nothing_else()).count() > 1;
    required(items).min_by_key(|e| {
        let told = compared && !e.is_nothing_else();
        (told, frequency(e, frequencies))
    })
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
    /// The blocks of its elements that are not empty, and their places.
    elements: Vec<(usize, u64)>,
    numbers: usize,
}

impl Needs {
    /// Whether a sentence holds these elements and so many numbers.
    fn are_in(&self, held: &[u64], numbers: usize) -> bool {
        let is_in = |(block, bits): &(usize, u64)| held[*block] & bits == *bits;
        numbers >= self.numbers && self.elements.iter().all(is_in)
    }
}

/// A rule, and of its elements without the key the one that fewest sentences hold: nearly always that is not there.
#[derive(Clone, Copy)]
struct Keyed {
    rule: usize,
    block: usize,
    bit: u64,
}

/// Tells the rules that a sentence can fulfil.
pub struct Filter {
    /// The elements that a word may be.
    elements: Index,
    /// By symbol, the rules of which it is the key.
    keyed: Vec<Vec<Keyed>>,
    needs: Vec<Needs>,
    /// The least that rules ask for of which any number is the key.
    fewest_numbers: usize,
}

/// What the words of a sentence are, in any order.
#[derive(Debug)]
pub struct Clues {
    /// Of words of the tables, [`FIGURE`] where a number is among them, [`DRUG`] where a drug is.
    symbols: Vec<Symbol>,
    /// How many of the symbols are there in every sentence.
    always: usize,
    numbers: usize,
}

impl Clues {
    /// Clues of sentences of which each may hold the words `always`.
    pub fn new(always: &[Symbol]) -> Clues {
        let mut symbols = Vec::with_capacity(64);
        symbols.extend(always);
        Clues {
            symbols,
            always: always.len(),
            numbers: 0,
        }
    }

    /// Begins a sentence.
    pub fn clear(&mut self) {
        self.symbols.truncate(self.always);
        self.numbers = 0;
    }

    pub fn add(&mut self, symbol: Symbol, is_number: bool, is_drug: bool) {
        if symbol != 0 && symbol != FIGURE {
            self.symbols.push(symbol);
        }
        if is_number {
            if self.numbers == 0 {
                self.symbols.push(FIGURE);
            }
            self.numbers += 1;
        }
        if is_drug {
            self.symbols.push(DRUG);
        }
    }
}

impl Filter {
    pub fn new(rules: &[&[Item]], lexicon: &Lexicon) -> Filter {
        let mut keyed: Vec<Vec<Keyed>> = vec![Vec::new(); lexicon.symbols()];
        let mut frequencies = vec![1; lexicon.symbols()];
        for (often, words) in FREQUENT {
            for word in words.split(' ').flat_map(|word| lexicon.matched_by(word)) {
                frequencies[word as usize] = *often;
            }
        }
        let mut known: Vec<&Element> = Vec::new();
        let mut needs: Vec<Needs> = Vec::new();
        for (rule, items) in rules.iter().enumerate() {
            let mut of_rule: Vec<u64> = Vec::new();
            for element in required(items) {
                let id = known.iter().position(|k| *k == element);
                let id = id.unwrap_or_else(|| {
                    known.push(element);
                    known.len() - 1
                });
                of_rule.resize(of_rule.len().max(id / 64 + 1), 0);
                insert(&mut of_rule, id);
            }
            needs.push(Needs {
                elements: of_rule
                    .into_iter()
                    .enumerate()
                    .filter(|(_, bits)| *bits != 0)
                    .collect(),
                numbers: required(items).filter(|e| e.is_nothing_else()).count(),
            });
            if let Some(key) = key(items, &frequencies) {
                let others = required(items).filter(|e| *e != key);
                let other = others.min_by_key(|e| frequency(e, &frequencies));
                let id = other.and_then(|other| known.iter().position(|k| *k == other));
                let told = Keyed {
                    rule,
                    block: id.map_or(0, |id| id / 64),
                    bit: id.map_or(0, |id| 1 << (id % 64)),
                };
                for symbol in symbols(key) {
                    keyed[symbol as usize].push(told);
                }
            }
        }
        let mut elements = Index::new(lexicon.symbols(), known.len());
        for (id, element) in known.into_iter().enumerate() {
            elements.add(element, id);
        }
        let told_by_number = keyed[FIGURE as usize].iter();
        let numbers = told_by_number.map(|keyed| needs[keyed.rule].numbers);
        Filter {
            elements,
            fewest_numbers: numbers.min().unwrap_or(0),
            keyed,
            needs,
        }
    }

    /// The rules that a sentence may fulfil, in ascending order.
    pub fn pick(&self, clues: &Clues) -> Vec<usize> {
        let keys = clues.symbols.iter().filter(|symbol| {
            !self.keyed[**symbol as usize].is_empty()
                && (**symbol != FIGURE || clues.numbers >= self.fewest_numbers)
        });
        let mut picked = Vec::new();
        if keys.clone().next().is_none() {
            return picked;
        }
        let mut held = vec![0; self.elements.width];
        for symbol in &clues.symbols {
            self.elements.unite(*symbol, &mut held);
        }
        for symbol in keys {
            for Keyed { rule, block, bit } in &self.keyed[*symbol as usize] {
                if held[*block] & bit == *bit && self.needs[*rule].are_in(&held, clues.numbers) {
                    picked.push(*rule);
                }
            }
        }
        picked.sort_unstable();
        picked.dedup();
        picked
    }
}
