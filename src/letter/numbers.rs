//! Numbers in words.

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
