//! The session over a dataset: tables, views, domain functions, named queries, output, the shell.
//!
//! [`open`] gives an ordinary DataFusion `SessionContext`; the rest is what `imr sql` and `imr query`
//! put around it.

mod editor;
mod engine;
mod error;
mod files;
mod formulas;
mod held;
mod letters;
mod output;
mod place;
mod protected;
mod queries;
mod readonly;
mod rules;
mod script;
mod session;
mod shell;
mod storage;
mod store;
mod table;
mod wilson;

pub use engine::{STACK, quiet_panics};
pub use error::Error;
pub use output::{Format, Output, Screen};
pub use protected::Refused;
pub use queries::{QUERIES, Query, find};
pub use rules::{Options, refuse_dataset};
pub use script::{Script, collect, run};
pub use session::{DICTIONARY, VIEW, open, open_with, without_dataset};
pub use shell::{query_list, shell, unknown_query};
pub(crate) use table::text as table_text;
