//! Zip archives: members are found by the directory at the end and read one by one, by several threads.

use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ::parquet::file::reader::Length;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, RangeReader, ReaderAt, ZipLocator};

use super::kind::{self, Kind};
use super::limits::{Limits, Stop};
use super::open::{self as opening, Container, Context, Piece, Place, Weight};
use super::scan::{UNIT_BYTES, UNIT_DOCUMENTS};
use super::stream::{At, BUFFER, Stream};

/// A file in an archive.
struct Member {
    name: Box<str>,
    method: CompressionMethod,
    encrypted: bool,
    header: u64,
    compressed: u64,
    size: u64,
    crc: u32,
    refused: Option<Refused>,
}

/// Why a member is not read.
#[derive(Debug, Clone, Copy)]
enum Refused {
    Stop(Stop),
    /// Its bytes are those of another member too.
    Overlap,
}

/// An archive, with the members that are read, by name.
struct Archive {
    at: At,
    members: Vec<Member>,
    place: Place,
    context: Context,
}

/// Opens an archive.
pub(super) fn open(at: At, place: Place, context: &Context) -> Piece {
    let limits = &context.options.limits;
    let mut found = Members {
        context,
        count: 0,
        wanted: Vec::new(),
    };
    let fault = match directory(&at, &mut found) {
        Ok(true) => None,
        Ok(false) => {
            let stop = Stop::Members(limits.members);
            Some((stop.code(), format!("{stop}; the rest was left out")))
        }
        Err(error) => {
            // Without its directory, the members still stand one after another from the start.
            if found.count == 0 {
                local(&at, &mut found);
            }
            let why = match found.count {
                0 => format!("{error}; it was left out"),
                n => format!("{error}; the {n} members before that were read"),
            };
            Some(("broken_archive", why))
        }
    };
    let mut members = found.wanted;
    refuse_overlaps(&mut members);
    members.sort_by(|a, b| a.name.cmp(&b.name));
    refuse_bombs(&mut members, at.len(), limits);
    let fault = fault.map(|(code, why)| place.clone().fault(code, &why));
    let archive = Archive {
        at,
        members,
        place,
        context: context.uncounted(),
    };
    Piece::Inner(Box::new(Walk {
        archive: Arc::new(archive),
        consumed: Arc::clone(&context.consumed),
        next: 0,
        fault,
    }))
}

/// The members as they are found.
struct Members<'a> {
    context: &'a Context,
    count: u64,
    wanted: Vec<Member>,
}

impl Members<'_> {
    /// Takes a member, if these are not too many.
    fn take(&mut self, member: Member) -> bool {
        if self.count == self.context.options.limits.members {
            return false;
        }
        self.count += 1;
        let folder = member.name.ends_with(['/', '\\']);
        if !folder && is_wanted(&member.name, self.context) {
            self.wanted.push(member);
        }
        true
    }
}

/// Whether a member of this name is read; counts it as skipped if not.
pub(super) fn is_wanted(name: &str, context: &Context) -> bool {
    // macOS puts a second file beside each, which holds no content.
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let wanted = kind::is_taken(last) && !last.starts_with("._");
    if !wanted {
        context.skipped.add(last);
    }
    wanted
}

