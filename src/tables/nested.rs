//! A letter as one row: what the tables say of it as nested columns.
//!
//! The elements of a row's lists are rows of the tables, so that the tables' own columns are the values
//! below these lists ([`super::split`]) and nothing is built twice.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBufferBuilder, ListArray, RecordBatch, RecordBatchOptions,
    StructArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::reviewers::Profile;
use super::{
    Table, cases, citations, decisions, evidence, letters, problems, reviewers, weaning_mentions,
};
use crate::letter::{Case, Letter, Mention, Problem};

/// One letter on its way into the tables.
pub struct Item<'a> {
    pub letter_id: &'a str,
    pub source: &'a str,
    pub text: Option<&'a str>,
    pub letter: &'a Letter,
}

/// The columns of a letter's row, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Column {
    LetterId,
    Source,
    Template,
    Status,
    Text,
    Case,
    Reviewer,
    Decisions,
    WeaningMentions,
    Problems,
    Evidence,
}

impl Column {
    pub const ALL: [Column; 11] = {
        use Column::*;
        [
            LetterId,
            Source,
            Template,
            Status,
            Text,
            Case,
            Reviewer,
            Decisions,
            WeaningMentions,
            Problems,
            Evidence,
        ]
    };

    /// Whether the letter must be parsed for it.
    pub fn is_parsed(self) -> bool {
        !matches!(self, Column::LetterId | Column::Source | Column::Text)
    }
}

/// The schema of a letter's row.
pub fn schema() -> SchemaRef {
    static SCHEMA: OnceLock<SchemaRef> = OnceLock::new();
    Arc::clone(SCHEMA.get_or_init(|| {
        // What could not be read has no key, and a text that is no document has no source.
        let mut fields: Vec<Field> = letters::TABLE
            .schema()
            .fields()
            .iter()
            .map(|f| f.as_ref().clone())
            .collect();
        for field in &mut fields[..=Column::Source as usize] {
            field.set_nullable(true);
        }
        fields.extend([
            one("case", &cases::TABLE),
            one("reviewer", &reviewers::TABLE),
            many("decisions", &decisions::TABLE, decision_fields()),
            many(
                "weaning_mentions",
                &weaning_mentions::TABLE,
                of(&weaning_mentions::TABLE),
            ),
            many("problems", &problems::TABLE, problem_fields()),
            many("evidence", &evidence::TABLE, of(&evidence::TABLE)),
        ]);
        Arc::new(Schema::new(fields))
    }))
}

/// A table's columns as the fields of a struct.
fn of(table: &'static Table) -> Fields {
    table.schema().fields().clone()
}

/// A decision has its citations with it.
fn decision_fields() -> Fields {
    let citations = many("citations", &citations::TABLE, of(&citations::TABLE));
    let fields = of(&decisions::TABLE);
    fields
        .iter()
        .cloned()
        .chain([Arc::new(citations)])
        .collect()
}

/// A problem of a text that is no document has no source either.
fn problem_fields() -> Fields {
    let loosen = |field: &FieldRef| match field.name().as_str() {
        "source" => Arc::new(field.as_ref().clone().with_nullable(true)),
        _ => Arc::clone(field),
    };
    of(&problems::TABLE).iter().map(loosen).collect()
}

/// A column with at most one row of `table`.
fn one(name: &str, table: &'static Table) -> Field {
    let field = Field::new(name, DataType::Struct(of(table)), true);
    field.with_metadata(table.schema().metadata().clone())
}

/// A column with any number of rows of `table`.
fn many(name: &str, table: &'static Table, fields: Fields) -> Field {
    let field = Field::new(name, DataType::List(item(fields)), false);
    field.with_metadata(table.schema().metadata().clone())
}

fn item(fields: Fields) -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Struct(fields), false))
}

/// Where the elements of the lists begin and end.
struct Offsets(Vec<i32>);

impl Default for Offsets {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Offsets {
    /// Ends a list at the `rows`th element of all lists.
    fn end(&mut self, rows: usize) {
        self.0.push(super::int(rows));
    }

