//! Tar archives: members one after another.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::fault::Fault;
use super::limits::Stop;
use super::meter::Meter;
use super::open::{self as opening, Container, Context, Piece, Place, drain};
use super::stream::Stream;
use super::zip::is_wanted;

/// The length of a block: headers are one, and members fill whole ones.
const BLOCK: u64 = 512;

/// The most bytes of a member's headers. Real ones have some hundred.
const HEADERS: u64 = 1024 * 1024;

/// Opens an archive.
pub(super) fn open(stream: Stream, place: Place, context: &Context) -> Piece {
    let source = Source {
        stream,
        meter: context.meter.clone(),
        position: 0,
        left: 0,
        over: false,
        failed: false,
    };
    Piece::Inner(Box::new(Walk {
        source: Arc::new(Mutex::new(source)),
        members: 0,
        done: false,
        place,
        context: context.uncounted(),
    }))
}

/// The archive's bytes.
struct Source {
    stream: Stream,
    /// Measures the stream, if it is compressed.
    meter: Option<Meter>,
    position: u64,
    /// How many bytes of the member that is being read are left.
    left: u64,
    /// Whether that member is a bomb, of which no more is read.
    over: bool,
    /// Whether an error was met, and told.
    failed: bool,
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(into)?;
        self.position += n as u64;
        Ok(n)
    }
}

/// The bytes of the member that is being read.
struct Member(Arc<Mutex<Source>>);

impl Read for Member {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = source.left.min(into.len() as u64) as usize;
        if most == 0 || source.over {
            return Ok(0);
        }
        let read = match source.read(&mut into[..most]) {
            Ok(0) => Err(cut()),
            read => read,
        };
        match &read {
            Ok(n) => source.left -= *n as u64,
            Err(error) => {
                source.over = source.reads_over(error);
                source.failed = !source.over;
            }
        }
        read
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive is cut off")
}

/// The header of a member.
struct Header {
    name: String,
    size: u64,
    kind: ::tar::EntryType,
    /// Whether only the parts that are not empty are stored, after a map of them.
    sparse: bool,
}

impl Header {
    fn of<R: Read>(mut entry: ::tar::Entry<'_, R>) -> Self {
        let kind = entry.header().entry_type();
        let extensions = entry.pax_extensions().ok().flatten();
        let sparse = extensions.is_some_and(|mut all| {
            let sparse = |key: &[u8]| key.starts_with(b"GNU.sparse.");
            all.any(|one| one.is_ok_and(|one| sparse(one.key_bytes())))
        });
        Self {
            name: String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
            size: entry.size(),
            kind,
            sparse: sparse || kind == ::tar::EntryType::GNUSparse,
        }
    }
}

impl Source {
    /// Whether the member that is being read is a bomb, which is read over.
    fn reads_over(&self, error: &io::Error) -> bool {
        let meter = self.meter.as_ref();
        meter.is_some_and(|meter| meter.reads_over(error))
    }

    /// Goes to the next member; none at the archive's end.
    fn next(&mut self) -> io::Result<Option<Header>> {
        let end = self.position.saturating_add(self.left);
        let end = end.saturating_add((BLOCK - end % BLOCK) % BLOCK);
        self.left = 0;
        while self.position < end {
            let rest = end - self.position;
            match drain(&mut (&mut *self).take(rest)) {
                Ok(drained) if drained < rest => return Err(cut()),
                Err(error) if !self.reads_over(&error) => return Err(error),
                _ => {}
            }
        }
        self.over = false;
        if let Some(meter) = &self.meter {
            meter.next_member();
        }
        let begin = self.position;
        let mut archive = ::tar::Archive::new(self.take(HEADERS));
        let entry = archive.entries()?.next().transpose()?;
        let header = entry.map(Header::of);
        match header {
            // The end is marked by blocks of zeros.
            None if self.position == begin => Err(cut()),
            None => Ok(None),
            Some(header) => {
                if let Some(meter) = &self.meter {
                    meter.has_room(header.size)?;
                }
                self.left = header.size;
                Ok(Some(header))
            }
        }
    }
}

/// Goes through an archive.
struct Walk {
    source: Arc<Mutex<Source>>,
    members: u64,
    done: bool,
    place: Place,
    context: Context,
}

impl Container for Walk {
    fn next(&mut self) -> Option<Piece> {
        let limits = &self.context.options.limits;
        while !self.done {
            let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
            if source.failed {
                break;
            }
            let found = source.next();
            drop(source);
            let header = match found {
                Ok(Some(header)) => header,
                Ok(None) => break,
                Err(error) => {
                    self.done = true;
                    let name = &self.place.source;
                    let done = format!("the {} members before that were read", self.members);
                    return Some(Piece::Fault(Fault::of_io(name, &error, &done)));
                }
            };
            self.members += 1;
            if self.members > limits.members {
                self.done = true;
                let stop = Stop::Members(limits.members);
                let why = format!("{stop}; the rest was left out");
                return Some(self.place.clone().fault(stop.code(), &why));
            }
            // Folders and links hold nothing.
            let file = matches!(
                header.kind,
                ::tar::EntryType::Regular | ::tar::EntryType::Continuous
            );
            let place = self.place.member(&header.name);
            if header.sparse {
                let why = "it is a sparse file; pack the archive without --sparse; it was left out";
                return Some(place.fault("unsupported_member", why));
            }
            if file && is_wanted(&header.name, &self.context) {
                let member = Box::new(Member(Arc::clone(&self.source)));
                return Some(opening::open(member, place, &self.context));
            }
        }
        self.done = true;
        None
    }
}
