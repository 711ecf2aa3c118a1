//! Tables in memory, which count towards the memory limit as long as they are there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::common::{ResolvedTableReference, TableReference};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::logical_expr::{CreateMemoryTable, DdlStatement, LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::spill::get_record_batch_memory_size;
use datafusion::prelude::{DataFrame, SessionContext};
use futures::TryStreamExt;

/// What each table that a statement made has of the memory.
#[derive(Debug, Default)]
pub struct Held(Mutex<HashMap<ResolvedTableReference, MemoryReservation>>);

impl Held {
    /// Runs a plan. The engine itself collects the rows of a new table without asking for their memory.
    pub async fn run(&self, ctx: &SessionContext, plan: LogicalPlan) -> Result<DataFrame> {
        match plan {
            LogicalPlan::Ddl(DdlStatement::CreateMemoryTable(mut table)) => {
                if ctx.table_exist(table.name.clone())? && !table.or_replace {
                    let plan = LogicalPlan::Ddl(DdlStatement::CreateMemoryTable(table));
                    return ctx.execute_logical_plan(plan).await;
                }
                let reservation = collect(ctx, &mut table).await?;
                let name = table.name.clone();
                let plan = LogicalPlan::Ddl(DdlStatement::CreateMemoryTable(table));
                let made = ctx.execute_logical_plan(plan).await?;
                self.with(ctx, name, |held, name| held.insert(name, reservation));
                Ok(made)
            }
            LogicalPlan::Ddl(DdlStatement::DropTable(drop)) => {
                let name = drop.name.clone();
                let plan = LogicalPlan::Ddl(DdlStatement::DropTable(drop));
                let gone = ctx.execute_logical_plan(plan).await?;
                self.with(ctx, name, |held, name| held.remove(&name));
                Ok(gone)
            }
            plan => ctx.execute_logical_plan(plan).await,
        }
    }

    fn with<T>(
        &self,
        ctx: &SessionContext,
        name: TableReference,
        change: impl FnOnce(
            &mut HashMap<ResolvedTableReference, MemoryReservation>,
            ResolvedTableReference,
        ) -> T,
    ) {
        let state = ctx.state();
        let catalog = &state.config_options().catalog;
        let name = name.resolve(&catalog.default_catalog, &catalog.default_schema);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut held, name);
    }
}

/// Runs the query of a new table, and puts its rows in the query's place.
async fn collect(ctx: &SessionContext, table: &mut CreateMemoryTable) -> Result<MemoryReservation> {
    let consumer = MemoryConsumer::new(format!("table {}", table.name));
    let reservation = consumer.register(&ctx.runtime_env().memory_pool);
    let query = LogicalPlan::clone(&table.input);
    let schema = Arc::clone(query.schema().inner());
    let mut stream = DataFrame::new(ctx.state(), query).execute_stream().await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.try_next().await? {
        reservation.try_grow(get_record_batch_memory_size(&batch))?;
        batches.push(batch);
    }
    let rows = MemTable::try_new(schema, vec![batches])?;
    let rows = LogicalPlanBuilder::scan("rows", provider_as_source(Arc::new(rows)), None)?;
    table.input = Arc::new(rows.build()?);
    Ok(reservation)
}
