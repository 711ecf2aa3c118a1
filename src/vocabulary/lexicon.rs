//! Every word that tables ask for, each with a number: a word of a letter is looked up here once.

use super::runs::{Sieve, first_eight, hash};
use super::{Row, numbers};
use std::ops::{BitAnd, BitOr, BitOrAssign};

/// The number of a word, or of a stem that words begin with; 0 is none of the tables.
pub type Symbol = u16;

/// The symbol of what begins with a figure and is no word of the tables.
pub const FIGURE: Symbol = 1;

/// Stands for whatever is the name of a drug or class of drugs.
pub const DRUG: Symbol = 2;

/// What is known of a word by itself, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks(u16);

impl Marks {
    /// One blank and nothing else stands before it.
    pub const AFTER_BLANK: Marks = Marks(1);
    /// No sentence ends before it: no sign that could end one stands there, nor does it begin with a digit
    /// after a blank, as the next item of a list may.
    pub const GOES_ON: Marks = Marks(1 << 4);
    /// It is a number in figures or words, and no part of a date, score or fraction.
    pub const NUMBER: Marks = Marks(1 << 1);
    /// A sentence may go on after its full stop.
    pub const ABBREVIATION: Marks = Marks(1 << 2);
    /// It may begin the name of a drug or class of drugs.
    pub const DRUG: Marks = Marks(1 << 3);

    /// It begins with a digit.
    pub const DIGIT: Marks = Marks(1 << 5);

    /// Nothing.
    pub const NONE: Marks = Marks(0);

    /// These and `marks`.
    pub const fn and(self, marks: Marks) -> Marks {
        Marks(self.0 | marks.0)
    }

    /// These but for `marks`.
    pub fn without(self, marks: Marks) -> Marks {
        Marks(self.0 & !marks.0)
    }

    /// These if `so`, otherwise none.
    pub fn if_so(self, so: bool) -> Marks {
        Marks(self.0 * u16::from(so))
    }

    /// Whether any of `marks` is set.
    pub fn has(self, marks: Marks) -> bool {
        self.0 & marks.0 != 0
    }
}

impl BitAnd for Marks {
    type Output = Marks;

    fn bitand(self, other: Marks) -> Marks {
        Marks(self.0 & other.0)
    }
}

impl BitOr for Marks {
    type Output = Marks;

    fn bitor(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Marks) {
        self.0 |= other.0;
    }
}

/// The words and stems of the tables.
pub struct Lexicon {
    /// Words, each at the first free slot from where its hash points.
    slots: Box<[Slot; SLOTS]>,
    /// By symbol: its text, the amount it stands for, its marks.
    texts: Vec<Box<str>>,
    amounts: Vec<Option<f64>>,
    marks: Vec<Marks>,
    /// Stems by their first two letters, longer ones first.
    stems: Vec<Vec<Stem>>,
    beginnings: Beginnings,
}

/// A word's hash, but in the place of its lowest bits, which its place nearly tells, its symbol and marks, and
/// whether there is a word that would stand here if this one did not; 0 where the slot is free.
#[derive(Clone, Copy, Default)]
struct Slot(u64);

impl Slot {
    const MARKS: u32 = 6;
    const MORE: u64 = 1 << (SLOTS.ilog2() + Slot::MARKS);
    const ALL: u32 = SLOTS.ilog2() + Slot::MARKS + 1;

    fn new(hash: u64, symbol: Symbol, marks: Marks) -> Slot {
        Slot(hash >> Slot::ALL << Slot::ALL | u64::from(symbol) << Slot::MARKS | u64::from(marks.0))
    }

    fn is_free(self) -> bool {
        self.0 == 0
    }

    fn is_of(self, hash: u64) -> bool {
        (self.0 ^ hash) >> Slot::ALL == 0
    }

    fn symbol(self) -> Symbol {
        (self.0 >> Slot::MARKS) as Symbol % SLOTS as Symbol
    }

    fn marks(self) -> Marks {
        Marks(self.0 as u16 % (1 << Slot::MARKS))
    }
}

/// What words begin with.
#[derive(Clone)]
struct Stem {
    text: Box<str>,
    /// As [`first_eight`] tells it, and the bits that count.
    first: u64,
    mask: u64,
    symbol: Symbol,
}

