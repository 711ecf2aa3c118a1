//! Cues and modifiers after the manner of ConText (Harkema et al. 2009, J Biomed Inform 42:839): rows
//! of a table say which phrases matter, in which direction and how far they act; this engine knows no
//! words of its own.
//!
//! A pattern is a row of elements separated by blanks:
//! `word`, `one|other` (also `one|<drug>`), `stem*`, `[optional]`, `~3` (up to three words of any kind), `<n>` (a number),
//! `<drug>` (a drug's or drug class's name), and `<more>` … `<less>` (two numbers, the second smaller).

mod index;
mod pattern;

use super::Row;
use super::lexicon::{Lexicon, Marks, Symbol};
use super::runs::Hashed;
pub use index::Clues;
use index::{Filter, Index};
use pattern::{Item, Pair, matches, parse};
use std::borrow::Cow;
use std::ops::{Deref, Range};

/// The letters of a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Letters<'a>(pub Cow<'a, str>);

impl Letters<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Letters<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<&str> for Letters<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

/// A word of a sentence, as patterns see it. `;` and `:` are words.
#[derive(Debug, Clone, PartialEq)]
pub struct Word<'a> {
    /// Lower case; apostrophes left out.
    pub text: Letters<'a>,
    /// Of the text.
    pub hash: u64,
    pub symbol: Symbol,
    pub marks: Marks,
    /// Its value, if it is a number in figures or words and no part of a date, score or fraction.
    pub number: Option<f64>,
    /// A `#` stands before it: it counts units.
    pub counted: bool,
    /// It belongs to the name of a drug or class of drugs.
    pub drug: bool,
    pub range: Range<usize>,
}

impl Hashed for Word<'_> {
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

/// Rules that are looked for together.
struct Side {
    rules: Vec<Rule>,
    filter: Filter,
    /// Rules by what may stand at their first place.
    openings: Index,
}

/// The compiled tables.
pub struct Rules {
    /// Signs that count as words.
    signs: Vec<Symbol>,
    cues: Side,
    modifiers: Side,
    roles: Vec<&'static str>,
    kinds: Vec<Kind>,
}

/// Rows without a reach are cues or part clauses; the others modify cues.
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
                | "other_denied"
                | "applied"
        )
}

impl Side {
    fn new(rows: &[&Row], lexicon: &Lexicon) -> Side {
        let rules: Vec<Rule> = rows
            .iter()
            .map(|row| Rule {
                items: parse(row["pattern"], lexicon),
                role: row["role"],
                reach: match row["reach"] {
                    "forward" => Reach::Forward,
                    "backward" => Reach::Backward,
                    "both" => Reach::Both,
                    _ => Reach::Sentence,
                },
                distance: row["distance"].parse().unwrap_or(12),
            })
            .collect();
        let mut openings = Index::new(lexicon.symbols(), rules.len());
        for (id, rule) in rules.iter().enumerate() {
            let optional = rule.items.iter().take_while(|i| i.optional).count();
            for item in rule.items.iter().take(optional + 1) {
                openings.add(&item.element, id);
            }
        }
        let patterns: Vec<&[Item]> = rules.iter().map(|rule| rule.items.as_slice()).collect();
        Side {
            filter: Filter::new(&patterns, lexicon),
            rules,
            openings,
        }
    }

    /// The phrases of the rules `picked` in `words`.
    fn find(&self, words: &[Word], picked: &[usize], out: &mut Vec<Hit>) {
        for (at, word) in words.iter().enumerate() {
            for rule in picked.iter().filter(|r| self.openings.has(word, **r)) {
                let rule = &self.rules[*rule];
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

/// What `words` are by themselves.
fn clues(words: &[Word]) -> Clues {
    let mut clues = Clues::new(&[]);
    for word in words {
        clues.add(word.symbol, word.number.is_some(), word.drug);
    }
    clues
}

impl Rules {
    /// `rows` with the columns pattern, role, reach, distance; `kinds` with kind, needs, lacks.
    pub fn load(rows: Vec<Row>, kinds: Vec<Row>, lexicon: &Lexicon) -> Rules {
        let (cues, modifiers): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| is_cue(row));
        let signs = [";", ":", "%"].map(|sign| lexicon.of_word(sign.as_bytes()).0);
        let mut all = Rules {
            signs: signs.into_iter().filter(|symbol| *symbol != 0).collect(),
            cues: Side::new(&cues, lexicon),
            modifiers: Side::new(&modifiers, lexicon),
            roles: Vec::new(),
            kinds: Vec::new(),
        };
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

    /// Clues of sentences in which any sign may stand.
    pub fn clues(&self) -> Clues {
        Clues::new(&self.signs)
    }

    /// The rows of cues that a sentence may fulfil, by what its words are by themselves.
    pub fn told_by(&self, clues: &Clues) -> Vec<usize> {
        self.cues.filter.pick(clues)
    }

    /// The rows of cues that these words may fulfil.
    pub fn told_in(&self, words: &[Word]) -> Vec<usize> {
        self.told_by(&clues(words))
    }

    /// Every row's phrase in `words`: cues first, of which these are `told`, then what acts on them. Empty where
    /// there is no cue.
    pub fn hits(&self, words: &[Word], told: &[usize]) -> Vec<Hit> {
        let mut out = Vec::new();
        self.cues.find(words, told, &mut out);
        if !out.is_empty() {
            let picked = self.modifiers.filter.pick(&clues(words));
            self.modifiers.find(words, &picked, &mut out);
        }
        out
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
                text: Letters(w.into()),
                hash: hash(w.as_bytes()),
                symbol: lexicon.of_word(w.as_bytes()).0,
                marks: Marks::default(),
                number: w.parse().ok(),
                counted: false,
                drug: w == "norco",
                range: 0..0,
            })
            .collect();
        let items = parse(pattern, &lexicon);
        let end = matches(&items, &words, 0, Pair::default()).map(|m| m.0);
        let picked = Filter::new(&[&items], &lexicon).pick(&clues(&words));
        assert!(end.is_none() || !picked.is_empty(), "{pattern}: {text}");
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
