//! Opening a dataset: its tables, the wide view over them, the dictionary, the functions.

use std::collections::HashMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::config::{ConfigNonZeroUsize, ConfigOptions, TableParquetOptions};
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::datasource::listing_table_factory::ListingTableFactory;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_cli::functions::ParquetMetadataFunc;

use super::Error;
use super::files::{Access, Files};
use super::held::Held;
use super::protected::Protected;
use super::readonly::ReadOnly;
use super::rules::{Options, Rules, not_here};
use super::storage::{STORAGE, Storage};
use super::store::{self, DatasetStore};
use super::{letters, wilson};
use crate::dataset::{self, Snapshot};
use crate::tables::TABLES;

/// The wide view: a row a decision, with the columns of its case and of its reviewer.
pub const VIEW: &str = "determinations";

/// Every column of the tables and the view with its meaning.
pub const DICTIONARY: &str = "dictionary";

/// The bytes of a row from which on a column is prose: longer than any key, code or number.
const PROSE: i64 = 64;

/// The memory of a limit that is worth a partition of its own.
const PARTITION: usize = 256_000_000;

/// Of the memory of a partition, what is there for each row of a batch: several times a letter and what was read in it,
/// as some batches of each of several runs are merged.
const ROW: usize = 128_000;

const PARQUET_METADATA: &str = "parquet_metadata";

/// The names of the dataset's tables.
pub fn table_names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name)
}

/// A session without a dataset: an ordinary DataFusion session with the functions `read_letters`,
/// `parse_letter`, `parquet_metadata`, `wilson_lower` and `wilson_upper`. In the sandbox it has no function
/// that reads files, and no files.
pub fn without_dataset(options: &Options) -> Result<SessionContext, Error> {
    session(None, options)
}

/// Opens the dataset in `dir`: such a session with the dataset's tables (read-only), the view
/// `determinations` and the tables `dictionary` and `storage` besides. All is read from the files as they are now,
/// whatever takes the dataset's place.
pub async fn open(dir: &Path) -> Result<SessionContext, Error> {
    open_with(dir, &Options::default()).await
}

/// The same with [`Options`]. No statement can change the dataset's files: the session's file system refuses to.
pub async fn open_with(dir: &Path, options: &Options) -> Result<SessionContext, Error> {
    let snapshot = dataset::snapshot(dir)?;
    let dataset = snapshot.dataset.clone();
    let ctx = session(Some(snapshot), options)?;
    for name in table_names() {
        let table = table(&ctx, name, store::urls(&dataset, name)?).await;
        let table = table.map_err(|error| {
            let dir = dir.display();
            Error::input(format!(
                "cannot read table {name} of the dataset {dir}: {error}; \
                 `imr check {dir}` shows which file is at fault"
            ))
        })?;
        ctx.register_table(name, Arc::new(table))?;
    }
    let view = ctx.sql(&view_sql(&ctx).await?).await?.into_view();
    ctx.register_table(VIEW, view)?;
    let dictionary = dictionary(&ctx).await?;
    ctx.register_table(DICTIONARY, Arc::new(dictionary))?;
    let tables = table_names().map(|name| Ok((name, store::urls(&dataset, name)?)));
    let tables = tables.collect::<Result<_, DataFusionError>>()?;
    ctx.register_table(STORAGE, Arc::new(Storage { tables }))?;
    Ok(ctx)
}

