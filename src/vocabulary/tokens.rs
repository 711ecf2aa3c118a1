//! Words of a text as the vocabulary tables write them.

use super::runs::{Hashed, hash};
use std::ops::Range;

/// A word in lower case and its bytes in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub word: String,
    pub range: Range<usize>,
}

impl Hashed for Token {
    fn hash(&self) -> u64 {
        hash(self.word.as_bytes())
    }

    fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

/// The words of `text`: runs of letters and digits, with a `#` that stands directly before a number.
/// Apostrophes inside a word are left out ("quervain's" → `quervains`).
pub fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(text.len() / 6 + 1);
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let numbered = c == '#' && chars.peek().is_some_and(|(_, d)| d.is_ascii_digit());
        if !c.is_alphanumeric() && !numbered {
            continue;
        }
        let mut word = String::new();
        word.extend(c.to_lowercase());
        let mut end = start + c.len_utf8();
        while let Some(&(i, c)) = chars.peek() {
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            } else if !(matches!(c, '\'' | '’')
                && text[i + c.len_utf8()..].starts_with(char::is_alphabetic))
            {
                break;
            }
            end = i + c.len_utf8();
            chars.next();
        }
        out.push(Token {
            word,
            range: start..end,
        });
    }
    out
}

/// A phrase of a table as words; a word ending in `*` matches every word that begins so.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase(Vec<(String, bool)>);

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
                    token.word.starts_with(word)
                } else {
                    token.word == *word
                }
            })
    }
}
