//! The table `storage`: what each column of the dataset costs on disk.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use parquet::file::metadata::ParquetMetaData;

use super::store;

/// The table's name.
pub const STORAGE: &str = "storage";

/// The files of a dataset, whose footers tell the rest when it is asked for.
#[derive(Debug)]
pub struct Storage {
    /// The files of each table.
    pub tables: Vec<(&'static str, Vec<ListingTableUrl>)>,
}

#[async_trait]
impl TableProvider for Storage {
    fn schema(&self) -> SchemaRef {
        let string = |name| Field::new(name, DataType::Utf8, false);
        let int = |name| Field::new(name, DataType::Int64, false);
        Arc::new(Schema::new(vec![
            string("table_name"),
            string("file"),
            int("row_group"),
            string("column_name"),
            int("rows"),
            int("values"),
            int("bytes"),
            int("bytes_uncompressed"),
            string("encodings"),
        ]))
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut rows = Rows::default();
        for (table, files) in &self.tables {
            let footers = store::footers(session.runtime_env(), files).await?;
            for (file, footer) in files.iter().zip(footers) {
                rows.add(table, file.prefix().filename(), &footer);
            }
        }
        let batch = rows.batch(self.schema())?;
        let plan =
            MemorySourceConfig::try_new_exec(&[vec![batch]], self.schema(), projection.cloned())?;
        Ok(plan)
    }
}

/// The columns of the table.
#[derive(Default)]
struct Rows {
    strings: [Vec<String>; 4],
    ints: [Vec<i64>; 5],
}

impl Rows {
    fn add(&mut self, table: &str, file: Option<&str>, metadata: &ParquetMetaData) {
        for (n, group) in metadata.row_groups().iter().enumerate() {
            for column in group.columns() {
                // Of a list it is the values' column, whose path begins with the list's name.
                let name = column.column_path().parts().first().cloned();
                let mut encodings: Vec<_> = column
                    .encodings()
                    .map(|e| e.to_string().to_lowercase())
                    .collect();
                encodings.sort();
                let strings = [
                    table.to_owned(),
                    file.unwrap_or_default().to_owned(),
                    name.unwrap_or_default(),
                    encodings.join(", "),
                ];
                let ints = [
                    n as i64,
                    group.num_rows(),
                    column.num_values(),
                    column.compressed_size(),
                    column.uncompressed_size(),
                ];
                self.strings
                    .iter_mut()
                    .zip(strings)
                    .for_each(|(c, v)| c.push(v));
                self.ints.iter_mut().zip(ints).for_each(|(c, v)| c.push(v));
            }
        }
    }

    fn batch(self, schema: SchemaRef) -> Result<RecordBatch> {
        let [table, file, column, encodings] = self
            .strings
            .map(|c| Arc::new(StringArray::from(c)) as ArrayRef);
        let [group, rows, values, bytes, uncompressed] =
            self.ints.map(|c| Arc::new(Int64Array::from(c)) as ArrayRef);
        let columns = vec![
            table,
            file,
            group,
            column,
            rows,
            values,
            bytes,
            uncompressed,
            encodings,
        ];
        Ok(RecordBatch::try_new(schema, columns)?)
    }
}
