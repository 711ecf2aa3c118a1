//! The pages of a file's columns. What they say of themselves is not believed: none is given to the reader before
//! its header was gone through, and none that would take more time or memory than the file can account for.

use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::parquet::arrow::arrow_reader::RowGroups;
use ::parquet::basic::{Compression, Encoding};
use ::parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::file::serialized_reader::SerializedPageReader;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;

use super::super::limits::{Limits, Stop};
use super::super::stream::{At, BUFFER};
use super::delta;
use super::thrift::{self, I32, INT, Kind, Note, Shape};

const HEADER: Shape = &[
    // Its kind, its size expanded and in the file, a checksum.
    (1, INT),
    (2, Kind::Noted(I32, Note::Expanded)),
    (3, INT),
    (4, INT),
    // Values; an index; a dictionary; values once more.
    (
        5,
        Kind::Structure(&[(1, INT), (2, INT), (3, INT), (4, INT)]),
    ),
    (6, Kind::Structure(&[])),
    (7, Kind::Structure(&[(1, INT), (2, INT), (3, Kind::Truth)])),
    (8, Kind::Structure(VALUES)),
];

const VALUES: Shape = &[
    (1, INT),
    (2, INT),
    (3, INT),
    (4, INT),
    (5, Kind::Noted(I32, Note::Levels)),
    (6, Kind::Noted(I32, Note::Levels)),
    (7, Kind::Noted(1, Note::Compressed)),
];

/// Bytes of a header. Old writers put the least and greatest text of a page there.
const MOST: usize = 64 << 20;

/// Bytes that rows may take up that are read together. Where a row group says how large its rows are, so many of them
/// are read; where it does not tell the truth, or they differ much, twice as many bytes may come.
pub(super) const TOGETHER: u64 = 512 << 20;

/// Bytes of a length of a text.
const LENGTH: u64 = 4;

/// Bytes that a header is first looked for in.
const HEAD: usize = 512;

/// What may still be read of a file.
pub(super) struct Budget {
    limits: Limits,
    /// The file's bytes, and how many of them may still be read: columns do not share any.
    bytes: u64,
    left: AtomicU64,
    /// What its pages have expanded to so far, and those of the rows that are read now.
    expanded: AtomicU64,
    now: AtomicU64,
    /// The limit that it went beyond.
    stop: OnceLock<Stop>,
}

impl Budget {
    pub(super) fn new(bytes: u64, limits: Limits) -> Self {
        Self {
            limits,
            bytes,
            left: bytes.into(),
            expanded: 0.into(),
            now: 0.into(),
            stop: OnceLock::new(),
        }
    }

    /// Starts to read some rows.
    pub(super) fn start(&self) {
        self.now.store(0, Relaxed);
    }

    pub(super) fn stop(&self) -> Option<Stop> {
        self.stop.get().copied()
    }

    fn read(&self, bytes: u64) -> Result<()> {
        let left = self.left.load(Relaxed).checked_sub(bytes);
        let left = left.ok_or_else(|| broken("its columns lie in one another"))?;
        self.left.store(left, Relaxed);
        Ok(())
    }

    fn expand(&self, bytes: u64) -> Result<()> {
        let expanded = self.expanded.fetch_add(bytes, Relaxed) + bytes;
        if let Err(stop) = self.limits.expansion(self.bytes, expanded) {
            return Err(broken(&self.stop.get_or_init(|| stop).to_string()));
        }
        let now = self.now.fetch_add(bytes, Relaxed) + bytes;
        match now > 2 * TOGETHER {
            true => Err(broken(
                "rows that stand together take up too much memory, write smaller row groups",
            )),
            false => Ok(()),
        }
    }
}

fn broken(why: &str) -> ParquetError {
    ParquetError::General(why.to_owned())
}

/// A row group.
pub(super) struct Group {
    pub at: At,
    pub metadata: Arc<ParquetMetaData>,
    pub index: usize,
    pub budget: Arc<Budget>,
}

impl Group {
    fn group(&self) -> &RowGroupMetaData {
        self.metadata.row_group(self.index)
    }
}

