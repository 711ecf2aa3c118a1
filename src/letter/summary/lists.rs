//! The words of `summary_words.csv`.

use super::sex::Tells;
use crate::letter::model::Sex;
use crate::letter::phrases::Phrases;
use crate::vocabulary::roles::{WordSet, WordTable};
use crate::vocabulary::runs::{ByHash, hash};

const TABLE: &str = include_str!("../../../data/vocabulary/summary_words.csv");

pub static LISTS: WordTable<Lists> = WordTable::new(TABLE, |table| {
    let openings = [
        ("lists_plainly", Plainness::Plainly),
        ("lists", Plainness::Usually),
        ("lists_in_prose", Plainness::InProse),
        ("lists_if_known", Plainness::IfKnown),
        ("lists_if_marked", Plainness::IfMarked),
    ];
    let sexes = [
        ("male", (Sex::Male, Tells::ByItself)),
        ("female", (Sex::Female, Tells::ByItself)),
        ("male_title", (Sex::Male, Tells::AsTitle)),
        ("female_title", (Sex::Female, Tells::AsTitle)),
        ("male_letter", (Sex::Male, Tells::AsLetter)),
        ("female_letter", (Sex::Female, Tells::AsLetter)),
        ("male_pronoun", (Sex::Male, Tells::AsPronoun)),
        ("female_pronoun", (Sex::Female, Tells::AsPronoun)),
    ];
    let by_hash = |(word, tells): (&str, _)| (hash(word.as_bytes()), tells);
    Lists {
        persons: table.set(&["person"]),
        things: table.words("thing").collect(),
        sexes: table.values(&sexes).map(by_hash).collect(),
        others: table.set(&["other_person"]),
        injury: table.set(&["injury"]),
        other_date: table.set(&["other_date"]),
        openings: Phrases::new(table.values(&openings)),
        links: table.set(&["links"]),
        before_list: table.set(&["before_list"]),
        after_list: table.set(&["after_list"]),
    }
});

/// How plainly words open a list of diagnoses: of several in a summary the plainest wins.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub enum Plainness {
    /// Only where a mark of the list follows at once, and as [`Plainness::IfKnown`] then ("has 1. …").
    IfMarked,
    /// Only where a known diagnosis follows.
    IfKnown,
    InProse,
    Usually,
    Plainly,
}

pub struct Lists {
    /// Who is of an age ("he is 58 and retired").
    pub persons: WordSet,
    /// What the words begin with for what else is some years old ("a 20 year old injury").
    pub things: Vec<&'static str>,
    /// Words for a sex.
    pub sexes: ByHash<(Sex, Tells)>,
    /// What makes a man or woman somebody else than the patient ("another man").
    pub others: WordSet,
    /// What makes a date the date of the injury when it stands before it.
    pub injury: WordSet,
    /// What makes it the date of something else.
    pub other_date: WordSet,
    /// Words that open a list of diagnoses, and how plainly they do.
    pub openings: Phrases<Plainness>,
    /// Words after which the list begins ("diagnoses include …").
    pub links: WordSet,
    /// Words that may stand between an opening and its list ("Diagnoses listed on 8/10/15 are …").
    pub before_list: WordSet,
    /// What is said of the list after it ("… were given on 5/5/15").
    pub after_list: WordSet,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::diagnoses;
    use crate::letter::prose::Prose;
    use crate::letter::summary::{age, date_of_injury, sex};
    use crate::vocabulary::Vocabulary;

    /// What of this name is read in a summary.
    fn value(what: &str, summary: &str) -> Option<String> {
        let prose = Prose::new(summary, |_| false);
        let all = 0..prose.text.len();
        match what {
            "age" => age(&prose, &all).map(|age| age.value.to_string()),
            "sex" => sex(&prose, &all).map(|sex| sex.value.as_str().to_owned()),
            "date_of_injury" => date_of_injury(&prose, &all).map(|date| date.value.to_string()),
            "diagnoses" => {
                let all = diagnoses::read(&prose, &all, Vocabulary::get());
                let all: Vec<String> = all.into_iter().map(|d| d.value).collect();
                Some(all.join("; ")).filter(|all| !all.is_empty())
            }
            _ => panic!("{summary}: gives {what}"),
        }
    }

    #[test]
    fn vocabulary_of_summaries() {
        LISTS.check_values(|row, what| match row["role"] {
            // In the first sentence every date would be the injury's that is no other.
            "injury" => value(what, &format!("The worker is a man. {}", row["example"])),
            _ => value(what, row["example"]),
        });
    }
}
