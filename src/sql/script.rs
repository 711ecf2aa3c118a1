//! Running a script: one statement after the other, until one fails.

use std::fmt;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::dialect::dialect_from_str;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Token;
use futures::TryStreamExt;

use super::Error;
use super::engine::Engine;
use super::output::Output;
use super::place::{Place, render};
use super::rules::Rules;

/// SQL text of one or several statements, and what to call it in an error.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// A file's name; `None` where the user typed the text and needs no name for it.
    pub name: Option<&'a str>,
    pub text: &'a str,
}

impl Script<'_> {
    /// A place in this script, in words.
    pub(super) fn at(&self, place: Place) -> impl fmt::Display {
        let place = format!("line {}, column {}", place.line, place.column);
        match self.name {
            Some(name) => format!("{name}, {place}"),
            None => place,
        }
    }
}

/// Runs the statements of `script` in turn and writes their results. A statement that fails ends it.
pub async fn run(
    ctx: &SessionContext,
    script: Script<'_>,
    output: &mut Output,
) -> Result<(), Error> {
    each(ctx, script, async |result| output.write(result).await).await
}

/// Runs the statements of `script` in turn: the schema and the rows of each.
pub async fn collect(
    ctx: &SessionContext,
    script: Script<'_>,
) -> Result<Vec<(SchemaRef, Vec<RecordBatch>)>, Error> {
    let mut results = Vec::new();
    each(ctx, script, async |result| {
        results.push((result.schema(), result.try_collect().await?));
        Ok(())
    })
    .await?;
    Ok(results)
}

/// Runs the statements of `script` in turn and hands each one's result to `take`.
async fn each(
    ctx: &SessionContext,
    script: Script<'_>,
    mut take: impl AsyncFnMut(SendableRecordBatchStream) -> Result<(), Error>,
) -> Result<(), Error> {
    let beginning = Place { line: 1, column: 1 };
    let options = ctx.state().config_options().sql_parser.clone();
    let failed = |error: &DataFusionError, start| {
        Error::Statement(render(error, &script, start, &table_names(ctx)))
    };
    let Some(dialect) = dialect_from_str(options.dialect) else {
        return Err(Error::input(format!(
            "unknown SQL dialect {}",
            options.dialect
        )));
    };
    let mut parser = DFParserBuilder::new(script.text)
        .with_dialect(dialect.as_ref())
        .with_recursion_limit(options.recursion_limit.get())
        .build()
        .map_err(|error| failed(&error, beginning))?;
    loop {
        while parser.parser.consume_token(&Token::SemiColon) {}
        let first = parser.parser.peek_token();
        if first.token == Token::EOF {
            return Ok(());
        }
        let start = first.span.start;
        let start = Place {
            line: usize::try_from(start.line).unwrap_or(1),
            column: usize::try_from(start.column).unwrap_or(1),
        };
        let statement = parser
            .parse_statement()
            .map_err(|error| failed(&error, start))?;
        let next = parser.parser.peek_token();
        if next.token != Token::EOF && next.token != Token::SemiColon {
            let place = next.span.start;
            let message = format!("Expected: end of statement, found: {next}{place}");
            return Err(failed(&ParserError::ParserError(message).into(), start));
        }
        statement_within(ctx, statement, &mut take)
            .await
            .map_err(|error| match error {
                Error::Engine(error) => failed(&error, start),
                other => other,
            })?;
    }
}

/// Runs one statement in as much time as it may take.
async fn statement_within(
    ctx: &SessionContext,
    statement: Statement,
    take: &mut impl AsyncFnMut(SendableRecordBatchStream) -> Result<(), Error>,
) -> Result<(), Error> {
    let timeout = Rules::of(ctx).options.timeout;
    let engine = Engine::new()?;
    let run = async { take(engine.run(ctx, statement).await?).await };
    match timeout {
        None => run.await,
        Some(limit) => match tokio::time::timeout(limit, run).await {
            Ok(result) => result,
            Err(_) => Err(DataFusionError::Execution(format!(
                "the statement was stopped: it took longer than the {} seconds of --timeout",
                limit.as_secs_f64()
            ))
            .into()),
        },
    }
}

/// The tables and views of the session, for a suggestion.
fn table_names(ctx: &SessionContext) -> Vec<String> {
    let options = ctx.state().config_options().catalog.clone();
    ctx.catalog(&options.default_catalog)
        .and_then(|catalog| catalog.schema(&options.default_schema))
        .map(|schema| schema.table_names())
        .map(|mut names| {
            names.sort();
            names
        })
        .unwrap_or_default()
}
