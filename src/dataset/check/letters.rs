//! What holds of a letter with all its rows: these are read in step with the table `letters`.

use std::collections::{HashMap, HashSet};

use super::super::{Dataset, Error, LetterCounts};
use super::again::{Again, Deep, Stored};
use super::columns::Keys;
use super::rows::{Cursor, Row, rows};
use super::text::{Text, stands_in};
use super::values::{Values, check_evidence};
use super::{Report, Rule};
use crate::letter::{CaseOutcome, MentionKind, Outcome, Status};
use crate::tables::decisions::CATEGORIES;
use crate::tables::reviewers::reviewer_id;

/// Columns that only a drug's decision has.
const DRUGS_ONLY: [&str; 4] = ["brand_name", "generic_name", "strength", "mme_per_unit"];

pub fn check(
    dataset: &Dataset,
    keys: &Keys,
    deep: Option<Deep>,
    report: &mut Report,
) -> Result<(), Error> {
    let mut again = deep.map(Again::new);
    let none = HashMap::new();
    let places = keys.get("letters").unwrap_or(&none);
    let cursor = |table, letter, wanted| Cursor::new(dataset, table, letter, wanted, places);
    let mut cases = cursor("cases", |r| r.id("case_id"), |_| true);
    let mut decisions = cursor("decisions", |r| r.id("case_id"), |_| true);
    let mut citations = cursor("citations", |r| case_of(r.id("decision_id")), |_| true);
    let mut mentions = cursor("weaning_mentions", |r| r.id("case_id"), |_| true);
    let mut evidence = cursor("evidence", |r| r.id("letter_id"), |_| true);
    let mut problems = cursor("problems", |r| r.id("letter_id"), of_its_own);
    let reviewers = reviewers(dataset, report)?;
    let mut in_use = HashSet::new();
    let mut counts = LetterCounts::default();
    for (place, letter) in rows(dataset, "letters").enumerate() {
        let letter = letter?;
        let place = places.get(letter.id("letter_id")).copied().unwrap_or(place);
        let case = cases.take(place, report)?;
        let values = Values {
            case: case.first(),
            reviewer: case
                .first()
                .and_then(|c| reviewers.get(c.text("reviewer_id")?)),
            decisions: decisions.take(place, report)?,
            citations: citations.take(place, report)?,
            mentions: mentions.take(place, report)?,
        };
        let problems = problems.take(place, report)?;
        in_use.extend(values.reviewer.map(|r| r.id("reviewer_id").to_owned()));
        check_letter(&letter, &values, &problems, &mut counts, report);
        check_case(&values, report);
        let text = Text::new(letter.text("text").unwrap_or_default());
        check_cues(&text, &values, report);
        check_problems(&text, &problems, report);
        let evidence = evidence.take(place, report)?;
        check_evidence(&text, &values, &evidence, report);
        if let Some(again) = &mut again {
            let stored = Stored {
                reviewer: values.reviewer.cloned(),
                decisions: values.decisions,
                citations: values.citations,
                mentions: values.mentions,
                case,
                problems,
                evidence,
                letter,
            };
            again.take(stored, report)?;
        }
    }
    if let Some(again) = again {
        again.finish(&in_use, report)?;
    }
    for id in reviewers.keys() {
        report.expect(Rule::Reviewers, in_use.contains(id), || {
            format!("reviewer {id} belongs to no case")
        });
    }
    // What is left over was out of its place.
    for cursor in [
        &mut cases,
        &mut decisions,
        &mut citations,
        &mut mentions,
        &mut evidence,
        &mut problems,
    ] {
        cursor.take(usize::MAX, report)?;
    }
    count_inputs(dataset, counts, report)
}

/// The case of a decision's key, `<case_id>-<seq>`.
fn case_of(decision_id: &str) -> &str {
    decision_id.rsplit_once('-').map_or("", |(case, _)| case)
}

/// Whether a problem stands with its letter: a repeat stands where its own source does.
fn of_its_own(problem: &Row) -> bool {
    problem.has("letter_id") && problem.text("code") != Some("duplicate_document")
}

