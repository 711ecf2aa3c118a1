//! Sizes and times as the flags of all commands take them.

use std::time::Duration;

/// The units of a size. M is a million everywhere, as in what the program prints; 2^20 is Mi.
const SIZES: [(&str, u64); 14] = [
    ("", 1),
    ("b", 1),
    ("k", 1000),
    ("kb", 1000),
    ("kib", 1 << 10),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("mib", 1 << 20),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("gib", 1 << 30),
    ("t", 1_000_000_000_000),
    ("tb", 1_000_000_000_000),
    ("tib", 1 << 40),
];

const TIMES: [(&str, f64); 6] = [
    ("ms", 1e-3),
    ("s", 1.0),
    ("", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("h", 3600.0),
];

/// Parses a number of bytes: `65536`, `64MB`, `1.5GB` or `2GiB`.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || {
        "a size is a number of bytes, or one with its unit: 500MB (millions of bytes; KB, GB and TB likewise) \
         or 512MiB (of 2^20 bytes; KiB, GiB and TiB likewise)"
            .to_owned()
    };
    let (number, unit) = measure(text, &SIZES).ok_or_else(wrong)?;
    let bytes = match number.parse::<u64>() {
        Ok(number) => number.checked_mul(unit),
        Err(_) => {
            let bytes = number.parse::<f64>().map_err(|_| wrong())? * unit as f64;
            (bytes < u64::MAX as f64).then_some(bytes as u64)
        }
    };
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "a size lies above 0 and below 16EiB".to_owned())
}

/// Parses a time: `30`, `30s`, `5m` or `250ms`.
pub fn time(text: &str) -> Result<Duration, String> {
    let measured = measure(text, &TIMES);
    let seconds = measured.and_then(|(number, unit)| Some(number.parse::<f64>().ok()? * unit));
    match seconds {
        Some(seconds) if (1e-3..1e9).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        Some(_) => Err("a limit is 1ms or more".to_owned()),
        None => Err("a time is a number and its unit, as 30s or 5m".to_owned()),
    }
}

/// The digits of a number, and its unit.
fn measure<'a, T: Copy>(text: &'a str, units: &[(&str, T)]) -> Option<(&'a str, T)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_lowercase();
    let (_, unit) = units.iter().find(|(name, _)| *name == unit)?;
    Some((number, *unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("65536", 65536),
            ("512 b", 512),
            ("64M", 64_000_000),
            ("64MB", 64_000_000),
            ("64MiB", 64 << 20),
            ("2gib", 2 << 30),
            ("2GB", 2_000_000_000),
            ("1.5 mb", 1_500_000),
            ("1 T", 1_000_000_000_000),
            ("1TiB", 1 << 40),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "M",
            "GB",
            "0",
            "0MB",
            "0.1",
            "-1",
            "-1GB",
            "1e3GB",
            "10X",
            "1..5M",
            "99999999T",
            "nan",
            "99999999.5T",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_have_units_or_are_seconds() {
        assert_eq!(time("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(time("30"), Ok(Duration::from_secs(30)));
        assert_eq!(time("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(time("250ms"), Ok(Duration::from_millis(250)));
        for wrong in ["", "0s", "-3s", "soon", "3 fortnights", "1..2s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
