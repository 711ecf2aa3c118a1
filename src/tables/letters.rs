//! `letters`: every document that was read.

use super::cell::{Cell, Enum, Text, table};
use crate::letter::Status;

table! {
    /// One row for each document read, whether it could be parsed or not. The same bytes twice are
    /// one row: the first source in sorted order is kept, and the repeat is a row of `problems`.
    letters {
        /// 16 lower-case hex digits: the start of the SHA-256 of the document's bytes (of one letter
        /// among several in a file: of its text as UTF-8).
        letter_id: Text [key],
        /// Where it came from: the path as given and below it; of several letters in one file
        /// `path#1`, `path#2`, ….
        source: Text,
        /// The layout of letter that was recognised; NULL if none was.
        template: Option<Text>,
        /// How far it could be read: `parsed` (reviewer and at least one decision with an outcome
        /// were found), `partial` (some of that is missing), `rejected` (not an IMR letter, or no
        /// text).
        status: Enum<Status>,
        /// The document's text exactly as read, after decoding, without a byte order mark. Offsets in
        /// other tables count its Unicode characters from 0. NULL where the document holds no text
        /// (binary or empty).
        text: Option<Text>,
    }
}

impl Builder {
    /// Adds an input that could not be read, and so has no key; the table has no such row.
    pub(super) fn add_unreadable(&mut self, source: &str) {
        self.letter_id.append_null();
        Text::append(&mut self.source, source);
        self.template.append_null();
        Enum::append(&mut self.status, Status::Rejected);
        self.text.append_null();
    }
}
