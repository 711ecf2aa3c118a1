//! Cues and modifiers after the manner of ConText (Harkema et al. 2009, J Biomed Inform 42:839): rows
//! of a table say which phrases matter, in which direction and how far they act; this engine knows no
//! words of its own.
//!
//! A pattern is a row of elements separated by blanks:
//! `word`, `one|other` (also `one|<drug>`), `stem*`, `[optional]`, `~3` (up to three words of any kind), `<n>` (a number),
//! `<drug>` (a drug's or drug class's name), and `<more>` … `<less>` (two numbers, the second smaller).

use super::Row;
use super::numbers;
use super::runs::{ByHash, Hashed, Run, hash};
use compact_str::CompactString;
use std::ops::Range;

/// The number of a word, or of a stem that words begin with, among those of the tables; 0 is none of them.
pub type Symbol = u16;

/// A word of a sentence, as patterns see it. `;` and `:` are words.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Lower case; apostrophes left out.
    pub text: CompactString,
    /// Of the text.
    pub hash: u64,
    pub symbol: Symbol,
    /// Its value, if it is a number in figures or words and no part of a date, score or fraction.
    pub number: Option<f64>,
    /// It belongs to the name of a drug or class of drugs.
    pub drug: bool,
    pub range: Range<usize>,
}

impl Hashed for Word {
    fn hash(&self) -> u64 {
        self.hash
    }

    fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

#[derive(Debug)]
enum Element {
    /// Any of these words, or a number, or a drug.
    Words {
        /// In ascending order: the words, and for a stem all that begin with it.
        symbols: Vec<Symbol>,
        number: bool,
        drug: bool,
    },
    Gap(usize),
    More,
    Less,
}

#[derive(Debug)]
struct Item {
    element: Element,
    optional: bool,
}

/// The words and stems of the patterns.
#[derive(Default)]
struct Lexicon {
    words: ByHash<Symbol>,
    /// Stems by their first two letters, longer ones first.
    stems: ByHash<Vec<(&'static str, Symbol)>>,
    /// What each symbol stands for, and whether it is a stem.
    texts: Vec<(&'static str, bool)>,
}

impl Lexicon {
    fn of(rows: &[Row]) -> Lexicon {
        let mut all = Lexicon {
            texts: vec![("", false)],
            ..Lexicon::default()
        };
        let literals = rows
            .iter()
            .flat_map(|row| row["pattern"].split_whitespace())
            .map(|part| part.trim_start_matches('[').trim_end_matches(']'))
            .flat_map(|part| part.split('|'));
        for literal in literals.filter(|l| !l.starts_with(['<', '~'])) {
            match literal.strip_suffix('*') {
                Some(stem) => {
                    let known = all.stems.entry(opening(stem)).or_default();
                    if !known.iter().any(|(s, _)| *s == stem) {
                        known.push((stem, all.texts.len() as Symbol));
                        all.texts.push((stem, true));
                    }
                }
                None => {
                    all.add(literal);
                    all.add(first_part(literal));
                }
            }
        }
        for stems in all.stems.values_mut() {
            stems.sort_by_key(|(stem, _)| std::cmp::Reverse(stem.len()));
        }
        all
    }

    fn add(&mut self, word: &'static str) {
        let next = self.texts.len() as Symbol;
        if *self.words.entry(hash(word.as_bytes())).or_insert(next) == next {
            self.texts.push((word, false));
        }
    }

    /// The symbol of a word: its own, else that of the longest stem that it begins with.
    fn symbol(&self, hash: u64, word: &str) -> Symbol {
        if let Some(symbol) = self.words.get(&hash) {
            return *symbol;
        }
        if word.len() < 2 {
            return 0;
        }
        let begins = |stem: &str| {
            word.len() >= stem.len()
                && word.as_bytes()[..stem.len()].eq_ignore_ascii_case(stem.as_bytes())
        };
        self.stems
            .get(&opening(word))
            .and_then(|stems| stems.iter().find(|(stem, _)| begins(stem)))
            .map_or(0, |(_, symbol)| *symbol)
    }

    /// The symbols of all words that `literal` stands for.
    fn matched_by(&self, literal: &str) -> Vec<Symbol> {
        let Some(stem) = literal.strip_suffix('*') else {
            return self
                .words
                .get(&hash(literal.as_bytes()))
                .into_iter()
                .copied()
                .collect();
        };
        (1..self.texts.len())
            .filter(|&i| self.texts[i].0.starts_with(stem))
            .map(|i| i as Symbol)
            .collect()
    }
}

/// A hyphenated word up to its first hyphen, as it is met before words are joined.
fn first_part(word: &'static str) -> &'static str {
    word.split('-').next().unwrap_or(word)
}

fn opening(word: &str) -> u64 {
    hash(&word.as_bytes()[..2])
}

/// Where a modifier's cue stands to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It acts on cues after it.
    Forward,
    /// It acts on cues before it.
    Backward,
    /// On both sides.
    Both,
    /// On the whole sentence, over all boundaries.
    Sentence,
}

/// A row of the table.
#[derive(Debug)]
struct Rule {
    items: Vec<Item>,
    role: &'static str,
    reach: Reach,
    /// How many words away a cue may stand.
    distance: usize,
}

/// A row's phrase, found.
#[derive(Debug, Clone)]
pub struct Hit {
    pub role: &'static str,
    pub reach: Reach,
    pub distance: usize,
    /// Indices of words.
    pub words: Range<usize>,
    /// The smaller of the pattern's two compared numbers.
    pub less: Option<f64>,
}

/// A set of rules, a bit a rule.
type RuleSet = Vec<u64>;

fn insert(set: &mut RuleSet, rule: usize) {
    if set.len() <= rule / 64 {
        set.resize(rule / 64 + 1, 0);
    }
    set[rule / 64] |= 1 << (rule % 64);
}

fn unite(set: &mut RuleSet, other: &RuleSet) {
    for (a, b) in set.iter_mut().zip(other) {
        *a |= b;
    }
}

/// Rules by what their words, numbers and drugs are.
struct Index {
    /// By the symbol of a word.
    symbols: Vec<RuleSet>,
    number: RuleSet,
    drug: RuleSet,
}

impl Index {
    fn new(symbols: usize, rules: usize) -> Index {
        let empty = vec![0; rules.div_ceil(64)];
        Index {
            symbols: vec![empty.clone(); symbols],
            number: empty.clone(),
            drug: empty,
        }
    }

    fn add(&mut self, element: &Element, rule: usize) {
        match element {
            Element::Words {
                symbols,
                number,
                drug,
            } => {
                for symbol in symbols {
                    insert(&mut self.symbols[*symbol as usize], rule);
                }
                if *number {
                    insert(&mut self.number, rule);
                }
                if *drug {
                    insert(&mut self.drug, rule);
                }
            }
            Element::More | Element::Less => insert(&mut self.number, rule),
            Element::Gap(_) => {}
        }
    }

    /// The rules of which `word` is such an element.
    fn of<'a>(&'a self, word: &Word) -> impl Iterator<Item = &'a RuleSet> {
        let named = (word.symbol != 0).then(|| &self.symbols[word.symbol as usize]);
        let number = word.number.map(|_| &self.number);
        let drug = word.drug.then_some(&self.drug);
        named.into_iter().chain(number).chain(drug)
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
            let common = |s: &&Symbol| COMMON.contains(&lexicon.texts[**s as usize].0);
            symbols.len()
                + 1000 * symbols.iter().filter(common).count()
                + 500 * (usize::from(*number) + usize::from(*drug))
        }
        Element::More | Element::Less => 500,
        Element::Gap(_) => usize::MAX,
    };
    items
        .iter()
        .filter(|item| !item.optional && !matches!(item.element, Element::Gap(_)))
        .map(|item| &item.element)
        .min_by_key(|element| weight(element))
}

/// Which kind of statement a set of roles makes; the first row that fits decides.
struct Kind {
    kind: &'static str,
    /// Sets of roles of which each must have one at hand.
    needs: Vec<u128>,
    lacks: u128,
}

/// The compiled tables.
pub struct Rules {
    lexicon: Lexicon,
    rules: Vec<Rule>,
    /// Which rules are cues.
    cues: RuleSet,
    /// By what may stand at their first place.
    openings: Index,
    /// By what must stand at some place.
    keys: Index,
    /// How many numbers a sentence must have at least for a cue that is told by numbers alone.
    numbers_needed: usize,
    roles: Vec<&'static str>,
    kinds: Vec<Kind>,
}

/// Rows without a reach are cues, and what cancels cues; the others modify them.
fn is_cue(row: &Row) -> bool {
    row["reach"].is_empty()
        && !matches!(
            row["role"],
            "boundary"
                | "boundary_weak"
                | "verb"
                | "coord"
                | "new_clause"
                | "ur_cut"
                | "no_purpose"
                | "cancel"
                | "cancel_lower"
        )
}

