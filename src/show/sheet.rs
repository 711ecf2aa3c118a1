//! A letter's text with all its rows, and the place of each value.

use std::collections::HashMap;
use std::ops::Range;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::{Expr, SessionContext, col, lit};

use crate::sql::Error;
use crate::vocabulary::Vocabulary;

/// What a cell holds, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    One(String),
    Many(Vec<String>),
}

/// A row as it was read: its columns in the table's order, NULLs too.
#[derive(Debug, Clone, Default)]
pub struct Record(Vec<(String, Option<Value>)>);

impl Record {
    /// A cell's value; `None` for NULL.
    pub fn get(&self, column: &str) -> Option<&Value> {
        let cell = self.0.iter().find(|(name, _)| name == column)?;
        cell.1.as_ref()
    }

    /// A single value; `None` for NULL.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.get(column)? {
            Value::One(text) => Some(text),
            Value::Many(_) => None,
        }
    }

    /// A single value that is never NULL.
    pub fn id(&self, column: &str) -> &str {
        self.text(column).unwrap_or_default()
    }

    /// The columns and their values.
    pub fn cells(&self) -> impl Iterator<Item = (&str, Option<&Value>)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// The range of characters that the row names, if it names one.
    fn span(&self) -> Option<Range<usize>> {
        let offset = |column| self.text(column)?.parse::<usize>().ok();
        Some(offset("start_char")?..offset("end_char")?)
    }
}

/// A row of one of the tables.
#[derive(Debug, Clone)]
pub struct Row {
    pub table: &'static str,
    /// What `evidence.row_id` calls it.
    pub id: String,
    /// What a reader calls it: `Decision 2`, `Citation 2.1`.
    pub name: String,
    pub record: Record,
}

/// A value's place in the text.
#[derive(Debug, Clone)]
pub struct Mark {
    /// In bytes of the text.
    pub bytes: Range<usize>,
    /// In characters, as the dataset has it.
    pub chars: Range<usize>,
    /// The row, by its place in [`Sheet::rows`].
    pub row: usize,
    pub column: String,
    pub value: String,
    /// Which element of a list it is.
    pub element: Option<usize>,
}

/// A letter with its rows.
#[derive(Debug, Default)]
pub struct Sheet {
    pub letter: Record,
    /// `None` where the document holds no text.
    pub text: Option<String>,
    /// Case, reviewer, decisions, citations, mentions, problems, in this order.
    pub rows: Vec<Row>,
    /// In the order of the text.
    pub marks: Vec<Mark>,
}

/// The column under which a mention's cue is shown: `start_char` and `end_char` in words.
pub const CUE: &str = "cue";

impl Sheet {
    /// The rows of a table, each with its place in [`Sheet::rows`].
    pub fn of<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (usize, &'a Row)> {
        self.rows
            .iter()
            .enumerate()
            .filter(move |(_, row)| row.table == table)
    }

    /// The only row of a table, if there is one.
    pub fn only(&self, table: &str) -> Option<(usize, &Row)> {
        let at = self.rows.iter().position(|row| row.table == table)?;
        Some((at, &self.rows[at]))
    }

    /// The text; empty where there is none.
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// What to call the letter: its case number, else its id.
    pub fn name(&self) -> &str {
        let number = self
            .only("cases")
            .and_then(|(_, case)| case.record.text("case_number"));
        number.unwrap_or(self.letter.id("letter_id"))
    }
}

