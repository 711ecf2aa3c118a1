//! The words of `request_words.csv`.

use super::{quantity, visits};
use crate::vocabulary::roles::{WordSet, WordTable};
use regex::Regex;

const TABLE: &str = include_str!("../../../data/vocabulary/request_words.csv");

pub static LISTS: WordTable<Lists> = WordTable::new(TABLE, |table| Lists {
    skin: table.set(&["skin"]),
    releases: table.set(&["release"]),
    packages: table.set(&["box", "container"]),
    boxes: table.set(&["box"]),
    labels: table.openings(&["label"]),
    labelled: quantity::labelled(&table.pattern(&["label"])),
    counted: quantity::counted(&table.pattern(&["unit", "box", "container"])),
    frequency: quantity::frequency(&table.pattern(&["frequency"])),
    packed: quantity::packed(&table.pattern(&["box"])),
    sessions: visits::sessions(&table.pattern(&["therapy"])),
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
    /// Match a quantity: after its label, before what is counted, inside its package.
    pub labelled: Regex,
    pub counted: Regex,
    pub packed: Regex,
    /// Matches how often what was counted before is taken: that was a dose.
    pub frequency: Regex,
    /// Matches a number of sessions, with what may stand between the two.
    pub sessions: Regex,
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::letter::model::Found;
    use crate::letter::prose::Prose;
    use crate::vocabulary::{Vocabulary, table};

    /// What of this name is read in a heading.
    fn value(what: &str, heading: &str) -> Option<String> {
        let prose = Prose::new(heading, |_| false);
        let read = read(&prose, &(0..prose.text.len()), Vocabulary::get());
        let number = |found: Option<Found<i32>>| found.map(|n| n.value.to_string());
        match what {
            "subcategory" => Some(read.subcategory.value.to_owned()),
            "brand" => read.brand_name.map(|brand| brand.value),
            "quantity" => number(read.quantity),
            "visits" => number(read.visits),
            "said" => {
                let visits = read.visits.map(|n| n.span);
                visits.map(|at| heading[at.start as usize..at.end as usize].to_owned())
            }
            _ => panic!("{heading}: gives {what}"),
        }
    }

    #[test]
    fn vocabulary_of_requests() {
        LISTS.check_values(|row, what| value(what, row["example"]));
    }

    /// The count inside a package is wanted, which after "of" only a box is said to have.
    #[test]
    fn units_and_packages() {
        for row in table(TABLE) {
            let (role, example) = (row["role"], row["example"]);
            let (what, given) = row["gives"].split_once('=').expect(example);
            let more = |end: &str| value(what, &format!("{example}{end}"));
            let want = |first: bool| Some(if first { given } else { "7" }.to_owned());
            if matches!(role, "unit" | "box" | "container") {
                assert_eq!(what, "quantity", "{example}");
                assert_eq!(more(", 7 tablets"), want(role == "unit"), "{example}");
            }
            if matches!(role, "box" | "container") {
                assert_eq!(more(" of 7"), want(role == "container"), "{example}");
            }
        }
    }
}
