//! `reviewers`: the distinct sets of credentials.

use sha2::{Digest, Sha256};

use super::cell::{Text, Texts, table};
use super::{Id, texts};
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
pub struct Profile<'a> {
    pub id: Id,
    states: Vec<&'static str>,
    specialties: Vec<&'a str>,
}

impl<'a> Profile<'a> {
    /// The profile of a letter's reviewer; none where the letter states nothing.
    pub fn of(reviewer: &'a Reviewer) -> Option<Self> {
        let mut states: Vec<_> = reviewer.licensure_states.iter().map(|s| s.value).collect();
        states.sort_unstable();
        states.dedup();
        let mut specialties: Vec<&str> = Vec::new();
        for specialty in texts(&reviewer.specialties) {
            if !specialties.contains(&specialty) {
                specialties.push(specialty);
            }
        }
        let stated = !states.is_empty() || !specialties.is_empty();
        stated.then(|| Self {
            id: reviewer_id(&states, &specialties),
            states,
            specialties,
        })
    }
}

impl Builder {
    /// Adds the row of a profile.
    pub(super) fn add(&mut self, profile: Profile<'_>) {
        self.push(Row {
            reviewer_id: profile.id.as_str(),
            licensure_states: profile.states,
            specialties: profile.specialties,
        });
    }
}

/// The key of a profile, the same for any order of the lists.
pub fn reviewer_id<S: AsRef<str>>(states: &[S], specialties: &[impl AsRef<str>]) -> Id {
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
    Id::of_hash(&hash.finalize())
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
        let a = reviewer(&["NY", "CA"], &["Neurology", "Pain Medicine"]);
        let b = reviewer(&["CA", "NY", "CA"], &["Pain Medicine", "Neurology"]);
        let [a, b] = [&a, &b].map(|r| Profile::of(r).unwrap());
        assert_eq!(a.id, b.id);
        assert_eq!(a.states, ["CA", "NY"]);
        assert_eq!(a.specialties, ["Neurology", "Pain Medicine"]);
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
        assert_eq!(Profile::of(&Reviewer::default()), None);
    }
}
