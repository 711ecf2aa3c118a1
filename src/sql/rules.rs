//! What a session lets its statements do, and how much of the machine they may take.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use datafusion::common::tree_node::{TreeNodeRecursion, TreeNodeVisitor};
use datafusion::datasource::listing::{ListingTable, ListingTableUrl};
use datafusion::datasource::source_as_provider;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{DdlStatement, LogicalPlan, Statement};
use datafusion::object_store::local::LocalFileSystem;
use datafusion::prelude::SessionContext;

use super::held::Held;
use super::protected::{Protected, Refused};

/// How a session is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Statements come from others: they read the dataset and nothing else.
    pub sandbox: bool,
    /// As many bytes as the statements of the session may take together.
    pub memory_limit: Option<usize>,
    /// As long as one statement may take.
    pub timeout: Option<Duration>,
    /// An existing folder for what does not fit into memory; else the system's for temporary files.
    pub temp_dir: Option<PathBuf>,
}

/// The rules of an open session, among its configuration.
#[derive(Debug, Default)]
pub struct Rules {
    pub options: Options,
    pub protected: Option<Arc<Protected>>,
    pub held: Held,
}

/// Settings that a statement from others may change: how results read, never how much they may take.
const HARMLESS: [&str; 7] = [
    "datafusion.execution.time_zone",
    "datafusion.explain.",
    "datafusion.format.",
    "datafusion.sql_parser.default_null_ordering",
    "datafusion.sql_parser.dialect",
    "datafusion.sql_parser.enable_ident_normalization",
    "datafusion.sql_parser.parse_float_as_decimal",
];

const TEMP_DIRECTORY: &str = "datafusion.runtime.temp_directory";
const MEMORY_LIMIT: &str = "datafusion.runtime.memory_limit";

impl Rules {
    /// Those of a session; none of one that this module did not open.
    pub fn of(ctx: &SessionContext) -> Arc<Self> {
        let rules = ctx.state().config().get_extension();
        rules.unwrap_or_default()
    }

    /// Refuses a statement that this session does not allow, before anything of it is run.
    ///
    /// This is for the sake of early and clear words. That nothing gets past is seen to by what the session
    /// lacks: [`super::files`].
    pub fn admit(&self, plan: &LogicalPlan) -> Result<()> {
        plan.visit_with_subqueries(&mut Admission { rules: self })?;
        Ok(())
    }

    fn admit_node(&self, plan: &LogicalPlan) -> Result<()> {
        match plan {
            LogicalPlan::Statement(Statement::SetVariable(set)) => {
                self.admit_setting(&set.variable)
            }
            LogicalPlan::Statement(Statement::ResetVariable(reset)) => {
                self.admit_setting(&reset.variable)
            }
            _ if self.options.sandbox => sandboxed(plan),
            LogicalPlan::Copy(copy) => {
                let Some(protected) = &self.protected else {
                    return Ok(());
                };
                let url = ListingTableUrl::parse(&copy.output_url)?;
                admit_writing(protected, &url)
            }
            LogicalPlan::Dml(dml) => {
                let table = source_as_provider(&dml.target)?;
                let (Some(protected), Some(table)) =
                    (&self.protected, table.downcast_ref::<ListingTable>())
                else {
                    return Ok(());
                };
                let mut urls = table.table_paths().iter();
                urls.try_for_each(|url| admit_writing(protected, url))
            }
            LogicalPlan::Ddl(DdlStatement::CreateExternalTable(table)) => {
                let set = |(key, value): (&String, &String)| {
                    key.eq_ignore_ascii_case("unbounded") && value.eq_ignore_ascii_case("true")
                };
                match table.unbounded || table.options.iter().any(set) {
                    true => Err(refuse("an external table cannot be unbounded here")),
                    false => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn admit_setting(&self, name: &str) -> Result<()> {
        let name = name.to_lowercase();
        if self.options.sandbox {
            let harmless = HARMLESS
                .iter()
                .any(|harmless| match harmless.ends_with('.') {
                    true => name.starts_with(harmless),
                    false => name == *harmless,
                });
            // The short name that SQL gives it.
            return match harmless || name == "timezone" || name == "time.zone" {
                true => Ok(()),
                false => Err(not_here(&format!("setting {name}"))),
            };
        }
        match name.as_str() {
            // It would let a session spill into the dataset.
            TEMP_DIRECTORY => Err(refuse(&format!(
                "{TEMP_DIRECTORY} is set when the session is opened: --temp-dir FOLDER"
            ))),
            MEMORY_LIMIT if self.options.memory_limit.is_some() => Err(refuse(&format!(
                "{MEMORY_LIMIT} was set when the session was opened, by --memory-limit"
            ))),
            _ => Ok(()),
        }
    }
}

fn admit_writing(protected: &Protected, url: &ListingTableUrl) -> Result<()> {
    if url.scheme() != "file" {
        return Ok(());
    }
    let path = LocalFileSystem::new().path_to_filesystem(url.prefix())?;
    protected.refuse(&path).map_err(refused)
}

/// Refuses to write to `path` on behalf of a session if that would change its dataset.
pub fn refuse_dataset(ctx: &SessionContext, path: &Path) -> Result<(), Refused> {
    match &Rules::of(ctx).protected {
        Some(protected) => protected.refuse(path),
        None => Ok(()),
    }
}

struct Admission<'a> {
    rules: &'a Rules,
}

impl<'n> TreeNodeVisitor<'n> for Admission<'_> {
    type Node = LogicalPlan;

    fn f_down(&mut self, plan: &'n LogicalPlan) -> Result<TreeNodeRecursion> {
        self.rules.admit_node(plan)?;
        Ok(TreeNodeRecursion::Continue)
    }
}

/// What others may run is listed, so that what a later engine adds is refused until somebody has thought of it.
fn sandboxed(plan: &LogicalPlan) -> Result<()> {
    match plan {
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Window(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Join(_)
        | LogicalPlan::Repartition(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::TableScan(_)
        | LogicalPlan::EmptyRelation(_)
        | LogicalPlan::Subquery(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Values(_)
        | LogicalPlan::Explain(_)
        | LogicalPlan::Analyze(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::DescribeTable(_)
        | LogicalPlan::Unnest(_)
        | LogicalPlan::RecursiveQuery(_) => Ok(()),
        LogicalPlan::Ddl(
            DdlStatement::CreateMemoryTable(_)
            | DdlStatement::CreateView(_)
            | DdlStatement::DropTable(_)
            | DdlStatement::DropView(_),
        ) => Ok(()),
        LogicalPlan::Copy(_) => Err(not_here("COPY")),
        LogicalPlan::Dml(dml) => Err(not_here(dml.op.name())),
        LogicalPlan::Ddl(DdlStatement::CreateExternalTable(_)) => {
            Err(not_here("CREATE EXTERNAL TABLE"))
        }
        LogicalPlan::Ddl(ddl) => Err(not_here(ddl.name())),
        LogicalPlan::Statement(statement) => Err(not_here(statement.name())),
        LogicalPlan::Extension(extension) => Err(not_here(extension.node.name())),
    }
}

/// That the sandbox has no such thing.
pub fn not_here(what: &str) -> DataFusionError {
    refuse(&format!(
        "{what} is not allowed here: the session was opened with --sandbox, where statements read the dataset \
         and keep what they make in memory"
    ))
}

fn refuse(why: &str) -> DataFusionError {
    refused(Refused(why.to_owned()))
}

fn refused(refused: Refused) -> DataFusionError {
    DataFusionError::External(refused.into())
}
