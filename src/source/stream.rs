//! Bytes to read: one after another ([`Stream`]) or at any place ([`At`]), decompressed, within limits.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;
use flate2::bufread::GzDecoder;
use rawzip::{FileReader, RangeReader, ReaderAt};

use super::Limits;
use super::kind::HEAD;
use super::meter::{Meter, expand};

/// Bytes one after another.
pub(super) type Stream = Box<dyn Read + Send>;

/// Bytes that are read in one go from a file or a decoder.
pub(super) const BUFFER: usize = 64 * 1024;

/// A stream of which the first bytes are known.
pub(super) struct Peeked {
    pub head: Bytes,
    rest: Stream,
}

impl Peeked {
    pub(super) fn new(mut stream: Stream) -> io::Result<Self> {
        let mut head = Vec::with_capacity(HEAD);
        let read = (&mut stream).take(HEAD as u64).read_to_end(&mut head);
        let rest = match read {
            // It is met again behind what could be read.
            Err(error) if !head.is_empty() => Box::new(Failing(Some(error))),
            Err(error) => return Err(error),
            Ok(_) => stream,
        };
        let head = head.into();
        Ok(Self { head, rest })
    }

    /// The whole stream.
    pub(super) fn whole(self) -> Chain<Cursor<Bytes>, Stream> {
        Cursor::new(self.head).chain(self.rest)
    }

    /// The whole stream in memory, up to one byte more than `most`, and the error that ended it.
    pub(super) fn read(self, most: u64) -> (Vec<u8>, Option<io::Error>) {
        let mut bytes = Vec::new();
        let read = self
            .whole()
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes);
        (bytes, read.err())
    }
}

/// Bytes that can be read at any place, by several threads at once.
#[derive(Debug, Clone)]
pub(super) enum At {
    File(Arc<FileReader>, u64),
    Memory(Bytes),
}

impl At {
    pub(super) fn file(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self::File(Arc::new(file.into()), len))
    }

    /// The bytes one after another.
    pub(super) fn stream(&self) -> RangeReader<Self> {
        RangeReader::new(self.clone(), 0..self.len())
    }
}

impl ReaderAt for At {
    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            At::File(file, _) => file.read_at(into, offset),
            At::Memory(bytes) => bytes.as_ref().read_at(into, offset),
        }
    }
}

impl Length for At {
    fn len(&self) -> u64 {
        match self {
            At::File(_, len) => *len,
            At::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for At {
    type T = BufReader<RangeReader<At>>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let range = RangeReader::new(self.clone(), start..self.len().max(start));
        Ok(BufReader::new(range))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.len()) {
            let message = "the file ends before its data".to_owned();
            return Err(ParquetError::EOF(message));
        }
        if let At::Memory(bytes) = self {
            let start = start as usize;
            return Ok(bytes.slice(start..start + length));
        }
        let mut bytes = vec![0; length];
        self.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// A stream that counts what is read of it.
pub(super) struct Counted<R> {
    stream: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(stream: R, count: Arc<AtomicU64>) -> Self {
        Self { stream, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(into)?;
        self.count.fetch_add(n as u64, Relaxed);
        Ok(n)
    }
}

/// Expands gzip.
pub(super) fn gunzip(
    stream: impl Read + Send + 'static,
    limits: &Limits,
) -> io::Result<(Stream, Meter)> {
    let bytes = BufReader::with_capacity(BUFFER, stream);
    expand(bytes, limits, |bytes| {
        Ok(Box::new(Gunzip(Some(GzDecoder::new(bytes)))))
    })
}

/// Members of gzip one after another, with blocks of zeros behind them as tapes have them.
struct Gunzip<R>(Option<GzDecoder<R>>);

/// What follows the end of gzip.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("bytes follow its end that are no gzip")]
pub(super) struct Garbage;

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.0 {
            let n = decoder.read(into)?;
            if n > 0 || into.is_empty() {
                return Ok(n);
            }
            let ended = self.0.take().map(GzDecoder::into_inner);
            self.0 = ended.map_or(Ok(None), next_member)?;
        }
        Ok(0)
    }
}

/// Goes to the next member; none at the end.
fn next_member<R: BufRead>(mut stream: R) -> io::Result<Option<GzDecoder<R>>> {
    loop {
        let bytes = stream.fill_buf()?;
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        match bytes.first() {
            None => return Ok(None),
            Some(0x1F) => return Ok(Some(GzDecoder::new(stream))),
            Some(0) => stream.consume(zeros),
            Some(_) => return Err(io::Error::other(Garbage)),
        }
    }
}

/// Expands Zstandard.
pub(super) fn unzstd(
    stream: impl Read + Send + 'static,
    limits: &Limits,
) -> io::Result<(Stream, Meter)> {
    let bytes = BufReader::with_capacity(BUFFER, stream);
    expand(bytes, limits, |bytes| {
        Ok(Box::new(zstd::stream::read::Decoder::with_buffer(bytes)?))
    })
}

/// A stream that cannot be read.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits::Stop;
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(opened: io::Result<(Stream, Meter)>) -> (usize, Option<io::Error>) {
        let (mut stream, _) = opened.unwrap();
        let mut bytes = Vec::new();
        let error = stream.read_to_end(&mut bytes).err();
        (bytes.len(), error)
    }

    #[test]
    fn compressed_streams_expand_whole_or_tell_that_they_are_cut() {
        let text = b"a letter. ".repeat(1000);
        let limits = Limits::default();
        let two = [gzip(&text), gzip(&text)].concat();
        assert_eq!(read(gunzip(Cursor::new(two), &limits)).0, 20_000);
        let zst = zstd::encode_all(&text[..], 3).unwrap();
        assert_eq!(read(unzstd(Cursor::new(zst.clone()), &limits)).0, 10_000);
        let cut = |bytes: &[u8]| Cursor::new(bytes[..bytes.len() - 9].to_vec());
        assert!(read(gunzip(cut(&gzip(&text)), &limits)).1.is_some());
        assert!(read(unzstd(cut(&zst), &limits)).1.is_some());
    }

    #[test]
    fn a_bomb_is_stopped() {
        let limits = Limits {
            ratio_from: 1 << 20,
            ..Limits::default()
        };
        let bomb = gzip(&vec![0; 4 << 20]);
        let (n, error) = read(gunzip(Cursor::new(bomb), &limits));
        assert!(n < 2 << 20, "{n}");
        let stop = error.unwrap();
        let stop = stop.get_ref().unwrap().downcast_ref::<Stop>();
        assert_eq!(stop, Some(&Stop::Ratio(200)));
    }
}