/// Takes the members that the directory lists. Gives whether these were not too many.
fn directory(at: &At, members: &mut Members) -> Result<bool, rawzip::Error> {
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipLocator::new()
        .locate_in_reader(at, &mut buffer, at.len())
        .map_err(|(_, error)| error)?;
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry()? {
        let member = Member {
            name: String::from_utf8_lossy(entry.file_path().as_bytes()).into(),
            method: entry.compression_method(),
            encrypted: entry.flags().is_encrypted(),
            header: entry.local_header_offset(),
            compressed: entry.compressed_size_hint(),
            size: entry.uncompressed_size_hint(),
            crc: entry.crc32(),
            refused: None,
        };
        if !members.take(member) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The length of the fixed part of a member's header.
const HEADER: usize = 30;

fn le16(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from(le16(bytes, at)) | u32::from(le16(bytes, at + 2)) << 16
}

/// Takes the members that stand whole at the start of a cut archive.
///
/// It ends at the first whose size its header does not tell.
fn local(at: &At, members: &mut Members) {
    let mut offset = 0;
    loop {
        let mut header = [0; HEADER];
        if at.read_exact_at(&mut header, offset).is_err() || !header.starts_with(b"PK\x03\x04") {
            return;
        }
        let (flags, size) = (le16(&header, 6), le32(&header, 22));
        let compressed = u64::from(le32(&header, 18));
        let mut name = vec![0; usize::from(le16(&header, 26))];
        let start = offset + HEADER as u64;
        let extra = u64::from(le16(&header, 28));
        let end = start + name.len() as u64 + extra + compressed;
        let known = flags & 8 == 0 && size != u32::MAX && compressed != u64::from(u32::MAX);
        if !known || end > at.len() || at.read_exact_at(&mut name, start).is_err() {
            return;
        }
        let member = Member {
            name: String::from_utf8_lossy(&name).into(),
            method: CompressionMethod::new(le16(&header, 8)),
            encrypted: flags & 1 != 0,
            header: offset,
            compressed,
            size: size.into(),
            crc: le32(&header, 14),
            refused: None,
        };
        if !members.take(member) {
            return;
        }
        offset = end;
    }
}

/// Refuses members that reach into the next one, or are the same bytes as another. A small archive becomes a
/// large one by that, and none but forged archives have it.
fn refuse_overlaps(members: &mut [Member]) {
    members.sort_by_key(|member| member.header);
    let mut next = u64::MAX;
    for n in (0..members.len()).rev() {
        let header = members[n].header;
        match members.get_mut(n + 1) {
            Some(after) if after.header == header => after.refused = Some(Refused::Overlap),
            Some(after) => next = after.header,
            None => {}
        }
        let member = &mut members[n];
        let content = header.saturating_add(HEADER as u64);
        if content.saturating_add(member.compressed) > next {
            member.refused = Some(Refused::Overlap);
        }
    }
}

/// Refuses members that expand beyond reason, by themselves or with the others. Those that expand as letters
/// do are not refused for the sake of one that does not.
fn refuse_bombs(members: &mut [Member], len: u64, limits: &Limits) {
    let is_dense = |m: &Member| m.size / limits.ratio.max(1) > m.compressed;
    let mut expanded: u64 = 0;
    for dense in [false, true] {
        let some = members.iter_mut().filter(|m| is_dense(m) == dense);
        for member in some.filter(|m| m.refused.is_none()) {
            let with_this = expanded.saturating_add(member.size);
            let alone = limits.expansion(member.compressed, member.size);
            match alone.and_then(|()| limits.expansion(len, with_this)) {
                Ok(()) => expanded = with_this,
                Err(stop) => member.refused = Some(Refused::Stop(stop)),
            }
        }
    }
}

impl Archive {
    /// Opens a member.
    fn open(&self, member: &Member) -> Piece {
        let place = self.place.member(&member.name);
        match member.refused {
            Some(Refused::Stop(stop)) => return place.stopped(stop, "unpack it"),
            Some(Refused::Overlap) => {
                let why = "it overlaps another member, as in forged archives only; it was left out";
                return place.fault("broken_archive", why);
            }
            None => {}
        }
        if member.encrypted {
            return place.fault(
                "encrypted_member",
                "it is encrypted; decrypt the archive; it was left out",
            );
        }
        match self.stream(member) {
            Ok(Some(stream)) => opening::open(stream, place, &self.context),
            Ok(None) => {
                let why = format!(
                    "its compression, {}, is not supported; pack it with deflate; it was left out",
                    member.method
                );
                place.fault("unsupported_compression", &why)
            }
            Err(error) => opening::unreadable(place, &error),
        }
    }

    /// The member's bytes; none if its compression is not known.
    fn stream(&self, member: &Member) -> io::Result<Option<Stream>> {
        let mut header = [0; HEADER];
        self.at.read_exact_at(&mut header, member.header)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(io::Error::other("its header is not where it should be"));
        }
        let names = u64::from(le16(&header, 26)) + u64::from(le16(&header, 28));
        let start = member.header.saturating_add(HEADER as u64 + names);
        let end = start.saturating_add(member.compressed);
        let raw = RangeReader::new(self.at.clone(), start..end);
        let buffer = (member.compressed.min(BUFFER as u64) as usize).max(512);
        let raw = BufReader::with_capacity(buffer, raw);
        let inner: Stream = match member.method {
            CompressionMethod::STORE => Box::new(raw),
            CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(raw)),
            CompressionMethod::ZSTD => Box::new(zstd::stream::read::Decoder::with_buffer(raw)?),
            _ => return Ok(None),
        };
        Ok(Some(Box::new(Checked {
            inner,
            crc: Crc::new(),
            left: member.size,
            expected: member.crc,
        })))
    }
}

/// A member's bytes, checked to be as many as the directory says, and the same.
struct Checked {
    inner: Stream,
    crc: Crc,
    left: u64,
    expected: u32,
}

impl Read for Checked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let n = self.inner.read(into)?;
        if n == 0 && self.left > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it ends before its time",
            ));
        }
        if n as u64 > self.left {
            return Err(io::Error::other("it is larger than the archive says"));
        }
        self.left -= n as u64;
        self.crc.update(&into[..n]);
        if n == 0 && self.crc.sum() != self.expected {
            return Err(io::Error::other("its checksum is wrong"));
        }
        Ok(n)
    }
}

/// Goes through an archive.
struct Walk {
    archive: Arc<Archive>,
    consumed: Arc<AtomicU64>,
    next: usize,
    fault: Option<Piece>,
}

impl Container for Walk {
    fn next(&mut self) -> Option<Piece> {
        let archive = &self.archive;
        let Some(first) = archive.members.get(self.next) else {
            return self.fault.take();
        };
        let consumed = |member: &Member| self.consumed.fetch_add(member.compressed, Relaxed);
        if !is_document(first) {
            self.next += 1;
            consumed(first);
            return Some(archive.open(first));
        }
        let mut weight = Weight::default();
        let begin = self.next;
        for member in &archive.members[begin..] {
            if !is_document(member)
                || weight.documents >= UNIT_DOCUMENTS
                || weight.bytes >= UNIT_BYTES
            {
                break;
            }
            consumed(member);
            weight.documents += 1;
            weight.bytes = weight.bytes.saturating_add(member.size);
            self.next += 1;
        }
        let some = Documents {
            archive: Arc::clone(archive),
            members: begin..self.next,
        };
        Some(Piece::Later(Box::new(some), weight))
    }
}

/// Whether a member is a document by its name, which another thread may read.
fn is_document(member: &Member) -> bool {
    matches!(kind::by_name(&member.name), Some(Kind::Document(_)))
}

/// Some members of an archive that are documents.
struct Documents {
    archive: Arc<Archive>,
    members: Range<usize>,
}

impl Container for Documents {
    fn next(&mut self) -> Option<Piece> {
        let member = &self.archive.members[self.members.next()?];
        Some(self.archive.open(member))
    }
}
