//! Numbers in words.

use super::runs::{ByHash, hash};
use std::sync::LazyLock;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

/// The value of a lower-case word, `six` or `fifty-seven`.
pub fn from_word(word: &str) -> Option<u32> {
    if let Some(i) = ONES.iter().position(|w| *w == word) {
        return Some(i as u32);
    }
    let (tens, one) = word.split_once('-').unwrap_or((word, ""));
    let ten = TENS.iter().position(|w| *w == tens)? as u32 * 10 + 20;
    if one.is_empty() {
        return Some(ten);
    }
    let one = ONES
        .iter()
        .position(|w| *w == one)
        .filter(|i| (1..10).contains(i))?;
    Some(ten + one as u32)
}

/// The value of a word or of figures.
pub fn parse(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 12 {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    from_word(&text.to_ascii_lowercase())
}

/// Words for amounts: numbers up to ninety-nine, a half, none.
static WORDS: LazyLock<Vec<(String, f64)>> = LazyLock::new(|| {
    let tens = TENS.iter().flat_map(|ten| {
        let compound = ONES[1..10].iter().map(move |one| format!("{ten}-{one}"));
        std::iter::once((*ten).to_owned()).chain(compound)
    });
    let numbers = ONES.iter().map(|one| (*one).to_owned()).chain(tens);
    numbers
        .filter_map(|word| from_word(&word).map(|n| (word, f64::from(n))))
        .chain([("half".to_owned(), 0.5), ("none".to_owned(), 0.0)])
        .collect()
});

static AMOUNTS: LazyLock<ByHash<f64>> = LazyLock::new(|| {
    let by_hash = |(word, amount): &(String, f64)| (hash(word.as_bytes()), *amount);
    WORDS.iter().map(by_hash).collect()
});

/// The words for amounts.
pub fn words() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| word.as_str())
}

/// The amount that a word stands for, by its hash.
pub fn amount(hash: u64) -> Option<f64> {
    AMOUNTS.get(&hash).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_figures() {
        for (text, want) in [
            ("six", 6),
            ("Twelve", 12),
            ("fifty-seven", 57),
            ("ninety", 90),
            ("45", 45),
        ] {
            assert_eq!(parse(text), Some(want));
        }
        for text in ["", "dozenth", "twenty-twelve", "once"] {
            assert_eq!(parse(text), None);
        }
    }
}
