//! Text → [`Letter`]. Pure: no I/O, no Arrow. Every extracted value knows its span in the text.

mod dates;
mod decisions;
mod diagnoses;
mod guideline;
mod header;
mod labels;
pub mod layout;
mod model;
mod outcome;
mod phrases;
mod prose;
mod request;
mod reviewer;
mod sentences;
mod split;
mod summary;
mod weaning;
mod words;

pub use model::*;
pub use split::split;

use crate::vocabulary::Vocabulary;
use decisions::Block;
use layout::{Part, Sections};
use prose::Prose;
use std::ops::Range;
use weaning::{Own, Subject, Summary};

/// Reads one letter.
///
/// `text` is the decoded document; the spans in the result count its characters.
pub fn parse(text: &str) -> Letter {
    let prose = Prose::new(text, layout::is_heading);
    let Some(sections) = layout::recognise(&prose) else {
        return rejected(&prose);
    };
    let vocabulary = Vocabulary::get();
    let mut problems = Vec::new();
    let mut case = Case::default();
    let cover: Vec<Range<usize>> = sections.bodies(Part::Cover).collect();
    header::read(&prose, &cover, &mut case, &mut problems);
    case.reviewer = sections
        .bodies(Part::Reviewer)
        .find_map(|body| reviewer::read(&prose, &body, vocabulary));
    read_summary(&prose, &sections, vocabulary, &mut case);
    let summary = Summary::of(&case.summary_mentions, vocabulary);
    for block in decisions::read(&prose, &sections) {
        let decision = read_decision(&prose, &block, &summary, vocabulary);
        case.decisions.push(decision);
    }
    report(&prose, &cover, &case, &mut problems);
    let complete = case.reviewer.is_some() && case.decisions.iter().any(|d| d.outcome.is_some());
    Letter {
        layout: Some(sections.layout.name),
        status: if complete {
            Status::Parsed
        } else {
            Status::Partial
        },
        case: Some(case),
        problems,
    }
}

fn rejected(prose: &Prose) -> Letter {
    let (code, message) = if prose.text.trim().is_empty() {
        (
            "empty_document",
            "the document holds no text; it is kept as a rejected letter",
        )
    } else {
        (
            "not_an_imr_letter",
            "no layout of a determination letter was recognised; the document is kept as a rejected letter",
        )
    };
    let problem = Problem {
        severity: Severity::Error,
        code,
        message: message.to_owned(),
        span: None,
    };
    Letter {
        layout: None,
        status: Status::Rejected,
        case: None,
        problems: vec![problem],
    }
}

fn read_summary(prose: &Prose, sections: &Sections, vocabulary: &Vocabulary, case: &mut Case) {
    let Some(range) = sections
        .bodies(Part::Summary)
        .find_map(|body| summary::prose(prose, &body))
    else {
        return;
    };
    case.clinical_summary = Some(prose.verbatim(&range));
    case.patient_age = summary::age(prose, &range);
    case.patient_sex = summary::sex(prose, &range);
    if case.date_of_injury.is_none() {
        case.date_of_injury = summary::date_of_injury(prose, &range);
    }
    case.diagnoses = diagnoses::read(prose, &range, vocabulary);
    case.summary_mentions = weaning::mentions(
        prose,
        &range,
        MentionSection::ClinicalSummary,
        Own::default(),
        vocabulary,
    );
}