    fn list(&mut self, fields: Fields, columns: Vec<ArrayRef>) -> Result<ArrayRef, ArrowError> {
        let offsets = std::mem::take(self).0;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let rows = StructArray::try_new(fields.clone(), columns, None)?;
        let list = ListArray::try_new(item(fields), offsets, Arc::new(rows), None)?;
        Ok(Arc::new(list))
    }
}

/// Which rows of a struct column have a value.
struct Presence(BooleanBufferBuilder);

impl Default for Presence {
    fn default() -> Self {
        Self(BooleanBufferBuilder::new(0))
    }
}

impl Presence {
    fn structs(
        &mut self,
        table: &'static Table,
        columns: Vec<ArrayRef>,
    ) -> Result<ArrayRef, ArrowError> {
        let nulls = NullBuffer::new(self.0.finish());
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        Ok(Arc::new(StructArray::try_new(of(table), columns, nulls)?))
    }
}

/// Gathers letters into a batch of rows with the columns that are wanted.
pub struct Builders {
    columns: Vec<Column>,
    wanted: [bool; Column::ALL.len()],
    schema: SchemaRef,
    rows: usize,
    bytes: usize,
    letters: letters::Builder,
    cases: cases::Builder,
    has_case: Presence,
    reviewers: reviewers::Builder,
    has_reviewer: Presence,
    decisions: decisions::Builder,
    decisions_end: Offsets,
    citations: citations::Builder,
    citations_end: Offsets,
    weaning_mentions: weaning_mentions::Builder,
    weaning_mentions_end: Offsets,
    problems: problems::Builder,
    problems_end: Offsets,
    evidence: evidence::Builder,
    evidence_end: Offsets,
    /// Room to write a decision's key, and that of a row below it.
    decision_id: String,
    row_id: String,
}

impl Builders {
    /// Builders of these columns, in this order.
    pub fn new(columns: Vec<Column>) -> Self {
        let mut wanted = [false; Column::ALL.len()];
        for column in &columns {
            wanted[*column as usize] = true;
        }
        let all = schema();
        let fields: Vec<_> = columns
            .iter()
            .map(|c| Arc::clone(&all.fields()[*c as usize]))
            .collect();
        Self {
            columns,
            wanted,
            schema: Arc::new(Schema::new(fields)),
            rows: 0,
            bytes: 0,
            letters: Default::default(),
            cases: Default::default(),
            has_case: Default::default(),
            reviewers: Default::default(),
            has_reviewer: Default::default(),
            decisions: Default::default(),
            decisions_end: Default::default(),
            citations: Default::default(),
            citations_end: Default::default(),
            weaning_mentions: Default::default(),
            weaning_mentions_end: Default::default(),
            problems: Default::default(),
            problems_end: Default::default(),
            evidence: Default::default(),
            evidence_end: Default::default(),
            decision_id: String::new(),
            row_id: String::new(),
        }
    }

    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Whether the letters must be parsed for these columns.
    pub fn need_parsing(&self) -> bool {
        self.columns.iter().any(|c| c.is_parsed())
    }

    /// How many rows are gathered.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many bytes of text are gathered.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn wants(&self, column: Column) -> bool {
        self.wanted[column as usize]
    }

    /// Adds a letter.
    pub fn add(&mut self, item: &Item<'_>) {
        let text = item.text.filter(|_| self.wants(Column::Text));
        self.bytes += text.map_or(0, str::len);
        self.letters.push(letters::Row {
            letter_id: item.letter_id,
            source: item.source,
            template: item.letter.layout,
            status: item.letter.status,
            text,
        });
        if self.wants(Column::Problems) {
            for problem in &item.letter.problems {
                self.problems
                    .add(Some(item.letter_id), item.source, problem);
            }
        }
        let case = item.letter.case.as_ref();
        let profile = case.and_then(|c| Profile::of(c.reviewer.as_ref()?));
        if self.wants(Column::Case) {
            self.has_case.0.append(case.is_some());
            match case {
                Some(case) => self.cases.add(item, case, profile.as_ref().map(|p| p.id)),
                None => self.cases.push_null(),
            }
        }
        if let Some(case) = case {
            self.add_evidence(item, case, profile.as_ref());
            self.add_decisions(item, case);
            self.add_mentions(item, case);
        }
        if self.wants(Column::Reviewer) {
            self.has_reviewer.0.append(profile.is_some());
            match profile {
                Some(profile) => self.reviewers.add(profile),
                None => self.reviewers.push_null(),
            }
        }
        self.end();
    }

    /// Adds an input that could not be read, as a row without a key.
    pub fn add_unreadable(&mut self, source: &str, problem: &Problem) {
        self.letters.add_unreadable(source);
        if self.wants(Column::Problems) {
            self.problems.add(None, source, problem);
        }
        if self.wants(Column::Case) {
            self.has_case.0.append(false);
            self.cases.push_null();
        }
        if self.wants(Column::Reviewer) {
            self.has_reviewer.0.append(false);
            self.reviewers.push_null();
        }
        self.end();
    }

    /// Ends a row.
    fn end(&mut self) {
        self.rows += 1;
        self.decisions_end.end(self.decisions.rows());
        self.weaning_mentions_end.end(self.weaning_mentions.rows());
        self.problems_end.end(self.problems.rows());
        self.evidence_end.end(self.evidence.rows());
    }

