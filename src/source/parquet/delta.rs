//! Lengths of texts, told as differences from one another. Without bytes of their own they may be any number, and
//! the reader asks for the memory of all that are said to be.

use super::thrift::{number, signed};

/// Reads at most so many numbers in the encoding `DELTA_BINARY_PACKED`, and the bytes that they take up; nothing
/// where they are broken, or more.
pub(super) fn numbers(bytes: &[u8], most: usize) -> Option<(Vec<i32>, usize)> {
    let (block, rest) = number(bytes)?;
    let (parts, rest) = number(rest)?;
    let (count, rest) = number(rest)?;
    let (first, mut rest) = number(rest)?;
    let count = usize::try_from(count).ok().filter(|n| *n <= most)?;
    let part = block.checked_div(parts)?;
    if part == 0 || !part.is_multiple_of(32) {
        return None;
    }
    let mut numbers = Vec::with_capacity(count);
    let mut last = i32::try_from(signed(first)).ok()?;
    numbers.extend((count > 0).then_some(last));
    while numbers.len() < count {
        let (least, after) = number(rest)?;
        let least = i32::try_from(signed(least)).ok()?;
        let (widths, after) = after.split_at_checked(usize::try_from(parts).ok()?)?;
        rest = after;
        for &width in widths {
            let here = (count - numbers.len()).min(usize::try_from(part).ok()?);
            if here == 0 {
                break;
            }
            if width > 32 {
                return None;
            }
            let size = part.checked_mul(width.into())? / 8;
            let (packed, after) = rest.split_at_checked(usize::try_from(size).ok()?)?;
            rest = after;
            for n in 0..here {
                let difference = bits(packed, n * usize::from(width), width);
                last = last.wrapping_add(least).wrapping_add(difference as i32);
                numbers.push(last);
            }
        }
    }
    Some((numbers, bytes.len() - rest.len()))
}

/// So many bits from there on, the lowest first.
fn bits(bytes: &[u8], at: usize, width: u8) -> u32 {
    let mut eight = [0; 8];
    let from = &bytes[at / 8..];
    let some = from.len().min(8);
    eight[..some].copy_from_slice(&from[..some]);
    let mask = (1u64 << width) - 1;
    ((u64::from_le_bytes(eight) >> (at % 8)) & mask) as u32
}

/// What texts expand to of which each begins as the one before it: their bytes. Nothing where they are broken or
/// more than `most`.
pub(super) fn expanded(bytes: &[u8], most: usize) -> Option<u64> {
    let (prefixes, end) = numbers(bytes, most)?;
    let (suffixes, _) = numbers(&bytes[end..], most)?;
    if prefixes.len() != suffixes.len() {
        return None;
    }
    let mut last: u64 = 0;
    let mut all: u64 = 0;
    for (prefix, suffix) in prefixes.into_iter().zip(suffixes) {
        let suffix = u64::try_from(suffix).ok()?;
        last = last.min(u64::try_from(prefix).ok()?) + suffix;
        all += last;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of `count` numbers, in blocks of 128 in four parts.
    fn head(count: u64, first: u8) -> Vec<u8> {
        let mut head = vec![0x80, 1, 4];
        let mut rest = count;
        while rest > 0x7F {
            head.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        head.extend([rest as u8, first]);
        head
    }

    #[test]
    fn differences_are_added_up() {
        assert_eq!(numbers(&head(0, 0), 10), Some((vec![], 5)));
        assert_eq!(numbers(&head(1, 14), 10), Some((vec![7], 5)));
        // 7, then one less each time and the bits 1, 0, 1 more.
        let packed = [&[1, 1, 0, 0, 0, 0b101, 0, 0, 0][..], b"rest"].concat();
        let some = [head(4, 14), packed].concat();
        assert_eq!(numbers(&some, 4), Some((vec![7, 7, 6, 6], 14)));
        assert_eq!(numbers(&some, 3), None);
        for end in 0..14 {
            assert_eq!(numbers(&some[..end], 4), None);
        }
        let wide = [head(33, 0), vec![0, 0, 32, 0, 0], vec![0xFF; 128]].concat();
        assert_eq!(numbers(&wide, 33), Some((vec![0; 33], 10)));
        let wide = [head(34, 0), vec![0, 0, 32, 0, 0], vec![0xFF; 128]].concat();
        assert_eq!(numbers(&wide, 34).unwrap().0[33], -1);
    }

    #[test]
    fn numbers_without_bytes_are_no_more_than_asked_for() {
        let mut many = head(1 << 40, 0);
        many.extend([0; 1000]);
        assert_eq!(numbers(&many, 1_000_000), None);
        let none = [0x80, 1, 0, 1, 0];
        assert_eq!(numbers(&none, 1), None);
    }

    #[test]
    fn a_text_counts_each_time_that_it_is_repeated() {
        let packed = |bytes: [u8; 2]| [&bytes[..], &[0; 26]].concat();
        // 0, 100 and 100 bytes of the text before, 100, 0 and 0 of its own.
        let prefixes = [head(3, 0), vec![0, 7, 0, 0, 0], packed([100, 0])].concat();
        let suffixes = [
            vec![0x80, 1, 4, 3, 200, 1, 199, 1, 7, 0, 0, 0],
            packed([0, 50]),
        ]
        .concat();
        assert_eq!(numbers(&suffixes, 3), Some((vec![100, 0, 0], 40)));
        let texts = [prefixes, suffixes, vec![b'x'; 100]].concat();
        assert_eq!(expanded(&texts, 3), Some(300));
        assert_eq!(expanded(&texts, 2), None);
        assert_eq!(expanded(&texts[..50], 3), None);
    }
}