impl Rules {
    /// `rows` with the columns pattern, role, reach, distance; `kinds` with kind, needs, lacks.
    pub fn load(rows: Vec<Row>, kinds: Vec<Row>) -> Rules {
        let lexicon = Lexicon::of(&rows);
        let index = || Index::new(lexicon.texts.len(), rows.len());
        let mut all = Rules {
            rules: Vec::with_capacity(rows.len()),
            cues: vec![0; rows.len().div_ceil(64)],
            openings: index(),
            keys: index(),
            numbers_needed: usize::MAX,
            roles: Vec::new(),
            kinds: Vec::new(),
            lexicon,
        };
        for (rule, row) in rows.into_iter().enumerate() {
            let items = parse(row["pattern"], &all.lexicon);
            let optional = items.iter().take_while(|i| i.optional).count();
            for item in items.iter().take(optional + 1) {
                all.openings.add(&item.element, rule);
            }
            if let Some(key) = key(&items, &all.lexicon) {
                all.keys.add(key, rule);
                if let Element::Words { symbols, .. } = key {
                    for symbol in symbols {
                        let part = first_part(all.lexicon.texts[*symbol as usize].0);
                        let part = all.lexicon.symbol(hash(part.as_bytes()), part);
                        insert(&mut all.keys.symbols[part as usize], rule);
                    }
                }
            }
            if is_cue(&row) {
                insert(&mut all.cues, rule);
                let is_number = |e: &Element| match e {
                    Element::Words { number, .. } => *number,
                    Element::More | Element::Less => true,
                    Element::Gap(_) => false,
                };
                if key(&items, &all.lexicon).is_some_and(is_number) {
                    let numbers = items
                        .iter()
                        .filter(|i| !i.optional && is_number(&i.element));
                    all.numbers_needed = all.numbers_needed.min(numbers.count());
                }
            }
            let reach = match row["reach"] {
                "forward" => Reach::Forward,
                "backward" => Reach::Backward,
                "both" => Reach::Both,
                _ => Reach::Sentence,
            };
            all.rules.push(Rule {
                items,
                role: row["role"],
                reach,
                distance: row["distance"].parse().unwrap_or(12),
            });
        }
        for row in &kinds {
            let needs = row["needs"]
                .split_whitespace()
                .map(|any| any.split('|').fold(0, |set, role| set | all.bit_of(role)))
                .collect();
            let lacks = row["lacks"]
                .split_whitespace()
                .fold(0, |set, role| set | all.bit_of(role));
            all.kinds.push(Kind {
                kind: row["kind"],
                needs,
                lacks,
            });
        }
        all
    }

    /// The bit that stands for a role in sets of roles.
    fn bit_of(&mut self, role: &'static str) -> u128 {
        let known = self.roles.iter().position(|r| *r == role);
        1 << known.unwrap_or_else(|| {
            self.roles.push(role);
            self.roles.len() - 1
        })
    }

    /// The symbol of a word by which patterns know it.
    pub fn symbol(&self, hash: u64, word: &str) -> Symbol {
        self.lexicon.symbol(hash, word)
    }

    /// Whether a sentence of these words may hold a cue.
    pub fn may_hold_cue(&self, text: &str, runs: &[Run]) -> bool {
        let holds_cue = |keyed: &RuleSet| keyed.iter().zip(&self.cues).any(|(k, c)| k & c != 0);
        let mut numbers = 0;
        runs.iter().any(|run| {
            let word = &text[run.range()];
            let is_number =
                word.as_bytes()[0].is_ascii_digit() || numbers::amount(run.hash).is_some();
            numbers += usize::from(is_number);
            numbers >= self.numbers_needed
                || holds_cue(&self.keys.symbols[self.symbol(run.hash, word) as usize])
        })
    }

    /// Every row's phrase in `words`: cues first, then what acts on them. Empty where there is no cue.
    pub fn hits(&self, words: &[Word]) -> Vec<Hit> {
        // A rule whose key is missing cannot match.
        let mut possible = vec![0; self.cues.len()];
        for keyed in words.iter().flat_map(|word| self.keys.of(word)) {
            unite(&mut possible, keyed);
        }
        let (cues, modifiers): (Vec<u64>, Vec<u64>) = possible
            .iter()
            .zip(&self.cues)
            .map(|(p, c)| (p & c, p & !c))
            .unzip();
        let mut out = Vec::new();
        self.find(&cues, words, &mut out);
        if !out.is_empty() {
            self.find(&modifiers, words, &mut out);
        }
        out
    }

