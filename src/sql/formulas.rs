//! Text that a spreadsheet would take for a formula, and run.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use datafusion::common::cast::as_string_array;

/// With these a spreadsheet begins a formula, or comes to one by leaving them out.
const STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Whether a cell would be taken for a formula. A number with its sign is none.
fn formula(text: &str) -> bool {
    let number =
        |text: &str| text.ends_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    text.starts_with(STARTS) && !number(text)
}

/// A cell with an apostrophe before what would be a formula: spreadsheets take what follows for text.
fn cell(text: &str) -> String {
    match formula(text) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// The schema with such names.
pub fn names(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter();
    let fields = fields.map(|field| field.as_ref().clone().with_name(cell(field.name())));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The batch with such cells in its columns of text.
pub fn neutral(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if textual(field.data_type()) {
            let text = cast(column, &DataType::Utf8)?;
            let text: StringArray = as_string_array(&text)?
                .iter()
                .map(|text| text.map(cell))
                .collect();
            fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
            columns.push(Arc::new(text));
        } else {
            fields.push(field.clone());
            columns.push(column.clone());
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn textual(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => textual(value),
        data_type => data_type.is_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_stay() {
        for text in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-1+1",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "-",
            "＝1",
            "-inf",
        ] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in [
            "-5",
            "+3.25",
            "-1e9",
            "Norco",
            "'=1",
            "",
            "a=b",
            "10/325 mg",
        ] {
            assert_eq!(cell(text), text);
        }
    }
}
