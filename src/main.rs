//! Parses the arguments, runs the command, maps errors to exit codes.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use imr::cmd::{self, Failure};

/// Letters are many small strings, which it hands out faster than the system's allocator does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// California workers' compensation Independent Medical Review letters as a columnar dataset.
#[derive(Parser)]
#[command(name = "imr", version, arg_required_else_help = true, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  imr build letters --out dataset
  imr query overturn_by_weaning dataset
  imr show dataset CM15-0012345
  imr sql dataset
  imr check dataset
  imr schema";

#[derive(Subcommand)]
enum Command {
    Build(cmd::build::Args),
    Check(cmd::check::Args),
    Query(cmd::query::Args),
    Schema(cmd::schema::Args),
    Show(cmd::show::Args),
    Sql(cmd::sql::Args),
}

/// 0: done; 1: failed; 2: the arguments are wrong (clap's own).
fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Build(args) => cmd::build::run(args),
        Command::Check(args) => cmd::check::run(args),
        Command::Query(args) => cmd::query::run(args),
        Command::Schema(args) => cmd::schema::run(args),
        Command::Show(args) => cmd::show::run(args),
        Command::Sql(args) => cmd::sql::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of our output has had enough: `imr schema | head`.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(Failure { message, .. }) => {
            eprintln!("imr: {message}");
            ExitCode::FAILURE
        }
    }
}