fn session(snapshot: Option<Snapshot>, options: &Options) -> Result<SessionContext, Error> {
    let protected = snapshot.as_ref().map(Protected::new).transpose();
    let protected = protected.map_err(DataFusionError::from)?.map(Arc::new);
    let access = match options.sandbox {
        true => Access::Nothing,
        false => Access::NotTheDataset(protected.clone()),
    };
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(limit) = options.memory_limit {
        let pool = FairSpillPool::new(limit);
        runtime = runtime.with_memory_pool(Arc::new(TrackConsumersPool::new(
            pool,
            NonZero::<usize>::MIN,
        )));
    }
    if let Some(folder) = &options.temp_dir {
        if let Some(protected) = &protected {
            protected
                .refuse(folder)
                .map_err(|refused| Error::input(refused.to_string()))?;
        }
        runtime = runtime.with_temp_file_path(folder);
    }
    let runtime = runtime.build_arc()?;
    let file = ObjectStoreUrl::local_filesystem();
    runtime.register_object_store(file.as_ref(), Arc::new(Files::new(access)));
    if let Some(snapshot) = snapshot {
        let store = DatasetStore::new(&snapshot.dataset.dir, snapshot.files)?;
        runtime.register_object_store(store::url()?.as_ref(), Arc::new(store));
    }

    let mut config = config();
    if let Some(limit) = options.memory_limit {
        leave_room(config.options_mut(), limit)?;
    }
    let rules = Rules {
        options: options.clone(),
        protected,
        held: Held::default(),
    };
    let mut state = SessionStateBuilder::new()
        .with_config(config.with_extension(Arc::new(rules)))
        .with_runtime_env(runtime)
        .with_default_features()
        .build();
    // The usual factories also make tables of streams, which are opened past the session's file system.
    let factories = state.table_factories_mut();
    match options.sandbox {
        true => factories.clear(),
        false => factories
            .values_mut()
            .for_each(|factory| *factory = Arc::new(ListingTableFactory::new())),
    }
    let ctx = SessionContext::new_with_state(state);
    for function in wilson::functions() {
        ctx.register_udf(function);
    }
    ctx.register_udf(letters::parse_letter());
    match options.sandbox {
        true => {
            for name in [letters::READ_LETTERS, PARQUET_METADATA] {
                ctx.register_udtf(name, Arc::new(NotHere(name)));
            }
        }
        false => {
            ctx.register_udtf(letters::READ_LETTERS, Arc::new(letters::ReadLetters));
            ctx.register_udtf(PARQUET_METADATA, Arc::new(ParquetMetadataFunc {}));
        }
    }
    Ok(ctx)
}

/// A table function that reads files, where there are none.
#[derive(Debug)]
struct NotHere(&'static str);

impl TableFunctionImpl for NotHere {
    fn call_with_args(
        &self,
        _: TableFunctionArgs,
    ) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        Err(not_here(self.0))
    }
}

/// DataFusion's defaults, with `information_schema`, and with the places of errors.
fn config() -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(true);
    config.options_mut().sql_parser.collect_spans = true;
    config
}

/// Has what is larger than the limit find the room to be merged again after it was spilled: sorts that run side by
/// side take it from each other.
fn leave_room(options: &mut ConfigOptions, limit: usize) -> Result<(), DataFusionError> {
    options.optimizer.repartition_sorts = false;
    let execution = &mut options.execution;
    execution.target_partitions = (limit / PARTITION).clamp(1, execution.target_partitions.max(1));
    let share = limit / execution.target_partitions;
    let rows = (share / ROW).clamp(64, execution.batch_size.get().max(64));
    execution.batch_size = ConfigNonZeroUsize::try_new(rows)?;
    let reservation = &mut execution.sort_spill_reservation_bytes;
    *reservation = (*reservation).min(share / 4);
    Ok(())
}

/// A table of the dataset, of its files.
async fn table(
    ctx: &SessionContext,
    name: &'static str,
    files: Vec<ListingTableUrl>,
) -> Result<ReadOnly, DataFusionError> {
    let table = listing(ctx, files.clone(), false).await?;
    let sparing = listing(ctx, files.clone(), true).await?;
    let footers = store::footers(&ctx.runtime_env(), &files).await?;
    let (mut rows, mut bytes) = (0, HashMap::<_, i64>::new());
    for group in footers.iter().flat_map(|footer| footer.row_groups()) {
        rows += group.num_rows();
        for column in group.columns() {
            *bytes.entry(column.column_path().string()).or_default() += column.uncompressed_size();
        }
    }
    bytes.retain(|_, bytes| *bytes > rows.saturating_mul(PROSE));
    Ok(ReadOnly {
        name,
        table,
        sparing,
        prose: bytes.into_keys().collect(),
    })
}

/// Parquet files as one table that keeps the descriptions of its columns.
async fn listing(
    ctx: &SessionContext,
    files: Vec<ListingTableUrl>,
    sparing: bool,
) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let mut parquet = TableParquetOptions::default();
    parquet.global.skip_metadata = false;
    parquet.global.pushdown_filters = sparing;
    parquet.global.reorder_filters = sparing;
    let format = ParquetFormat::default().with_options(parquet);
    let options = ListingOptions::new(Arc::new(format)).with_file_extension(".parquet");
    let config = ListingTableConfig::new_with_multi_paths(files)
        .with_listing_options(options)
        .infer_schema(&ctx.state())
        .await?;
    Ok(Arc::new(ListingTable::try_new(config)?))
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
