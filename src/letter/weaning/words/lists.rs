//! The words of `weaning_words.csv`.

use crate::vocabulary::roles::{WordSet, WordTable};

const TABLE: &str = include_str!("../../../../data/vocabulary/weaning_words.csv");

pub static LISTS: WordTable<Lists> = WordTable::new(TABLE, |table| Lists {
    doses: table.set(&["dose"]),
    glued: table.set(&["glued"]),
    frequencies: table.set(&["frequency"]),
    times: table.set(&["time"]),
    counts: table.set(&["count", "score"]),
    scores: table.set(&["score", "reading"]),
    down: table.set(&["down"]),
    practitioners: table.set(&["practitioner"]),
    pain_drugs: table.set(&["pain_drug"]),
});

pub struct Lists {
    /// What a dose is counted or named by.
    pub doses: WordSet,
    /// Units that are written directly after their number.
    pub glued: WordSet,
    /// How often a dose is taken.
    pub frequencies: WordSet,
    /// Units of time, which may be counted.
    pub times: WordSet,
    /// Other things that are counted and are no doses.
    pub counts: WordSet,
    /// Scores and measurements, beside which doses may be told in the same sentence.
    pub scores: WordSet,
    /// What says that something became less.
    pub down: WordSet,
    /// What makes "pain" the name of who treats it.
    pub practitioners: WordSet,
    /// What makes "pain" the name of drugs for it.
    pub pain_drugs: WordSet,
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::*;

    /// Whether `word` does in `sentence` what its role says.
    fn does(role: &str, word: &str, sentence: &str) -> bool {
        let lower = sentence.to_ascii_lowercase();
        let words = words(sentence, &lower, Vocabulary::get());
        let at = |word: &str| words.iter().position(|w| w.text == word);
        let is_number = |w: &Word| w.number.is_some();
        // What a pattern compares begins and ends with a number.
        let first = words.iter().position(is_number).unwrap_or(0);
        let hit = first..words.iter().rposition(is_number).map_or(0, |last| last + 1);
        match role {
            "dose" => speaks_of_doses(&words),
            "glued" => words.iter().any(is_number),
            "frequency" => compares_doses(&words, &hit),
            "time" => {
                !counts_units(&words, &hit)
                    && at(word).is_some_and(|at| !doses::counts_other(&words, at))
            }
            "count" => {
                !counts_units(&words, &hit)
                    && at(word).is_some_and(|at| doses::counts_other(&words, at))
            }
            "score" => {
                let alone = format!("from 8 to 6 {word}");
                !compares_doses(&words, &hit) && does("count", word, &alone)
            }
            "reading" => !compares_doses(&words, &hit),
            "down" => goes_down(&words),
            "practitioner" => names_a_person(&words, &(0..words.len())),
            "pain_drug" => at("pain").is_some_and(|at| goes_on_to_drugs(&words, &(0..at + 1))),
            role => panic!("{word}: unknown role {role:?}"),
        }
    }

    #[test]
    fn vocabulary_of_weaning() {
        LISTS.check(|row| {
            let role = row["role"];
            let does = does(role, row["word"], row["example"]);
            (if does { role } else { "nothing" }).to_owned()
        });
    }
}
