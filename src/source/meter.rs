//! How much a compressed stream has expanded to, and which member of an archive in it is to blame if that is
//! too much.

use std::io::{self, BufRead, Read};
use std::ops::{AddAssign, Sub};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Limits;
use super::limits::Stop;
use super::stream::{BUFFER, Stream};

/// So small a part of what may expand by any factor ([`Limits::ratio_from`]) tells nothing: decoders read
/// ahead.
const TELLING: u64 = 64;

/// Bytes, and what they expanded to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    compressed: u64,
    expanded: u64,
}

impl Sub for Span {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            compressed: self.compressed - before.compressed,
            expanded: self.expanded - before.expanded,
        }
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, more: Self) {
        self.compressed += more.compressed;
        self.expanded += more.expanded;
    }
}

/// Measures a compressed stream while it is read.
///
/// A stream that expands by too much stops. If it is an archive, and the member that is being read expands by
/// too much on its own, that member may be read over: it counts for the bytes of the whole alone, and those
/// behind it are read. Members that expand as letters do are read even behind one that does not.
#[derive(Clone)]
pub(super) struct Meter {
    limits: Limits,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    all: Span,
    /// Of members that were read over.
    over: Span,
    /// Where the member begins that is being read, if this is an archive.
    member: Option<Span>,
    /// Where the first of some small members begins, of which one alone tells nothing.
    several: Span,
    is_read_over: bool,
}

impl Meter {
    fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            counts: Arc::default(),
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the stream may be read on.
    fn check(&self) -> Result<(), Stop> {
        let counts = self.counts();
        let whole = counts.all - counts.over;
        match self.limits.expansion(whole.compressed, whole.expanded) {
            Err(Stop::Ratio(_)) if counts.is_read_over => {}
            Err(Stop::Ratio(_)) if counts.member.is_some() && !self.is_telling(&counts) => {}
            expands => expands?,
        }
        self.holds(counts.all.expanded)
    }

    /// Whether the whole may expand to so much.
    fn holds(&self, expanded: u64) -> Result<(), Stop> {
        match expanded > self.limits.expanded {
            true => Err(Stop::Expanded(self.limits.expanded)),
            false => Ok(()),
        }
    }

    /// Whether what is being read expands by too much on its own.
    fn is_telling(&self, counts: &Counts) -> bool {
        self.is_beyond(counts.all - counts.several)
            || counts
                .member
                .is_some_and(|begin| self.is_beyond(counts.all - begin))
    }

    fn is_beyond(&self, span: Span) -> bool {
        span.expanded > self.limits.ratio_from / TELLING
            && span.expanded / self.limits.ratio.max(1) > span.compressed
    }

    /// The next member of the archive begins; the one before it has been read to its end.
    pub(super) fn next_member(&self) {
        let mut counts = self.counts();
        let now = counts.all;
        let member = counts.member.map_or(Span::default(), |begin| now - begin);
        if counts.is_read_over {
            counts.over += member;
        }
        if counts.is_read_over || self.is_beyond(member) {
            counts.several += member;
        }
        let several = now - counts.several;
        if several.expanded > self.limits.ratio_from / TELLING && !self.is_beyond(several) {
            counts.several = now;
        }
        counts.member = Some(now);
        counts.is_read_over = false;
    }

    /// Whether a member of so many bytes may follow.
    pub(super) fn has_room(&self, size: u64) -> Result<(), Stop> {
        let expanded = self.counts().all.expanded;
        self.holds(expanded.saturating_add(size))
    }

    /// Whether the error is that the member being read expands by too much; then the rest of it can be read
    /// over.
    pub(super) fn reads_over(&self, error: &io::Error) -> bool {
        let mut counts = self.counts();
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        let is_bomb = matches!(inner, Some(Stop::Ratio(_)))
            && counts
                .member
                .is_some_and(|begin| self.is_beyond(counts.all - begin));
        counts.is_read_over |= is_bomb;
        is_bomb
    }
}

/// Compressed bytes, of which those are counted that a decoder takes.
struct Taken<R> {
    bytes: R,
    meter: Meter,
}

impl<R: BufRead> BufRead for Taken<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.bytes.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.meter.counts().all.compressed += n as u64;
        self.bytes.consume(n);
    }
}

impl<R: BufRead> Read for Taken<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(into)?;
        self.consume(n);
        Ok(n)
    }
}

/// What a compressed stream expands to, within the limits. After an error nothing is lost.
struct Expanded {
    decoder: Stream,
    meter: Meter,
}

impl Read for Expanded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.meter.check()?;
        // Not so much that a bomb goes off within it.
        let most = into.len().min(BUFFER);
        let n = self.decoder.read(&mut into[..most])?;
        self.meter.counts().all.expanded += n as u64;
        Ok(n)
    }
}

/// Expands compressed bytes by a decoder.
pub(super) fn expand<R: BufRead + Send + 'static>(
    bytes: R,
    limits: &Limits,
    decoder: impl FnOnce(Box<dyn BufRead + Send>) -> io::Result<Stream>,
) -> io::Result<(Stream, Meter)> {
    let meter = Meter::new(limits);
    let taken = Taken {
        bytes,
        meter: meter.clone(),
    };
    let decoder = decoder(Box::new(taken))?;
    let expanded = Expanded {
        decoder,
        meter: meter.clone(),
    };
    Ok((Box::new(expanded), meter))
}