    /// The phrases of the rules in `wanted`.
    fn find(&self, wanted: &RuleSet, words: &[Word], out: &mut Vec<Hit>) {
        let mut opened = vec![0; wanted.len()];
        for (at, word) in words.iter().enumerate() {
            opened.fill(0);
            for rules in self.openings.of(word) {
                unite(&mut opened, rules);
            }
            for (block, (opened, wanted)) in opened.iter().zip(wanted).enumerate() {
                let mut left = opened & wanted;
                while left != 0 {
                    let rule = &self.rules[block * 64 + left.trailing_zeros() as usize];
                    left &= left - 1;
                    if let Some((end, less)) = matches(&rule.items, words, at, Pair::default()) {
                        out.push(Hit {
                            role: rule.role,
                            reach: rule.reach,
                            distance: rule.distance,
                            words: at..end,
                            less,
                        });
                    }
                }
            }
        }
    }

    /// The kind of statement that a cue under these `roles` makes.
    pub fn kind(&self, roles: &[&str]) -> Option<&'static str> {
        let bit = |role: &&str| self.roles.iter().position(|r| r == role);
        let set = roles
            .iter()
            .filter_map(bit)
            .fold(0u128, |set, bit| set | 1 << bit);
        self.kinds
            .iter()
            .find(|k| k.lacks & set == 0 && k.needs.iter().all(|any| any & set != 0))
            .map(|k| k.kind)
    }
}

impl Hit {
    /// Whether this modifier acts on the cue at `cue`, given the places of the words that end scopes.
    pub fn acts_on(&self, cue: &Range<usize>, boundaries: &[usize]) -> bool {
        let free = |a: usize, b: usize| !boundaries.iter().any(|&t| a <= t && t < b);
        let forward = || {
            self.words.end <= cue.start + 1
                && self.words.start <= cue.start
                && cue.start.saturating_sub(self.words.end) <= self.distance
                && free(self.words.end.min(cue.start), cue.start)
        };
        let backward = || {
            cue.end <= self.words.start + 1
                && self.words.start.saturating_sub(cue.end) <= self.distance
                && free(cue.end, self.words.start)
        };
        let inside = self.words.start < cue.end && cue.start < self.words.end;
        match self.reach {
            Reach::Sentence => true,
            Reach::Forward => inside || forward(),
            Reach::Backward => inside || backward(),
            Reach::Both => inside || forward() || backward(),
        }
    }
}

fn parse(pattern: &str, lexicon: &Lexicon) -> Vec<Item> {
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
struct Pair {
    more: Option<f64>,
    less: Option<f64>,
}

/// The word after the pattern's last if it begins at `at`, and the smaller number it compared.
fn matches(items: &[Item], words: &[Word], at: usize, pair: Pair) -> Option<(usize, Option<f64>)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(pattern: &'static str, text: &str) -> Option<usize> {
        let lexicon = Lexicon::of(&[Row::from([("pattern", pattern)])]);
        let words: Vec<Word> = text
            .split_whitespace()
            .map(|w| Word {
                text: w.into(),
                hash: hash(w.as_bytes()),
                symbol: lexicon.symbol(hash(w.as_bytes()), w),
                number: w.parse().ok(),
                drug: w == "norco",
                range: 0..0,
            })
            .collect();
        matches(&parse(pattern, &lexicon), &words, 0, Pair::default()).map(|m| m.0)
    }

    #[test]
    fn elements() {
        assert_eq!(ends("wean* [off] <drug>", "weaned off norco"), Some(3));
        assert_eq!(ends("wean* [off] <drug>", "Weaned norco"), Some(2));
        assert_eq!(ends("wean*|weanoff we*", "weanoff wet"), Some(2));
        assert_eq!(ends("cut|cuts ~2 dose", "cut the daily dose"), Some(4));
        assert_eq!(ends("cut ~1 dose", "cut the daily dose"), None);
        assert_eq!(
            ends("from <more> ~2 to <less>", "from 6 a day to 3"),
            Some(6)
        );
        assert_eq!(ends("from <more> ~2 to <less>", "from 3 a day to 6"), None);
    }
}
