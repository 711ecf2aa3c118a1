//! The parser on whole letters: no tables, no files written, no SQL.

mod corpus;
mod labels;
mod rewrap;
mod robust;
mod vocabulary;
