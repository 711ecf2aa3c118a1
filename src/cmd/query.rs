//! `imr query`: the named analyses.

use std::path::{Path, PathBuf};

use crate::cmd::Failure;
use crate::cmd::bounds::Bounds;
use crate::cmd::sql::{Spreadsheet, admit, block_on, interruptible, output, read_file};
use crate::sql::{self, Format, Script};

/// Run a named analysis, or list them
///
/// The analyses are ordinary SQL; --sql prints one, to learn from or to change. A changed copy is run by its path.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  imr query
  imr query overturn_by_weaning dataset
  imr query field_coverage dataset --format csv
  imr query overturn_by_drug --sql > mine.sql
  imr query mine.sql dataset")]
pub struct Args {
    /// The analysis, or the path of a file with SQL; without it the analyses are listed
    #[arg(value_name = "NAME|FILE.sql")]
    name: Option<String>,

    /// The dataset, as imr build wrote it
    #[arg(value_name = "DIR", default_value = "dataset")]
    dir: PathBuf,

    /// How the result is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "table")]
    format: Format,

    /// Write the result to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    spreadsheet: Spreadsheet,

    #[command(flatten)]
    bounds: Bounds,

    /// Print the analysis instead of running it
    #[arg(long, requires = "name")]
    sql: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Result<(), Failure> {
    let mut output = output(args.format, args.output, args.spreadsheet);
    let Some(name) = args.name else {
        output.write_text(&sql::query_list())?;
        return Ok(());
    };
    let file = is_path(&name);
    let text = if file {
        read_file(Path::new(&name))?
    } else {
        match sql::find(&name) {
            Ok(query) => query.sql.to_string(),
            Err(near) => return Err(sql::unknown_query(&name, &near).into()),
        }
    };
    if args.sql {
        output.write_text(&text)?;
        return Ok(());
    }
    let (options, _spilled) = args.bounds.open()?;
    block_on(interruptible(async {
        let ctx = sql::open_with(&args.dir, &options).await?;
        admit(&ctx, &mut output)?;
        let script = Script {
            name: Some(&name),
            text: &text,
        };
        sql::run(&ctx, script, &mut output).await?;
        Ok(())
    }))
}

/// A name has neither a folder nor an extension.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".sql")
}
