//! Numbers as headings write them.

use crate::vocabulary::numbers;
use crate::vocabulary::tokens::Token;

/// Matches a number in figures or in words.
pub const NUMBER: &str = r"\d{1,3}(?:,\d{3})+|\d+|one hundred(?:(?: and)? (?:ten|twelve|twenty|thirty|forty|fifty|sixty|eighty))?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|forty-five|fifty|sixty|seventy|eighty|ninety|twenty-five|twenty-eight|twenty-one|thirty-five|fourteen";

/// The value of a number.
pub fn parsed(number: &str) -> Option<i32> {
    let (hundred, rest) = match number.to_ascii_lowercase().strip_prefix("one hundred") {
        Some("") => return Some(100),
        Some(rest) => (100, rest.trim_start_matches(" and").trim_start().to_owned()),
        None => (0, number.replace(',', "")),
    };
    let number = numbers::parse(&rest).and_then(|n| i32::try_from(n).ok())?;
    Some(hundred + number)
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
