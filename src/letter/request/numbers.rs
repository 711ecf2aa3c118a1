//! Numbers as headings write them.

use crate::vocabulary::numbers;
use crate::vocabulary::tokens::Token;

/// Matches a number in figures or in words.
pub const NUMBER: &str = r"\d{1,3}(?:,\d{3})+|\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|forty-five|fifty|sixty|seventy|eighty|ninety|twenty-five|twenty-eight|twenty-one|thirty-five|fourteen";

/// The value of a number.
pub fn parsed(number: &str) -> Option<i32> {
    numbers::parse(&number.replace(',', "")).and_then(|n| i32::try_from(n).ok())
}

/// Whether a heading may hold a number, in figures or in words.
pub fn has_number(text: &str, words: &[Token]) -> bool {
    // Of "eighteen" and "sixty" the beginnings are here too.
    const WORDS: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "thir", "fif", "twenty", "forty",
    ];
    text.contains(char::is_numeric)
        || words
            .iter()
            .any(|t| WORDS.iter().any(|number| t.word.starts_with(number)))
}
