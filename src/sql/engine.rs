//! A statement's own threads.

use std::any::Any;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use futures::{StreamExt, stream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinError;

use super::rules::Rules;

/// Expressions are walked, and dropped, by recursion. Only what is used of it becomes memory.
pub const STACK: usize = 256 << 20;

/// The name of the threads, whose panics are errors of a statement.
pub const THREAD: &str = "imr-statement";

/// The threads of one statement. Whoever waits for its result can stop waiting (Ctrl-C, a time limit) although an
/// operator is busy and looks up only when it is done with its batch, and the next statement finds threads of its own.
pub struct Engine {
    runtime: Option<Runtime>,
}

enum Message {
    Schema(SchemaRef),
    Batch(RecordBatch),
}

impl Engine {
    pub fn new() -> Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.thread_name(THREAD).thread_stack_size(STACK);
        Ok(Self {
            runtime: Some(builder.enable_all().build()?),
        })
    }

    /// Plans and runs a statement. The stream ends with the statement's error, if it has one.
    pub async fn run(
        &self,
        ctx: &SessionContext,
        statement: Statement,
    ) -> Result<SendableRecordBatchStream> {
        let Some(runtime) = &self.runtime else {
            return Err(DataFusionError::Internal("no runtime".to_owned()));
        };
        // A few batches, so that the engine is not held up by the writing of one.
        let (sender, mut receiver) = mpsc::channel(4);
        let ctx = ctx.clone();
        let task = runtime.spawn(async move {
            let mut stream = execute(&ctx, statement).await?;
            // Whoever does not receive any more wants no more.
            if sender.send(Message::Schema(stream.schema())).await.is_err() {
                return Ok(());
            }
            while let Some(batch) = stream.next().await {
                if sender.send(Message::Batch(batch?)).await.is_err() {
                    return Ok(());
                }
            }
            Ok(())
        });
        let schema = match receiver.recv().await {
            Some(Message::Schema(schema)) => schema,
            _ => {
                end(task.await)?;
                return Err(DataFusionError::Internal("no result".to_owned()));
            }
        };
        let batches =
            stream::unfold(
                (receiver, Some(task)),
                async |(mut receiver, task)| match receiver.recv().await {
                    Some(Message::Batch(batch)) => Some((Ok(batch), (receiver, task))),
                    _ => {
                        let error = end(task?.await).err()?;
                        Some((Err(error), (receiver, None)))
                    }
                },
            );
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Without waiting for what nobody needs any more.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn execute(ctx: &SessionContext, statement: Statement) -> Result<SendableRecordBatchStream> {
    let plan = ctx.state().statement_to_plan(statement).await?;
    let rules = Rules::of(ctx);
    rules.admit(&plan)?;
    rules.held.run(ctx, plan).await?.execute_stream().await
}

/// How a statement's task ended. A panic in the engine is the statement's failure and not the session's.
fn end(result: Result<Result<()>, JoinError>) -> Result<()> {
    match result {
        Ok(result) => result,
        Err(error) => {
            let why = match error.try_into_panic() {
                Ok(panic) => words(panic.as_ref()),
                Err(error) => error.to_string(),
            };
            Err(DataFusionError::Execution(format!(
                "the statement broke the query engine: {why}"
            )))
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("panic").to_owned()
}

/// Lets the panics of statements pass in silence: they are told as the statement's error.
pub fn quiet_panics() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(THREAD) {
            hook(panic);
        }
    }));
}
