//! The rows of a letter, and the evidence of their values.

use std::collections::HashMap;

use super::rows::Row;
use super::text::{Text, reads_as};
use super::{Report, Rule};
use crate::tables::{Role, table};

/// All rows of a letter that hold values read in it.
pub struct Values<'a> {
    pub case: Option<&'a Row>,
    pub reviewer: Option<&'a Row>,
    pub decisions: Vec<Row>,
    pub citations: Vec<Row>,
    pub mentions: Vec<Row>,
}

impl Values<'_> {
    /// The row that `table_name` and `row_id` of the evidence mean.
    fn find(&self, table: &str, id: &str) -> Option<&Row> {
        match table {
            "cases" => self.case.filter(|r| r.id("case_id") == id),
            "reviewers" => self.reviewer.filter(|r| r.id("reviewer_id") == id),
            "decisions" => self.decisions.iter().find(|r| r.id("decision_id") == id),
            "citations" => {
                let (decision, n) = numbered(id)?;
                let of_it = |r: &&Row| r.id("decision_id") == decision;
                self.citations.iter().filter(of_it).nth(n)
            }
            "weaning_mentions" => {
                let (case, n) = numbered(id)?;
                self.mentions.get(n).filter(|r| r.id("case_id") == case)
            }
            _ => None,
        }
    }
}

/// The parts of `<id>/<n>`, the number from 0.
fn numbered(row_id: &str) -> Option<(&str, usize)> {
    let (id, n) = row_id.rsplit_once('/')?;
    Some((id, n.parse::<usize>().ok()?.checked_sub(1)?))
}

/// Checks that each row of evidence belongs to a value, lies in the text and, where the value is
/// verbatim, reads as it.
pub fn check_evidence(text: &Text<'_>, values: &Values<'_>, evidence: &[Row], report: &mut Report) {
    // How many rows a column of a row has had: the place of the next in a list.
    let mut nth: HashMap<[&str; 3], usize> = HashMap::new();
    for row in evidence {
        let place = ["table_name", "row_id", "column_name"].map(|c| row.id(c));
        let [table_name, row_id, column_name] = place;
        let column = table(table_name).and_then(|t| t.column(column_name));
        let value = values.find(table_name, row_id);
        let full = value.is_some_and(|v| v.has(column_name));
        report.expect(Rule::EvidenceRows, column.is_some() && full, || {
            format!(
                "letter {}: {} has no value",
                row.id("letter_id"),
                place.join(" ")
            )
        });
        let piece = row.span().and_then(|span| text.cut(span));
        report.expect(Rule::EvidenceSpans, piece.is_some(), || {
            format!(
                "letter {}: {} at {:?}",
                row.id("letter_id"),
                place.join(" "),
                row.span()
            )
        });
        let n = nth.entry(place).or_default();
        let (Some(value), Some(piece)) = (value, piece) else {
            continue;
        };
        if column.is_some_and(|c| c.role == Role::Verbatim) {
            let texts = value.texts(column_name).unwrap_or_default();
            let text = texts.get(*n).map(String::as_str);
            report.expect(
                Rule::Verbatim,
                text.is_some_and(|t| reads_as(piece, t)),
                || format!("{}: {text:?} stands as {piece:?}", place.join(" ")),
            );
            *n += 1;
        }
    }
}
