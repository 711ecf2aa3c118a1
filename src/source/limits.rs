//! How much is read, and what is said of more.

use std::fmt;

/// The bounds of what is read. They keep the memory and the time of a build bounded whatever is given to
/// it; real letters and archives of them stay far below. Messages name each by its flag of `imr build`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a document, at most [`Limits::DOCUMENT`].
    pub document: u64,
    /// Bytes of a row of JSON Lines or CSV.
    pub row: u64,
    /// Columns of CSV and Parquet.
    pub columns: usize,
    /// Bytes of an archive or Parquet file that must be held in memory, because it lies in another
    /// archive or comes through a pipe.
    pub held: u64,
    /// Bytes that a compressed file or an archive may expand to.
    pub expanded: u64,
    /// How many times its size it may expand to, once that is above [`Limits::ratio_from`].
    pub ratio: u64,
    pub ratio_from: u64,
    /// Members of an archive.
    pub members: u64,
    /// Archives within one another.
    pub depth: u8,
}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;
const TIB: u64 = 1024 * GIB;

impl Limits {
    /// The most that [`Limits::document`] may be: every offset fits the dataset's 32-bit integers.
    pub const DOCUMENT: u64 = GIB;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 64 * MIB,
            // JSON writes a character in six bytes at most.
            row: 384 * MIB,
            columns: 10_000,
            held: 512 * MIB,
            expanded: TIB,
            ratio: 200,
            ratio_from: 64 * MIB,
            members: 5_000_000,
            depth: 2,
        }
    }
}

/// Why reading was stopped, though it could go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stop {
    #[error("it is larger than {} (--max-document)", Size(*.0))]
    Document(u64),
    #[error("a row is larger than {} (--max-row)", Size(*.0))]
    Row(u64),
    #[error("it has more than {0} columns (--max-columns)")]
    Columns(usize),
    #[error("it is larger than {} (--max-held), too much to read within an archive or through a pipe", Size(*.0))]
    Held(u64),
    #[error("it expands to more than {} (--max-expanded)", Size(*.0))]
    Expanded(u64),
    #[error("it expands to more than {0} times its size (--max-ratio), as no letters do")]
    Ratio(u64),
    #[error("it has more than {0} members (--max-members)")]
    Members(u64),
    #[error("it lies in more than {0} archives within one another (--max-depth)")]
    Depth(u8),
}

impl Stop {
    pub(super) fn code(self) -> &'static str {
        match self {
            Stop::Document(_) | Stop::Row(_) | Stop::Held(_) => "too_large",
            Stop::Columns(_) => "too_many_columns",
            Stop::Expanded(_) | Stop::Ratio(_) => "expands_too_much",
            Stop::Members(_) => "too_many_members",
            Stop::Depth(_) => "nested_too_deeply",
        }
    }
}

impl From<Stop> for std::io::Error {
    fn from(stop: Stop) -> Self {
        std::io::Error::other(stop)
    }
}

/// A number of bytes in the largest unit that it is a multiple of: of 1000 bytes and so on (KB), or of 1024 (KiB).
struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (TIB, "TiB"),
            (1_000_000_000_000, "TB"),
            (GIB, "GiB"),
            (1_000_000_000, "GB"),
            (MIB, "MiB"),
            (1_000_000, "MB"),
            (KIB, "KiB"),
            (1000, "KB"),
        ];
        let fits = |unit: &&(u64, _)| self.0 > 0 && self.0.is_multiple_of(unit.0);
        match units.iter().find(fits) {
            Some((unit, name)) => write!(f, "{} {name}", self.0 / unit),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

impl Limits {
    /// Whether so many bytes may expand to so many.
    pub(super) fn expansion(&self, compressed: u64, expanded: u64) -> Result<(), Stop> {
        if expanded > self.expanded {
            return Err(Stop::Expanded(self.expanded));
        }
        if expanded > self.ratio_from && expanded / self.ratio.max(1) > compressed {
            return Err(Stop::Ratio(self.ratio));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_the_unit_that_fits() {
        let said = |bytes| Size(bytes).to_string();
        assert_eq!(said(64 * MIB), "64 MiB");
        assert_eq!(said(TIB), "1 TiB");
        assert_eq!(said(64_000_000), "64 MB");
        assert_eq!(said(2000), "2 KB");
        assert_eq!(said(1536), "1536 bytes");
        assert_eq!(said(0), "0 bytes");
        assert_eq!(
            Stop::Row(MIB).to_string(),
            "a row is larger than 1 MiB (--max-row)"
        );
    }

    #[test]
    fn little_may_expand_by_any_factor_and_much_by_the_ratio() {
        let limits = Limits {
            expanded: 10_000,
            ratio: 10,
            ratio_from: 1000,
            ..Limits::default()
        };
        assert_eq!(limits.expansion(1, 1000), Ok(()));
        assert_eq!(limits.expansion(100, 1001), Ok(()));
        assert_eq!(limits.expansion(99, 1001), Err(Stop::Ratio(10)));
        assert_eq!(limits.expansion(5000, 10_001), Err(Stop::Expanded(10_000)));
    }
}