impl Stem {
    fn new(text: &str, symbol: Symbol) -> Stem {
        Stem {
            text: text.into(),
            first: first_eight(text.as_bytes()),
            mask: u64::MAX >> (64 - 8 * text.len().min(8)),
            symbol,
        }
    }

    /// Whether it begins `word`, whose first bytes are `first`.
    fn begins(&self, word: &[u8], first: u64) -> bool {
        let stem = self.text.as_bytes();
        (self.first ^ first) & self.mask == 0
            && (stem.len() <= 8
                || (word.get(8..stem.len())).is_some_and(|w| w.eq_ignore_ascii_case(&stem[8..])))
    }
}

/// Several times as many as there are words, of which half as many would do.
const SLOTS: usize = 1 << 14;

impl Lexicon {
    /// The words of patterns (the column `pattern` of `rows`) and numbers.
    pub fn of(rows: &[Row]) -> Lexicon {
        let mut all = Lexicon {
            slots: Box::new([Slot::default(); SLOTS]),
            texts: Vec::new(),
            amounts: Vec::new(),
            marks: Vec::new(),
            stems: vec![Vec::new(); OPENINGS],
            beginnings: Beginnings::default(),
        };
        for reserved in [0, FIGURE, DRUG] {
            let symbol = all.name("");
            assert_eq!(symbol, reserved, "the first symbols are no words");
        }
        all.marks[FIGURE as usize] = Marks::DIGIT;
        let literals = rows
            .iter()
            .flat_map(|row| row["pattern"].split_whitespace())
            .map(|part| part.trim_start_matches('[').trim_end_matches(']'))
            .flat_map(|part| part.split('|'));
        for literal in literals.filter(|l| !l.starts_with(['<', '~'])) {
            match literal.strip_suffix('*') {
                Some(stem) => all.add_stem(stem),
                None => {
                    all.add(literal);
                }
            }
        }
        for word in numbers::words() {
            all.mark(word, Marks::NUMBER);
        }
        for stems in &mut all.stems {
            stems.sort_by_key(|stem| std::cmp::Reverse(stem.text.len()));
        }
        all
    }

    fn name(&mut self, text: &str) -> Symbol {
        self.texts.push(text.into());
        self.amounts.push(numbers::amount(hash(text.as_bytes())));
        self.marks.push(Marks::default());
        (self.texts.len() - 1) as Symbol
    }

    fn add_stem(&mut self, stem: &str) {
        let first = first_eight(stem.as_bytes());
        let opening = opening(first);
        if self.stems[opening].iter().all(|s| *s.text != *stem) {
            let symbol = self.name(stem);
            self.stems[opening].push(Stem::new(stem, symbol));
            self.beginnings.add(stem.as_bytes());
        }
    }

    /// Adds a word, if it is not there yet.
    pub fn add(&mut self, word: &str) -> Symbol {
        let hash = hash(word.as_bytes());
        let at = self.slot(hash);
        if self.slots[at].is_free() {
            assert!(self.texts.len() < SLOTS / 2, "more slots than words");
            let marks = match word.as_bytes()[0] {
                b'0'..=b'9' => Marks::NUMBER | Marks::DIGIT,
                _ => Marks::default(),
            };
            self.slots[at] = Slot::new(hash, self.name(word), marks);
            let first = hash as usize % SLOTS;
            if at != first {
                self.slots[first].0 |= Slot::MORE;
            }
        }
        self.slots[at].symbol()
    }

    /// Where the word of this hash stands, or would stand.
    fn slot(&self, hash: u64) -> usize {
        let mut at = hash as usize % SLOTS;
        while !self.slots[at].is_free() && !self.slots[at].is_of(hash) {
            at = (at + 1) % SLOTS;
        }
        at
    }

    /// Marks a word, which is added if it is not there yet.
    pub fn mark(&mut self, word: &str, marks: Marks) {
        let symbol = self.add(word);
        self.mark_symbol(symbol, marks);
    }

    /// Marks a word or stem.
    pub fn mark_symbol(&mut self, symbol: Symbol, marks: Marks) {
        self.marks[symbol as usize] |= marks;
        let at = self.slot(hash(self.texts[symbol as usize].as_bytes()));
        if self.slots[at].symbol() == symbol {
            self.slots[at].0 |= u64::from(marks.0);
        }
    }

    /// How many symbols there are.
    pub fn symbols(&self) -> usize {
        self.texts.len()
    }