impl RowGroups for Group {
    fn num_rows(&self) -> usize {
        self.group().num_rows() as usize
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        let metadata = self.group().column(column);
        let chunk = Chunk {
            at: self.at.clone(),
            codec: metadata.compression(),
            budget: Arc::clone(&self.budget),
            sizes: Mutex::default(),
        };
        let rows = self.num_rows();
        let pages = SerializedPageReader::new(Arc::new(chunk), metadata, rows, None)?;
        let levels = metadata.column_descr().max_def_level();
        let pages = Pages {
            pages,
            left: rows as u64,
            levels: levels as usize,
            budget: Arc::clone(&self.budget),
        };
        Ok(Box::new(Once(Some(Box::new(pages)))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.group()))
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// The pages of one row group.
struct Once(Option<Box<dyn PageReader>>);

impl Iterator for Once {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for Once {}

/// A column of a row group.
struct Chunk {
    at: At,
    codec: Compression,
    budget: Arc<Budget>,
    /// Of the page of which the header was read last.
    sizes: Mutex<Sizes>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sizes {
    expanded: u64,
    /// The bytes before those that are compressed.
    levels: u64,
    plain: bool,
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.at.len()
    }
}

impl ChunkReader for Chunk {
    type T = Cursor<Bytes>;

    /// The header of the page that begins there, and nothing else.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let left = self.at.len().saturating_sub(start).min(MOST as u64) as usize;
        let mut most = HEAD;
        loop {
            let head = self.at.get_bytes(start, left.min(most))?;
            if let Some(copied) = thrift::copy(&head, HEADER) {
                self.budget.read(copied.length as u64)?;
                let sizes = sizes(&copied.notes);
                self.budget.expand(sizes.expanded)?;
                *self.sizes.lock().unwrap_or_else(PoisonError::into_inner) = sizes;
                return Ok(Cursor::new(head.slice(..copied.length)));
            }
            if most >= left {
                return Err(broken("the header of a page is broken"));
            }
            most *= 16;
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.budget.read(length as u64)?;
        let bytes = self.at.get_bytes(start, length)?;
        let sizes = *self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        match sizes.plain || is_bounded(self.codec, &bytes, sizes) {
            true => Ok(bytes),
            false => Err(broken("a page expands to more than it says")),
        }
    }
}

fn sizes(notes: &[(Note, i64)]) -> Sizes {
    let mut sizes = Sizes::default();
    for &(note, value) in notes {
        let size = u64::try_from(value).unwrap_or(0);
        match note {
            Note::Expanded => sizes.expanded = size,
            Note::Levels => sizes.levels += size,
            Note::Compressed => sizes.plain = size == 0,
            _ => {}
        }
    }
    sizes
}

/// Whether a page expands to no more than it says, where the reader does not look at that on its way.
fn is_bounded(codec: Compression, bytes: &[u8], sizes: Sizes) -> bool {
    /// Old writers of `LZ4` put frames there, which expand to 255 times their size at most.
    const FRAME: [u8; 4] = [0x04, 0x22, 0x4D, 0x18];
    const FRAMES: usize = 4 << 20;
    let levels = usize::try_from(sizes.levels).unwrap_or(usize::MAX);
    let bytes = bytes.get(levels..).unwrap_or_default();
    let most = sizes.expanded.saturating_sub(sizes.levels);
    match codec {
        Compression::GZIP(_) => is_within(MultiGzDecoder::new(bytes), most),
        Compression::BROTLI(_) => is_within(brotli::Decompressor::new(bytes, BUFFER), most),
        Compression::LZ4 => !bytes.starts_with(&FRAME) || bytes.len() <= FRAMES,
        _ => true,
    }
}

fn is_within(stream: impl Read, most: u64) -> bool {
    let mut stream = stream.take(most.saturating_add(1));
    // What is broken is told by the reader.
    io::copy(&mut stream, &mut io::sink()).is_err() || stream.limit() > 0
}

/// Pages, expanded.
struct Pages {
    pages: SerializedPageReader<Chunk>,
    /// The rows that have no value yet.
    left: u64,
    /// The highest level: 1 where values may be missing.
    levels: usize,
    budget: Arc<Budget>,
}

impl Pages {
    fn check(&mut self, page: &Page) -> Result<()> {
        let values = match page {
            Page::DictionaryPage {
                buf, num_values, ..
            } => {
                return match *num_values as usize <= buf.len() {
                    true => Ok(()),
                    false => Err(broken("a dictionary has more values than bytes")),
                };
            }
            Page::DataPage {
                buf,
                num_values,
                def_level_encoding,
                ..
            } => {
                let missing = match def_level_encoding {
                    _ if self.levels == 0 => 0,
                    Encoding::RLE => match buf.first_chunk() {
                        Some(length) => (u32::from_le_bytes(*length) as usize).saturating_add(4),
                        None => buf.len(),
                    },
                    // A bit each.
                    _ => (*num_values as usize).div_ceil(8),
                };
                buf.get(missing..)
            }
            Page::DataPageV2 {
                buf,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let levels =
                    (*def_levels_byte_len as usize).saturating_add(*rep_levels_byte_len as usize);
                buf.get(levels..)
            }
        };
        let most = page.num_values();
        let left = self.left.checked_sub(most.into());
        self.left = left.ok_or_else(|| broken("a column has more values than there are rows"))?;
        self.texts(page.encoding(), values.unwrap_or_default(), most as usize)
    }

    /// Whether texts of which the lengths stand apart have no more of them than they should.
    fn texts(&self, encoding: Encoding, values: &[u8], most: usize) -> Result<()> {
        let lengths = || broken("the lengths of texts are broken");
        let expanded = match encoding {
            Encoding::DELTA_LENGTH_BYTE_ARRAY => {
                self.budget.expand(most as u64 * LENGTH)?;
                delta::numbers(values, most).map(|_| 0)
            }
            Encoding::DELTA_BYTE_ARRAY => {
                self.budget.expand(most as u64 * LENGTH * 2)?;
                delta::expanded(values, most)
            }
            _ => return Ok(()),
        };
        self.budget.expand(expanded.ok_or_else(lengths)?)
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.check(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }
}
