//! Parses the arguments, runs the command, maps errors to exit codes.

use std::borrow::Cow;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use imr::cmd::{self, Failure};
use imr::{harmless, sql};

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
    // SQL is parsed, and its expressions are dropped, by recursion.
    let thread = std::thread::Builder::new()
        .stack_size(sql::STACK)
        .spawn(run);
    match thread.map(|thread| thread.join()) {
        Ok(Ok(code)) => code,
        // A panic, which was printed.
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(_) => run(),
    }
}

/// Parses the arguments and runs the command.
fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let quotable =
                |word: OsString| matches!(harmless(&word.to_string_lossy()), Cow::Borrowed(_));
            if std::env::args_os().all(quotable) {
                // In colours, on a terminal.
                error.exit();
            }
            eprint!("{}", harmless(&error.to_string()));
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    sql::quiet_panics();
    let done = match cli.command {
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
            eprintln!("imr: {}", harmless(&message));
            ExitCode::FAILURE
        }
    }
}