    /// What a symbol stands for.
    pub fn text(&self, symbol: Symbol) -> &str {
        &self.texts[symbol as usize]
    }

    /// The amount that a symbol's word stands for.
    pub fn amount(&self, symbol: Symbol) -> Option<f64> {
        self.amounts[symbol as usize]
    }

    /// The symbol and the marks of a word: its own, else those of the longest stem that it begins with. Its
    /// first bytes are `first`, as [`first_eight`] tells them.
    pub fn look_up(&self, hash: u64, first: u64, word: &[u8]) -> (Symbol, Marks) {
        let known = self.known(hash);
        known.unwrap_or_else(|| self.stem(first, word))
    }

    /// As [`Lexicon::look_up`].
    pub fn of_word(&self, word: &[u8]) -> (Symbol, Marks) {
        self.look_up(hash(word), first_eight(word), word)
    }

    /// As [`Lexicon::look_up`], where one look at two tables tells it, as it does of most words that do not
    /// begin with a digit.
    #[inline]
    pub fn at_once(&self, hash: u64, first: u64) -> Option<(Symbol, Marks)> {
        let slot = self.slots[hash as usize % SLOTS];
        // All is looked at: whether a word is of the tables cannot be foretold.
        let is_listed = slot.is_of(hash);
        let is_unlisted = (slot.0 & Slot::MORE == 0) & !self.beginnings.may_hold(first);
        let slot = Slot(slot.0 * u64::from(is_listed));
        let is_known = (is_listed | is_unlisted) & !(first as u8).is_ascii_digit();
        is_known.then(|| (slot.symbol(), slot.marks()))
    }

    /// The symbol and the marks of a word by itself.
    fn known(&self, hash: u64) -> Option<(Symbol, Marks)> {
        let slot = self.slots[self.slot(hash)];
        (!slot.is_free()).then(|| (slot.symbol(), slot.marks()))
    }

    /// The symbol and the marks of the longest stem that `word` begins with.
    fn stem(&self, first: u64, word: &[u8]) -> (Symbol, Marks) {
        let stems = self.stems[opening(first)].iter();
        let mut known = stems.filter(|stem| stem.begins(word, first));
        let symbol = match word {
            [b'0'..=b'9', ..] => FIGURE,
            _ => known.next().map_or(0, |stem| stem.symbol),
        };
        (symbol, self.marks[symbol as usize])
    }

    /// The symbols of all words that `literal` stands for.
    pub fn matched_by(&self, literal: &str) -> Vec<Symbol> {
        let Some(stem) = literal.strip_suffix('*') else {
            let known = self.known(hash(literal.as_bytes()));
            return known.map(|(symbol, _)| symbol).into_iter().collect();
        };
        (DRUG as usize + 1..self.texts.len())
            .filter(|&i| self.texts[i].starts_with(stem))
            .map(|i| i as Symbol)
            .collect()
    }
}

/// Places for stems by their first two letters.
const OPENINGS: usize = 1024;

/// The place of the stems that a word may begin with, whose first bytes are `first`; capitals do not count.
fn opening(first: u64) -> usize {
    (first as usize & 31) << 5 | (first >> 8) as usize & 31
}

/// What words begin with, as far as four letters tell it. It may hold what was never added.
pub struct Beginnings(Sieve);

impl Default for Beginnings {
    fn default() -> Self {
        Beginnings(Sieve::new(std::iter::empty()))
    }
}

impl Beginnings {
    /// Adds what begins with `beginning`.
    pub fn add(&mut self, beginning: &[u8]) {
        let first = first_eight(beginning);
        // Whatever may follow what has less than four letters.
        let known = 5 * beginning.len().min(4);
        for rest in 0..1 << (20 - known) {
            let letters = (known / 5..4).map(|at| (rest >> (5 * at - known) & 31) << (8 * at));
            self.0
                .put(four(letters.fold(first, |all, letter: u64| all | letter)));
        }
    }

    /// Whether what begins with `first`, as [`first_eight`] tells it, may have been added.
    #[inline]
    pub fn may_hold(&self, first: u64) -> bool {
        self.0.may_hold(four(first))
    }
}

/// A number for the first four letters of a word; capitals do not count.
fn four(first: u64) -> u64 {
    u64::from((first as u32 & 0x1f1f_1f1f).wrapping_mul(0x9e37_79b1) >> 19)
}
