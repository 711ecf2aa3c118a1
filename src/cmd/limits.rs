//! The limits of what is read, as flags.

use crate::source::Limits;

#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Limits (sizes as 512K, 64M, 2G)")]
pub struct Args {
    /// The most bytes of a document: a file, a member of an archive, the text of a row [default: 64M, at most 1G].
    #[arg(long, value_name = "SIZE", value_parser = document, hide_short_help = true)]
    max_document: Option<u64>,

    /// The most bytes of a row of JSON Lines or CSV [default: 384M].
    #[arg(long, value_name = "SIZE", value_parser = size, hide_short_help = true)]
    max_row: Option<u64>,

    /// The most columns of CSV and Parquet [default: 10000].
    #[arg(long, value_name = "N", hide_short_help = true)]
    max_columns: Option<usize>,

    /// The most bytes of an archive or Parquet file that lies in an archive or comes through a pipe, and is
    /// held in memory for that [default: 512M].
    #[arg(long, value_name = "SIZE", value_parser = size, hide_short_help = true)]
    max_held: Option<u64>,

    /// The most bytes that an archive or a compressed file may expand to [default: 1T].
    #[arg(long, value_name = "SIZE", value_parser = size, hide_short_help = true)]
    max_expanded: Option<u64>,

    /// How many times its size an archive, a member or a compressed file may expand to, if that is above 64M
    /// [default: 200].
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

/// Parses a number of bytes, `65536`, `64M` or `2GiB`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err(format!("{unit:?} is no unit of bytes: K, M, G or T")),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "a size is a number of bytes, as 65536, 512K, 64M or 2G".to_owned())?;
    number
        .checked_mul(1 << shift)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "a size lies above 0 and below 16 EiB".to_owned())
}

fn document(text: &str) -> Result<u64, String> {
    let size = size(text)?;
    match size <= Limits::DOCUMENT {
        true => Ok(size),
        false => Err("a document has 1G at most, as places in it are 32-bit numbers".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("65536"), Ok(65536));
        assert_eq!(size("64M"), Ok(64 << 20));
        assert_eq!(size("2gib"), Ok(2 << 30));
        assert_eq!(size("1 T"), Ok(1 << 40));
        for text in ["", "M", "0", "-1", "1.5M", "10X", "99999999T"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(document("1G"), Ok(1 << 30));
        assert!(document("1025M").is_err());
    }
}
