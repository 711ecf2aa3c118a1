//! How much phrases tell of what a sentence says of weaning: weights that were learned from labelled sentences
//! (`weaning_sentences.tsv`) by multinomial logistic regression.

use super::runs::{ByHash, hash};
use rustc_hash::FxHashMap;

/// What a sentence may say: nothing of weaning, or one of the contract's kinds.
pub const KINDS: [&str; 7] = [
    "none",
    "request_is_for_weaning",
    "weaning_recommended",
    "patient_weaning",
    "weaning_not_shown",
    "withdrawal_caution",
    "guideline_mention",
];

/// A number for each of [`KINDS`].
pub type ByKind<T> = [T; KINDS.len()];

/// An element of a phrase: a word, or what words begin with (written with a `*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    pub text: &'a str,
    pub open: bool,
    /// Of both.
    hash: u64,
}

impl<'a> Element<'a> {
    fn new(text: &'a str, open: bool) -> Self {
        let hash = hash(text.as_bytes()).rotate_left(u32::from(open));
        Self { text, open, hash }
    }

    pub fn word(text: &'a str) -> Self {
        Self::new(text, false)
    }

    /// The first `letters` bytes of `text`, or more where a character does not end there; all of a short word.
    pub fn stem(text: &'a str, letters: usize) -> Self {
        let end = (letters..text.len()).find(|&end| text.is_char_boundary(end));
        match end {
            Some(end) if !text.starts_with('<') => Self::new(&text[..end], true),
            _ => Self::word(text),
        }
    }
}

/// The number by which a phrase is looked up, by the hashes of its elements.
fn id(hashes: impl IntoIterator<Item = u64>) -> u64 {
    hashes.into_iter().fold(0, |id: u64, hash| {
        (id.rotate_left(23) ^ hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}

fn id_of(phrase: &[Element]) -> u64 {
    id(phrase.iter().map(|element| element.hash))
}

/// Where a sentence stands that is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Summary,
    Rationale,
}

impl Section {
    const ALL: [Section; 2] = [Section::Summary, Section::Rationale];

    /// As phrases have it.
    pub fn element(self) -> Element<'static> {
        Element::word(match self {
            Section::Summary => "summary:",
            Section::Rationale => "rationale:",
        })
    }
}

/// Letters of the stems that phrases are made of, and of those that count by themselves beside them.
const STEM: usize = 5;
const SHORTER: usize = 4;
const LONGER: usize = 7;

/// What stands for a word in phrases.
pub fn stem(word: &str) -> Element<'_> {
    Element::stem(word, STEM)
}

/// The phrases of a word by itself.
pub fn of_word(word: &str, section: Section, each: &mut impl FnMut(&[Element])) {
    let stem = stem(word);
    each(&[stem]);
    each(&[section.element(), stem]);
    // Of a short word the stems are the word itself.
    if word.len() > SHORTER {
        each(&[Element::word(word)]);
        for letters in [SHORTER, LONGER] {
            each(&[Element::stem(word, letters)]);
        }
    }
}

/// What is known of a word that is a phrase by itself.
struct Known {
    /// As [`Weights::stem`] tells it.
    stem: Option<u64>,
    /// All its phrases together, by section.
    sums: [Sum; Section::ALL.len()],
}

/// The weights of phrases, in hundredths.
pub struct Weights {
    /// Every part of a phrase is there too, if with no weight.
    phrases: FxHashMap<u64, ByKind<i16>>,
    /// By its hash, so that one look tells of a word what all its phrases do.
    words: ByHash<Known>,
}

impl Weights {
    /// `table` has the columns `phrase` and [`KINDS`].
    pub fn load(table: &str) -> Weights {
        let mut all = Weights {
            phrases: FxHashMap::default(),
            words: ByHash::default(),
        };
        let rows = || table.lines().skip(1).filter_map(row);
        for (phrase, weights) in rows() {
            for length in 1..phrase.len() {
                for part in phrase.windows(length) {
                    all.phrases.entry(id_of(part)).or_default();
                }
            }
            all.phrases.insert(id_of(&phrase), weights);
        }
        for (phrase, _) in rows() {
            if let [Element { text, open, hash }] = phrase[..]
                && !open
            {
                let sums = Section::ALL.map(|section| {
                    let mut sum = Sum::default();
                    of_word(text, section, &mut |phrase| all.add(phrase, &mut sum));
                    sum
                });
                let stem = all.stem(text);
                all.words.insert(hash, Known { stem, sums });
            }
        }
        all
    }

