//! PDFs that expand beyond reason. The reader of objects expands a stream whole, so that they must be found
//! before it does.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;
use memchr::memmem;

/// The most that the streams other than images may expand to.
const EXPANDED: u64 = 256 * 1024 * 1024;

/// Compressed streams below this together expand to [`EXPANDED`] at most: deflate's ratio is 1032 at best.
const SMALL: usize = 256 * 1024;

/// The most bytes of streams that are compressed but cannot be looked into: those encrypted, or in ASCII.
const OPAQUE: usize = 1024 * 1024;

/// How far before its bytes a stream's dictionary may begin.
const DICT: usize = 2048;

/// Whether the document expands beyond reason.
pub(super) fn is_bomb(bytes: &[u8]) -> bool {
    exceeds(bytes, SMALL, EXPANDED)
}

fn exceeds(bytes: &[u8], most_small: usize, most_expanded: u64) -> bool {
    let (mut opaque, mut small) = (0, 0);
    let mut open: Vec<&[u8]> = Vec::new();
    for (dict, data) in streams(bytes) {
        let compressed = count(dict, b"Flate") + count(dict, b"LZW") + count(dict, b"/Fl ");
        if compressed == 0 || memmem::find(dict, b"/Image").is_some() {
            continue;
        }
        if compressed > 1 {
            return true; // nothing is gained by compressing twice
        }
        if data.first().is_some_and(|b| b & 0x0F == 8) {
            small += data.len();
            open.push(data);
        } else {
            opaque += data.len();
        }
    }
    opaque > OPAQUE || small > most_small && expands(&open, most_expanded)
}

fn count(dict: &[u8], name: &[u8]) -> usize {
    memmem::find_iter(dict, name).count()
}

/// Whether the streams expand to more than `left` together.
fn expands(streams: &[&[u8]], mut left: u64) -> bool {
    for stream in streams {
        let mut decoder = ZlibDecoder::new(*stream).take(left + 1);
        // What is broken is not expanded further.
        let read = io::copy(&mut decoder, &mut io::sink());
        match left.checked_sub(read.unwrap_or(0)) {
            Some(rest) => left = rest,
            None => return true,
        }
    }
    false
}

/// The dictionaries and bytes of the streams.
fn streams(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = at + memmem::find(&bytes[at..], b"stream")?;
            at = begin + b"stream".len();
            if bytes[..begin].ends_with(b"end") {
                continue;
            }
            let before = &bytes[begin.saturating_sub(DICT)..begin];
            let dict = memmem::rfind(before, b" obj").map_or(before, |at| &before[at..]);
            let data = bytes[at..].trim_ascii_start();
            let end = memmem::find(data, b"endstream").unwrap_or(data.len());
            return Some((dict, &data[..end]));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn object(dict: &str, data: &[u8]) -> Vec<u8> {
        let head = format!("1 0 obj\n<<{dict}>>\nstream\r\n");
        [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn streams_are_found_with_their_dictionaries() {
        let bytes = [object("/A 1", b"one"), object("/B 2", b"two")].concat();
        let found: Vec<_> = streams(&bytes).collect();
        assert_eq!(found[0], (&b" obj\n<</A 1>>\n"[..], &b"one\n"[..]));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_expands_beyond_reason_is_a_bomb() {
        let flate = "/Filter/FlateDecode";
        let letter = zlib(b"a letter");
        assert!(!is_bomb(&object(flate, &letter)));
        let stream = zlib(&vec![0; 100_000]);
        let two = object(flate, &stream).repeat(2);
        assert!(exceeds(&two, stream.len(), 150_000));
        assert!(!exceeds(&two, stream.len(), 200_000));
        assert!(!exceeds(&two, 2 * stream.len() + 2, 150_000));
        let images = object("/Subtype/Image/Filter/FlateDecode", &stream).repeat(2);
        assert!(!exceeds(&images, stream.len(), 150_000));
    }

    #[test]
    fn compressed_twice_is_a_bomb() {
        assert!(is_bomb(&object("/Filter[/FlateDecode/FlateDecode]", b"x")));
        assert!(!is_bomb(&object(
            "/Filter[/ASCII85Decode/FlateDecode]",
            b"x"
        )));
    }
}
