//! Cues and modifiers after the manner of ConText (Harkema et al. 2009, J Biomed Inform 42:839): rows
//! of a table say which phrases matter, in which direction and how far they act; this engine knows no
//! words of its own.
//!
//! A pattern is a row of elements separated by blanks:
//! `word`, `one|other` (also `one|<drug>`), `stem*`, `[optional]`, `~3` (up to three words of any kind), `<n>` (a number),
//! `<drug>` (a drug's or drug class's name), and `<more>` … `<less>` (two numbers, the second smaller).

mod index;
mod lexicon;
mod pattern;

pub use lexicon::{FIGURE, Symbol};

use super::Row;
use super::runs::Hashed;
use compact_str::CompactString;
pub use index::Sheet;
use index::{Filter, Index, Set, insert, is_empty, members};
use lexicon::Lexicon;
use pattern::{Item, Pair, matches, parse};
use std::ops::Range;

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
    /// A `#` stands before it: it counts units.
    pub counted: bool,
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

/// Which kind of statement a set of roles makes; the first row that fits decides.
struct Kind {
    kind: &'static str,
    /// Sets of roles of which each must have one at hand.
    needs: Vec<u128>,
    lacks: u128,
}

/// What the symbol of a word tells before the sentence is looked at.
#[derive(Clone, Copy)]
struct Traits {
    /// The word may be the key of a cue.
    cue_key: bool,
    number: bool,
}

/// The compiled tables.
pub struct Rules {
    lexicon: Lexicon,
    rules: Vec<Rule>,
    /// Which rules are cues, and which are not.
    cues: Set,
    modifiers: Set,
    filter: Filter,
    /// By symbol.
    traits: Vec<Traits>,
    /// How many numbers a sentence must have at least for a cue that is told by numbers alone.
    numbers_needed: usize,
    /// Rules by what may stand at their first place.
    openings: Index,
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
                | "while"
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
        let patterns: Vec<Vec<Item>> = rows
            .iter()
            .map(|row| parse(row["pattern"], &lexicon))
            .collect();
        let mut all = Rules {
            rules: Vec::with_capacity(rows.len()),
            cues: vec![0; rows.len().div_ceil(64)],
            modifiers: vec![0; rows.len().div_ceil(64)],
            filter: Filter::new(&patterns, &lexicon),
            traits: Vec::new(),
            numbers_needed: usize::MAX,
            openings: Index::new(lexicon.len()),
            roles: Vec::new(),
            kinds: Vec::new(),
            lexicon,
        };
        for (rule, (row, items)) in rows.into_iter().zip(patterns).enumerate() {
            let optional = items.iter().take_while(|i| i.optional).count();
            for item in items.iter().take(optional + 1) {
                all.openings.add(&item.element, rule);
            }
            let side = if is_cue(&row) {
                &mut all.cues
            } else {
                &mut all.modifiers
            };
            insert(side, rule);
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
        all.traits = (0..all.lexicon.len() as Symbol)
            .map(|symbol| Traits {
                cue_key: all.filter.is_key(symbol, &all.cues),
                number: symbol == FIGURE || all.lexicon.amount(symbol).is_some(),
            })
            .collect();
        all.numbers_needed = all.filter.numbers_needed(&all.cues);
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

    /// The amount that a symbol's word stands for.
    pub fn amount(&self, symbol: Symbol) -> Option<f64> {
        self.lexicon.amount(symbol)
    }

    /// A sheet on which [`Rules::cue_roles`] notes what a sentence holds; one serves many sentences.
    pub fn sheet(&self) -> Sheet {
        self.filter.sheet()
    }

    /// The roles of the cues that a sentence may hold, by the symbols of its runs.
    pub fn cue_roles<'a>(
        &'a self,
        symbols: &[Symbol],
        sheet: &'a mut Sheet,
    ) -> impl Iterator<Item = &'static str> + 'a {
        let mut numbers = 0;
        let keyed = symbols.iter().any(|symbol| {
            let traits = self.traits[*symbol as usize];
            numbers += usize::from(traits.number);
            traits.cue_key || numbers >= self.numbers_needed
        });
        sheet.clear();
        if keyed {
            for symbol in symbols {
                let number = self.traits[*symbol as usize].number;
                self.filter.note_symbol(*symbol, number, sheet);
            }
            // Whether it names a drug is not known yet.
            self.filter.note_drug(sheet);
            self.filter.pick(&self.cues, sheet);
        }
        members(&sheet.picked).map(|rule| self.rules[rule].role)
    }

    /// Every row's phrase in `words`: cues first, then what acts on them. Empty where there is no cue.
    pub fn hits(&self, words: &[Word]) -> Vec<Hit> {
        let mut sheet = self.sheet();
        self.filter.note(words, &mut sheet);
        let mut out = Vec::new();
        for side in [&self.cues, &self.modifiers] {
            self.filter.pick(side, &mut sheet);
            self.find(&sheet.picked, words, &mut out);
            if out.is_empty() {
                break;
            }
        }
        out
    }

    /// The phrases of the rules in `wanted`.
    fn find(&self, wanted: &Set, words: &[Word], out: &mut Vec<Hit>) {
        if is_empty(wanted) {
            return;
        }
        let mut opened = vec![0; wanted.len()];
        for (at, word) in words.iter().enumerate() {
            let mut any = 0;
            for (block, rules) in self.openings.of(word).flatten() {
                let rules = rules & wanted[*block];
                opened[*block] |= rules;
                any |= rules;
            }
            if any == 0 {
                continue;
            }
            for rule in members(&opened).map(|rule| &self.rules[rule]) {
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
            opened.fill(0);
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

#[cfg(test)]
mod tests {
    use super::super::runs::hash;
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
                counted: false,
                drug: w == "norco",
                range: 0..0,
            })
            .collect();
        let items = parse(pattern, &lexicon);
        let end = matches(&items, &words, 0, Pair::default()).map(|m| m.0);
        let filter = Filter::new(&[items], &lexicon);
        let mut sheet = filter.sheet();
        filter.note(&words, &mut sheet);
        filter.pick(&vec![1], &mut sheet);
        assert!(end.is_none() || sheet.picked == [1], "{pattern}: {text}");
        end
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
