//! The diagnoses as the clinical summary lists them: numbered, with semicolons, or in prose.

mod items;
mod lists;

use super::model::Found;
use super::prose::Prose;
use crate::vocabulary::Vocabulary;
use items::{numbered, semicolons, tidy};
use lists::lists;
use std::ops::Range;

/// The diagnoses in the clinical summary `range`.
pub fn read(prose: &Prose, range: &Range<usize>, vocabulary: &Vocabulary) -> Vec<Found<String>> {
    let text = &prose.text[..range.end];
    let mut items = Vec::new();
    let lists = lists(prose, range, vocabulary);
    let labelled = lists.len() > 1;
    for list in lists {
        let numbered = numbered(text, &list);
        items.extend(if numbered.is_empty() {
            semicolons(text, &list, labelled, vocabulary)
        } else {
            numbered
        });
    }
    items
        .into_iter()
        .filter_map(|r| tidy(text, r))
        .map(|r| prose.verbatim(&r))
        .collect()
}

/// The place in its list of the item that a mark opens: 2 for "2.", "(2)", "b)".
fn ordinal(mark: &str) -> Option<u32> {
    let mark = mark.trim_start_matches('(');
    match mark.chars().next()? {
        c if c.is_ascii_digit() => mark
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .ok(),
        c if c.is_ascii_lowercase() => Some(u32::from(c) - u32::from('a') + 1),
        _ => None,
    }
}
