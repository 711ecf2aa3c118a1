//! What a build has done, for people to read.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use serde::Serialize;

use super::gather::REPEAT;
use super::manifest::{LetterCounts, TableEntry};
use super::update::{Updated, read};
use super::{Error, wilson_interval};
use crate::letter::{MentionKind, Outcome, Severity, Status};
use crate::tables::cell::Enumeration;
use crate::tables::decisions::WeaningContext;
use crate::tables::split::Tables;
use crate::tables::{cases, table};

/// What a build has done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub letters: LetterCounts,
    /// What an update has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Updated>,
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
    /// The operators that did it, with their metrics.
    #[serde(skip)]
    pub plan: String,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemCount {
    pub severity: &'static str,
    pub code: String,
    pub count: u64,
}

/// Counts a build while it runs.
#[derive(Debug, Default)]
pub struct Tally {
    pub letters: LetterCounts,
    pub cases: u64,
    pub decisions: DecisionCounts,
    problems: BTreeMap<Option<Severity>, BTreeMap<String, u64>>,
    /// (overturned, decisions with an outcome) by weaning context.
    contexts: BTreeMap<Option<MentionKind>, (u64, u64)>,
}

impl Tally {
    /// Counts rows of the tables.
    pub fn add(&mut self, tables: &Tables) {
        self.add_letters(&tables.letters);
        self.cases += tables.cases.num_rows() as u64;
        self.add_problems(&tables.problems);
        self.add_decisions(&tables.decisions);
    }

    /// Counts the rows of a dataset's tables.
    pub fn of_files(dir: &Path, tables: &[TableEntry]) -> Result<Self, Error> {
        let mut tally = Self::default();
        for entry in tables {
            let columns: &[&str] = match entry.name.as_str() {
                "letters" => &["status"],
                "problems" => &["letter_id", "severity", "code"],
                "decisions" => &["outcome", "weaning_context"],
                _ => continue,
            };
            let Some(table) = table(&entry.name) else {
                continue;
            };
            for file in &entry.files {
                for batch in read(table, &dir.join(&file.path), Some(columns))? {
                    let batch = batch?;
                    match entry.name.as_str() {
                        "letters" => tally.add_letters(&batch),
                        "problems" => {
                            tally.add_problems(&batch);
                            let unreadable = batch["letter_id"].null_count() as u64;
                            tally.letters.unreadable += unreadable;
                        }
                        _ => tally.add_decisions(&batch),
                    }
                }
            }
        }
        let cases = tables.iter().find(|t| t.name == cases::TABLE.name);
        tally.cases = cases.map_or(0, |t| t.rows);
        let repeats = tally
            .problems
            .values()
            .filter_map(|codes| codes.get(REPEAT));
        tally.letters.duplicates = repeats.sum();
        tally.letters.read = tally.letters.sum();
        Ok(tally)
    }

    fn add_letters(&mut self, letters: &RecordBatch) {
        for status in strings(letters, "status").iter().flatten() {
            *match Status::from_text(status) {
                Some(Status::Parsed) => &mut self.letters.parsed,
                Some(Status::Partial) => &mut self.letters.partial,
                _ => &mut self.letters.rejected,
            } += 1;
        }
    }

    fn add_problems(&mut self, problems: &RecordBatch) {
        let [severities, codes] = ["severity", "code"].map(|c| strings(problems, c));
        for (severity, code) in severities.iter().zip(codes) {
            let (severity, code) = (severity.unwrap_or_default(), code.unwrap_or_default());
            let of_severity = self
                .problems
                .entry(Severity::from_text(severity))
                .or_default();
            match of_severity.get_mut(code) {
                Some(count) => *count += 1,
                None => drop(of_severity.insert(code.to_owned(), 1)),
            }
        }
    }

    fn add_decisions(&mut self, decisions: &RecordBatch) {
        let [outcomes, contexts] = ["outcome", "weaning_context"].map(|c| strings(decisions, c));
        for (outcome, context) in outcomes.iter().zip(contexts) {
            self.decision(
                outcome.and_then(Outcome::from_text),
                context.and_then(MentionKind::from_text),
            );
        }
    }

    fn decision(&mut self, outcome: Option<Outcome>, context: Option<MentionKind>) {
        self.decisions.total += 1;
        let Some(outcome) = outcome else {
            self.decisions.without_outcome += 1;
            return;
        };
        let context = self.contexts.entry(context).or_default();
        context.1 += 1;
        match outcome {
            Outcome::Upheld => self.decisions.upheld += 1,
            Outcome::Overturned => {
                self.decisions.overturned += 1;
                context.0 += 1;
            }
        }
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
        let counts = self.problems.iter().flat_map(|(severity, counts)| {
            let severity = severity.map_or("", Severity::as_str);
            counts.iter().map(move |(code, &count)| ProblemCount {
                severity,
                code: code.clone(),
                count,
            })
        });
        let mut counts: Vec<_> = counts.collect();
        counts.sort_by_key(|p| (p.severity != Severity::Error.as_str(), u64::MAX - p.count));
        counts
    }
}

/// A column of strings, which none of the tables that are counted lacks.
fn strings<'a>(rows: &'a RecordBatch, column: &str) -> &'a StringArray {
    rows[column].as_string()
}

impl Summary {
    pub(super) fn new(tally: Tally, tables: &[TableEntry], skipped: BTreeMap<String, u64>) -> Self {
        let files = tables.iter().flat_map(|t| &t.files);
        Self {
            letters: tally.letters,
            update: None,
            cases: tally.cases,
            decisions: tally.decisions,
            overturn_rate: tally.rate(),
            overturn_by_weaning: tally.rates_by_weaning(),
            problems: tally.problems(),
            skipped,
            rows: tables.iter().map(|t| (t.name.clone(), t.rows)).collect(),
            bytes: files.map(|f| f.bytes).sum(),
            seconds: 0.0,
            letters_per_second: 0.0,
            plan: String::new(),
        }
    }

    /// Notes how long the build took.
    pub(super) fn time(&mut self, taken: Duration) {
        self.seconds = taken.as_secs_f64();
        self.letters_per_second = self.letters.read as f64 / self.seconds.max(1e-9);
    }

    /// Whether any document was rejected or met an error.
    pub fn has_errors(&self) -> bool {
        let lost = self.letters.rejected + self.letters.unreadable;
        let error = |p: &ProblemCount| p.severity == Severity::Error.as_str();
        lost > 0 || self.problems.iter().any(error)
    }
}
