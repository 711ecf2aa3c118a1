//! The labels of the paragraphs under each decision.

use super::phrases::Phrases;
use super::prose::Prose;
use super::words::{match_words, strip_markup};
use crate::vocabulary::runs::Run;
use std::ops::Range;
use std::sync::LazyLock;

/// What a labelled paragraph under a decision holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    ClaimsAdministrator,
    Reviewer,
    /// Both parties' guidelines in one paragraph.
    Guidelines,
    Rationale,
}

/// A label: its words, what it opens, whether its own words are part of the paragraph ("The Claims
/// Administrator did not cite …"), and whether it may stand inside a line when a colon follows.
pub struct LabelRow {
    pub words: &'static str,
    pub label: Label,
    pub keeps_words: bool,
    pub inline: bool,
}

const fn row(words: &'static str, label: Label, keeps_words: bool, inline: bool) -> LabelRow {
    LabelRow {
        words,
        label,
        keeps_words,
        inline,
    }
}

/// Every label of every layout.
pub const LABELS: &[LabelRow] = &[
    row(
        "claims administrator guideline",
        Label::ClaimsAdministrator,
        false,
        true,
    ),
    row(
        "claims administrator guidelines",
        Label::ClaimsAdministrator,
        false,
        true,
    ),
    row(
        "claims administrator s guideline",
        Label::ClaimsAdministrator,
        false,
        true,
    ),
    row(
        "the claims administrator based its decision on",
        Label::ClaimsAdministrator,
        false,
        false,
    ),
    row(
        "the claims administrator",
        Label::ClaimsAdministrator,
        true,
        false,
    ),
    row(
        "no guideline was cited by the claims administrator",
        Label::ClaimsAdministrator,
        true,
        false,
    ),
    row(
        "no guidelines were cited by the claims administrator",
        Label::ClaimsAdministrator,
        true,
        false,
    ),
    row("maximus guideline", Label::Reviewer, false, true),
    row("maximus guidelines", Label::Reviewer, false, true),
    row(
        "the physician reviewer based his her decision on",
        Label::Reviewer,
        false,
        false,
    ),
    row(
        "the expert reviewer based his her decision on",
        Label::Reviewer,
        false,
        false,
    ),
    row("the physician reviewer", Label::Reviewer, true, false),
    row("the expert reviewer", Label::Reviewer, true, false),
    row(
        "the physician reviewer s decision rationale",
        Label::Rationale,
        false,
        true,
    ),
    row(
        "the expert reviewer s decision rationale",
        Label::Rationale,
        false,
        true,
    ),
    row("decision rationale", Label::Rationale, false, true),
    row("rationale", Label::Rationale, false, false),
    row(
        "section of the medical treatment utilization schedule relied upon by the expert reviewer to make his her decision",
        Label::Guidelines,
        false,
        true,
    ),
    row(
        "section of the medical treatment utilization schedule relied upon by the expert reviewer to make his or her decision",
        Label::Guidelines,
        false,
        true,
    ),
    row(
        "section of the medical treatment utilization schedule relied upon by the expert reviewer",
        Label::Guidelines,
        false,
        true,
    ),
    row(
        "section s of the medical treatment utilization schedule relied upon by the expert reviewer to make his her decision",
        Label::Guidelines,
        false,
        true,
    ),
    row("rationale for the decision", Label::Rationale, false, true),
    row("rationale for decision", Label::Rationale, false, true),
];

/// Words that begin a line of their own wherever they stand: the labels above and those of the header.
pub const LINE_LABELS: &[&str] = &[
    "rationale",
    "claims administrator guideline",
    "maximus guideline",
    "the claims administrator based its decision on",
    "the claims administrator did not cite",
    "the physician reviewer based his her decision on",
    "the physician reviewer s decision rationale",
    "decision rationale",
    "rationale for the decision",
    "section of the medical treatment utilization schedule relied upon",
    "state s of licensure",
    "certification s specialty",
    "the expert reviewer has the following credentials",
    "case number",
    "date assigned",
    "date of injury",
    "decision date",
    "ur denial date",
    "priority",
    "application received",
];

static LABEL_PHRASES: LazyLock<Phrases<&'static LabelRow>> =
    LazyLock::new(|| Phrases::new(LABELS.iter().map(|row| (row.words, row))));

/// Whether the label `phrase` begins `line`, so that the line is a paragraph's first.
pub fn begins_line(line: &str, phrase: &str) -> bool {
    // "Rationale" is a word of prose unless a colon follows.
    match_words(line, 0, phrase)
        .is_some_and(|end| phrase != "rationale" || line[end..].starts_with(':'))
}

/// A label found in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelAt {
    pub label: Label,
    /// The byte of the prose at which the label begins.
    pub start: usize,
    /// The byte at which its paragraph's text begins.
    pub body: usize,
    /// The label's own words are part of the paragraph.
    pub in_sentence: bool,
}

/// The label that begins the line at the bytes `line` of the prose.
pub fn label_of(prose: &Prose, line: &Range<usize>) -> Option<LabelAt> {
    let start = line.start + strip_markup(&prose.text[line.clone()]).start;
    let runs = prose.runs(&(start..line.end));
    runs.first().filter(|run| run.start as usize == start)?;
    best(&prose.text[..line.end], runs, |_| true)
}

/// The first label inside `line` after byte `from`: paragraphs that a text dump ran together.
pub fn label_inside(prose: &Prose, line: &Range<usize>, from: usize) -> Option<LabelAt> {
    // Every such label ends with a colon, and none is longer than this.
    const LONGEST: usize = 160;
    let text = &prose.text[..line.end];
    let bytes = text.as_bytes();
    let mut known = from;
    for colon in memchr::memchr_iter(b':', &bytes[from..]).map(|i| from + i) {
        let window = known.max(colon.saturating_sub(LONGEST));
        let runs = prose.runs(&(window + 1..colon));
        let found = (0..runs.len()).find_map(|i| {
            let at = runs[i].start as usize;
            let capital = bytes[at].is_ascii_uppercase() && bytes[at - 1] == b' ';
            let found = capital
                .then(|| best(text, &runs[i..], |row| row.inline))
                .flatten()?;
            text[..found.body]
                .trim_end()
                .ends_with(':')
                .then_some(found)
        });
        if found.is_some() {
            return found;
        }
        known = colon;
    }
    None
}

/// The longest label of the wanted ones that begins at the first of `runs`.
fn best(text: &str, runs: &[Run], wanted: impl Fn(&LabelRow) -> bool) -> Option<LabelAt> {
    let (row, start, end) = LABEL_PHRASES
        .at(runs)
        .map(|p| (p.value, p.start, p.end))
        .filter(|(row, ..)| wanted(row))
        // "The claims administrator's position is …" is prose about a party.
        .find(|(row, _, end)| !(row.keeps_words && text[*end..].starts_with(['\'', '’'])))?;
    if row.keeps_words {
        return Some(LabelAt {
            label: row.label,
            start,
            body: start,
            in_sentence: true,
        });
    }
    let rest = text[end..].trim_start_matches([')', '*', '_', ' ']);
    let colon = rest.starts_with(':');
    // "Rationale" alone is a word of prose unless a colon follows.
    if row.words == "rationale" && !colon {
        return None;
    }
    let rest = rest.trim_start_matches([':', '*', ' ', '\u{a0}']);
    Some(LabelAt {
        label: row.label,
        start,
        body: text.len() - rest.len(),
        in_sentence: false,
    })
}
