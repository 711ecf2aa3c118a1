//! `cases`: what the letters say of their cases.

use super::cell::{Date, Enum, Int, Text, Texts, table};
use super::nested::Item;
use super::{Id, int, text, texts, value};
use crate::letter::{Case, CaseOutcome, Priority, Sex};

table! {
    /// One row for each letter that is `parsed` or `partial`.
    cases {
        /// Equals the letter's `letter_id`.
        case_id: Text [key],
        /// The letter.
        letter_id: Text [refers letters],
        /// The reviewer's profile; NULL where no credentials are stated.
        reviewer_id: Option<Text> [refers reviewers],
        /// The number on the header page, as `CM15-0012345`; NULL where the letter lacks that page.
        case_number: Option<Text> [verbatim],
        /// Counted from the decisions, not read from the cover page; `partially_overturned` is some
        /// of each; NULL if no decision has an outcome.
        case_outcome: Option<Enum<CaseOutcome>>,
        /// How many items are disputed: the case's rows of `decisions`.
        decision_count: Int,
        /// How many of them were overturned.
        overturned_count: Int,
        /// From the header, else from the clinical summary ("industrial injury on 5/29/08"). Two-digit
        /// years 00-29 are 2000s, 30-99 are 1900s. NULL for a month or year alone and for cumulative
        /// trauma without a single date.
        date_of_injury: Option<Date>,
        /// When the review was assigned; header only.
        date_assigned: Option<Date>,
        /// When the determination was issued; header only (`Dated:` on a cover page).
        decision_date: Option<Date>,
        /// When utilization review denied the treatment; header only.
        ur_denial_date: Option<Date>,
        /// When the application for review arrived; header only.
        application_received_date: Option<Date>,
        /// How fast the review had to be; header only.
        priority: Option<Enum<Priority>>,
        /// The patient's age in years, as the summary states it.
        patient_age: Option<Int>,
        /// From words ("58-year-old female", "gentleman"), else from the summary's pronouns when they
        /// all agree.
        patient_sex: Option<Enum<Sex>>,
        /// The diagnoses as the summary lists them, in their words, one element each, without list
        /// numbers; empty if none is listed.
        diagnoses: Texts [verbatim],
        /// The clinical case summary without its boilerplate lead-in: a line a paragraph.
        clinical_summary: Option<Text> [verbatim],
    }
}

impl Builder {
    /// Adds the row of a letter's case.
    pub(super) fn add(&mut self, item: &Item<'_>, case: &Case, reviewer_id: Option<Id>) {
        self.push(Row {
            case_id: item.letter_id,
            letter_id: item.letter_id,
            reviewer_id: reviewer_id.as_ref().map(Id::as_str),
            case_number: text(&case.case_number),
            case_outcome: case.outcome(),
            decision_count: int(case.decisions.len()),
            overturned_count: int(case.overturned_count()),
            date_of_injury: value(&case.date_of_injury),
            date_assigned: value(&case.date_assigned),
            decision_date: value(&case.decision_date),
            ur_denial_date: value(&case.ur_denial_date),
            application_received_date: value(&case.application_received_date),
            priority: value(&case.priority),
            patient_age: value(&case.patient_age),
            patient_sex: value(&case.patient_sex),
            diagnoses: texts(&case.diagnoses),
            clinical_summary: text(&case.clinical_summary),
        });
    }
}