/// The profiles, which are few, by key.
fn reviewers(dataset: &Dataset, report: &mut Report) -> Result<HashMap<String, Row>, Error> {
    let mut reviewers = HashMap::new();
    for row in rows(dataset, "reviewers") {
        let row = row?;
        let id = row.id("reviewer_id").to_owned();
        let states = row.texts("licensure_states").unwrap_or_default();
        let specialties = row.texts("specialties").unwrap_or_default();
        let hashed = reviewer_id(&states, &specialties).as_str() == id;
        report.expect(Rule::Reviewers, hashed && states.is_sorted(), || {
            format!("reviewer {id}: {states:?}, {specialties:?}")
        });
        reviewers.insert(id, row);
    }
    Ok(reviewers)
}

/// Checks the status of a letter against what was found in it.
fn check_letter(
    letter: &Row,
    values: &Values<'_>,
    problems: &[Row],
    counts: &mut LetterCounts,
    report: &mut Report,
) {
    let id = letter.id("letter_id");
    let outcomes = values.decisions.iter().any(|d| d.has("outcome"));
    let complete = values.reviewer.is_some() && outcomes;
    let errors = problems.iter().any(|p| p.text("severity") == Some("error"));
    let status = letter.text("status").and_then(Status::from_text);
    let (fits, count) = match status {
        Some(Status::Parsed) => (values.case.is_some() && complete, &mut counts.parsed),
        Some(Status::Partial) => (values.case.is_some() && !complete, &mut counts.partial),
        Some(Status::Rejected) => (values.case.is_none() && errors, &mut counts.rejected),
        None => return, // reported with the enumerations
    };
    *count += 1;
    let case = values.case.is_none_or(|c| c.text("letter_id") == Some(id));
    report.expect(Rule::Letters, fits && case, || {
        let has = |yes: bool| if yes { "has" } else { "has no" };
        format!(
            "letter {id} is {}, {} case, {} reviewer, {} outcome, {} error",
            letter.id("status"),
            has(values.case.is_some()),
            has(values.reviewer.is_some()),
            has(outcomes),
            has(errors),
        )
    });
}

/// Checks a case against its decisions, and these.
fn check_case(values: &Values<'_>, report: &mut Report) {
    let Some(case) = values.case else { return };
    let id = case.id("case_id");
    let with = |o: Outcome| move |d: &&Row| d.text("outcome") == Some(o.as_str());
    let overturned = values
        .decisions
        .iter()
        .filter(with(Outcome::Overturned))
        .count();
    let upheld = values
        .decisions
        .iter()
        .filter(with(Outcome::Upheld))
        .count();
    let outcome = match (upheld, overturned) {
        (0, 0) => None,
        (_, 0) => Some(CaseOutcome::Upheld),
        (0, _) => Some(CaseOutcome::Overturned),
        _ => Some(CaseOutcome::PartiallyOverturned),
    };
    let holds = case.int("decision_count") == i32::try_from(values.decisions.len()).ok()
        && case.int("overturned_count") == i32::try_from(overturned).ok()
        && case.text("case_outcome") == outcome.map(CaseOutcome::as_str);
    report.expect(Rule::Cases, holds, || {
        format!(
            "case {id}: decision_count {:?}, overturned_count {:?}, case_outcome {:?}; \
             its decisions: {upheld} upheld, {overturned} overturned, {} in all",
            case.int("decision_count"),
            case.int("overturned_count"),
            case.text("case_outcome"),
            values.decisions.len()
        )
    });
    for (n, decision) in values.decisions.iter().enumerate() {
        let (key, seq) = (decision.id("decision_id"), n + 1);
        let numbered = decision.int("seq") == i32::try_from(seq).ok();
        report.expect(
            Rule::Decisions,
            numbered && key == format!("{id}-{seq}"),
            || {
                format!(
                    "decision {key} of case {id}: seq {:?}, not {seq}",
                    decision.int("seq")
                )
            },
        );
        check_category(decision, report);
        check_context(decision, &values.mentions, report);
    }
    check_citations(&values.citations, report);
}

