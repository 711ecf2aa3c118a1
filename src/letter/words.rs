//! Matching of set phrases, whatever their capitals, punctuation and line breaks.

use crate::vocabulary::lexicon::Beginnings;
use crate::vocabulary::runs::{ByHash, hash, word_length};

/// If the words of `phrase` (lower-case, separated by single spaces) stand in `text` from byte `at`
/// on, the byte after the last of them. Between two words anything but letters and digits may stand.
pub fn match_words(text: &str, at: usize, phrase: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let ends = |i: usize| !bytes.get(i).is_some_and(u8::is_ascii_alphanumeric);
    let same = same_eights(bytes.get(at..)?, phrase.as_bytes());
    let mut i = at + same;
    for letter in phrase.bytes().skip(same) {
        if letter != b' ' {
            if bytes.get(i)?.to_ascii_lowercase() != letter {
                return None;
            }
            i += 1;
            continue;
        }
        let from = i;
        i = skip_separators(text, i);
        if i == from || i - from > 8 {
            return None;
        }
    }
    ends(i).then_some(i)
}

/// How many bytes at the start of `text` are those of `phrase` but for capitals, looked at eight at a time, not
/// counting a blank at their end, after which others may follow.
fn same_eights(text: &[u8], phrase: &[u8]) -> usize {
    let (text, phrase) = (text.as_chunks::<8>().0, phrase.as_chunks::<8>().0);
    let pairs = text.iter().zip(phrase);
    let same = pairs.take_while(|(text, phrase)| is_lowered(text, phrase));
    let count = same.count();
    let ends_in_blank = count > 0 && phrase[count - 1][7] == b' ';
    8 * count - usize::from(ends_in_blank)
}

/// Whether `text` with its capitals made small is `phrase`, which has none.
fn is_lowered(text: &[u8; 8], phrase: &[u8; 8]) -> bool {
    // A capital differs from its small letter in this bit, as a control does from a blank or digit.
    const BIT: u64 = 0x2020_2020_2020_2020;
    let (text, phrase) = (u64::from_le_bytes(*text), u64::from_le_bytes(*phrase));
    let controls = BIT & !(text | text >> 1);
    text | BIT == phrase && controls == 0
}

/// The hash of the word of ASCII letters and digits at byte `at` of `text`.
pub fn first_word(text: &str, at: usize) -> u64 {
    let rest = &text.as_bytes()[at..];
    hash(&rest[..word_length(rest)])
}

/// What phrases stand for, by their first words.
pub struct FirstWords<T> {
    beginnings: Beginnings,
    /// Each with the first letter of the phrase's second word.
    rows: ByHash<Vec<(Option<u8>, T)>>,
}

impl<T> FirstWords<T> {
    pub fn new(phrases: impl Iterator<Item = (&'static str, T)>) -> FirstWords<T> {
        let mut beginnings = Beginnings::default();
        let mut rows: ByHash<Vec<(Option<u8>, T)>> = ByHash::default();
        for (phrase, row) in phrases {
            let mut words = phrase.split(' ').map(str::as_bytes);
            beginnings.add(words.next().unwrap_or_default());
            let second = words.next().map(|word| word[0]);
            rows.entry(first_word(phrase, 0))
                .or_default()
                .push((second, row));
        }
        FirstWords { beginnings, rows }
    }

    /// The rows whose phrases begin with the word at byte `at` of `text` and the first letter of the word
    /// after it.
    pub fn at(&self, text: &str, at: usize) -> impl Iterator<Item = &T> {
        let (rows, next) = match self.may_begin(text, at) {
            true => self.rows_at(text, at),
            false => (&[][..], None),
        };
        rows.iter()
            .filter(move |(second, _)| second.is_none() || *second == next)
            .map(|(_, row)| row)
    }

    /// Whether a phrase may begin at byte `at` of `text`, which is so of few words.
    pub fn may_begin(&self, text: &str, at: usize) -> bool {
        match text.as_bytes()[at..].first_chunk() {
            Some(four) => (self.beginnings).may_hold(u64::from(u32::from_le_bytes(*four))),
            None => true,
        }
    }

    /// The rows of the word at byte `at` of `text`, and the first letter of the word after it.
    fn rows_at(&self, text: &str, at: usize) -> (&[(Option<u8>, T)], Option<u8>) {
        let Some(rows) = self.rows.get(&first_word(text, at)) else {
            return (&[], None);
        };
        let bytes = text.as_bytes();
        let next = skip_separators(text, at + word_length(&bytes[at..]));
        (rows, bytes.get(next).map(u8::to_ascii_lowercase))
    }
}

/// The first byte from `at` on that belongs to a word.
pub fn skip_separators(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut i = at;
    while let Some(b) = bytes.get(i) {
        if b.is_ascii_alphanumeric() {
            break;
        }
        if b.is_ascii() {
            i += 1;
            continue;
        }
        match text[i..].chars().next() {
            Some(c) if !c.is_alphanumeric() => i += c.len_utf8(),
            _ => break,
        }
    }
    i
}

/// Whether `phrase` stands anywhere in `text`, as [`match_words`] reads it.
pub fn contains_words(text: &str, phrase: &str) -> bool {
    find_words(text, 0, phrase).is_some()
}

/// Where `phrase` first stands in `text` from byte `from` on, as [`match_words`] reads it.
pub fn find_words(text: &str, from: usize, phrase: &str) -> Option<(usize, usize)> {
    let first = *phrase.as_bytes().first()?;
    let bytes = text.as_bytes();
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, &bytes[from..])
        .map(|i| i + from)
        .filter(|&i| i == 0 || !bytes[i - 1].is_ascii_alphanumeric())
        .find_map(|i| match_words(text, i, phrase).map(|end| (i, end)))
}

