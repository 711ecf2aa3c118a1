//! `citations`: the guidelines that the two sides cite.

use super::cell::{Enum, Int, Text, table};
use crate::letter::{Citation, CitedBy, Decision, GuidelineSource};

table! {
    /// One row for each guideline cited and each range of its pages. Identical rows stand once.
    citations {
        /// The decision.
        decision_id: Text [refers decisions],
        /// Who cites it.
        cited_by: Enum<CitedBy>,
        /// Whose guideline it is: `MTUS` wherever that part of the text names the MTUS or one of its
        /// own sections, else `ACOEM`, `ODG` (Official Disability Guidelines) or `other`.
        guideline_source: Enum<GuidelineSource>,
        /// The chapter or section as cited, without "Decision based on", without pages.
        title: Text,
        /// The first page; NULL where no pages are given.
        page_start: Option<Int>,
        /// The last page; equals the first for a single page.
        page_end: Option<Int>,
    }
}

/// A decision's citations with their numbers in it (from 1), identical rows left out.
pub(super) fn distinct(decision: &Decision) -> impl Iterator<Item = (usize, &Citation)> {
    let citations = &decision.citations;
    let first = |n: usize, c: &Citation| !citations[..n].iter().any(|d| same_row(c, d));
    let kept = citations
        .iter()
        .enumerate()
        .filter(move |(n, c)| first(*n, c));
    kept.enumerate().map(|(n, (_, citation))| (n + 1, citation))
}

/// Whether two citations give the same row; where they stand in the letter makes no difference.
fn same_row(a: &Citation, b: &Citation) -> bool {
    let row = |c: &Citation| {
        (
            c.cited_by,
            c.guideline_source,
            c.pages.as_ref().map(|p| p.value),
        )
    };
    row(a) == row(b) && a.title.value == b.title.value
}

impl Builder {
    /// Adds one citation of a decision.
    pub(super) fn add(&mut self, decision_id: &str, citation: &Citation) {
        let pages = citation.pages.as_ref().map(|p| p.value);
        self.push(Row {
            decision_id,
            cited_by: citation.cited_by,
            guideline_source: citation.guideline_source,
            title: &citation.title.value,
            page_start: pages.map(|p| p.0),
            page_end: pages.map(|p| p.1),
        });
    }
}
