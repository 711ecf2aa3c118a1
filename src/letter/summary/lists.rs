//! The words of `summary_words.csv`.

use crate::letter::phrases::Phrases;
use crate::vocabulary::roles::{WordSet, WordTable};

const TABLE: &str = include_str!("../../../data/vocabulary/summary_words.csv");

pub static LISTS: WordTable<Lists> = WordTable::new(TABLE, |table| {
    let opening = |role, plain| table.words(role).map(move |phrase| (phrase, plain));
    Lists {
        injury: table.set(&["injury"]),
        other_date: table.set(&["other_date"]),
        openings: Phrases::new(
            opening("lists_plainly", 3)
                .chain(opening("lists", 2))
                .chain(opening("lists_in_prose", 1)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::diagnoses;
    use crate::letter::prose::Prose;
    use crate::letter::summary::date_of_injury;
    use crate::vocabulary::Vocabulary;

    /// What is read in a summary.
    fn gives(summary: &str) -> String {
        let prose = Prose::new(summary, |_| false);
        let all = 0..prose.text.len();
        let injury = date_of_injury(&prose, &all).map(|date| date.value);
        let diagnoses = diagnoses::read(&prose, &all, Vocabulary::get());
        let diagnoses: Vec<String> = diagnoses.into_iter().map(|d| d.value).collect();
        match (injury, diagnoses.is_empty()) {
            (Some(date), true) => format!("date_of_injury={date}"),
            (None, false) => format!("diagnoses={}", diagnoses.join("; ")),
            (None, true) => "nothing".to_owned(),
            both => panic!("{summary}: {both:?}"),
        }
    }

    #[test]
    fn vocabulary_of_summaries() {
        LISTS.check(|row| match row["role"] {
            // In the first sentence every date would be the injury's that is no other.
            "injury" => gives(&format!("The worker is a man. {}", row["example"])),
            _ => gives(row["example"]),
        });
    }
}