/// `text` without the blanks, bullets and mark-up (`**`, `#`) around it, as a byte range of it.
pub fn strip_markup(text: &str) -> std::ops::Range<usize> {
    let junk = |c: char| {
        c.is_whitespace() || matches!(c, '*' | '_' | '•' | '·' | '▪' | '–' | '—' | '-' | '|')
    };
    let start = text.len() - text.trim_start_matches(junk).len();
    let end = text
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '|'))
        .len();
    start.min(end)..end
}

/// `text` without `end`, if it ends so in letters of any case.
pub fn without_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (rest, last) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    last.eq_ignore_ascii_case(end).then_some(rest)
}

/// The length of a list number (`1.`, `2)`, `(3)`, `a.`) and the blanks after it at the start of `text`; 0 if there is none.
pub fn list_number(text: &str) -> usize {
    let open = usize::from(text.starts_with('('));
    let digits = text[open..].bytes().take_while(u8::is_ascii_digit).count();
    let mark = match digits {
        0 if text[open..].starts_with(|c: char| c.is_ascii_alphabetic()) => 1,
        1 | 2 => digits,
        _ => return 0,
    };
    let rest = &text[open + mark..];
    let closes = if open == 1 || digits == 0 {
        rest.starts_with(')')
    } else {
        rest.starts_with(['.', ')', ':'])
    };
    if !closes {
        return 0;
    }
    let rest = &rest[1..];
    if digits > 0 && rest.starts_with(|c: char| c.is_ascii_digit()) {
        return 0; // 10.5 mg
    }
    text.len() - rest.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_in_any_dress() {
        let phrase = "imr decision s and rationale s";
        for text in [
            "IMR DECISION(S) AND RATIONALE(S)",
            "Imr  decision(s)\nand rationale(s):",
        ] {
            assert!(match_words(text, 0, phrase).is_some(), "{text}");
        }
        // Other signs, and more of them, stand for any blank, wherever eight letters end.
        for lead in 0..9 {
            let phrase = format!("{}ab imr decision", "x".repeat(lead));
            for text in [
                phrase.to_uppercase(),
                phrase.replace(' ', "  "),
                phrase.replace(' ', " - "),
                phrase.replace(' ', "\u{b}\n"),
            ] {
                let end = match_words(&text, 0, &phrase);
                assert_eq!(end, Some(text.len()), "{text:?}");
                let longer = format!("{text}s");
                assert_eq!(match_words(&longer, 0, &phrase), None, "{longer:?}");
            }
        }
        assert_eq!(
            match_words("on or before \u{12}017", 0, "on or before 2017"),
            None
        );
        assert_eq!(match_words("IMR DECISIONS", 0, "imr decision"), None);
        assert_eq!(find_words("the MTUS guideline", 0, "mtus"), Some((4, 8)));
    }

    #[test]
    fn list_numbers() {
        for (text, len) in [
            ("1. Norco", 3),
            ("2) MRI", 3),
            ("(3) CT", 4),
            ("10.5 mg", 0),
            ("12 sessions", 0),
            ("(b) no", 4),
            ("a) x", 3),
            ("A. x", 0),
        ] {
            assert_eq!(list_number(text), len, "{text}");
        }
    }
}
