//! What a build has done, for people to read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::manifest::LetterCounts;
use super::wilson_interval;
use crate::letter::{Letter, MentionKind, Outcome, Problem, Severity, Status};
use crate::tables::cell::Enumeration;
use crate::tables::decisions::WeaningContext;

/// What a build has done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub letters: LetterCounts,
    pub cases: u64,
    pub decisions: DecisionCounts,
    pub overturn_rate: Rate,
    pub overturn_by_weaning: Vec<ContextRate>,
    pub problems: Vec<ProblemCount>,
    /// Files passed over, by extension.
    pub skipped: BTreeMap<String, u64>,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// The size of the dataset's Parquet files.
    pub bytes: u64,
    pub seconds: f64,
    pub letters_per_second: f64,
}

/// Decisions by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DecisionCounts {
    pub total: u64,
    pub upheld: u64,
    pub overturned: u64,
    pub without_outcome: u64,
}

/// A share of overturned decisions among those with an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// Decisions with an outcome.
    pub decisions: u64,
    pub overturned: u64,
    /// `None` without decisions, as are the bounds of its 95 % Wilson interval.
    pub rate: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

impl Rate {
    fn new(overturned: u64, decisions: u64) -> Self {
        let interval = wilson_interval(overturned, decisions);
        Self {
            decisions,
            overturned,
            rate: (decisions > 0).then(|| overturned as f64 / decisions as f64),
            lower: interval.map(|i| i.0),
            upper: interval.map(|i| i.1),
        }
    }
}

/// The overturn rate of the decisions of one weaning context.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ContextRate {
    pub weaning_context: &'static str,
    #[serde(flatten)]
    pub rate: Rate,
}

/// How often one problem was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProblemCount {
    pub severity: &'static str,
    pub code: &'static str,
    pub count: u64,
}

/// Counts a build while it runs.
#[derive(Debug, Default)]
pub struct Tally {
    pub letters: LetterCounts,
    pub cases: u64,
    pub decisions: DecisionCounts,
    problems: BTreeMap<(&'static str, &'static str), u64>,
    /// (overturned, decisions with an outcome) by weaning context.
    contexts: BTreeMap<Option<MentionKind>, (u64, u64)>,
}

impl Tally {
    /// Counts a letter that becomes a row.
    pub fn letter(&mut self, letter: &Letter) {
        *match letter.status {
            Status::Parsed => &mut self.letters.parsed,
            Status::Partial => &mut self.letters.partial,
            Status::Rejected => &mut self.letters.rejected,
        } += 1;
        letter.problems.iter().for_each(|p| self.problem(p));
        let Some(case) = &letter.case else { return };
        self.cases += 1;
        for decision in &case.decisions {
            self.decisions.total += 1;
            let Some(outcome) = &decision.outcome else {
                self.decisions.without_outcome += 1;
                continue;
            };
            let context = self.contexts.entry(decision.weaning_context).or_default();
            context.1 += 1;
            match outcome.value {
                Outcome::Upheld => self.decisions.upheld += 1,
                Outcome::Overturned => {
                    self.decisions.overturned += 1;
                    context.0 += 1;
                }
            }
        }
    }

    /// Counts a problem.
    pub fn problem(&mut self, problem: &Problem) {
        let key = (problem.severity.as_str(), problem.code);
        *self.problems.entry(key).or_default() += 1;
    }

    /// The overturn rate of all decisions.
    pub fn rate(&self) -> Rate {
        let DecisionCounts {
            upheld, overturned, ..
        } = self.decisions;
        Rate::new(overturned, upheld + overturned)
    }

    /// The overturn rate of every weaning context, those without a decision too.
    pub fn rates_by_weaning(&self) -> Vec<ContextRate> {
        let kinds = MentionKind::ALL.iter().copied().map(Some).chain([None]);
        kinds
            .map(|kind| {
                let (overturned, decisions) = self.contexts.get(&kind).copied().unwrap_or_default();
                ContextRate {
                    weaning_context: WeaningContext(kind).text(),
                    rate: Rate::new(overturned, decisions),
                }
            })
            .collect()
    }

    /// Problems by code, errors first, the most frequent first.
    pub fn problems(&self) -> Vec<ProblemCount> {
        let mut counts: Vec<_> = self
            .problems
            .iter()
            .map(|(&(severity, code), &count)| ProblemCount {
                severity,
                code,
                count,
            })
            .collect();
        counts.sort_by_key(|p| (p.severity != Severity::Error.as_str(), u64::MAX - p.count));
        counts
    }
}

impl Summary {
    /// Whether any document was rejected or met an error.
    pub fn has_errors(&self) -> bool {
        let lost = self.letters.rejected + self.letters.unreadable;
        let error = |p: &ProblemCount| p.severity == Severity::Error.as_str();
        lost > 0 || self.problems.iter().any(error)
    }
}
