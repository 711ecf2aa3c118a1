//! Opening a dataset: its tables, the wide view over them, the dictionary, the functions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::DataFusionError;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_cli::functions::ParquetMetadataFunc;

use super::Error;
use super::readonly::ReadOnly;
use super::storage::{STORAGE, Storage};
use super::{letters, wilson};
use crate::dataset;
use crate::tables::TABLES;

/// The wide view: a row a decision, with the columns of its case and of its reviewer.
pub const VIEW: &str = "determinations";

/// Every column of the tables and the view with its meaning.
pub const DICTIONARY: &str = "dictionary";

/// The names of the dataset's tables.
pub fn table_names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name)
}

/// A session without a dataset: an ordinary DataFusion session with the functions `read_letters`,
/// `parse_letter`, `parquet_metadata`, `wilson_lower` and `wilson_upper`.
pub fn without_dataset() -> SessionContext {
    let ctx = SessionContext::new_with_config(config());
    for function in wilson::functions() {
        ctx.register_udf(function);
    }
    letters::register(&ctx);
    ctx.register_udtf("parquet_metadata", Arc::new(ParquetMetadataFunc {}));
    ctx
}

/// Opens the dataset in `dir`: such a session with the dataset's tables (read-only), the view
/// `determinations` and the tables `dictionary` and `storage` besides.
pub async fn open(dir: &Path) -> Result<SessionContext, Error> {
    let dataset = dataset::open(dir)?;
    let ctx = without_dataset();
    for name in table_names() {
        let table = listing(&ctx, &dataset.files(name)).await.map_err(|error| {
            let dir = dir.display();
            Error::input(format!(
                "cannot read table {name} of the dataset {dir}: {error}; \
                 `imr check {dir}` shows which file is at fault"
            ))
        })?;
        ctx.register_table(name, Arc::new(ReadOnly { name, table }))?;
    }
    let view = ctx.sql(&view_sql(&ctx).await?).await?.into_view();
    ctx.register_table(VIEW, view)?;
    let dictionary = dictionary(&ctx).await?;
    ctx.register_table(DICTIONARY, Arc::new(dictionary))?;
    let tables = table_names().map(|name| (name, dataset.files(name)));
    let tables = tables.collect();
    ctx.register_table(STORAGE, Arc::new(Storage { tables }))?;
    Ok(ctx)
}

/// DataFusion's defaults, with `information_schema`, and with the places of errors.
///
/// Filters are applied while files are read, so that of the rows that a filter drops, the wide columns of
/// prose are never read.
fn config() -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(true);
    config.options_mut().sql_parser.collect_spans = true;
    let parquet = &mut config.options_mut().execution.parquet;
    parquet.pushdown_filters = true;
    parquet.reorder_filters = true;
    config
}

/// Parquet files as one table that keeps the descriptions of its columns.
async fn listing(
    ctx: &SessionContext,
    files: &[PathBuf],
) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let urls: Vec<ListingTableUrl> = files
        .iter()
        .map(|f| file_url(f))
        .collect::<Result<_, _>>()?;
    let format = ParquetFormat::default().with_skip_metadata(false);
    let options = ListingOptions::new(Arc::new(format)).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .infer_schema(&ctx.state())
        .await?;
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// A file as a URL. Not `ListingTableUrl::parse`, which would take `[` or `*` in a name for a pattern.
fn file_url(file: &Path) -> Result<ListingTableUrl, DataFusionError> {
    let absolute = file.canonicalize()?;
    let url = url::Url::from_file_path(&absolute).map_err(|()| {
        DataFusionError::Execution(format!("{} is not a path", absolute.display()))
    })?;
    ListingTableUrl::try_new(url, None)
}

/// The query behind [`VIEW`]. A column that stands in several tables (the keys) stands in it once.
async fn view_sql(ctx: &SessionContext) -> Result<String, Error> {
    let mut taken = Vec::new();
    let mut columns = Vec::new();
    for (table, alias) in [("decisions", "d"), ("cases", "c"), ("reviewers", "r")] {
        for field in ctx.table(table).await?.schema().fields() {
            if !taken.contains(field.name()) {
                taken.push(field.name().clone());
                columns.push(format!("{alias}.\"{}\"", field.name()));
            }
        }
    }
    Ok(format!(
        "SELECT {} FROM decisions AS d LEFT JOIN cases AS c ON c.case_id = d.case_id \
         LEFT JOIN reviewers AS r ON r.reviewer_id = c.reviewer_id",
        columns.join(", ")
    ))
}

/// The table [`DICTIONARY`], from the descriptions that the dataset's files carry.
async fn dictionary(ctx: &SessionContext) -> Result<MemTable, Error> {
    let (mut tables, mut columns, mut types) = (Vec::new(), Vec::new(), Vec::new());
    let (mut nullable, mut meanings, mut allowed) = (Vec::new(), Vec::new(), Vec::new());
    for table in table_names().chain([VIEW]) {
        for field in ctx.table(table).await?.schema().fields() {
            tables.push(table);
            columns.push(field.name().clone());
            types.push(type_name(field.data_type()));
            nullable.push(field.is_nullable());
            meanings.push(field.metadata().get("description").cloned());
            allowed.push(field.metadata().get("allowed").cloned());
        }
    }
    let schema = Arc::new(Schema::new(vec![
        Field::new("table_name", DataType::Utf8, false),
        Field::new("column_name", DataType::Utf8, false),
        Field::new("data_type", DataType::Utf8, false),
        Field::new("nullable", DataType::Boolean, false),
        Field::new("description", DataType::Utf8, true),
        Field::new("allowed", DataType::Utf8, true),
    ]));
    let batch = RecordBatch::try_new(
        schema.clone(),
        vec![
            Arc::new(StringArray::from(tables)),
            Arc::new(StringArray::from(columns)),
            Arc::new(StringArray::from(types)),
            Arc::new(BooleanArray::from(nullable)),
            Arc::new(StringArray::from(meanings)),
            Arc::new(StringArray::from(allowed)),
        ],
    )
    .map_err(DataFusionError::from)?;
    Ok(MemTable::try_new(schema, vec![vec![batch]])?)
}

/// A type as the data contract calls it; how Arrow lays a string out in memory is nobody's business here.
fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "string".to_string(),
        DataType::Dictionary(_, value) => type_name(value),
        DataType::Date32 => "date".to_string(),
        DataType::List(item) | DataType::LargeList(item) | DataType::ListView(item) => {
            format!("list of {}", type_name(item.data_type()))
        }
        other => other.to_string().to_lowercase(),
    }
}
