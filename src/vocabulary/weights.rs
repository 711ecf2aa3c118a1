//! How much phrases tell of what a sentence says of weaning: weights that were learned from labelled sentences
//! (`weaning_sentences.tsv`) by multinomial logistic regression.

use super::runs::hash;
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

/// The number by which a phrase is looked up.
fn id(phrase: &[Element]) -> u64 {
    phrase.iter().fold(0, |id: u64, element| {
        (id.rotate_left(23) ^ element.hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}

/// The weights of phrases, in hundredths.
pub struct Weights(FxHashMap<u64, ByKind<i16>>);

impl Weights {
    /// `table` has the columns `phrase` and [`KINDS`].
    pub fn load(table: &str) -> Weights {
        let rows = table.lines().skip(1).filter_map(|row| {
            let mut cells = row.split(',');
            let phrase: Vec<Element> = cells.next()?.split(' ').map(element).collect();
            let mut weights = [0; KINDS.len()];
            for weight in &mut weights {
                *weight = cells.next()?.parse().ok()?;
            }
            Some((id(&phrase), weights))
        });
        Weights(rows.collect())
    }

    /// Adds a phrase to a sum.
    pub fn add(&self, phrase: &[Element], sum: &mut Sum) {
        sum.phrases += 1;
        if let Some(weights) = self.0.get(&id(phrase)) {
            for (sum, weight) in sum.weights.iter_mut().zip(weights) {
                *sum += i32::from(*weight);
            }
        }
    }
}

/// The weights of phrases together.
#[derive(Default)]
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