/// Reads a letter's rows. The session is one that [`super::prepare`] has set up.
pub async fn load(ctx: &SessionContext, letter_id: &str) -> Result<Sheet, Error> {
    let of_letter = || col("letter_id").eq(lit(letter_id));
    let of_case = || col("case_id").eq(lit(letter_id));
    let all = async |table, filter| records(ctx, table, filter, None, None).await;
    let letter = all("letters", of_letter()).await?;
    let letter = letter.into_iter().next().unwrap_or_default();
    let text = letter.text("text").map(str::to_owned);
    let mut sheet = Sheet {
        letter,
        text,
        ..Sheet::default()
    };
    let mut add = |table, id: String, name: String, record| {
        sheet.rows.push(Row {
            table,
            id,
            name,
            record,
        });
    };
    for case in all("cases", of_case()).await? {
        let reviewer = case.text("reviewer_id").map(str::to_owned);
        add("cases", letter_id.to_owned(), "Case".to_owned(), case);
        let Some(id) = reviewer else { continue };
        for reviewer in all("reviewers", col("reviewer_id").eq(lit(&id))).await? {
            add("reviewers", id.clone(), "Reviewer".to_owned(), reviewer);
        }
    }
    let decisions = all("decisions", of_case()).await?;
    let ids: Vec<String> = decisions
        .iter()
        .map(|d| d.id("decision_id").to_owned())
        .collect();
    for decision in decisions {
        let id = decision.id("decision_id").to_owned();
        let name = format!("Decision {}", decision.id("seq"));
        add("decisions", id, name, decision);
    }
    let listed = col("decision_id").in_list(ids.iter().map(lit).collect(), false);
    let mut counts: HashMap<String, usize> = HashMap::new();
    for citation in all("citations", listed).await? {
        let decision = citation.id("decision_id");
        let n = counts.entry(decision.to_owned()).or_default();
        *n += 1;
        let seq = ids.iter().position(|id| id == decision).unwrap_or(0) + 1;
        let name = format!("Citation {seq}.{n}");
        add("citations", format!("{decision}/{n}"), name, citation);
    }
    for (n, mention) in (1..).zip(all("weaning_mentions", of_case()).await?) {
        let (id, name) = (format!("{letter_id}/{n}"), format!("Mention {n}"));
        add("weaning_mentions", id, name, mention);
    }
    for (n, problem) in (1..).zip(all("problems", of_letter()).await?) {
        let (id, name) = (format!("{letter_id}/{n}"), format!("Problem {n}"));
        add("problems", id, name, problem);
    }
    let evidence = all("evidence", of_letter()).await?;
    mark(&mut sheet, &evidence);
    Ok(sheet)
}

/// Reads the rows of a table that `filter` picks.
pub async fn records(
    ctx: &SessionContext,
    table: &str,
    filter: Expr,
    columns: Option<&[&str]>,
    limit: Option<usize>,
) -> Result<Vec<Record>, Error> {
    let mut frame = ctx.table(table).await?.filter(filter)?;
    if let Some(columns) = columns {
        frame = frame.select_columns(columns)?;
    }
    if limit.is_some() {
        frame = frame.limit(0, limit)?;
    }
    let mut rows = Vec::new();
    for batch in frame.collect().await? {
        read(&batch, &mut rows).map_err(DataFusionError::from)?;
    }
    Ok(rows)
}

fn read(batch: &RecordBatch, rows: &mut Vec<Record>) -> Result<(), arrow::error::ArrowError> {
    let options = FormatOptions::default();
    let first = rows.len();
    rows.resize(first + batch.num_rows(), Record::default());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let words = ArrayFormatter::try_new(column.as_ref(), &options)?;
        for (n, row) in rows[first..].iter_mut().enumerate() {
            let value = if column.is_null(n) {
                None
            } else if let Some(list) = column.as_list_opt::<i32>() {
                let items = list.value(n);
                let words = ArrayFormatter::try_new(items.as_ref(), &options)?;
                let items = (0..items.len()).map(|i| words.value(i).try_to_string());
                Some(Value::Many(items.collect::<Result<_, _>>()?))
            } else {
                Some(Value::One(words.value(n).try_to_string()?))
            };
            row.0.push((field.name().clone(), value));
        }
    }
    Ok(())
}

