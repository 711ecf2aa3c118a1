//! Drives the real binary in scratch directories: a module a command.

mod build;
mod check;
mod readme;
mod schema;
mod scratch;
