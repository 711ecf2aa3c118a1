//! Cues and modifiers after the manner of ConText (Harkema et al. 2009, J Biomed Inform 42:839): rows
//! of a table say which phrases matter, in which direction and how far they act; this engine knows no
//! words of its own.
//!
//! A pattern is a row of elements separated by blanks:
//! `word`, `one|other`, `stem*`, `[optional]`, `~3` (up to three words of any kind), `<n>` (a number),
//! `<drug>` (a drug's or drug class's name), and `<more>` … `<less>` (two numbers, the second smaller).

use super::Row;
use std::collections::HashMap;
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

/// The compiled tables.
pub struct Rules {
    rules: Vec<Rule>,
    by_first: HashMap<String, Vec<usize>>,
    /// Rules that begin with a stem, a number or a drug.
    others: Vec<usize>,
    kinds: Vec<Kind>,
}

impl Rules {
    /// `rows` with the columns pattern, role, reach, distance; `kinds` with kind, needs, lacks.
    pub fn load(rows: Vec<Row>, kinds: Vec<Row>) -> Rules {
        let mut all = Rules { rules: Vec::new(), by_first: HashMap::new(), others: Vec::new(), kinds: Vec::new() };
        for row in rows {
            let items = parse(row["pattern"]);
            let index = all.rules.len();
            let opens: Option<Vec<String>> = match items.first() {
                Some(Item { element: Element::Words(words), optional: false }) if words.iter().all(|(_, stem)| !stem) => {
                    Some(words.iter().map(|(w, _)| w.clone()).collect())
                }
                _ => None,
            };
            match opens {
                Some(words) => words.into_iter().for_each(|w| all.by_first.entry(w).or_default().push(index)),
                None => all.others.push(index),
            }
            let reach = match row["reach"] {
                "forward" => Reach::Forward,
                "backward" => Reach::Backward,
                "both" => Reach::Both,
                _ => Reach::Sentence,
            };
            all.rules.push(Rule { items, role: row["role"], reach, distance: row["distance"].parse().unwrap_or(12) });
        }
        let list = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        all.kinds = kinds.iter().map(|r| Kind { kind: r["kind"], needs: list(r["needs"]), lacks: list(r["lacks"]) }).collect();
        all
    }

    /// Every row's phrase in `words`, by its place.
    pub fn hits(&self, words: &[Word]) -> Vec<Hit> {
        let mut out = Vec::new();
        for at in 0..words.len() {
            let exact = self.by_first.get(&words[at].text).into_iter().flatten();
            for rule in exact.chain(&self.others).map(|&i| &self.rules[i]) {
                if let Some((end, less)) = matches(&rule.items, words, at, None) {
                    out.push(Hit { role: rule.role, reach: rule.reach, distance: rule.distance, words: at..end, less });
                }
            }
        }
        out
    }

    /// The kind of statement that a cue under these `roles` makes.
    pub fn kind(&self, roles: &[&str]) -> Option<&'static str> {
        self.kinds
            .iter()
            .find(|k| k.needs.iter().all(|n| n.split('|').any(|n| roles.contains(&n))) && !k.lacks.iter().any(|l| roles.contains(l)))
            .map(|k| k.kind)
    }
}

impl Hit {
    /// Whether this modifier acts on the cue at `cue`, given the places of the words that end scopes.
    pub fn acts_on(&self, cue: &Range<usize>, boundaries: &[usize]) -> bool {
        let free = |a: usize, b: usize| !boundaries.iter().any(|&t| a <= t && t < b);
        let forward = || self.words.end <= cue.start + 1 && self.words.start <= cue.start && cue.start.saturating_sub(self.words.end) <= self.distance && free(self.words.end.min(cue.start), cue.start);
        let backward = || cue.end <= self.words.start + 1 && self.words.start.saturating_sub(cue.end) <= self.distance && free(cue.end, self.words.start);
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
                        part.split('|').map(|w| w.strip_suffix('*').map_or((w.to_owned(), false), |w| (w.to_owned(), true))).collect(),
                    ),
                },
            };
            Item { element, optional }
        })
        .collect()
}

/// The word after the pattern's last if it begins at `at`, and the smaller number it compared.
fn matches(items: &[Item], words: &[Word], at: usize, more: Option<f64>) -> Option<(usize, Option<f64>)> {
    let Some((item, rest)) = items.split_first() else { return Some((at, None)) };
    if let Element::Gap(longest) = item.element {
        return (0..=longest).take_while(|n| at + n <= words.len()).find_map(|n| matches(rest, words, at + n, more));
    }
    let found = words.get(at).and_then(|word| match &item.element {
        Element::Words(any) => any
            .iter()
            .any(|(w, stem)| if *stem { word.text.starts_with(w.as_str()) } else { word.text == *w })
            .then(|| matches(rest, words, at + 1, more))
            .flatten(),
        Element::Drug => word.drug.then(|| matches(rest, words, at + 1, more)).flatten(),
        Element::Number => word.number.and_then(|_| matches(rest, words, at + 1, more)),
        Element::More => word.number.and_then(|n| matches(rest, words, at + 1, Some(n))),
        Element::Less => {
            let n = word.number.filter(|n| more.is_none_or(|m| *n < m))?;
            matches(rest, words, at + 1, more).map(|(end, less)| (end, less.or(Some(n))))
        }
        Element::Gap(_) => None,
    });
    found.or_else(|| item.optional.then(|| matches(rest, words, at, more)).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split_whitespace()
            .map(|w| Word { text: w.to_owned(), number: w.parse().ok(), drug: w == "norco", range: 0..0 })
            .collect()
    }

    fn ends(pattern: &str, text: &str) -> Option<usize> {
        matches(&parse(pattern), &words(text), 0, None).map(|m| m.0)
    }

    #[test]
    fn elements() {
        assert_eq!(ends("wean* [off] <drug>", "weaned off norco"), Some(3));
        assert_eq!(ends("wean* [off] <drug>", "weaned norco"), Some(2));
        assert_eq!(ends("cut|cuts ~2 dose", "cut the daily dose"), Some(4));
        assert_eq!(ends("cut ~1 dose", "cut the daily dose"), None);
        assert_eq!(ends("from <more> ~2 to <less>", "from 6 a day to 3"), Some(6));
        assert_eq!(ends("from <more> ~2 to <less>", "from 3 a day to 6"), None);
    }
}
