//! A table of the dataset: it can be read and not written.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{ScanArgs, ScanResult, Session, TableProvider};
use datafusion::common::{Statistics, not_impl_err};
use datafusion::error::Result;
use datafusion::logical_expr::dml::InsertOp;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

/// A listing table of the dataset without its `INSERT`.
///
/// DataFusion's listing tables append a file to their folder on `INSERT INTO`. A dataset appears whole
/// by `imr build` and agrees with its manifest, so a query must not change it.
#[derive(Debug)]
pub struct ReadOnly {
    pub name: &'static str,
    /// The table as it is read as a rule: filters choose among files, row groups and pages, and are then applied to
    /// the rows.
    pub table: Arc<dyn TableProvider>,
    /// The table as it is read if `prose` is asked for: a filter's columns come first, and of the rows that it drops
    /// the others are never read. That takes longer if they are small.
    pub sparing: Arc<dyn TableProvider>,
    /// The columns that are long texts.
    pub prose: HashSet<String>,
}

impl ReadOnly {
    /// The table, as it is best read for these columns.
    fn table(&self, projection: Option<&[usize]>, filters: &[Expr]) -> &Arc<dyn TableProvider> {
        let filtered = |name: &str| {
            let columns = filters.iter().flat_map(Expr::column_refs);
            columns.into_iter().any(|column| column.name == name)
        };
        let schema = self.table.schema();
        let mut columns = schema.fields().iter().enumerate();
        let spare = columns.any(|(n, field)| {
            projection.is_none_or(|projection| projection.contains(&n))
                && self.prose.contains(field.name())
                && !filtered(field.name())
        });
        match spare {
            true => &self.sparing,
            false => &self.table,
        }
    }

    fn refuse(&self) -> Result<Arc<dyn ExecutionPlan>> {
        not_impl_err!(
            "{} belongs to the dataset, which is read-only here; a copy can be changed: \
             CREATE TABLE my_{} AS SELECT * FROM {}",
            self.name,
            self.name,
            self.name
        )
    }
}

#[async_trait]
impl TableProvider for ReadOnly {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        self.table.table_type()
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let table = self.table(projection.map(Vec::as_slice), filters);
        table.scan(state, projection, filters, limit).await
    }

    async fn scan_with_args<'a>(
        &self,
        state: &dyn Session,
        args: ScanArgs<'a>,
    ) -> Result<ScanResult> {
        let table = self.table(args.projection(), args.filters().unwrap_or_default());
        table.scan_with_args(state, args).await
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        self.table.supports_filters_pushdown(filters)
    }

    fn statistics(&self) -> Option<Statistics> {
        self.table.statistics()
    }

    async fn insert_into(
        &self,
        _state: &dyn Session,
        _input: Arc<dyn ExecutionPlan>,
        _op: InsertOp,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.refuse()
    }

    async fn delete_from(
        &self,
        _state: &dyn Session,
        _filters: Vec<Expr>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.refuse()
    }

    async fn update(
        &self,
        _state: &dyn Session,
        _assignments: Vec<(String, Expr)>,
        _filters: Vec<Expr>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.refuse()
    }

    async fn truncate(&self, _state: &dyn Session) -> Result<Arc<dyn ExecutionPlan>> {
        self.refuse()
    }
}
