//! `read_letters` and `parse_letter`: letters in SQL without a dataset.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, StructArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::cast::as_string_array;
use datafusion::common::utils::take_function_args;
use datafusion::common::{ScalarValue, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, DocSection, Documentation, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, TableType, Volatility,
};
use datafusion::physical_plan::ExecutionPlan;

use crate::dataset::{LettersExec, parse};
use crate::source::{FindOptions, Inputs};
use crate::tables::Id;
use crate::tables::nested::{self, Builders, Column, Item};

/// The table function's name.
pub const READ_LETTERS: &str = "read_letters";

/// `read_letters(path, …)`: a table of the letters in files, folders and patterns.
#[derive(Debug)]
pub struct ReadLetters;

impl TableFunctionImpl for ReadLetters {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let mut paths = Vec::new();
        for argument in args.exprs() {
            let path = match argument {
                Expr::Literal(value, _) => value.try_as_str().flatten(),
                _ => None,
            };
            let Some(path) = path else {
                return plan_err!(
                    "{READ_LETTERS}(path, …) takes files, folders or patterns in quotes, not {argument}"
                );
            };
            paths.push(PathBuf::from(path));
        }
        if paths.is_empty() {
            return plan_err!(
                "{READ_LETTERS}(path, …) takes the letters' files, folders or patterns, as {READ_LETTERS}('letters/**/*.txt')"
            );
        }
        match Inputs::find(&paths, &FindOptions::default()) {
            Ok(inputs) if inputs.files() == 0 => {
                plan_err!(
                    "{READ_LETTERS}: there are no letters in {}",
                    paths[0].display()
                )
            }
            Ok(inputs) => Ok(Arc::new(Letters {
                inputs: Arc::new(inputs),
            })),
            Err(error) => plan_err!("{READ_LETTERS}: {error}"),
        }
    }
}

/// What `\h` says of `read_letters`; DataFusion's table functions have no documentation of their own.
pub fn read_letters_documentation() -> Documentation {
    Documentation::builder(
        section(),
        "Reads letters without building a dataset: a table with a row for each letter. The columns of \
         `letters` stand first, then `\"case\"` and `reviewer` as structs, then `decisions` (each with its \
         `citations`), `weaning_mentions`, `problems` and `evidence` as lists of structs: `unnest` makes \
         rows of them. What cannot be read is a row without a letter_id.",
        "read_letters('path', …)",
    )
    .with_argument("path", "A file, a folder, or a pattern, as 'letters/**/*.txt'.")
    .with_sql_example(
        "```sql\nSELECT source, d['request_text'], d['outcome']\n\
         FROM (SELECT source, unnest(decisions) AS d FROM read_letters('letters'));\n```",
    )
    .build()
}

fn section() -> DocSection {
    DocSection {
        include: true,
        label: "Letter Functions",
        description: None,
    }
}

/// Letters as a table, a row each.
#[derive(Debug)]
struct Letters {
    inputs: Arc<Inputs>,
}

#[async_trait]
impl TableProvider for Letters {
    fn schema(&self) -> SchemaRef {
        nested::schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = match projection {
            Some(projection) => projection.iter().map(|n| Column::ALL[*n]).collect(),
            None => Column::ALL.to_vec(),
        };
        let partitions = state.config().target_partitions();
        let letters = LettersExec::new(Arc::clone(&self.inputs), columns, partitions);
        Ok(Arc::new(letters.with_limit(limit)))
    }
}

/// `parse_letter(text)`: what `read_letters` gives of a letter, of any text.
pub fn parse_letter() -> ScalarUDF {
    ScalarUDF::new_from_impl(ParseLetter {
        signature: Signature::string(1, Volatility::Immutable),
        documentation: documentation(),
    })
}

fn documentation() -> Documentation {
    Documentation::builder(
        section(),
        "Reads the text of one letter: a struct of the columns that `read_letters` has, without a \
         source. NULL if the text is NULL.",
        "parse_letter(text)",
    )
    .with_argument("text", "The letter's whole text.")
    .with_sql_example("```sql\nSELECT parse_letter(text)['status'] FROM letters;\n```")
    .build()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ParseLetter {
    signature: Signature,
    documentation: Documentation,
}

impl ScalarUDFImpl for ParseLetter {
    fn name(&self) -> &str {
        "parse_letter"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(nested::schema().fields().clone()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [texts] = take_function_args(self.name(), args.args)?;
        match texts {
            ColumnarValue::Array(texts) => Ok(ColumnarValue::Array(rows(&texts)?)),
            ColumnarValue::Scalar(text) => {
                let row = rows(&text.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&row, 0)?))
            }
        }
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

/// A struct for each text.
fn rows(texts: &ArrayRef) -> Result<ArrayRef> {
    let texts = cast(texts, &DataType::Utf8)?;
    let texts: &StringArray = as_string_array(&texts)?;
    let mut builders = Builders::new(Column::ALL.to_vec());
    for text in texts {
        let text = text.unwrap_or_default();
        builders.add(&Item {
            letter_id: Id::of(text.as_bytes()).as_str(),
            source: "",
            text: Some(text).filter(|t| !t.trim().is_empty()),
            letter: &parse(text),
        });
    }
    let columns = nested::without_source(&builders.finish()?)?;
    let nulls: Option<NullBuffer> = texts.nulls().cloned();
    let rows = StructArray::try_new(nested::schema().fields().clone(), columns, nulls)?;
    Ok(Arc::new(rows))
}
