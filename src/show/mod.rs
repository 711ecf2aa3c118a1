//! One letter with what was read in it: on a terminal, or as a page for a browser.
//!
//! [`lookup`] finds the letter that a user names, [`Sheet`] holds its text and its rows, each value with
//! its place; [`terminal`] and [`html`] draw the same sheet.

pub mod html;
mod lookup;
mod palette;
mod panel;
mod reading;
mod segments;
mod sheet;
pub mod terminal;

pub use lookup::{Hit, Hits, lookup};
pub use sheet::{Mark, Row, Sheet, Value, load};

use datafusion::prelude::SessionContext;

/// Sets a session up for looking at single letters.
///
/// One thread reads the rows of a table in the order in which they stand (evidence counts them in that
/// order), and of long columns only the pages of the rows that are wanted are unpacked.
pub fn prepare(ctx: &SessionContext) {
    let state = ctx.state_ref();
    let mut state = state.write();
    let options = state.config_mut().options_mut();
    options.execution.target_partitions = 1;
    options.execution.parquet.pushdown_filters = true;
}
