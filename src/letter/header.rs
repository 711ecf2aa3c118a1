//! The header block and cover page: case number, dates, priority, the outcome in short.
//!
//! Label pairs share lines in different ways, and a value may stand on the line after its label.

use super::dates::{self, DateAt};
use super::model::{Case, CaseOutcome, Found, Priority, Problem, Severity};
use super::phrases::Phrases;
use super::prose::Prose;
use super::words::{find_words, match_words};
use crate::vocabulary::runs::Run;
use chrono::NaiveDate;
use std::ops::Range;
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    CaseNumber,
    DateOfInjury,
    DateAssigned,
    DecisionDate,
    UrDenialDate,
    ApplicationReceived,
    Priority,
    /// A label whose value the dataset does not hold.
    Ignored,
}

/// The labels of all layouts, as [`match_words`] reads them; longer ones before those they begin with.
const LABELS: &[(&str, Field)] = &[
    ("maximus case number", Field::CaseNumber),
    ("imr case number", Field::CaseNumber),
    ("case number", Field::CaseNumber),
    ("date assigned", Field::DateAssigned),
    ("date of injury", Field::DateOfInjury),
    ("decision date", Field::DecisionDate),
    ("date of decision", Field::DecisionDate),
    ("dated", Field::DecisionDate),
    ("ur denial date", Field::UrDenialDate),
    ("date of ur decision", Field::UrDenialDate),
    ("date of ur denial", Field::UrDenialDate),
    ("imr application received", Field::ApplicationReceived),
    ("application received", Field::ApplicationReceived),
    ("priority", Field::Priority),
    ("employee name", Field::Ignored),
    ("employee", Field::Ignored),
    ("provider name", Field::Ignored),
    ("claim number", Field::Ignored),
    ("claims number", Field::Ignored),
];

/// Sentences of the cover that give a date where its label is missing.
const SENTENCES: &[(&str, Field)] = &[
    (
        "an application for independent medical review was filed on",
        Field::ApplicationReceived,
    ),
    (
        "disputing the utilization review denial dated",
        Field::UrDenialDate,
    ),
];

/// Whether a label of the header stands in `line`.
pub fn has_label(line: &str) -> bool {
    LABELS.iter().any(|(phrase, _)| {
        find_words(line, 0, phrase)
            .is_some_and(|(_, end)| line[end..].trim_start().starts_with(':'))
    })
}

/// Reads the header from the cover's `parts` into `case`.
pub fn read(prose: &Prose, parts: &[Range<usize>], case: &mut Case, problems: &mut Vec<Problem>) {
    for part in parts {
        for (field, at) in labels(&prose.text, part, prose.runs(part)) {
            set(prose, field, at, part.end, case, problems);
        }
    }
    for part in parts {
        for phrase in SENTENCE_PHRASES.find(prose.runs(part)) {
            set(prose, phrase.value, phrase.end, part.end, case, problems);
        }
    }
}

static LABEL_PHRASES: LazyLock<Phrases<Field>> =
    LazyLock::new(|| Phrases::new(LABELS.iter().copied()));

static SENTENCE_PHRASES: LazyLock<Phrases<Field>> =
    LazyLock::new(|| Phrases::new(SENTENCES.iter().copied()));

/// The labels in `part` with the byte at which each value is to be read.
fn labels(text: &str, part: &Range<usize>, runs: &[Run]) -> Vec<(Field, usize)> {
    let mut out: Vec<(Field, usize)> = Vec::new();
    let mut past = part.start;
    for i in 0..runs.len() {
        if (runs[i].start as usize) < past {
            continue;
        }
        let is_label = |end: usize| text[end..part.end].trim_start_matches(' ').starts_with(':');
        let Some(label) = LABEL_PHRASES.at(&runs[i..]).find(|p| is_label(p.end)) else {
            continue;
        };
        let value = label.end
            + text[label.end..part.end]
                .find(|c: char| c != ' ' && c != ':')
                .unwrap_or(part.end - label.end);
        out.push((label.value, value));
        past = value;
    }
    columns(text, &mut out, part.end);
    out
}

