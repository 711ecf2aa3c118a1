//! The words of `guideline_words.csv`.

use super::cues::Cue;
use crate::letter::phrases::Phrases;
use crate::vocabulary::roles::{WordSet, WordTable};

const TABLE: &str = include_str!("../../../data/vocabulary/guideline_words.csv");

pub static LISTS: WordTable<Lists> = WordTable::new(TABLE, |table| {
    let cues = [
        ("not_mtus", Cue::Denied),
        ("none_cited", Cue::NothingCited),
        ("non_mtus", Cue::NonMtus),
        ("based_on", Cue::BasedOn),
        ("partys_decision", Cue::PartysDecision),
        ("decision_on", Cue::DecisionOn),
        ("others_guidelines", Cue::OthersGuidelines),
        ("page", Cue::Pages),
    ];
    let said = ["which", "all", "as"].map(|word| (word, Cue::Said));
    Lists {
        cues: Phrases::new(table.values(&cues).chain(said)),
        pages: table.set(&["page"]),
        part_of: table.words("part_of").collect(),
        no_source: table.set(&["no_source"]),
    }
});

pub struct Lists {
    /// Every cue, so that a sentence is looked through once.
    pub cues: Phrases<Cue>,
    /// Words for pages.
    pub pages: WordSet,
    /// What stands before "MTUS" where a guideline is said to be part of it.
    pub part_of: Vec<&'static str>,
    /// What stands in the place of a source where there is none.
    pub no_source: WordSet,
}

#[cfg(test)]
mod tests {
    use super::super::{read, tests::cited};
    use super::*;
    use crate::letter::model::CitedBy;
    use crate::letter::prose::Prose;
    use crate::vocabulary::Vocabulary;

    fn title(text: &str) -> Option<String> {
        let prose = Prose::new(text, |_| false);
        let all = 0..prose.text.len();
        let first = read(&prose, &all, CitedBy::Reviewer, Vocabulary::get())
            .into_iter()
            .next();
        first.map(|citation| citation.title.value)
    }

    #[test]
    fn vocabulary_of_guidelines() {
        LISTS.check_values(|row, what| match what {
            "cites" => Some(cited(row["example"]).join("; ")).filter(|all| !all.is_empty()),
            "title" => title(row["example"]),
            _ => panic!("{}: gives {what}", row["example"]),
        });
    }
}
