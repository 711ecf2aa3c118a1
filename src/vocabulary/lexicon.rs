//! Every word that tables ask for, each with a number: a word of a letter is looked up here once.

use super::runs::{first_eight, hash};
use super::{Row, numbers};
use std::ops::{BitOr, BitOrAssign};

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

    /// These but for `marks`.
    pub fn without(self, marks: Marks) -> Marks {
        Marks(self.0 & !marks.0)
    }

    /// Whether any of `marks` is set.
    pub fn has(self, marks: Marks) -> bool {
        self.0 & marks.0 != 0
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

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u64,
    /// 0 where the slot is free.
    symbol: Symbol,
    marks: Marks,
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
        if self.slots[at].symbol == 0 {
            assert!(self.texts.len() < SLOTS / 2, "more slots than words");
            self.slots[at] = Slot {
                hash,
                symbol: self.name(word),
                marks: match word.as_bytes()[0] {
                    b'0'..=b'9' => Marks::NUMBER | Marks::DIGIT,
                    _ => Marks::default(),
                },
            };
        }
        self.slots[at].symbol
    }

    /// Where the word of this hash stands, or would stand.
    fn slot(&self, hash: u64) -> usize {
        let mut at = hash as usize % SLOTS;
        while self.slots[at].symbol != 0 && self.slots[at].hash != hash {
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
        if self.slots[at].symbol == symbol {
            self.slots[at].marks |= marks;
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

    /// The symbol and the marks of a word: its own, else those of the longest stem that it begins with.
    pub fn look_up<'a>(&self, hash: u64, word: impl FnOnce() -> &'a [u8]) -> (Symbol, Marks) {
        self.known(hash).unwrap_or_else(|| {
            let word = word();
            self.unlisted(first_eight(word), word)
        })
    }

    /// As [`Lexicon::look_up`].
    pub fn of_word(&self, word: &[u8]) -> (Symbol, Marks) {
        self.look_up(hash(word), || word)
    }

    /// The symbol and the marks of a word by itself.
    #[inline]
    pub fn known(&self, hash: u64) -> Option<(Symbol, Marks)> {
        let mut at = hash as usize % SLOTS;
        loop {
            let slot = &self.slots[at];
            if slot.hash == hash {
                return Some((slot.symbol, slot.marks));
            }
            if slot.symbol == 0 {
                return None;
            }
            at = (at + 1) % SLOTS;
        }
    }

    /// The symbol and the marks of a word that is not known by itself. Its first bytes are `first`, as
    /// [`first_eight`] tells them.
    #[inline(never)]
    pub fn unlisted(&self, first: u64, word: &[u8]) -> (Symbol, Marks) {
        // Nearly no word gets further.
        match self.beginnings.may_hold(first) || (first as u8).is_ascii_digit() {
            true => self.stem(first, word),
            false => Default::default(),
        }
    }

    /// The symbol and the marks of the longest stem that `word` begins with.
    #[inline(never)]
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
            let known = self.slots[self.slot(hash(literal.as_bytes()))].symbol;
            return (known != 0).then_some(known).into_iter().collect();
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

/// What words begin with, as far as three letters tell it: by two letters, the third letters that follow, a
/// bit each.
pub struct Beginnings(Box<[u32; OPENINGS]>);

impl Default for Beginnings {
    fn default() -> Self {
        Beginnings(Box::new([0; OPENINGS]))
    }
}

impl Beginnings {
    /// Adds what begins with `beginning`, which is two letters or more.
    pub fn add(&mut self, beginning: &[u8]) {
        assert!(beginning.len() > 1, "a beginning has two letters or more");
        let first = first_eight(beginning);
        self.0[opening(first)] |= match beginning.len() {
            ..=2 => u32::MAX,
            _ => third(first),
        };
    }

    /// Whether what begins with `first`, as [`first_eight`] tells it, may have been added.
    pub fn may_hold(&self, first: u64) -> bool {
        self.0[opening(first)] & third(first) != 0
    }
}

/// The bit of the third letter of a word; capitals do not count, and a word of two has that of a blank.
fn third(first: u64) -> u32 {
    1 << ((first >> 16) & 31)
}
