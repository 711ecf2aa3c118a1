//! `imr schema`: the data dictionary.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::Failure;
use crate::tables::{CONTRACT_VERSION, Column, Role, TABLES, Table};

/// Print the data dictionary: every table and column with its type, meaning and allowed values.
#[derive(clap::Args)]
pub struct Args {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Markdown,
    Json,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match args.format {
        Format::Markdown => out.write_all(markdown().as_bytes())?,
        Format::Json => writeln!(out, "{:#}", json())?,
    }
    out.flush()?;
    Ok(())
}

/// The dictionary as Markdown, a table a table.
pub fn markdown() -> String {
    let tables: Vec<String> = TABLES.into_iter().map(markdown_table).collect();
    tables.join("\n")
}

fn markdown_table(table: &Table) -> String {
    let mut text = format!("### {}\n\n{}\n\n", table.name, table.about());
    text.push_str("| column | type | null | meaning |\n|---|---|---|---|\n");
    for column in table.columns {
        let null = if column.nullable { "yes" } else { "no" };
        text.push_str(&format!(
            "| `{}` | {} | {null} | {} |\n",
            column.name,
            type_and_role(column),
            meaning_and_values(column).replace('|', "\\|"),
        ));
    }
    text
}

fn type_and_role(column: &Column) -> String {
    match column.role {
        Role::Key => format!("{}, key", column.type_name()),
        Role::Refers(table) => format!("{} → {table}", column.type_name()),
        Role::Plain | Role::Verbatim => column.type_name().to_owned(),
    }
}

fn meaning_and_values(column: &Column) -> String {
    let allowed: Vec<_> = column.allowed().iter().map(|v| format!("`{v}`")).collect();
    if allowed.is_empty() {
        column.meaning()
    } else {
        format!("{} One of {}.", column.meaning(), allowed.join(", "))
    }
}

/// The dictionary as JSON.
fn json() -> Value {
    let tables: Vec<_> = TABLES
        .into_iter()
        .map(|table| {
            let columns: Vec<_> = table.columns.iter().map(json_column).collect();
            json!({ "table": table.name, "description": table.about(), "columns": columns })
        })
        .collect();
    json!({ "contract_version": CONTRACT_VERSION, "tables": tables })
}

fn json_column(column: &Column) -> Value {
    let references = match column.role {
        Role::Refers(table) => Some(table),
        _ => None,
    };
    let allowed = column.allowed();
    json!({
        "column": column.name,
        "type": column.type_name(),
        "nullable": column.nullable,
        "key": column.role == Role::Key,
        "references": references,
        "description": column.meaning(),
        "allowed": (!allowed.is_empty()).then_some(allowed),
    })
}
