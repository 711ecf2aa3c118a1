//! Proves a dataset sound: its files, keys, references, enumerations, counts, and that whatever points
//! into a letter's text points at what it says.
//!
//! Everything streams; of the whole dataset only keys are held.

mod again;
mod columns;
mod files;
mod letters;
mod rows;
mod text;
mod values;

pub use again::{Deep, other_parser};
use again::{Finding, checks};

use super::{Dataset, Error};

/// What is checked, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Files,
    Schema,
    Rows,
    Strays,
    Keys,
    References,
    Enumerations,
    NoEmptyStrings,
    Letters,
    Order,
    Cases,
    Reviewers,
    Decisions,
    Categories,
    Citations,
    WeaningContext,
    Cues,
    EvidenceRows,
    EvidenceSpans,
    Verbatim,
    ProblemSpans,
}

impl Rule {
    const ALL: [Rule; 21] = {
        use Rule::*;
        [
            Files,
            Schema,
            Rows,
            Strays,
            Keys,
            References,
            Enumerations,
            NoEmptyStrings,
            Letters,
            Order,
            Cases,
            Reviewers,
            Decisions,
            Categories,
            Citations,
            WeaningContext,
            Cues,
            EvidenceRows,
            EvidenceSpans,
            Verbatim,
            ProblemSpans,
        ]
    };

    /// What holds, and what was looked at for it.
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Rule::Files => ("files are those of the manifest, byte for byte", "files"),
            Rule::Schema => ("files have the documented columns and types", "files"),
            Rule::Rows => (
                "rows and letters are as many as the manifest says",
                "counts",
            ),
            Rule::Strays => ("no other files lie among them", "files"),
            Rule::Keys => ("keys are unique", "keys"),
            Rule::References => ("references lead to a row", "references"),
            Rule::Enumerations => ("enumerations hold their values only", "values"),
            Rule::NoEmptyStrings => ("no string is empty", "strings"),
            Rule::Letters => (
                "letters have the status that their rows give them",
                "letters",
            ),
            Rule::Order => ("rows stand in the order of their letters", "rows"),
            Rule::Cases => ("counts and outcomes of cases agree with decisions", "cases"),
            Rule::Reviewers => (
                "reviewers are distinct, hashed right and in use",
                "reviewers",
            ),
            Rule::Decisions => (
                "decisions are numbered as their letter has them",
                "decisions",
            ),
            Rule::Categories => ("subcategories and columns fit the category", "decisions"),
            Rule::Citations => ("citations are distinct, page ranges in order", "citations"),
            Rule::WeaningContext => ("weaning contexts follow from the mentions", "decisions"),
            Rule::Cues => (
                "offsets of mentions cut their cue out of the text",
                "mentions",
            ),
            Rule::EvidenceRows => ("evidence belongs to a value", "rows"),
            Rule::EvidenceSpans => ("evidence lies in the text", "rows"),
            Rule::Verbatim => ("verbatim values read as their place in the text", "values"),
            Rule::ProblemSpans => ("places of problems lie in the text", "problems"),
        }
    }
}

/// How one rule fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// What should hold.
    pub rule: String,
    /// How many of `unit` were looked at.
    pub looked_at: u64,
    pub unit: &'static str,
    /// How many of them break the rule.
    pub broken: u64,
    /// Where; the first few.
    pub examples: Vec<String>,
}

/// Breaches of one rule that are described.
const EXAMPLES: usize = 10;

/// What a check has found so far.
#[derive(Debug, Clone)]
pub struct Report {
    pub checks: Vec<Check>,
}

impl Report {
    fn new(deep: bool) -> Self {
        let rules = Rule::ALL.map(|rule| {
            let (rule, unit) = rule.text();
            Check {
                rule: rule.to_owned(),
                unit,
                ..Check::default()
            }
        });
        let values = checks().filter(|_| deep);
        Self {
            checks: rules.into_iter().chain(values).collect(),
        }
    }

    /// Whether every rule holds.
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|c| c.broken == 0)
    }

    /// Notes that one thing was looked at; `where_what` describes it if it breaks the rule.
    fn expect(&mut self, rule: Rule, holds: bool, where_what: impl FnOnce() -> String) -> bool {
        let check = &mut self.checks[rule as usize];
        check.looked_at += 1;
        if !holds {
            check.broken += 1;
            if check.examples.len() < EXAMPLES {
                check.examples.push(where_what());
            }
        }
        holds
    }

    /// Notes what was found for the check at `place`.
    fn add(&mut self, place: usize, found: Finding) {
        let check = &mut self.checks[place];
        check.looked_at += found.looked_at;
        check.broken += found.broken;
        let room = EXAMPLES.saturating_sub(check.examples.len());
        check.examples.extend(found.examples.into_iter().take(room));
    }

    /// Notes `rows` things that hold.
    fn looked_at(&mut self, rule: Rule, rows: u64) {
        self.checks[rule as usize].looked_at += rows;
    }
}

/// Checks a dataset, `deep` by reading its letters again. Where its files are not what they should be, their
/// rows are not looked at.
pub fn check(dataset: &Dataset, deep: Option<Deep>) -> Result<Report, Error> {
    let mut report = Report::new(deep.is_some());
    files::check(dataset, &mut report)?;
    if report.is_sound() {
        let keys = columns::check(dataset, &mut report)?;
        letters::check(dataset, &keys, deep, &mut report)?;
    }
    Ok(report)
}

#[cfg(test)]
mod tests;
