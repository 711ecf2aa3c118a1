//! Cues and modifiers after the manner of ConText (Harkema et al. 2009, J Biomed Inform 42:839): rows
//! of a table say which phrases matter, in which direction and how far they act; this engine knows no
//! words of its own.
//!
//! A pattern is a row of elements separated by blanks:
//! `word`, `one|other` (also `one|<drug>`), `stem*`, `[optional]`, `~3` (up to three words of any kind), `<n>` (a number),
//! `<drug>` (a drug's or drug class's name), and `<more>` … `<less>` (two numbers, the second smaller).

use super::Row;
use rustc_hash::FxHashMap as HashMap;
use std::ops::Range;

/// A word of a sentence, as patterns see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Lower case; apostrophes left out. `;` and `:` are words.
    pub text: String,
    /// Its value, if it is a number in figures or words and no part of a date, score or fraction.
    pub number: Option<f64>,
    /// It belongs to the name of a drug or class of drugs.
    pub drug: bool,
    pub range: Range<usize>,
}

#[derive(Debug)]
enum Element {
    Words(Vec<(String, bool)>),
    Gap(usize),
    Number,
    More,
    Less,
    Drug,
}

#[derive(Debug)]
struct Item {
    element: Element,
    optional: bool,
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
#[derive(Debug)]
struct Kind {
    kind: &'static str,
    needs: Vec<&'static str>,
    lacks: Vec<&'static str>,
}

/// Rules by what can stand at their first place, so that a word meets only those it may open.
#[derive(Default)]
struct Index {
    words: HashMap<String, Vec<usize>>,
    /// By the first two bytes of the stem.
    stems: HashMap<[u8; 2], Vec<(String, usize)>>,
    numbers: Vec<usize>,
    drugs: Vec<usize>,
}

impl Index {
    fn add(&mut self, items: &[Item], rule: usize) {
        let Some((first, rest)) = items.split_first() else {
            return;
        };
        match &first.element {
            Element::Words(any) => {
                for (word, stem) in any {
                    match word.as_str() {
                        "<drug>" => self.drugs.push(rule),
                        "<n>" => self.numbers.push(rule),
                        _ if *stem => {
                            let bytes = word.as_bytes();
                            self.stems
                                .entry([bytes[0], bytes[1]])
                                .or_default()
                                .push((word.clone(), rule));
                        }
                        _ => self.words.entry(word.clone()).or_default().push(rule),
                    }
                }
            }
            Element::Number | Element::More | Element::Less => self.numbers.push(rule),
            Element::Drug => self.drugs.push(rule),
            Element::Gap(_) => {}
        }
        if first.optional {
            self.add(rest, rule);
        }
    }

    /// The rules that `word` may open.
    fn opened_by<'a>(&'a self, word: &'a Word) -> impl Iterator<Item = usize> + 'a {
        let exact = self.words.get(&word.text).into_iter().flatten().copied();
        let bytes = word.text.as_bytes();
        let stems = (bytes.len() > 1)
            .then(|| self.stems.get(&[bytes[0], bytes[1]]))
            .flatten();
        let stems = stems
            .into_iter()
            .flatten()
            .filter(|(stem, _)| word.text.starts_with(stem.as_str()))
            .map(|(_, rule)| *rule);
        let numbers = word
            .number
            .map(|_| &self.numbers)
            .into_iter()
            .flatten()
            .copied();
        let drugs = word
            .drug
            .then_some(&self.drugs)
            .into_iter()
            .flatten()
            .copied();
        exact.chain(stems).chain(numbers).chain(drugs)
    }
}

/// The compiled tables.
pub struct Rules {
    rules: Vec<Rule>,
    cues: Index,
    modifiers: Index,
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
        let mut all = Rules {
            rules: Vec::new(),
            cues: Index::default(),
            modifiers: Index::default(),
            kinds: Vec::new(),
        };
        for row in rows {
            let items = parse(row["pattern"]);
            let index = if is_cue(&row) {
                &mut all.cues
            } else {
                &mut all.modifiers
            };
            index.add(&items, all.rules.len());
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
        let list = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        all.kinds = kinds
            .iter()
            .map(|r| Kind {
                kind: r["kind"],
                needs: list(r["needs"]),
                lacks: list(r["lacks"]),
            })
            .collect();
        all
    }

    /// Every row's phrase in `words`: cues first, then what acts on them. Empty where there is no cue.
    pub fn hits(&self, words: &[Word]) -> Vec<Hit> {
        let mut out = Vec::new();
        self.find(&self.cues, words, &mut out);
        if !out.is_empty() {
            self.find(&self.modifiers, words, &mut out);
        }
        out
    }

    fn find(&self, index: &Index, words: &[Word], out: &mut Vec<Hit>) {
        for (at, word) in words.iter().enumerate() {
            for rule in index.opened_by(word).map(|i| &self.rules[i]) {
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

    /// The kind of statement that a cue under these `roles` makes.
    pub fn kind(&self, roles: &[&str]) -> Option<&'static str> {
        self.kinds
            .iter()
            .find(|k| {
                k.needs
                    .iter()
                    .all(|n| n.split('|').any(|n| roles.contains(&n)))
                    && !k.lacks.iter().any(|l| roles.contains(l))
            })
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

fn parse(pattern: &str) -> Vec<Item> {
    pattern
        .split_whitespace()
        .map(|part| {
            let (part, optional) = match part.strip_prefix('[').and_then(|p| p.strip_suffix(']')) {
                Some(inner) => (inner, true),
                None => (part, false),
            };
            let element = match part {
                "<n>" => Element::Number,
                "<more>" => Element::More,
                "<less>" => Element::Less,
                "<drug>" => Element::Drug,
                _ => match part.strip_prefix('~').and_then(|n| n.parse().ok()) {
                    Some(n) => Element::Gap(n),
                    None => Element::Words(
                        part.split('|')
                            .map(|w| {
                                w.strip_suffix('*')
                                    .map_or((w.to_owned(), false), |w| (w.to_owned(), true))
                            })
                            .collect(),
                    ),
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
        Element::Words(any) => any
            .iter()
            .any(|(w, stem)| match w.as_str() {
                "<drug>" => word.drug,
                "<n>" => word.number.is_some(),
                w if *stem => word.text.starts_with(w),
                w => word.text == w,
            })
            .then_some(pair),
        Element::Drug => word.drug.then_some(pair),
        Element::Number => word.number.map(|_| pair),
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

    fn words(text: &str) -> Vec<Word> {
        text.split_whitespace()
            .map(|w| Word {
                text: w.to_owned(),
                number: w.parse().ok(),
                drug: w == "norco",
                range: 0..0,
            })
            .collect()
    }

    fn ends(pattern: &str, text: &str) -> Option<usize> {
        matches(&parse(pattern), &words(text), 0, Pair::default()).map(|m| m.0)
    }

    #[test]
    fn elements() {
        assert_eq!(ends("wean* [off] <drug>", "weaned off norco"), Some(3));
        assert_eq!(ends("wean* [off] <drug>", "weaned norco"), Some(2));
        assert_eq!(ends("cut|cuts ~2 dose", "cut the daily dose"), Some(4));
        assert_eq!(ends("cut ~1 dose", "cut the daily dose"), None);
        assert_eq!(
            ends("from <more> ~2 to <less>", "from 6 a day to 3"),
            Some(6)
        );
        assert_eq!(ends("from <more> ~2 to <less>", "from 3 a day to 6"), None);
    }
}
