//! The pages of a row group from when they are compressed to when they are appended to a file.

use bytes::Bytes;
use parquet::arrow::arrow_writer::{
    InMemoryPageStore, PageKey, PageStore, PageStoreArgs, PageStoreFactory,
};
use parquet::errors::Result;

/// Holds the pages of a column in memory, in no more of it than they need: a page comes in a buffer that would
/// hold it if it were not compressed.
#[derive(Debug, Default)]
struct Pages(InMemoryPageStore);

impl PageStore for Pages {
    fn put(&mut self, page: Bytes) -> Result<PageKey> {
        self.0.put(Bytes::copy_from_slice(&page))
    }

    fn take(&mut self, key: PageKey) -> Result<Bytes> {
        self.0.take(key)
    }

    fn memory_size(&self) -> usize {
        self.0.memory_size()
    }
}

/// Makes room for the pages of a column.
#[derive(Debug)]
pub struct Room;

impl PageStoreFactory for Room {
    fn create(&self, _: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        Ok(Box::new(Pages::default()))
    }
}
