//! `decisions`: the disputed items and what was decided on them.

use super::cell::{Enum, Enumeration, Float, Int, Text, table};
use super::nested::Item;
use super::{int, text, value};
use crate::letter::{Decision, MentionKind, Outcome, ReviewType};

table! {
    /// One row for each disputed item.
    decisions {
        /// `<case_id>-<seq>`.
        decision_id: Text [key],
        /// The case.
        case_id: Text [refers cases],
        /// 1, 2, … in the letter's order.
        seq: Int,
        /// The disputed item as headed in its decision, its lines joined, without list number,
        /// outcome, mark-up or a leading "The request for".
        request_text: Text,
        /// When the treatment stood to its review, where the heading says so.
        review_type: Option<Enum<ReviewType>>,
        /// `upheld`: the denial stands; `overturned`: the treatment must be provided. NULL where
        /// neither the heading nor the rationale's closing determination says.
        outcome: Option<Enum<Outcome>>,
        /// The kind of treatment.
        request_category: Enum<Category>,
        /// The kind within its category; `other` where none fits.
        request_subcategory: Enum<Subcategory>,
        /// Drugs only: the brand in the heading, in its usual spelling with its suffix.
        brand_name: Option<Text>,
        /// Drugs only: lower-case ingredients in US label order, joined with `/`, without salt or
        /// release form; NULL for compounded creams.
        generic_name: Option<Text>,
        /// Drugs only: `10/325 mg`, `60 mg`, `5%`, `25 mcg/hr`; NULL if not in the heading or for a
        /// compound of several.
        strength: Option<Text>,
        /// Drugs and supplies: units in the heading; of a package the innermost count stated.
        quantity: Option<Int>,
        /// Refills in the heading; "no refills" is 0, not said is NULL.
        refills: Option<Int>,
        /// Sessions of any therapy in all (2 times a week for 6 weeks is 12).
        visits: Option<Int>,
        /// Opioids of a known oral or transdermal strength: morphine milligram equivalents in one
        /// unit by the CDC 2022 conversion factors; of a fentanyl patch, a day.
        mme_per_unit: Option<Float>,
        /// The basis that the claims administrator cites, its lines joined, without its label.
        claims_administrator_guideline: Option<Text> [verbatim],
        /// The basis that the reviewer cites, likewise.
        reviewer_guideline: Option<Text> [verbatim],
        /// The whole decision rationale: a line a paragraph.
        rationale: Option<Text> [verbatim],
        /// What is said of weaning for this decision: the highest kind in this list among its own
        /// mentions and those of the clinical summary that apply to its drug; never NULL.
        weaning_context: Enum<WeaningContext>,
    }
}

/// Every request category with its subcategories.
pub const CATEGORIES: &[(&str, &[&str])] = &[
    (
        "pharmaceutical",
        &[
            "opioid",
            "benzodiazepine",
            "muscle_relaxant",
            "nsaid",
            "anticonvulsant",
            "antidepressant",
            "sedative_hypnotic",
            "proton_pump_inhibitor",
            "topical_analgesic",
            "antiemetic",
            "other",
        ],
    ),
    (
        "rehabilitation",
        &[
            "physical_therapy",
            "occupational_therapy",
            "aquatic_therapy",
            "chiropractic",
            "acupuncture",
            "massage",
            "other",
        ],
    ),
    (
        "diagnostic",
        &[
            "mri",
            "ct",
            "xray",
            "electrodiagnostic",
            "urine_drug_test",
            "laboratory",
            "other",
        ],
    ),
    (
        "injection",
        &[
            "epidural_steroid",
            "facet_block",
            "radiofrequency_ablation",
            "trigger_point",
            "sympathetic_block",
            "joint_injection",
            "botulinum_toxin",
            "other",
        ],
    ),
    ("surgery", &["spine", "joint", "other"]),
    (
        "dmepos",
        &[
            "electrotherapy",
            "brace",
            "hot_cold_therapy",
            "mobility_aid",
            "other",
        ],
    ),
    (
        "evaluation_management",
        &["office_visit", "specialist_consultation", "other"],
    ),
    (
        "mental_health",
        &[
            "psychotherapy",
            "psychological_evaluation",
            "biofeedback",
            "other",
        ],
    ),
    (
        "program",
        &[
            "functional_restoration",
            "detoxification",
            "work_conditioning",
            "weight_loss",
            "gym_membership",
            "other",
        ],
    ),
    ("home_health", &["home_care", "transportation", "other"]),
    ("other", &["other"]),
];

/// A request category, one of [`CATEGORIES`].
#[derive(Clone, Copy)]
pub struct Category(pub &'static str);

impl Enumeration for Category {
    fn text(self) -> &'static str {
        self.0
    }

    fn texts() -> Vec<&'static str> {
        CATEGORIES.iter().map(|(category, _)| *category).collect()
    }
}

/// A request subcategory of any of [`CATEGORIES`].
#[derive(Clone, Copy)]
pub struct Subcategory(pub &'static str);

impl Enumeration for Subcategory {
    fn text(self) -> &'static str {
        self.0
    }

    /// `other`, which stands in every category, comes once and last.
    fn texts() -> Vec<&'static str> {
        let all = CATEGORIES.iter().flat_map(|(_, list)| list.iter().copied());
        all.filter(|s| *s != "other").chain(["other"]).collect()
    }
}

/// The strongest kind of mention that applies to a decision, or none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WeaningContext(pub Option<MentionKind>);

impl Enumeration for WeaningContext {
    fn text(self) -> &'static str {
        self.0.map_or("none", MentionKind::as_str)
    }

    fn texts() -> Vec<&'static str> {
        MentionKind::texts().into_iter().chain(["none"]).collect()
    }
}

impl Builder {
    /// Adds the row of a case's `seq`th decision.
    pub(super) fn add(
        &mut self,
        item: &Item<'_>,
        decision_id: &str,
        seq: usize,
        decision: &Decision,
    ) {
        self.push(Row {
            decision_id,
            case_id: item.letter_id,
            seq: int(seq),
            request_text: &decision.request_text.value,
            review_type: value(&decision.review_type),
            outcome: value(&decision.outcome),
            request_category: Category(decision.request_category.value),
            request_subcategory: Subcategory(decision.request_subcategory.value),
            brand_name: text(&decision.brand_name),
            generic_name: text(&decision.generic_name),
            strength: text(&decision.strength),
            quantity: value(&decision.quantity),
            refills: value(&decision.refills),
            visits: value(&decision.visits),
            mme_per_unit: value(&decision.mme_per_unit),
            claims_administrator_guideline: text(&decision.claims_administrator_guideline),
            reviewer_guideline: text(&decision.reviewer_guideline),
            rationale: text(&decision.rationale),
            weaning_context: WeaningContext(decision.weaning_context),
        });
    }
}
