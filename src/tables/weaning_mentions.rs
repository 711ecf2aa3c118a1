//! `weaning_mentions`: the sentences that speak of weaning.

use super::cell::{Enum, Int, Text, table};
use super::nested::Item;
use super::offset;
use crate::letter::{Mention, MentionKind, MentionSection};

table! {
    /// One row for each sentence that speaks of weaning, tapering, detoxification or lowering the
    /// dose of a drug for this patient or in this request. A sentence stands once in each section
    /// that has it.
    weaning_mentions {
        /// The case.
        case_id: Text [refers cases],
        /// The decision; NULL in the clinical summary.
        decision_id: Option<Text> [refers decisions],
        /// The part of the letter that has the sentence.
        section: Enum<MentionSection>,
        /// What the sentence says; of two kinds the one that stands higher in this list.
        kind: Enum<MentionKind>,
        /// The sentence, its lines joined.
        sentence: Text [verbatim],
        /// Where the sentence's first cue (`weaning`, `tapered`, `reduce his dosage`) begins in
        /// `letters.text`.
        start_char: Int,
        /// Where that cue ends, exclusive.
        end_char: Int,
    }
}

impl Builder {
    /// Adds one mention; `decision_id` is `None` in the clinical summary.
    pub(super) fn add(&mut self, item: &Item<'_>, decision_id: Option<&str>, mention: &Mention) {
        self.push(Row {
            case_id: item.letter_id,
            decision_id,
            section: mention.section,
            kind: mention.kind,
            sentence: &mention.sentence.value,
            start_char: offset(mention.cue.start),
            end_char: offset(mention.cue.end),
        });
    }
}
