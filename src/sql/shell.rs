//! The interactive shell.

use std::path::Path;

use datafusion::common::config::Dialect;
use datafusion::logical_expr::Documentation;
use datafusion::prelude::SessionContext;
use datafusion_cli::functions::Function;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use rustyline::error::ReadlineError;

use super::editor::{editor, history_file, leaves};
use super::letters::{self, READ_LETTERS};
use super::queries::{QUERIES, find};
use super::rules::{Rules, not_here};
use super::session::{DICTIONARY, VIEW, table_names};
use super::table::grouped;
use super::wilson;
use super::{Error, Format, Output, Script, run};
use crate::harmless;

const HELP: &str = r"A statement ends with ';' and may run over several lines. TAB completes names.
  \d              the tables
  \d NAME         the columns of a table, with their meaning
  \query          the named analyses
  \query NAME     run one
  \h              the functions of this program
  \h NAME         what a function or a statement of SQL does
  \i FILE         run the statements of a file
  \format NAME    table, csv, tsv, json, ndjson or markdown
  \q              leave (also quit, or Ctrl-D)
";

/// Reads statements from the terminal and runs them until the user leaves. `dir` is the dataset that is
/// open, if one is.
pub async fn shell(
    ctx: &SessionContext,
    dir: Option<&Path>,
    output: &mut Output,
) -> Result<(), Error> {
    welcome(ctx, dir).await?;
    let dialect: Dialect = ctx.state().config_options().sql_parser.dialect;
    let mut editor = editor(&dialect, names(ctx).await?).map_err(unusable)?;
    let mut interrupts = interrupts();
    let history = history_file();
    if let Some(history) = &history {
        // There is none the first time.
        let _ = editor.load_history(history);
    }
    loop {
        match editor.readline("imr> ") {
            Ok(line) if leaves(&line) => break,
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => {
                let _ = editor.add_history_entry(line.trim_end());
                match step(ctx, &line, output, &mut interrupts).await {
                    Ok(Next::Leave) => break,
                    Ok(Next::Stay) => {}
                    Err(error) => eprintln!("{}\n", harmless(&error.to_string())),
                }
            }
            Err(ReadlineError::Interrupted) => {
                if let Some(helper) = editor.helper() {
                    helper.reset_hint();
                }
            }
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(unusable(error)),
        }
    }
    if let Some(history) = &history {
        // A history that cannot be kept is no reason to end a session with an error.
        let _ = history.parent().map(std::fs::create_dir_all);
        let _ = editor.save_history(history);
    }
    Ok(())
}

/// Whether the session goes on after a line.
enum Next {
    Stay,
    Leave,
}

/// Runs one line; Ctrl-C stops a statement and not the shell.
async fn step(
    ctx: &SessionContext,
    line: &str,
    output: &mut Output,
    interrupts: &mut UnboundedReceiver<()>,
) -> Result<Next, Error> {
    // Those from before are not meant for this statement.
    while interrupts.try_recv().is_ok() {}
    let run = async {
        match line.trim().strip_prefix('\\') {
            Some(command) => self::command(ctx, command, output).await,
            None => {
                let script = Script {
                    name: None,
                    text: line,
                };
                run(ctx, script, output).await?;
                Ok(Next::Stay)
            }
        }
    };
    tokio::select! {
        result = run => result,
        Some(()) = interrupts.next() => {
            println!();
            Ok(Next::Stay)
        }
    }
}

/// Ctrl-C, as it is pressed. It is awaited on a thread of its own, because the engine's threads would
/// see it only when a busy operator pauses.
fn interrupts() -> UnboundedReceiver<()> {
    let (sender, receiver) = unbounded();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        // Without it the shell works, and Ctrl-C ends it.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if sender.unbounded_send(()).is_err() {
                    return;
                }
            }
        });
    });
    receiver
}

/// Runs a command, given without its backslash.
async fn command(ctx: &SessionContext, line: &str, output: &mut Output) -> Result<Next, Error> {
    let (word, argument) = match line
        .trim()
        .trim_end_matches(';')
        .split_once(char::is_whitespace)
    {
        Some((word, argument)) => (word, argument.trim()),
        None => (line.trim().trim_end_matches(';'), ""),
    };
    match (word, argument) {
        ("q", "") => return Ok(Next::Leave),
        ("?", _) => println!("{HELP}"),
        ("d", "") => statement(ctx, TABLES_SQL, output).await?,
        ("d", name) => describe(ctx, name, output).await?,
        ("query", "") => println!("{}", query_list()),
        ("query", name) => match find(name) {
            Ok(query) => statement(ctx, query.sql, output).await?,
            Err(near) => return Err(unknown_query(name, &near)),
        },
        ("h", "") => functions(),
        ("h", name) => explain(ctx, name)?,
        ("i", _) if Rules::of(ctx).options.sandbox => return Err(not_here("\\i").into()),
        ("i", path) if !path.is_empty() => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Error::input(format!("cannot read {path}: {error}")))?;
            run(
                ctx,
                Script {
                    name: Some(path),
                    text: &text,
                },
                output,
            )
            .await?;
        }
        ("format", name) => match <Format as clap::ValueEnum>::from_str(name, true) {
            Ok(format) => output.format = format,
            Err(_) => {
                let message = "\\format takes table, csv, tsv, json, ndjson or markdown";
                return Err(Error::input(message));
            }
        },
        _ => return Err(Error::input(format!("no command \\{word}; \\? lists them"))),
    }
    Ok(Next::Stay)
}

const TABLES_SQL: &str = "SELECT table_name, table_type FROM information_schema.tables \
     WHERE table_schema <> 'information_schema' ORDER BY table_type, table_name";

