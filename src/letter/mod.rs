//! Text → [`Letter`]. Pure: no I/O, no Arrow. Every extracted value knows its span in the text.

mod model;

pub use model::*;

/// Reads one letter.
///
/// `text` is the decoded document; the spans in the result count its characters.
pub fn parse(_text: &str) -> Letter {
    Letter { layout: None, status: Status::Rejected, case: None, problems: Vec::new() }
}

/// The byte ranges of the letters in `text`: one, unless several letters stand in one document.
pub fn split(text: &str) -> Vec<std::ops::Range<usize>> {
    vec![0..text.len()]
}
