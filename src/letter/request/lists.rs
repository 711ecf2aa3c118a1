//! The words of `request_words.csv`.

use crate::vocabulary::roles::{Roles, WordSet};
use std::sync::LazyLock;

pub static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let table = Roles::of(include_str!("../../../data/vocabulary/request_words.csv"));
    Lists {
        skin: table.set(&["skin"]),
        releases: table.set(&["release"]),
        packages: table.set(&["box", "container"]),
        boxes: table.set(&["box"]),
        labels: table.openings(&["label"]),
        any_unit: table.pattern(&["unit", "box", "container"]),
        any_box: table.pattern(&["box"]),
        any_label: table.pattern(&["label"]),
        any_therapy: table.pattern(&["therapy"]),
    }
});

pub struct Lists {
    /// Forms of drugs that are put on the skin.
    pub skin: WordSet,
    /// How a form of a brand sets its drug free, as its name says.
    pub releases: WordSet,
    /// Packages, of which the count inside is wanted.
    pub packages: WordSet,
    /// Those that are said to be "of" a count.
    pub boxes: WordSet,
    /// The first words of what stands before a quantity.
    pub labels: WordSet,
    /// Match any word for what is counted in a quantity.
    pub any_unit: String,
    pub any_box: String,
    pub any_label: String,
    /// Matches what may stand between the number of sessions and that word.
    pub any_therapy: String,
}
