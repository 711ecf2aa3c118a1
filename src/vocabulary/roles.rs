//! Tables of words that each have a role for who reads a letter.

use super::runs::{ByHash, Sieve, hash};
use super::{Row, table};
use std::ops::Deref;
use std::sync::OnceLock;

/// What is read from a table of words, at its first use.
pub struct WordTable<T> {
    text: &'static str,
    read: fn(&Roles) -> T,
    lists: OnceLock<T>,
}

impl<T> WordTable<T> {
    pub const fn new(text: &'static str, read: fn(&Roles) -> T) -> WordTable<T> {
        let lists = OnceLock::new();
        WordTable { text, read, lists }
    }
}

impl<T: 'static> Deref for WordTable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        #[cfg(test)]
        if let Some(lists) = testing::instead() {
            return lists;
        }
        self.lists
            .get_or_init(|| (self.read)(&Roles::of(self.text)))
    }
}

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

    /// The words of some roles, each with what its role stands for.
    pub fn values<'a, T: Copy>(
        &'a self,
        roles: &'a [(&str, T)],
    ) -> impl Iterator<Item = (&'static str, T)> + 'a {
        let of_role = |(role, value): &'a (&str, T)| self.words(role).map(|word| (word, *value));
        roles.iter().flat_map(of_role)
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

/// How the tests read a table.
#[cfg(test)]
mod testing {
    use super::*;
    use std::any::Any;
    use std::cell::Cell;
    use std::collections::BTreeSet;

    thread_local! {
        /// What is read in the place of a table.
        static INSTEAD: Cell<Option<&'static dyn Any>> = const { Cell::new(None) };
    }

    /// The lists of type `T` that are to be used for now.
    pub fn instead<T: 'static>() -> Option<&'static T> {
        INSTEAD.get()?.downcast_ref()
    }

    impl<T: Send + Sync + 'static> WordTable<T> {
        /// As [`WordTable::check`], of a table whose column `gives` tells what is read and its value
        /// ("quantity=60"), or that nothing is: `value` reads that in the example of a row.
        pub fn check_values(&self, value: impl Fn(&Row, &str) -> Option<String>) {
            self.check(|row| {
                let (what, _) = row["gives"].split_once('=').expect(row["gives"]);
                format!(
                    "{what}={}",
                    value(row, what).as_deref().unwrap_or("nothing")
                )
            });
        }

        /// Checks that the example of each row gives what the row says (its column `gives`, else its role), and
        /// no longer does when the table is read without the row.
        pub fn check(&self, gives: impl Fn(&Row) -> String) {
            let read = csv::Reader::from_reader(self.text.as_bytes());
            assert!(
                read.into_records().all(|row| row.is_ok()),
                "a row has too few or too many cells"
            );
            let rows = table(self.text);
            let mut seen = BTreeSet::new();
            let mut wrong = Vec::new();
            for (n, row) in rows.iter().enumerate() {
                let (word, role, example) = (row["word"], row["role"], row["example"]);
                let want = *row.get("gives").unwrap_or(&role);
                if word.is_empty() || word != word.to_lowercase() || !seen.insert((word, role)) {
                    wrong.push(format!("{word}, {role}: no word, or the row stands twice"));
                }
                let given = gives(row);
                if given != want {
                    wrong.push(format!("{word}, {role}: {example:?} gives {given}"));
                }
                let mut others = rows.clone();
                others.remove(n);
                let lists: &'static T = Box::leak(Box::new((self.read)(&Roles(others))));
                INSTEAD.set(Some(lists));
                let without = gives(row);
                INSTEAD.set(None);
                if without == want {
                    wrong.push(format!("{word}, {role}: {example:?} needs no such row"));
                }
            }
            let count = wrong.len();
            assert!(wrong.is_empty(), "{count} are wrong:\n{}", wrong.join("\n"));
        }
    }
}
