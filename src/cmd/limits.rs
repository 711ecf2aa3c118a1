//! The limits of what is read, as flags.

use crate::cmd::units::size;
use crate::source::Limits;

#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Limits (sizes as 500KB, 64MB or 2GiB: K is 1000, Ki 1024)")]
pub struct Args {
    /// The most bytes of a document: a file, a member of an archive, the text of a row [default: 64MiB, at most 1GiB].
    #[arg(long, value_name = "SIZE", value_parser = document, hide_short_help = true)]
    max_document: Option<u64>,

    /// The most bytes of a row of JSON Lines or CSV [default: 384MiB].
    #[arg(long, value_name = "SIZE", value_parser = size, hide_short_help = true)]
    max_row: Option<u64>,

    /// The most columns of CSV and Parquet [default: 10000].
    #[arg(long, value_name = "N", hide_short_help = true)]
    max_columns: Option<usize>,

    /// The most bytes of an archive or Parquet file that lies in an archive or comes through a pipe, and is
    /// held in memory for that [default: 512MiB].
    #[arg(long, value_name = "SIZE", value_parser = size, hide_short_help = true)]
    max_held: Option<u64>,

    /// The most bytes that an archive or a compressed file may expand to [default: 1TiB].
    #[arg(long, value_name = "SIZE", value_parser = size, hide_short_help = true)]
    max_expanded: Option<u64>,

    /// How many times its size an archive, a member or a compressed file may expand to, if that is above
    /// 64MiB [default: 200].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true)]
    max_ratio: Option<u64>,

    /// The most members of an archive [default: 5000000].
    #[arg(long, value_name = "N", hide_short_help = true)]
    max_members: Option<u64>,

    /// The most archives within one another [default: 2].
    #[arg(long, value_name = "N", hide_short_help = true)]
    max_depth: Option<u8>,
}

impl Args {
    pub fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            document: self.max_document.unwrap_or(usual.document),
            row: self.max_row.unwrap_or(usual.row),
            columns: self.max_columns.unwrap_or(usual.columns),
            held: self.max_held.unwrap_or(usual.held),
            expanded: self.max_expanded.unwrap_or(usual.expanded),
            ratio: self.max_ratio.unwrap_or(usual.ratio),
            members: self.max_members.unwrap_or(usual.members),
            depth: self.max_depth.unwrap_or(usual.depth),
            ..usual
        }
    }
}

fn document(text: &str) -> Result<u64, String> {
    let size = size(text)?;
    match size <= Limits::DOCUMENT {
        true => Ok(size),
        false => Err("a document has 1GiB at most, as places in it are 32-bit numbers".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_document_fit_their_numbers() {
        assert_eq!(document("64MB"), Ok(64_000_000));
        assert_eq!(document("1GiB"), Ok(1 << 30));
        assert!(document("1025MiB").is_err());
    }
}