/// Labels that follow each other directly, with their values after the last, belong to the values in order.
fn columns(text: &str, labels: &mut [(Field, usize)], end: usize) {
    let mut i = 0;
    while i < labels.len() {
        let mut run = i;
        while run + 1 < labels.len() && is_bare(text, labels[run].1, labels[run + 1]) {
            run += 1;
        }
        if run > i {
            let values = values(text, labels[run].1, end);
            if values.len() == run - i + 1 {
                for (label, value) in labels[i..=run].iter_mut().zip(values) {
                    label.1 = value;
                }
            }
        }
        i = run + 1;
    }
}

/// Whether nothing but the next label stands at `at`.
fn is_bare(text: &str, at: usize, next: (Field, usize)) -> bool {
    let between = text[at..next.1].trim();
    between.len() < 40
        && LABELS.iter().any(|(phrase, field)| {
            *field == next.0
                && match_words(between, 0, phrase)
                    .is_some_and(|e| between[e..].trim_matches([':', ' ']).is_empty())
        })
}

/// The places of the values (dates, case numbers, priorities) that stand one after the other from `at` on.
fn values(text: &str, mut at: usize, end: usize) -> Vec<usize> {
    let mut out = Vec::new();
    loop {
        at += text[at..end].len() - text[at..end].trim_start().len();
        let len = if let Some(date) = dates::date_at(&text[..end], at) {
            date.range.len()
        } else if let Some(len) = case_number(&text[at..end]) {
            len
        } else if let Some((_, len)) = priority(&text[at..end]) {
            len
        } else {
            return out;
        };
        out.push(at);
        at += len;
    }
}

fn set(
    prose: &Prose,
    field: Field,
    at: usize,
    end: usize,
    case: &mut Case,
    problems: &mut Vec<Problem>,
) {
    let at = at + (prose.text[at..end].len() - prose.text[at..end].trim_start().len());
    let text = &prose.text[..end];
    match field {
        Field::CaseNumber => {
            if let (None, Some(len)) = (&case.case_number, case_number(&text[at..])) {
                case.case_number =
                    Some(prose.found(text[at..at + len].to_ascii_uppercase(), &(at..at + len)));
            }
        }
        Field::Priority => {
            if let (None, Some((value, len))) = (&case.priority, priority(&text[at..])) {
                case.priority = Some(prose.found(value, &(at..at + len)));
            }
        }
        Field::DateOfInjury => date(prose, text, at, &mut case.date_of_injury, problems),
        Field::DateAssigned => date(prose, text, at, &mut case.date_assigned, problems),
        Field::DecisionDate => date(prose, text, at, &mut case.decision_date, problems),
        Field::UrDenialDate => date(prose, text, at, &mut case.ur_denial_date, problems),
        Field::ApplicationReceived => date(
            prose,
            text,
            at,
            &mut case.application_received_date,
            problems,
        ),
        Field::Ignored => {}
    }
}

fn date(
    prose: &Prose,
    text: &str,
    at: usize,
    slot: &mut Option<Found<NaiveDate>>,
    problems: &mut Vec<Problem>,
) {
    if slot.is_some() {
        return;
    }
    match dates::date_at(text, at) {
        Some(DateAt {
            range,
            date: Some(date),
        }) if dates::is_plausible(date) && !is_range(&text[range.end..]) => {
            *slot = Some(prose.found(date, &range))
        }
        Some(DateAt { range, date: None }) => problems.push(Problem {
            severity: Severity::Warning,
            code: "invalid_date",
            message: format!(
                "no such day: {:?} in the header; the field is left empty",
                &text[range.clone()]
            ),
            span: Some(prose.span(&range)),
        }),
        _ => {}
    }
}

/// A date that begins a period ("01/02/2005 - 03/04/2009", cumulative trauma) is no single date.
fn is_range(after: &str) -> bool {
    let rest = after.trim_start();
    let rest = ["-", "–", "to ", "through ", "thru "]
        .iter()
        .find_map(|s| rest.strip_prefix(s));
    rest.is_some_and(|rest| dates::date_at(rest, rest.len() - rest.trim_start().len()).is_some())
}