    /// Adds a phrase to a sum.
    pub fn add(&self, phrase: &[Element], sum: &mut Sum) {
        sum.phrases += 1;
        self.add_weights(id_of(phrase), sum);
    }

    /// Adds the weights of a phrase, if the table holds it.
    fn add_weights(&self, id: u64, sum: &mut Sum) -> bool {
        let known = self.phrases.get(&id);
        if let Some(weights) = known {
            for (sum, weight) in sum.weights.iter_mut().zip(weights) {
                *sum += i32::from(*weight);
            }
        }
        known.is_some()
    }

    /// Adds the phrases of words in a row, each with its hash, and two and three of them together.
    pub fn add_words<'a>(
        &self,
        words: impl Iterator<Item = (&'a str, u64)>,
        section: Section,
        sum: &mut Sum,
    ) {
        // Where the table does not hold a part, nor does it hold what is made of it.
        let mut last: Option<u64> = None;
        let mut last_two: Option<(u64, u64)> = None;
        let mut count: u32 = 0;
        for (word, hash) in words {
            let stem = self.add_word(word, hash, section, sum);
            let two = last.zip(stem);
            let two = two.filter(|(a, b)| self.add_weights(id([*a, *b]), sum));
            if let (Some((a, b)), Some((_, c))) = (last_two, two) {
                self.add_weights(id([a, b, c]), sum);
            }
            (last, last_two) = (stem, two);
            count += 1;
        }
        sum.phrases += count.saturating_sub(1) + count.saturating_sub(2);
    }

    /// Adds the phrases of a word by itself, and tells its stem.
    fn add_word(&self, word: &str, hash: u64, section: Section, sum: &mut Sum) -> Option<u64> {
        if let Some(known) = self.words.get(&hash) {
            let own = &known.sums[section as usize];
            sum.phrases += own.phrases;
            for (sum, weight) in sum.weights.iter_mut().zip(own.weights) {
                *sum += weight;
            }
            return known.stem;
        }
        of_word(word, section, &mut |phrase| self.add(phrase, sum));
        self.stem(word)
    }

    /// The hash of the stem of a word, if phrases hold it.
    fn stem(&self, word: &str) -> Option<u64> {
        let stem = stem(word);
        self.phrases
            .contains_key(&id_of(&[stem]))
            .then_some(stem.hash)
    }
}

/// A row of the table.
fn row(row: &str) -> Option<(Vec<Element<'_>>, ByKind<i16>)> {
    let mut cells = row.split(',');
    let phrase = cells.next()?.split(' ').map(element).collect();
    let mut weights = ByKind::default();
    for weight in &mut weights {
        *weight = cells.next()?.parse().ok()?;
    }
    Some((phrase, weights))
}

/// The weights of phrases together.
#[derive(Debug, Default, PartialEq)]
pub struct Sum {
    phrases: u32,
    weights: ByKind<i32>,
}

impl Sum {
    /// The more phrases there are, the less each of them tells.
    pub fn by_kind(&self) -> ByKind<f32> {
        let many = (self.phrases.max(1) as f32).sqrt();
        self.weights.map(|sum| sum as f32 / 100.0 / many)
    }
}

fn element(written: &str) -> Element<'_> {
    match written.strip_suffix('*') {
        Some(text) => Element::new(text, true),
        None => Element::word(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_they_are_written() {
        let weights = Weights::load(
            "phrase,none,a,b,c,d,e,f\nno taper*,-100,0,0,0,200,0,0\ntaper,0,50,0,0,0,0,0\n",
        );
        let stem = [Element::word("no"), Element::stem("tapering", 5)];
        let word = [Element::stem("taper", 5)];
        let unknown = [Element::word("no"), Element::word("taper")];
        let sum = |phrases: &[&[Element]]| {
            let mut sum = Sum::default();
            phrases.iter().for_each(|p| weights.add(p, &mut sum));
            sum.by_kind()
        };
        assert_eq!(sum(&[&stem]), [-1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0]);
        assert_eq!(sum(&[&word])[1], 0.5);
        assert_eq!(sum(&[&unknown]), [0.0; 7]);
        // Of four phrases each tells half as much.
        let (a, b) = ([Element::word("a")], [Element::word("b")]);
        assert_eq!(sum(&[&stem, &unknown, &a, &b])[4], 1.0);
    }

    #[test]
    fn stems_end_with_a_character() {
        assert_eq!(Element::stem("naïveté", 3).text, "naï");
        assert_eq!(Element::stem("wean", 5), Element::word("wean"));
        assert_eq!(Element::stem("<drug>", 4), Element::word("<drug>"));
    }
}
