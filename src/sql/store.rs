//! The dataset's files as a session reads them.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::datasource::listing::ListingTableUrl;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::object_store::path::Path;
use datafusion::object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result,
};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use parquet::file::metadata::ParquetMetaData;

use super::protected::Refused;
use crate::dataset::{Dataset, SnapshotFile};

/// The store's address in a session.
const URL: &str = "imr://dataset/";

/// Serves a dataset's files as they were when the session was opened, from the handles opened then. So all statements
/// of a session see the same rows, also when the dataset is replaced and what was there is deleted.
#[derive(Debug)]
pub struct DatasetStore {
    /// How errors call it.
    name: String,
    files: HashMap<Path, (ObjectMeta, Arc<SnapshotFile>)>,
}

impl DatasetStore {
    pub fn new(
        dir: &std::path::Path,
        files: Vec<SnapshotFile>,
    ) -> std::result::Result<Self, DataFusionError> {
        let files = files.into_iter().map(|file| {
            let location = Path::parse(&file.path)?;
            let meta = ObjectMeta {
                location: location.clone(),
                last_modified: file.modified.into(),
                size: file.bytes,
                e_tag: None,
                version: None,
            };
            Ok((location, (meta, Arc::new(file))))
        });
        Ok(Self {
            name: format!("the dataset {}", dir.display()),
            files: files.collect::<std::result::Result<_, DataFusionError>>()?,
        })
    }

    fn find(&self, location: &Path) -> Result<&(ObjectMeta, Arc<SnapshotFile>)> {
        self.files.get(location).ok_or_else(|| Error::NotFound {
            path: location.to_string(),
            source: format!("{} has no such file", self.name).into(),
        })
    }
}

fn read_only(name: &str, location: &Path) -> Error {
    let why =
        format!("{location} lies in {name}, which is read-only here; write to another folder");
    Error::PermissionDenied {
        path: location.to_string(),
        source: Refused(why).into(),
    }
}

/// Where a session has the store.
pub fn url() -> std::result::Result<ObjectStoreUrl, DataFusionError> {
    ObjectStoreUrl::parse(URL)
}

/// The files of a table, in order.
pub fn urls(
    dataset: &Dataset,
    table: &str,
) -> std::result::Result<Vec<ListingTableUrl>, DataFusionError> {
    let files = dataset.table(table).map_or(&[][..], |t| &t.files);
    files
        .iter()
        .map(|file| ListingTableUrl::parse(format!("{URL}{}", file.path)))
        .collect()
}

/// The footers of files, which the session keeps once it has read them.
pub async fn footers(
    runtime: &RuntimeEnv,
    files: &[ListingTableUrl],
) -> std::result::Result<Vec<Arc<ParquetMetaData>>, DataFusionError> {
    let store = runtime.object_store(url()?)?;
    let cache = runtime.cache_manager.get_file_metadata_cache();
    let mut footers = Vec::with_capacity(files.len());
    for file in files {
        let meta = store.head(file.prefix()).await?;
        let footer = DFParquetMetadata::new(&store, &meta)
            .with_file_metadata_cache(Some(Arc::clone(&cache)));
        footers.push(footer.fetch_metadata().await?);
    }
    Ok(footers)
}

fn read(file: &SnapshotFile, range: Range<u64>) -> Result<Bytes> {
    let bytes = file.read(range).map_err(|why| failed(file, why))?;
    Ok(bytes.into())
}

fn failed(file: &SnapshotFile, why: impl fmt::Display) -> Error {
    Error::Generic {
        store: "dataset",
        source: format!("cannot read {}: {why}", file.path).into(),
    }
}

impl fmt::Display for DatasetStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[async_trait]
impl ObjectStore for DatasetStore {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (meta, file) = self.find(location)?;
        options.check_preconditions(meta)?;
        let range = match options.range {
            Some(range) => {
                let range = range.as_range(meta.size);
                range.map_err(|why| failed(file, why))?
            }
            None => 0..meta.size,
        };
        let wanted = match options.head {
            true => 0..0,
            false => range.clone(),
        };
        let file = Arc::clone(file);
        let bytes = async move { read(&file, wanted) };
        Ok(GetResult {
            payload: GetResultPayload::Stream(stream::once(bytes).boxed()),
            meta: meta.clone(),
            range,
            attributes: Attributes::default(),
        })
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let (_, file) = self.find(location)?;
        ranges
            .iter()
            .map(|range| read(file, range.clone()))
            .collect()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let within = |location: &Path| prefix.is_none_or(|prefix| location.prefix_matches(prefix));
        let files = self
            .files
            .values()
            .filter(|(meta, _)| within(&meta.location));
        let found: Vec<_> = files.map(|(meta, _)| Ok(meta.clone())).collect();
        stream::iter(found).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Err(Error::NotImplemented {
            operation: "list_with_delimiter".to_owned(),
            implementer: self.name.clone(),
        })
    }

    async fn put_opts(&self, location: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(read_only(&self.name, location))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(read_only(&self.name, location))
    }

    async fn copy_opts(&self, _: &Path, to: &Path, _: CopyOptions) -> Result<()> {
        Err(read_only(&self.name, to))
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let name = self.name.clone();
        locations
            .map(move |location| Err(read_only(&name, &location?)))
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_read_as_it_was_opened_and_never_written() {
        let scratch = tempfile::tempdir().unwrap();
        let place = scratch.path().join("file");
        std::fs::write(&place, "0123456789").unwrap();
        let file = SnapshotFile {
            path: "cases/file".to_owned(),
            bytes: 10,
            modified: std::time::SystemTime::UNIX_EPOCH,
            file: std::fs::File::open(&place).unwrap(),
        };
        std::fs::remove_file(&place).unwrap();
        std::fs::write(&place, "abc").unwrap();
        let store = DatasetStore::new(scratch.path(), vec![file]).unwrap();
        let file = Path::from("cases/file");
        assert_eq!(store.head(&file).await.unwrap().size, 10);
        let whole = store.get(&file).await.unwrap().bytes().await.unwrap();
        assert_eq!(whole, "0123456789");
        assert_eq!(store.get_range(&file, 8..20).await.unwrap(), "89");
        let ranges = store.get_ranges(&file, &[0..1, 3..6]).await.unwrap();
        assert_eq!(ranges, ["0", "345"]);
        assert!(store.get_ranges(&file, &[8..11]).await.is_err());
        let other = Path::from("cases/other");
        assert!(store.get(&other).await.is_err());
        for refused in [
            store.put(&file, "x".into()).await.err(),
            store.put_multipart(&other).await.err(),
            store.copy(&file, &other).await.err(),
            store.rename(&file, &other).await.err(),
            store.delete(&file).await.err(),
        ] {
            let why = refused.unwrap().to_string();
            assert!(why.contains("read-only here"), "{why}");
        }
    }
}