/// Adds the places of the values. What does not lie in the text is left out (`imr check` tells of it).
fn mark(sheet: &mut Sheet, evidence: &[Record]) {
    let rows: HashMap<(&str, &str), usize> = sheet
        .rows
        .iter()
        .enumerate()
        .map(|(n, row)| ((row.table, row.id.as_str()), n))
        .collect();
    // Row, column, place.
    let mut places: Vec<(usize, &str, Range<usize>)> = Vec::new();
    for record in evidence {
        let row = rows.get(&(record.id("table_name"), record.id("row_id")));
        if let (Some(row), Some(span)) = (row, record.span()) {
            places.push((*row, record.id("column_name"), span));
        }
    }
    for (n, row) in sheet.rows.iter().enumerate() {
        let column = match row.table {
            "weaning_mentions" => CUE,
            "problems" => "message",
            _ => continue,
        };
        places.extend(row.record.span().map(|span| (n, column, span)));
    }
    let text = sheet.text.as_deref().unwrap_or_default();
    let bytes = Bytes::of(text, places.iter().map(|p| &p.2));
    let mut nth: HashMap<(usize, &str), usize> = HashMap::new();
    let mut marks = Vec::with_capacity(places.len());
    for (row, column, chars) in places {
        let n = nth.entry((row, column)).or_default();
        *n += 1;
        let Some(bytes) = bytes.range(&chars) else {
            continue;
        };
        let piece = &text[bytes.clone()];
        let (value, element) = match sheet.rows[row].record.get(column) {
            Some(Value::One(value)) => (value.clone(), None),
            Some(Value::Many(items)) => {
                let element = element(column, items, piece, *n - 1);
                let value = element.and_then(|e| items.get(e)).cloned();
                (value.unwrap_or_else(|| items.join("; ")), element)
            }
            None => (piece.to_owned(), None),
        };
        marks.push(Mark {
            bytes,
            chars,
            row,
            column: column.to_owned(),
            value,
            element,
        });
    }
    marks.sort_by_key(|m| (m.bytes.start, std::cmp::Reverse(m.bytes.end), m.row));
    sheet.marks = marks;
}

/// Which element of a list `piece`, the list's `n`th place in the letter, gave. A profile's lists need
/// not stand in the letter's order.
fn element(column: &str, items: &[String], piece: &str, n: usize) -> Option<usize> {
    let words = piece.split_whitespace().collect::<Vec<_>>().join(" ");
    let vocabulary = Vocabulary::get();
    let value = match column {
        "licensure_states" => vocabulary.state_at(&words, 0).map(|s| s.0.to_owned()),
        "specialties" => Some(vocabulary.specialty_name(&words)),
        _ => return (n < items.len()).then_some(n),
    }?;
    items.iter().position(|item| *item == value)
}

/// The bytes at which some characters of a text begin.
struct Bytes(HashMap<usize, usize>);

impl Bytes {
    /// Finds the ends of `ranges` in one pass over the text.
    fn of<'a>(text: &str, ranges: impl Iterator<Item = &'a Range<usize>>) -> Self {
        let mut wanted: Vec<usize> = ranges.flat_map(|r| [r.start, r.end]).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut wanted = wanted.into_iter().peekable();
        let starts = text.char_indices().map(|(byte, _)| byte);
        let starts = starts.chain([text.len()]).enumerate();
        let found = starts.filter(|(n, _)| wanted.next_if_eq(n).is_some());
        Bytes(found.collect())
    }

    /// A range of characters in bytes; `None` if it does not lie in the text or is empty.
    fn range(&self, chars: &Range<usize>) -> Option<Range<usize>> {
        let range = *self.0.get(&chars.start)?..*self.0.get(&chars.end)?;
        (!range.is_empty()).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_bytes() {
        let text = "naïve cue";
        let ranges = [2..3, 6..9, 8..10, 5..5];
        let bytes = Bytes::of(text, ranges.iter());
        let cut = |r: usize| bytes.range(&ranges[r]).map(|b| &text[b]);
        assert_eq!(cut(0), Some("ï"));
        assert_eq!(cut(1), Some("cue"));
        assert_eq!((cut(2), cut(3)), (None, None));
    }

    #[test]
    fn an_element_is_known_by_its_words() {
        let states = ["NY".to_owned(), "TN".to_owned()];
        assert_eq!(
            element("licensure_states", &states, "Tennessee", 0),
            Some(1)
        );
        assert_eq!(element("licensure_states", &states, "Texas", 0), None);
        let specialties = ["Pain Medicine".to_owned(), "Family Practice".to_owned()];
        let found = element("specialties", &specialties, "family\n practice", 0);
        assert_eq!(found, Some(1));
        assert_eq!(element("diagnoses", &states, "lumbago", 1), Some(1));
        assert_eq!(element("diagnoses", &states, "lumbago", 2), None);
    }
}