/// The length of a case number (`CM15-0123456`) at the start of `text`.
fn case_number(text: &str) -> Option<usize> {
    let letters = text
        .get(..2)
        .filter(|s| s.eq_ignore_ascii_case("cm"))?
        .len();
    let year = text[letters..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    let rest = text[letters + year..].strip_prefix('-')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (year == 2 && digits >= 4).then_some(letters + year + 1 + digits)
}

fn priority(text: &str) -> Option<(Priority, usize)> {
    [
        ("standard", Priority::Standard),
        ("regular", Priority::Standard),
        ("expedited", Priority::Expedited),
    ]
    .into_iter()
    .find_map(|(word, value)| match_words(text, 0, word).map(|len| (value, len)))
}

/// The outcome of the case as the cover page states it ("Final Determination: UPHOLD").
pub fn cover_outcome(prose: &Prose, parts: &[Range<usize>]) -> Option<Found<CaseOutcome>> {
    const WORDS: &[(&str, CaseOutcome)] = &[
        ("partial overturn", CaseOutcome::PartiallyOverturned),
        ("partially overturn", CaseOutcome::PartiallyOverturned),
        ("partially overturned", CaseOutcome::PartiallyOverturned),
        ("partial", CaseOutcome::PartiallyOverturned),
        ("uphold", CaseOutcome::Upheld),
        ("upheld", CaseOutcome::Upheld),
        ("overturn", CaseOutcome::Overturned),
        ("overturned", CaseOutcome::Overturned),
    ];
    for part in parts {
        let text = &prose.text[..part.end];
        let mut from = part.start;
        while let Some((_, end)) = find_words(text, from, "final determination") {
            from = end;
            let Some(rest) = text[end..].trim_start().strip_prefix(':') else {
                continue;
            };
            let at = end + text[end..].len() - text[end..].trim_start().len() + 1;
            let at = at + (rest.len() - rest.trim_start().len());
            if let Some((value, end)) = WORDS
                .iter()
                .find_map(|(w, v)| match_words(text, at, w).map(|e| (*v, e)))
            {
                return Some(prose.found(value, &(at..end)));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Case {
        let prose = Prose::new(text, |_| false);
        let mut case = Case::default();
        let all = 0..prose.text.len();
        read(&prose, &[all], &mut case, &mut Vec::new());
        case
    }

    fn dates(case: &Case) -> [Option<String>; 5] {
        [
            &case.date_of_injury,
            &case.date_assigned,
            &case.decision_date,
            &case.ur_denial_date,
            &case.application_received_date,
        ]
        .map(|d| d.as_ref().map(|d| d.value.to_string()))
    }

    #[test]
    fn pairs_share_lines_in_any_way() {
        let want = [
            "2012-11-13",
            "2015-07-08",
            "2015-08-05",
            "2015-06-02",
            "2015-06-25",
        ]
        .map(|d| Some(d.to_owned()));
        for text in [
            "Case Number: CM15-0123456  Date Assigned: 07/08/2015\nDate of Injury: 11/13/2012  Decision Date: 08/05/2015\nUR Denial Date: 06/02/2015  Priority: Standard\nApplication Received: 06/25/2015",
            "Case Number:\nCM15-0123456\nDate Assigned:\n07/08/2015\nDate of Injury:\n11/13/2012\nDecision Date:\n08/05/2015\nUR Denial Date:\n06/02/2015\nPriority:\nStandard\nApplication\nReceived: 06/25/2015",
            "Case Number: Date Assigned: Date of Injury: Decision Date:\nCM15-0123456 07/08/2015 11/13/2012 08/05/2015\nUR Denial Date: Priority: Application Received:\n06/02/2015 Standard 06/25/2015",
        ] {
            let case = header(text);
            assert_eq!(
                case.case_number.as_ref().map(|n| n.value.as_str()),
                Some("CM15-0123456"),
                "{text}"
            );
            assert_eq!(dates(&case), want, "{text}");
            assert_eq!(case.priority.map(|p| p.value), Some(Priority::Standard));
        }
    }

    #[test]
    fn a_missing_value_takes_no_other() {
        let case =
            header("Date of Injury:  UR Denial Date: 9/6/2013\nClaims Number: Priority: EXPEDITED");
        assert_eq!(
            dates(&case),
            [None, None, None, Some("2013-09-06".into()), None]
        );
        assert_eq!(case.priority.map(|p| p.value), Some(Priority::Expedited));
    }

    #[test]
    fn a_period_is_no_single_date() {
        assert_eq!(
            header("Date of Injury: 1/2/2005 - 3/4/2009").date_of_injury,
            None
        );
    }
}
