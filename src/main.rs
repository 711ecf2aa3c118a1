use std::process::ExitCode;

use clap::Parser;
use imr::cmd;

#[derive(Parser)]
#[command(version, about)]
enum Imr {
    Sql(cmd::sql::Args),
    Query(cmd::query::Args),
}

fn main() -> ExitCode {
    let result = match Imr::parse() {
        Imr::Sql(args) => cmd::sql::run(args),
        Imr::Query(args) => cmd::query::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("imr: {failure}");
            ExitCode::FAILURE
        }
    }
}
