//! Finding the letter that a user names.

use datafusion::prelude::{Expr, SessionContext, col, ends_with, lit, starts_with};

use super::sheet::{Record, records};
use crate::sql::Error;

/// A letter that answers to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub letter_id: String,
    pub case_number: Option<String>,
    pub source: String,
    pub status: String,
}

/// The letters that answer to a name.
#[derive(Debug, Default)]
pub struct Hits {
    pub hits: Vec<Hit>,
    /// Whether there may be more than these.
    pub more: bool,
}

/// More letters than this are not gathered.
const MOST: usize = 1000;

/// Finds the letters that `name` names: by the whole case number, id or source; if there is none, by the
/// beginning of a case number or id, or by the end of a source (a file's name).
pub async fn lookup(ctx: &SessionContext, name: &str) -> Result<Hits, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(Hits::default());
    }
    let (lower, upper) = (name.to_lowercase(), name.to_uppercase());
    let whole = col("letter_id")
        .eq(lit(&lower))
        .or(col("source").eq(lit(name)));
    let hits = find(ctx, col("case_number").eq(lit(&upper)), whole).await?;
    if !hits.hits.is_empty() {
        return Ok(hits);
    }
    let part = starts_with(col("letter_id"), lit(&lower))
        .or(ends_with(col("source"), lit(format!("/{name}"))));
    find(ctx, starts_with(col("case_number"), lit(&upper)), part).await
}

/// The letters with a case that `case` picks, and those that `letter` picks.
async fn find(ctx: &SessionContext, case: Expr, letter: Expr) -> Result<Hits, Error> {
    let by_case = numbers(ctx, case).await?;
    let ids = |rows: &[Record]| rows.iter().map(|r| lit(r.id("letter_id"))).collect();
    let letter = letter.or(col("letter_id").in_list(ids(&by_case), false));
    let columns = ["letter_id", "source", "status"];
    let letters = records(ctx, "letters", letter, Some(&columns), Some(MOST)).await?;
    let numbers = numbers(ctx, col("letter_id").in_list(ids(&letters), false)).await?;
    let number = |id: &str| {
        let case = numbers.iter().find(|c| c.id("letter_id") == id)?;
        case.text("case_number").map(str::to_owned)
    };
    let hit = |row: &Record| Hit {
        letter_id: row.id("letter_id").to_owned(),
        case_number: number(row.id("letter_id")),
        source: row.id("source").to_owned(),
        status: row.id("status").to_owned(),
    };
    Ok(Hits {
        hits: letters.iter().map(hit).collect(),
        more: letters.len() == MOST || by_case.len() == MOST,
    })
}

/// The case numbers of the cases that `filter` picks.
async fn numbers(ctx: &SessionContext, filter: Expr) -> Result<Vec<Record>, Error> {
    let columns = ["letter_id", "case_number"];
    records(ctx, "cases", filter, Some(&columns), Some(MOST)).await
}
