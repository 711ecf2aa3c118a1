//! Words of a text as the vocabulary tables write them.

use super::runs::{Hashed, hash};
use compact_str::CompactString;
use std::ops::Range;

/// A word in lower case and its bytes in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub word: CompactString,
    pub range: Range<usize>,
    hash: u64,
}

impl Token {
    pub fn new(word: CompactString, range: Range<usize>) -> Token {
        let hash = hash(word.as_bytes());
        Token { word, range, hash }
    }
}

impl Hashed for Token {
    fn hash(&self) -> u64 {
        self.hash
    }

    fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

/// The words of `text`: runs of letters and digits, with a `#` that stands directly before a number.
/// Apostrophes inside a word are left out ("quervain's" → `quervains`).
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(text.len() / 6 + 1);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let Some((word, length)) = plain_word(&text[at..]).or_else(|| word(&text[at..])) else {
            at += c.len_utf8();
            continue;
        };
        out.push(Token::new(word, at..at + length));
        at += length;
    }
    out
}

/// The word of ASCII letters and digits alone that begins `text`, and its length.
fn plain_word(text: &str) -> Option<(CompactString, usize)> {
    let bytes = text.as_bytes();
    let length = bytes
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let may_go_on = |b: &u8| !b.is_ascii() || *b == b'\'';
    if length == 0 || bytes.get(length).is_some_and(may_go_on) {
        return None;
    }
    let mut word = CompactString::from(&text[..length]);
    word.make_ascii_lowercase();
    Some((word, length))
}

/// The word that begins `text`, and its length.
fn word(text: &str) -> Option<(CompactString, usize)> {
    let mut chars = text.char_indices().peekable();
    let (_, c) = chars.next()?;
    let numbered = c == '#' && chars.peek().is_some_and(|(_, d)| d.is_ascii_digit());
    if !c.is_alphanumeric() && !numbered {
        return None;
    }
    let mut word: CompactString = c.to_lowercase().collect();
    let mut end = c.len_utf8();
    while let Some((i, c)) = chars.next() {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !(matches!(c, '\'' | '’')
            && chars.peek().is_some_and(|(_, next)| next.is_alphabetic()))
        {
            break;
        }
        end = i + c.len_utf8();
    }
    Some((word, end))
}

/// A phrase of a table as words; a word ending in `*` matches every word that begins so.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase(Vec<(CompactString, bool)>);

impl Phrase {
    pub fn new(text: &str) -> Phrase {
        let mut words = Vec::new();
        for part in text.split_whitespace() {
            let (part, prefix) = part.strip_suffix('*').map_or((part, false), |p| (p, true));
            let found = tokens(part);
            let last = found.len().saturating_sub(1);
            words.extend(
                found
                    .into_iter()
                    .enumerate()
                    .map(|(i, t)| (t.word, prefix && i == last)),
            );
        }
        Phrase(words)
    }

    /// The first word, by which phrases are looked up, and whether it stands for all that begin so.
    pub fn first(&self) -> Option<(&str, bool)> {
        self.0.first().map(|(w, prefix)| (w.as_str(), *prefix))
    }

    /// How many words the phrase has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the phrase stands at the start of `tokens`.
    pub fn matches(&self, tokens: &[Token]) -> bool {
        tokens.len() >= self.0.len()
            && self.0.iter().zip(tokens).all(|((word, prefix), token)| {
                if *prefix {
                    token.word.starts_with(word.as_str())
                } else {
                    token.word == *word
                }
            })
    }
}
