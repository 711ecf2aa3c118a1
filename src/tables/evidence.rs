//! `evidence`: where in the letters the values of the other tables were read.

use super::cell::{Enum, Enumeration, Int, Text, table};
use super::nested::Item;
use super::offset;
use crate::letter::{Case, Citation, Decision, Found, Mention, Reviewer};

table! {
    /// One row for each value that was read in a letter (of a list: for each element; of a range of
    /// pages: for each end), with its place. Counts and roll-ups are computed and have none.
    evidence {
        /// The letter.
        letter_id: Text [refers letters],
        /// The table that holds the value.
        table_name: Enum<Place>,
        /// The value's row: its `case_id`, `decision_id` or `reviewer_id`; of the nth row of a
        /// decision in `citations` `<decision_id>/<n>`; of the nth row of a case in
        /// `weaning_mentions` `<case_id>/<n>`; n from 1 in the table's order.
        row_id: Text,
        /// The value's column.
        column_name: Text,
        /// Where what was read begins in `letters.text`.
        start_char: Int,
        /// Where it ends, exclusive.
        end_char: Int,
    }
}

/// A table whose values have evidence.
#[derive(Clone, Copy)]
pub enum Place {
    Cases,
    Reviewers,
    Decisions,
    Citations,
    Mentions,
}

impl Enumeration for Place {
    fn text(self) -> &'static str {
        match self {
            Place::Cases => super::cases::TABLE.name,
            Place::Reviewers => super::reviewers::TABLE.name,
            Place::Decisions => super::decisions::TABLE.name,
            Place::Citations => super::citations::TABLE.name,
            Place::Mentions => super::weaning_mentions::TABLE.name,
        }
    }

    fn texts() -> Vec<&'static str> {
        use Place::*;
        [Cases, Reviewers, Decisions, Citations, Mentions]
            .map(Place::text)
            .to_vec()
    }
}

/// Adds the evidence of one row, a column after the other.
struct Witness<'a> {
    builder: &'a mut Builder,
    letter_id: &'a str,
    place: Place,
    row_id: &'a str,
}

impl Witness<'_> {
    fn see<'v, T: 'v>(
        &mut self,
        column_name: &str,
        values: impl IntoIterator<Item = &'v Found<T>>,
    ) -> &mut Self {
        for found in values {
            self.builder.push(Row {
                letter_id: self.letter_id,
                table_name: self.place,
                row_id: self.row_id,
                column_name,
                start_char: offset(found.span.start),
                end_char: offset(found.span.end),
            });
        }
        self
    }
}

impl Builder {
    fn witness<'a>(&'a mut self, item: &Item<'a>, place: Place, row_id: &'a str) -> Witness<'a> {
        Witness {
            builder: self,
            letter_id: item.letter_id,
            place,
            row_id,
        }
    }

    /// Adds the evidence of a row of `cases`.
    pub(super) fn add_case(&mut self, item: &Item<'_>, case: &Case) {
        self.witness(item, Place::Cases, item.letter_id)
            .see("case_number", &case.case_number)
            .see("date_of_injury", &case.date_of_injury)
            .see("date_assigned", &case.date_assigned)
            .see("decision_date", &case.decision_date)
            .see("ur_denial_date", &case.ur_denial_date)
            .see("application_received_date", &case.application_received_date)
            .see("priority", &case.priority)
            .see("patient_age", &case.patient_age)
            .see("patient_sex", &case.patient_sex)
            .see("diagnoses", &case.diagnoses)
            .see("clinical_summary", &case.clinical_summary);
    }

    /// Adds what a letter says of its reviewer.
    pub(super) fn add_reviewer(&mut self, item: &Item<'_>, id: &str, reviewer: &Reviewer) {
        self.witness(item, Place::Reviewers, id)
            .see("licensure_states", &reviewer.licensure_states)
            .see("specialties", &reviewer.specialties);
    }

    /// Adds the evidence of a row of `decisions`.
    pub(super) fn add_decision(&mut self, item: &Item<'_>, id: &str, decision: &Decision) {
        self.witness(item, Place::Decisions, id)
            .see("request_text", [&decision.request_text])
            .see("review_type", &decision.review_type)
            .see("outcome", &decision.outcome)
            .see("request_category", [&decision.request_category])
            .see("request_subcategory", [&decision.request_subcategory])
            .see("brand_name", &decision.brand_name)
            .see("generic_name", &decision.generic_name)
            .see("strength", &decision.strength)
            .see("quantity", &decision.quantity)
            .see("refills", &decision.refills)
            .see("visits", &decision.visits)
            .see("mme_per_unit", &decision.mme_per_unit)
            .see(
                "claims_administrator_guideline",
                &decision.claims_administrator_guideline,
            )
            .see("reviewer_guideline", &decision.reviewer_guideline)
            .see("rationale", &decision.rationale);
    }

    /// Adds the evidence of a row of `citations`.
    pub(super) fn add_citation(&mut self, item: &Item<'_>, row_id: &str, citation: &Citation) {
        self.witness(item, Place::Citations, row_id)
            .see("title", [&citation.title])
            .see("page_start", &citation.pages)
            .see("page_end", &citation.pages);
    }

    /// Adds the evidence of a row of `weaning_mentions`.
    pub(super) fn add_mention(&mut self, item: &Item<'_>, row_id: &str, mention: &Mention) {
        self.witness(item, Place::Mentions, row_id)
            .see("sentence", [&mention.sentence]);
    }
}
