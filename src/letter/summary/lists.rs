//! The words of `summary_words.csv`.

use crate::letter::phrases::Phrases;
use crate::vocabulary::roles::{Roles, WordSet};
use std::sync::LazyLock;

pub static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let table = Roles::of(include_str!("../../../data/vocabulary/summary_words.csv"));
    let opening = |role, plain| table.words(role).map(move |phrase| (phrase, plain));
    Lists {
        injury: table.set(&["injury"]),
        other_date: table.set(&["other_date"]),
        openings: Phrases::new(
            opening("lists_plainly", 3)
                .chain(opening("lists", 2))
                .chain(opening("lists_in_prose", 1))
                .chain(opening("lists_if_known", 0)),
        ),
        before_list: table.set(&["before_list"]),
    }
});

pub struct Lists {
    /// What makes a date the date of the injury when it stands before it.
    pub injury: WordSet,
    /// What makes it the date of something else.
    pub other_date: WordSet,
    /// Words that open a list of diagnoses, and how plainly they do: of several in a summary the plainest wins.
    pub openings: Phrases<u8>,
    /// Words that may stand between an opening and its list ("Diagnoses listed on 8/10/15 are …").
    pub before_list: WordSet,
}