fn read_decision(
    prose: &Prose,
    block: &Block,
    summary: &Summary,
    vocabulary: &Vocabulary,
) -> Decision {
    let read = request::read(prose, &block.request, vocabulary);
    let mut mentions = weaning::mentions(
        prose,
        &block.request,
        MentionSection::Request,
        Own::default(),
        vocabulary,
    );
    let own = Own {
        quantity: read.quantity.as_ref().map(|q| q.value),
        is_for_weaning: !mentions.is_empty(),
        is_drug: read.category.value == "pharmaceutical",
        is_treatment: !matches!(
            read.category.value,
            "pharmaceutical" | "program" | "mental_health" | "other"
        ),
        is_vehicle: read.generic_name.as_ref().is_some_and(|g| {
            g.value.split('/').any(|i| {
                matches!(
                    i,
                    "buprenorphine" | "clonidine" | "lofexidine" | "phenobarbital"
                )
            })
        }),
    };
    let under = [
        (
            &block.claims_administrator,
            MentionSection::ClaimsAdministratorGuideline,
        ),
        (&block.reviewer, MentionSection::ReviewerGuideline),
        (&block.rationale, MentionSection::Rationale),
    ];
    for (range, section) in under {
        if let Some(range) = range {
            mentions.extend(weaning::mentions(prose, range, section, own, vocabulary));
        }
    }
    let mut citations = Vec::new();
    for (range, cited_by) in [
        (&block.claims_administrator, CitedBy::ClaimsAdministrator),
        (&block.reviewer, CitedBy::Reviewer),
    ] {
        if let Some(range) = range {
            citations.extend(guideline::read(prose, range, cited_by, vocabulary));
        }
    }
    let subject = Subject {
        generic_name: read.generic_name.as_ref().map(|g| g.value.as_str()),
        subcategory: read.subcategory.value,
    };
    let weaning_context = weaning::context(&subject, &mentions, summary);
    let verbatim = |range: &Option<Range<usize>>| range.as_ref().map(|r| prose.verbatim(r));
    Decision {
        request_text: prose.verbatim(&block.request),
        review_type: read.review_type,
        outcome: block
            .outcome
            .as_ref()
            .map(|(outcome, r)| prose.found(*outcome, r)),
        request_category: read.category,
        request_subcategory: read.subcategory,
        brand_name: read.brand_name,
        generic_name: read.generic_name,
        strength: read.strength,
        quantity: read.quantity,
        refills: read.refills,
        visits: read.visits,
        mme_per_unit: read.mme_per_unit,
        claims_administrator_guideline: verbatim(&block.claims_administrator),
        reviewer_guideline: verbatim(&block.reviewer),
        rationale: verbatim(&block.rationale),
        weaning_context,
        citations,
        mentions,
    }
}

/// Notes what a letter of its layout should have and this one has not.
fn report(prose: &Prose, cover: &[Range<usize>], case: &Case, problems: &mut Vec<Problem>) {
    let mut warn = |severity, code, message: String, span| {
        problems.push(Problem {
            severity,
            code,
            message,
            span,
        })
    };
    if case.reviewer.is_none() {
        warn(
            Severity::Error,
            "missing_reviewer",
            "no credentials of the reviewer were found; the case has no reviewer".to_owned(),
            None,
        );
    }
    if case.clinical_summary.is_none() {
        warn(
            Severity::Warning,
            "missing_summary",
            "no clinical case summary was found; age, sex and diagnoses are left empty".to_owned(),
            None,
        );
    }
    if case.decisions.is_empty() {
        warn(
            Severity::Error,
            "missing_decisions",
            "no decision was found; the case is kept without decisions".to_owned(),
            None,
        );
    }
    for (i, decision) in case.decisions.iter().enumerate() {
        let request = &decision.request_text;
        let mut missing = |code, what: &str| {
            let message = format!(
                "decision {} ({}) has no {what}; the field is left empty",
                i + 1,
                request.value
            );
            warn(Severity::Warning, code, message, Some(request.span));
        };
        if decision.outcome.is_none() {
            missing("missing_outcome", "outcome");
        }
        if decision.rationale.is_none() {
            missing("missing_rationale", "rationale");
        }
    }
    if let (Some(stated), Some(found)) = (header::cover_outcome(prose, cover), case.outcome())
        && stated.value != found
    {
        let message = format!(
            "the cover page says {}, the decisions give {}; the decisions are kept",
            stated.value.as_str(),
            found.as_str()
        );
        warn(
            Severity::Warning,
            "outcome_disagrees_with_cover",
            message,
            Some(stated.span),
        );
    }
}

/// The text of a letter unwrapped, as the parser reads it.
pub fn unwrapped(text: &str) -> String {
    Prose::new(text, layout::is_heading).text
}
