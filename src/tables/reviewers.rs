//! `reviewers`: the distinct sets of credentials.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::cell::{Text, Texts, table};
use super::{hex_id, texts};
use crate::letter::Reviewer;

table! {
    /// One row for each distinct set of credentials. Reviewers are anonymous: the row is a profile,
    /// not a person.
    reviewers {
        /// 16 lower-case hex digits: a hash of the two lists below, each sorted.
        reviewer_id: Text [key],
        /// USPS two-letter codes, sorted.
        licensure_states: Texts,
        /// Certifications, specialties and subspecialties in the letter's order and words, written
        /// with `and`, each main word capitalised. Different terms are never merged.
        specialties: Texts,
    }
}

/// One set of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Profile {
    states: Vec<&'static str>,
    specialties: Vec<String>,
}

/// The profiles met so far. There are few (some thousands in the whole of the letters), so that
/// these alone are kept to the end of a build.
#[derive(Debug, Default)]
pub struct Reviewers {
    by_id: BTreeMap<String, Profile>,
}

impl Reviewers {
    /// Takes a letter's reviewer and gives the profile's key; none where the letter states nothing.
    /// Of two letters that differ only in the order of specialties, the first one's is kept.
    pub fn add(&mut self, reviewer: &Reviewer) -> Option<String> {
        let mut states: Vec<_> = reviewer.licensure_states.iter().map(|s| s.value).collect();
        states.sort_unstable();
        states.dedup();
        let mut specialties: Vec<String> = Vec::new();
        for specialty in texts(&reviewer.specialties) {
            if !specialties.iter().any(|s| s == specialty) {
                specialties.push(specialty.to_owned());
            }
        }
        if states.is_empty() && specialties.is_empty() {
            return None;
        }
        let id = reviewer_id(&states, &specialties);
        self.by_id.entry(id.clone()).or_insert(Profile {
            states,
            specialties,
        });
        Some(id)
    }

    /// The rows, sorted by key.
    pub fn fill(&self, builder: &mut Builder) {
        for (id, profile) in &self.by_id {
            builder.push(Row {
                reviewer_id: id,
                licensure_states: profile.states.clone(),
                specialties: profile.specialties.iter().map(String::as_str).collect(),
            });
        }
    }
}

/// The key of a profile, the same for any order of the lists.
pub fn reviewer_id<S: AsRef<str>>(states: &[S], specialties: &[impl AsRef<str>]) -> String {
    let mut states: Vec<&str> = states.iter().map(AsRef::as_ref).collect();
    let mut specialties: Vec<&str> = specialties.iter().map(AsRef::as_ref).collect();
    states.sort_unstable();
    specialties.sort_unstable();
    let mut hash = Sha256::new();
    // Each item ends in a unit separator and each list in a record separator, which no item holds.
    for list in [states, specialties] {
        for item in list {
            hash.update(item);
            hash.update("\u{1f}");
        }
        hash.update("\u{1e}");
    }
    hex_id(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tests::found;

    fn reviewer(states: &[&'static str], specialties: &[&str]) -> Reviewer {
        Reviewer {
            licensure_states: states.iter().map(|s| found(*s)).collect(),
            specialties: specialties.iter().map(|s| found((*s).to_owned())).collect(),
        }
    }

    #[test]
    fn the_order_of_the_lists_makes_no_new_profile() {
        let mut reviewers = Reviewers::default();
        let a = reviewers.add(&reviewer(&["NY", "CA"], &["Neurology", "Pain Medicine"]));
        let b = reviewers.add(&reviewer(
            &["CA", "NY", "CA"],
            &["Pain Medicine", "Neurology"],
        ));
        assert_eq!(a, b);
        let mut builder = Builder::default();
        reviewers.fill(&mut builder);
        assert_eq!(builder.finish().unwrap().num_rows(), 1);
    }

    #[test]
    fn an_item_is_no_part_of_its_neighbour() {
        assert_ne!(
            reviewer_id(&["CA", "NY"], &["X"]),
            reviewer_id(&["CA"], &["NY", "X"])
        );
        assert_ne!(
            reviewer_id(&["CA"], &["X", "Y"]),
            reviewer_id(&["CA"], &["XY"])
        );
    }

    #[test]
    fn no_credentials_are_no_profile() {
        assert_eq!(Reviewers::default().add(&Reviewer::default()), None);
    }
}
