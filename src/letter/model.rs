//! What a letter says: the values the parser finds, each with its place in the text.
//!
//! The names and meanings are those of the dataset contract (`imr schema` prints it).

use chrono::NaiveDate;

/// A half-open range of Unicode characters of the letter's text, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// A value and where in the text it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    pub value: T,
    pub span: Span,
}

/// Declares an enumeration whose values are written in the dataset as snake_case strings.
macro_rules! enumeration {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The value as the dataset writes it.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value that the dataset writes as `text`.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

enumeration! {
    /// How far a document could be read (`letters.status`).
    Status {
        /// Reviewer and at least one decision with an outcome were found.
        Parsed = "parsed",
        /// A letter, but some of that is missing.
        Partial = "partial",
        /// Not an IMR letter, or unreadable.
        Rejected = "rejected",
    }
}
enumeration! {
    /// What was decided on one request (`decisions.outcome`).
    Outcome { Upheld = "upheld", Overturned = "overturned" }
}
enumeration! {
    /// What was decided on the case as a whole (`cases.case_outcome`).
    CaseOutcome {
        Upheld = "upheld",
        Overturned = "overturned",
        PartiallyOverturned = "partially_overturned",
    }
}
enumeration! {
    /// How fast the review had to be (`cases.priority`).
    Priority { Standard = "standard", Expedited = "expedited" }
}
enumeration! {
    /// `cases.patient_sex`.
    Sex { Male = "male", Female = "female" }
}
enumeration! {
    /// When the treatment stood to its review (`decisions.review_type`).
    ReviewType {
        Prospective = "prospective",
        Retrospective = "retrospective",
        Concurrent = "concurrent",
    }
}
enumeration! {
    /// Who cited a guideline (`citations.cited_by`).
    CitedBy { ClaimsAdministrator = "claims_administrator", Reviewer = "reviewer" }
}
enumeration! {
    /// Whose guideline was cited (`citations.guideline_source`).
    GuidelineSource { Mtus = "MTUS", Acoem = "ACOEM", Odg = "ODG", Other = "other" }
}
enumeration! {
    /// The part of a letter in which a sentence on weaning stands (`weaning_mentions.section`).
    MentionSection {
        ClinicalSummary = "clinical_summary",
        Request = "request",
        ClaimsAdministratorGuideline = "claims_administrator_guideline",
        ReviewerGuideline = "reviewer_guideline",
        Rationale = "rationale",
    }
}
enumeration! {
    /// What a sentence says of weaning (`weaning_mentions.kind`), the strongest first.
    MentionKind {
        RequestIsForWeaning = "request_is_for_weaning",
        WeaningRecommended = "weaning_recommended",
        PatientWeaning = "patient_weaning",
        WeaningNotShown = "weaning_not_shown",
        WithdrawalCaution = "withdrawal_caution",
        GuidelineMention = "guideline_mention",
    }
}
enumeration! {
    /// `problems.severity`.
    Severity { Error = "error", Warning = "warning" }
}

/// One letter, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The name of the layout that was recognised.
    pub layout: Option<&'static str>,
    pub status: Status,
    /// What the letter says; `None` where it is rejected.
    pub case: Option<Case>,
    pub problems: Vec<Problem>,
}

/// What a letter says of its case.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Case {
    pub case_number: Option<Found<String>>,
    pub date_of_injury: Option<Found<NaiveDate>>,
    pub date_assigned: Option<Found<NaiveDate>>,
    pub decision_date: Option<Found<NaiveDate>>,
    pub ur_denial_date: Option<Found<NaiveDate>>,
    pub application_received_date: Option<Found<NaiveDate>>,
    pub priority: Option<Found<Priority>>,
    /// Years.
    pub patient_age: Option<Found<i32>>,
    pub patient_sex: Option<Found<Sex>>,
    pub diagnoses: Vec<Found<String>>,
    pub clinical_summary: Option<Found<String>>,
    /// `None` where the letter states no credentials.
    pub reviewer: Option<Reviewer>,
    /// In the letter's order; the dataset's `seq` is the place in this list, from 1.
    pub decisions: Vec<Decision>,
    /// Sentences of the clinical summary that speak of weaning.
    pub summary_mentions: Vec<Mention>,
}

impl Case {
    /// How many requests were overturned.
    pub fn overturned_count(&self) -> usize {
        self.outcomes()
            .filter(|o| *o == Outcome::Overturned)
            .count()
    }

    /// The outcome of the case from its decisions; `None` if no decision has one.
    pub fn outcome(&self) -> Option<CaseOutcome> {
        let overturned = self.overturned_count();
        let upheld = self.outcomes().count() - overturned;
        match (upheld, overturned) {
            (0, 0) => None,
            (_, 0) => Some(CaseOutcome::Upheld),
            (0, _) => Some(CaseOutcome::Overturned),
            _ => Some(CaseOutcome::PartiallyOverturned),
        }
    }

    fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.decisions
            .iter()
            .filter_map(|d| d.outcome.as_ref().map(|o| o.value))
    }
}

/// The reviewer's credentials. Reviewers are anonymous: a profile, not a person.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reviewer {
    /// USPS codes, in the letter's order.
    pub licensure_states: Vec<Found<&'static str>>,
    /// Specialties in the letter's order and words, spelled alike.
    pub specialties: Vec<Found<String>>,
}

/// What was decided on one disputed treatment.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub request_text: Found<String>,
    pub review_type: Option<Found<ReviewType>>,
    pub outcome: Option<Found<Outcome>>,
    /// One of `vocabulary::requests` (`pharmaceutical`, …), and where it was read.
    pub request_category: Found<&'static str>,
    pub request_subcategory: Found<&'static str>,
    pub brand_name: Option<Found<String>>,
    pub generic_name: Option<Found<String>>,
    pub strength: Option<Found<String>>,
    pub quantity: Option<Found<i32>>,
    pub refills: Option<Found<i32>>,
    pub visits: Option<Found<i32>>,
    /// Morphine milligram equivalents in one unit.
    pub mme_per_unit: Option<Found<f64>>,
    pub claims_administrator_guideline: Option<Found<String>>,
    pub reviewer_guideline: Option<Found<String>>,
    pub rationale: Option<Found<String>>,
    /// `None` is the dataset's `none`.
    pub weaning_context: Option<MentionKind>,
    pub citations: Vec<Citation>,
    pub mentions: Vec<Mention>,
}

/// One guideline cited, with one range of its pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    pub cited_by: CitedBy,
    pub guideline_source: GuidelineSource,
    pub title: Found<String>,
    /// First and last page; `None` where no pages are given.
    pub pages: Option<Found<(i32, i32)>>,
}

/// One sentence that speaks of weaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    pub section: MentionSection,
    pub kind: MentionKind,
    pub sentence: Found<String>,
    /// The sentence's first cue (`weaning`, `tapered`, `reduce his dosage`).
    pub cue: Span,
}

/// Something in a document that did not go cleanly.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub severity: Severity,
    /// Stable snake_case.
    pub code: &'static str,
    /// What, where, and what was done about it.
    pub message: String,
    pub span: Option<Span>,
}