async fn statement(ctx: &SessionContext, sql: &str, output: &mut Output) -> Result<(), Error> {
    run(
        ctx,
        Script {
            name: None,
            text: sql,
        },
        output,
    )
    .await
}

/// Columns from the dictionary, which knows their meaning; of the user's own tables, from the engine.
async fn describe(ctx: &SessionContext, name: &str, output: &mut Output) -> Result<(), Error> {
    let sql = if table_names().any(|table| table == name) || name == VIEW {
        format!(
            "SELECT column_name, data_type, description FROM {DICTIONARY} WHERE table_name = '{name}'"
        )
    } else {
        format!("DESCRIBE {name}")
    };
    statement(ctx, &sql, output).await
}

/// The named analyses with their descriptions, a line each.
pub fn query_list() -> String {
    let width = QUERIES
        .iter()
        .map(|query| query.name.len())
        .max()
        .unwrap_or(0);
    let line = |name: &str, text: &str| format!("  {name:width$}  {text}\n");
    QUERIES
        .iter()
        .map(|query| line(query.name, query.description()))
        .collect()
}

/// The error for an analysis that does not exist, with the names that are like it.
pub fn unknown_query(name: &str, near: &[String]) -> Error {
    let hint = match near {
        [] => String::new(),
        near => format!(" (did you mean {}?)", near.join(" or ")),
    };
    Error::input(format!(
        "no analysis named {name}{hint}; there are:\n{}",
        query_list().trim_end()
    ))
}

/// Lists the functions that this program adds to DataFusion's.
fn functions() {
    println!("  {}", letters::read_letters_documentation().syntax_example);
    for function in wilson::functions().iter().chain([&letters::parse_letter()]) {
        if let Some(documentation) = function.documentation() {
            println!("  {}", documentation.syntax_example);
        }
    }
    println!("  parquet_metadata('FILE.parquet')");
    println!("SHOW FUNCTIONS; lists DataFusion's; \\h NAME explains one.\n");
}

/// Prints the documentation of a function, or the syntax of a statement.
fn explain(ctx: &SessionContext, name: &str) -> Result<(), Error> {
    let state = ctx.state();
    let key = name.to_lowercase();
    if key == letters::READ_LETTERS {
        print_documentation(&letters::read_letters_documentation());
        return Ok(());
    }
    let known = state
        .scalar_functions()
        .get(&key)
        .and_then(|f| f.documentation())
        .or_else(|| {
            let aggregate = state
                .aggregate_functions()
                .get(&key)
                .and_then(|f| f.documentation());
            aggregate.or_else(|| {
                state
                    .window_functions()
                    .get(&key)
                    .and_then(|f| f.documentation())
            })
        });
    if let Some(documentation) = known {
        print_documentation(documentation);
        return Ok(());
    }
    let Ok(statement) = name.parse::<Function>() else {
        let message = format!("no documentation of {name}; SHOW FUNCTIONS lists the functions");
        return Err(Error::input(message));
    };
    println!("{}", statement.function_details()?);
    Ok(())
}

fn print_documentation(documentation: &Documentation) {
    println!(
        "{}\n\n{}",
        documentation.syntax_example,
        documentation.description.trim()
    );
    for (name, meaning) in documentation.arguments.iter().flatten() {
        println!("  {name}: {meaning}");
    }
    if let Some(example) = &documentation.sql_example {
        // The fence is for the web page.
        let lines = example.lines().filter(|line| !line.starts_with("```"));
        println!("\n{}", lines.collect::<Vec<_>>().join("\n"));
    }
    println!();
}

async fn welcome(ctx: &SessionContext, dir: Option<&Path>) -> Result<(), Error> {
    let Some(dir) = dir else {
        println!("imr {}, no dataset", env!("CARGO_PKG_VERSION"));
        println!("Try:    SELECT source, status FROM {READ_LETTERS}('letters/*.txt');");
        println!("        \\h read_letters   \\? for help, \\q to quit\n");
        return Ok(());
    };
    let mut counts = Vec::new();
    for table in table_names() {
        counts.push(format!(
            "{table} {}",
            grouped(ctx.table(table).await?.count().await?)
        ));
    }
    println!(
        "imr {}, dataset {}",
        env!("CARGO_PKG_VERSION"),
        dir.display()
    );
    for (index, line) in counts.chunks(4).enumerate() {
        let label = if index == 0 { "Tables:" } else { "" };
        println!("{label:7} {}", line.join(", "));
    }
    println!("View:   {VIEW} (a row a decision, with its case and reviewer)");
    println!("Try:    SELECT request_category, count(*) FROM {VIEW} GROUP BY 1 ORDER BY 2 DESC;");
    println!("        \\d decisions   \\query overturn_by_weaning   \\? for help, \\q to quit\n");
    Ok(())
}

/// Everything that a name in a statement could be, for completion.
async fn names(ctx: &SessionContext) -> Result<Vec<String>, Error> {
    let tables = table_names().chain([VIEW, DICTIONARY]);
    let mut names: Vec<String> = tables.map(str::to_string).collect();
    for table in table_names() {
        let Ok(table) = ctx.table(table).await else {
            continue; // there is no dataset
        };
        names.extend(
            table
                .schema()
                .fields()
                .iter()
                .map(|field| field.name().clone()),
        );
    }
    names.push(READ_LETTERS.to_string());
    names.extend(QUERIES.iter().map(|query| query.name.to_string()));
    names.extend(ctx.state().scalar_functions().keys().cloned());
    names.extend(ctx.state().aggregate_functions().keys().cloned());
    names.sort();
    names.dedup();
    Ok(names)
}

fn unusable(error: ReadlineError) -> Error {
    Error::input(format!(
        "cannot read from the terminal: {error}; try `imr sql -c SQL`"
    ))
}
