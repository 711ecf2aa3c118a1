//! The file system as statements get it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::object_store::local::LocalFileSystem;
use datafusion::object_store::path::Path;
use datafusion::object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::protected::{Protected, Refused};

/// What statements may do with files.
#[derive(Debug)]
pub enum Access {
    /// Read all, and write all but the dataset.
    NotTheDataset(Option<Arc<Protected>>),
    /// Read none, and write none.
    Nothing,
}

/// The local file system behind an [`Access`]. Whatever the engine reads and writes on behalf of a statement
/// goes through here, so that nothing depends on how a statement is worded.
#[derive(Debug)]
pub struct Files {
    inner: LocalFileSystem,
    access: Access,
}

impl Files {
    pub fn new(access: Access) -> Self {
        Self {
            inner: LocalFileSystem::new(),
            access,
        }
    }

    fn read(&self, location: &Path) -> Result<()> {
        match &self.access {
            Access::Nothing => Err(denied(location, Refused(outside(location)))),
            Access::NotTheDataset(_) => Ok(()),
        }
    }

    fn write(&self, location: &Path) -> Result<()> {
        match &self.access {
            Access::Nothing => Err(denied(location, Refused(outside(location)))),
            Access::NotTheDataset(None) => Ok(()),
            Access::NotTheDataset(Some(protected)) => {
                let path = self.inner.path_to_filesystem(location)?;
                protected
                    .refuse(&path)
                    .map_err(|refused| denied(location, refused))
            }
        }
    }
}

fn outside(location: &Path) -> String {
    format!("/{location}: with --sandbox, statements read the dataset and no other file")
}

fn denied(location: &Path, refused: Refused) -> Error {
    Error::PermissionDenied {
        path: location.to_string(),
        source: refused.into(),
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Files {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.write(location)?;
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.write(location)?;
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.read(location)?;
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.read(location)?;
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        // No statement deletes files.
        let refuse = |location: Result<Path>| {
            let location = location?;
            let why = format!("/{location}: statements delete no files");
            Err(denied(&location, Refused(why)))
        };
        locations.map(refuse).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match (&self.access, prefix) {
            (Access::Nothing, prefix) => {
                let prefix = prefix.cloned().unwrap_or_default();
                let error = denied(&prefix, Refused(outside(&prefix)));
                stream::once(async { Err(error) }).boxed()
            }
            _ => self.inner.list(prefix),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        if let Access::Nothing = self.access {
            let prefix = prefix.cloned().unwrap_or_default();
            return Err(denied(&prefix, Refused(outside(&prefix))));
        }
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.read(from)?;
        self.write(to)?;
        self.inner.copy_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::object_store::ObjectStoreExt;

    #[tokio::test]
    async fn no_file_is_read_or_written() {
        let scratch = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for name in ["a", "b"] {
            let file = scratch.path().canonicalize().unwrap().join(name);
            std::fs::write(&file, name).unwrap();
            paths.push(Path::from_absolute_path(&file).unwrap());
        }
        let [a, b] = &paths[..] else { unreachable!() };
        let free = Files::new(Access::NotTheDataset(None));
        assert_eq!(free.get(a).await.unwrap().bytes().await.unwrap(), "a");
        let files = Files::new(Access::Nothing);
        assert!(files.get(a).await.is_err());
        assert!(files.get_range(a, 0..1).await.is_err());
        assert!(files.get_ranges(a, &[0..1]).await.is_err());
        assert!(files.head(a).await.is_err());
        assert!(files.list(None).next().await.unwrap().is_err());
        assert!(files.list_with_delimiter(None).await.is_err());
        assert!(files.put(a, "c".into()).await.is_err());
        assert!(files.put_multipart(a).await.is_err());
        assert!(files.copy(a, b).await.is_err());
        assert!(files.rename(a, b).await.is_err());
        assert!(files.delete(a).await.is_err());
        assert_eq!(std::fs::read(scratch.path().join("a")).unwrap(), b"a");
    }
}
