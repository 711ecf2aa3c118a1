//! Tables of words that each have a role for who reads a letter.

use super::runs::{ByHash, Sieve, hash};
use super::{Row, table};

/// A table with the columns `word`, which may be several, and `role`.
pub struct Roles(Vec<Row>);

impl Roles {
    pub fn of(text: &'static str) -> Roles {
        Roles(table(text))
    }

    /// The words of a role, in the order of the table.
    pub fn words(&self, role: &str) -> impl Iterator<Item = &'static str> {
        let of_role = self.0.iter().filter(move |row| row["role"] == role);
        of_role.map(|row| row["word"])
    }

    fn all<'a>(&'a self, roles: &'a [&str]) -> impl Iterator<Item = &'static str> + 'a {
        roles.iter().flat_map(|role| self.words(role))
    }

    /// The words of some roles, to look up.
    pub fn set(&self, roles: &[&str]) -> WordSet {
        WordSet::new(self.all(roles))
    }

    /// The first words of phrases of some roles, to look up.
    pub fn openings(&self, roles: &[&str]) -> WordSet {
        let first = |phrase: &'static str| phrase.split(' ').next();
        WordSet::new(self.all(roles).filter_map(first))
    }

    /// A pattern that matches each word of some roles.
    pub fn pattern(&self, roles: &[&str]) -> String {
        let words: Vec<String> = self.all(roles).map(regex::escape).collect();
        words.join("|")
    }
}

/// Words that are looked up by their hashes.
pub struct WordSet {
    sieve: Sieve,
    words: ByHash<()>,
}

impl WordSet {
    fn new(words: impl Iterator<Item = &'static str>) -> WordSet {
        let words: ByHash<()> = words.map(|word| (hash(word.as_bytes()), ())).collect();
        WordSet {
            sieve: Sieve::new(words.keys().copied()),
            words,
        }
    }

    /// Whether the word of this hash is one of them.
    pub fn has(&self, hash: u64) -> bool {
        self.sieve.may_hold(hash) && self.words.contains_key(&hash)
    }

    /// Whether `word`, with or without capitals, is one of them.
    pub fn has_word(&self, word: &str) -> bool {
        self.has(hash(word.as_bytes()))
    }
}