    fn add_decisions(&mut self, item: &Item<'_>, case: &Case) {
        if !self.wants(Column::Decisions) {
            return;
        }
        for (n, decision) in case.decisions.iter().enumerate() {
            write_key(&mut self.decision_id, item.letter_id, '-', n + 1);
            self.decisions.add(item, &self.decision_id, n + 1, decision);
            for (_, citation) in citations::distinct(decision) {
                self.citations.add(&self.decision_id, citation);
            }
            self.citations_end.end(self.citations.rows());
        }
    }

    fn add_mentions(&mut self, item: &Item<'_>, case: &Case) {
        if !self.wants(Column::WeaningMentions) {
            return;
        }
        for mention in &case.summary_mentions {
            self.weaning_mentions.add(item, None, mention);
        }
        for (n, decision) in case.decisions.iter().enumerate() {
            write_key(&mut self.decision_id, item.letter_id, '-', n + 1);
            for mention in &decision.mentions {
                self.weaning_mentions
                    .add(item, Some(&self.decision_id), mention);
            }
        }
    }

    fn add_evidence(&mut self, item: &Item<'_>, case: &Case, profile: Option<&Profile<'_>>) {
        if !self.wants(Column::Evidence) {
            return;
        }
        let Self {
            evidence,
            decision_id,
            row_id,
            ..
        } = self;
        evidence.add_case(item, case);
        if let (Some(profile), Some(reviewer)) = (profile, &case.reviewer) {
            evidence.add_reviewer(item, profile.id.as_str(), reviewer);
        }
        let mut mentions = 0;
        let mut add_mentions =
            |evidence: &mut evidence::Builder, row_id: &mut String, found: &[Mention]| {
                for mention in found {
                    mentions += 1;
                    write_key(row_id, item.letter_id, '/', mentions);
                    evidence.add_mention(item, row_id, mention);
                }
            };
        add_mentions(evidence, row_id, &case.summary_mentions);
        for (n, decision) in case.decisions.iter().enumerate() {
            write_key(decision_id, item.letter_id, '-', n + 1);
            evidence.add_decision(item, decision_id, decision);
            for (n, citation) in citations::distinct(decision) {
                write_key(row_id, decision_id, '/', n);
                evidence.add_citation(item, row_id, citation);
            }
            add_mentions(evidence, row_id, &decision.mentions);
        }
    }

    /// The rows gathered; the builders are empty after it.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let letters = self.letters.finish();
        let mut columns = Vec::with_capacity(self.columns.len());
        for n in 0..self.columns.len() {
            columns.push(match self.columns[n] {
                Column::Case => self.has_case.structs(&cases::TABLE, self.cases.finish())?,
                Column::Reviewer => {
                    let columns = self.reviewers.finish();
                    self.has_reviewer.structs(&reviewers::TABLE, columns)?
                }
                Column::Decisions => self.finish_decisions()?,
                Column::WeaningMentions => {
                    let columns = self.weaning_mentions.finish();
                    self.weaning_mentions_end
                        .list(of(&weaning_mentions::TABLE), columns)?
                }
                Column::Problems => {
                    let columns = self.problems.finish();
                    self.problems_end.list(problem_fields(), columns)?
                }
                Column::Evidence => {
                    let columns = self.evidence.finish();
                    self.evidence_end.list(of(&evidence::TABLE), columns)?
                }
                plain => Arc::clone(&letters[plain as usize]),
            });
        }
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema(), columns, &options)
    }

    fn finish_decisions(&mut self) -> Result<ArrayRef, ArrowError> {
        let citations = self.citations.finish();
        let citations = self.citations_end.list(of(&citations::TABLE), citations)?;
        let mut columns = self.decisions.finish();
        columns.push(citations);
        self.decisions_end.list(decision_fields(), columns)
    }
}

/// Writes the key of the `n`th row below another.
fn write_key(key: &mut String, above: &str, mark: char, n: usize) {
    key.clear();
    // Writing to a string does not fail.
    let _ = write!(key, "{above}{mark}{n}");
}

/// The columns of letters that are texts and no documents: they have no source.
pub fn without_source(rows: &RecordBatch) -> Result<Vec<ArrayRef>, ArrowError> {
    let mut columns = rows.columns().to_vec();
    columns[Column::Source as usize] = new_null_array(&DataType::Utf8, rows.num_rows());
    let lists = columns[Column::Problems as usize].as_list::<i32>().clone();
    let (field, offsets, problems, nulls) = lists.into_parts();
    let (fields, mut values, _) = problems.as_struct().clone().into_parts();
    for (field, value) in fields.iter().zip(&mut values) {
        if field.name() == "source" {
            *value = new_null_array(&DataType::Utf8, value.len());
        }
    }
    let problems = Arc::new(StructArray::try_new(fields, values, None)?);
    let lists = ListArray::try_new(field, offsets, problems, nulls)?;
    columns[Column::Problems as usize] = Arc::new(lists);
    Ok(columns)
}
