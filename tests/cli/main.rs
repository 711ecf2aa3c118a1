//! Drives the real binary in scratch directories: a module a command.

mod build;
mod built;
mod check;
mod dice;
#[path = "../fixture/mod.rs"]
mod fixture;
#[cfg(unix)]
mod hostile;
mod inputs;
mod others;
mod pack;
mod pruning;
mod query;
mod readme;
mod schema;
mod scratch;
mod show;
mod sql;
#[cfg(target_os = "linux")]
mod trust;
mod update;