fn check_category(decision: &Row, report: &mut Report) {
    let (category, sub) = (
        decision.id("request_category"),
        decision.id("request_subcategory"),
    );
    let of_it = CATEGORIES.iter().find(|(c, _)| *c == category);
    let fits = of_it.is_some_and(|(_, list)| list.contains(&sub));
    let drug = category == "pharmaceutical" || !DRUGS_ONLY.iter().any(|c| decision.has(c));
    report.expect(Rule::Categories, fits && drug, || {
        let filled: Vec<_> = DRUGS_ONLY.iter().filter(|c| decision.has(c)).collect();
        let id = decision.id("decision_id");
        format!("decision {id}: {category}/{sub}, with values in {filled:?}")
    });
}

/// Checks that a weaning context is the strongest kind among the decision's own mentions, or a
/// stronger one of the clinical summary. (Which of these apply depends on the drug.)
fn check_context(decision: &Row, mentions: &[Row], report: &mut Report) {
    // The kinds are declared strongest first, so that the least is the strongest.
    let kind = |m: &Row| m.text("kind").and_then(MentionKind::from_text);
    let key = decision.text("decision_id");
    let own = mentions.iter().filter(|m| m.text("decision_id") == key);
    let own = own.filter_map(kind).min();
    let context = decision.id("weaning_context");
    let summary = mentions.iter().filter(|m| !m.has("decision_id"));
    let stronger = summary
        .filter_map(kind)
        .filter(|k| own.is_none_or(|own| *k < own))
        .any(|k| k.as_str() == context);
    let holds = stronger || context == own.map_or("none", MentionKind::as_str);
    report.expect(Rule::WeaningContext, holds, || {
        let own = own.map_or("none", MentionKind::as_str);
        format!(
            "decision {}: {context}, but its own mentions give {own}",
            decision.id("decision_id")
        )
    });
}

fn check_citations(citations: &[Row], report: &mut Report) {
    let mut seen = HashSet::new();
    for row in citations {
        let pages = (row.int("page_start"), row.int("page_end"));
        let in_order = match pages {
            (Some(start), Some(end)) => start <= end,
            (start, end) => start == end,
        };
        let columns = ["decision_id", "cited_by", "guideline_source", "title"];
        let new = seen.insert((columns.map(|c| row.id(c)), pages));
        report.expect(Rule::Citations, in_order && new, || {
            format!(
                "decision {}: {:?}, pages {:?} to {:?}",
                row.id("decision_id"),
                row.id("title"),
                pages.0,
                pages.1
            )
        });
    }
}

/// Checks that every mention's offsets cut a cue out of the text that stands in its sentence.
fn check_cues(text: &Text<'_>, values: &Values<'_>, report: &mut Report) {
    for mention in &values.mentions {
        let cue = mention.span().and_then(|span| text.cut(span));
        let sentence = mention.id("sentence");
        let in_sentence = |cue: &str| cue.trim() == cue && stands_in(cue, sentence);
        report.expect(Rule::Cues, cue.is_some_and(in_sentence), || {
            format!(
                "case {}: {:?} cut {cue:?}, but the sentence is {:?}",
                mention.id("case_id"),
                mention.span(),
                mention.id("sentence")
            )
        });
    }
}

fn check_problems(text: &Text<'_>, problems: &[Row], report: &mut Report) {
    for problem in problems {
        let unplaced = !problem.has("start_char") && !problem.has("end_char");
        let placed = problem.span().and_then(|span| text.cut(span)).is_some();
        report.expect(Rule::ProblemSpans, unplaced || placed, || {
            let (id, code) = (problem.id("letter_id"), problem.id("code"));
            format!("letter {id}: {code} at {:?}", problem.span())
        });
    }
}

/// Checks that the letters and problems add up to what the manifest says.
fn count_inputs(
    dataset: &Dataset,
    mut counts: LetterCounts,
    report: &mut Report,
) -> Result<(), Error> {
    for problem in rows(dataset, "problems") {
        let problem = problem?;
        counts.duplicates += u64::from(problem.text("code") == Some("duplicate_document"));
        counts.unreadable += u64::from(!problem.has("letter_id"));
    }
    counts.read = counts.sum();
    let said = dataset.manifest.letters;
    report.expect(Rule::Rows, counts == said, || {
        format!("the tables show {counts:?}, the manifest says {said:?}")
    });
    Ok(())
}
