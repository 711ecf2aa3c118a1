//! What the bytes of a text are, a bit for each: sixty-four are looked at together.

use std::ops::Range;

/// A bit for each byte of a text.
#[derive(Clone, Default)]
pub struct Bits {
    /// The lowest bit is of the first byte. The last block has bits to spare.
    blocks: Vec<u64>,
}

impl Bits {
    /// The bytes of `text` of which `is` holds.
    pub fn of(text: &[u8], is: impl Fn(u8) -> bool) -> Bits {
        let (whole, rest) = text.as_chunks::<64>();
        let mut blocks = Vec::with_capacity(whole.len() + 1);
        blocks.extend(whole.iter().map(|bytes| block(bytes, bytes, |b, _| is(b))));
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        blocks.push(block(&last, &last, |b, _| is(b)) & !(u64::MAX << rest.len()));
        Bits { blocks }
    }

    /// The bytes of `text` of which `is` holds with the byte after them; after the last stands a 0.
    pub fn of_pairs(text: &[u8], is: impl Fn(u8, u8) -> bool) -> Bits {
        let (whole, _) = text.as_chunks::<64>();
        let (nexts, _) = text.get(1..).unwrap_or_default().as_chunks::<64>();
        let pairs = whole.iter().zip(nexts);
        let mut blocks = Vec::with_capacity(whole.len() + 1);
        blocks.extend(pairs.map(|(bytes, nexts)| block(bytes, nexts, &is)));
        // At most 64 bytes.
        let rest = &text[blocks.len() * 64..];
        let mut last = [0; 65];
        last[..rest.len()].copy_from_slice(rest);
        let ([bytes @ .., _], [_, nexts @ ..]) = (&last, &last);
        let known = u64::MAX.checked_shr(64 - rest.len() as u32);
        blocks.push(block(bytes, nexts, &is) & known.unwrap_or(0));
        Bits { blocks }
    }

    /// Of so many bytes none.
    pub fn none(length: usize) -> Bits {
        Bits {
            blocks: vec![0; length / 64 + 1],
        }
    }

    /// Sets the bits of the bytes `range`.
    pub fn set(&mut self, range: Range<usize>) {
        for at in range {
            self.blocks[at / 64] |= 1 << (at % 64);
        }
    }

    /// Whether any of the bytes `range` is set, of which there is at least one.
    pub fn any(&self, range: Range<usize>) -> bool {
        let (first, last) = (range.start, range.end - 1);
        let from = u64::MAX << (first % 64);
        let to = u64::MAX >> (63 - last % 64);
        match &self.blocks[first / 64..=last / 64] {
            [one] => one & from & to != 0,
            [first, between @ .., last] => {
                first & from != 0 || last & to != 0 || between.iter().any(|block| *block != 0)
            }
            [] => false,
        }
    }

    /// The bytes that are set, in order.
    pub fn each(&self) -> impl Iterator<Item = usize> + '_ {
        let mut blocks = self.blocks.iter();
        let (mut next, mut left) = (0, 0u64);
        std::iter::from_fn(move || {
            while left == 0 {
                left = *blocks.next()?;
                next += 64;
            }
            let bit = left.trailing_zeros() as usize;
            left &= left - 1;
            Some(next - 64 + bit)
        })
    }

    /// The first byte from `at` on that is set.
    pub fn first_from(&self, at: usize) -> Option<usize> {
        let (first, later) = self.blocks.get(at / 64..)?.split_first()?;
        let mut block = at / 64;
        let mut bits = first & u64::MAX << (at % 64);
        let mut later = later.iter();
        while bits == 0 {
            bits = *later.next()?;
            block += 1;
        }
        Some(64 * block + bits.trailing_zeros() as usize)
    }

    /// How many bytes are set.
    pub fn count(&self) -> usize {
        self.blocks.iter().map(|b| b.count_ones() as usize).sum()
    }

    /// The first bytes of the stretches of bytes that are set.
    pub fn begins(&self) -> Bits {
        let mut before = 0;
        let begins = self.blocks.iter().map(|block| {
            let begins = block & !(block << 1 | before);
            before = block >> 63;
            begins
        });
        Bits {
            blocks: begins.collect(),
        }
    }

    /// The bits of each sixty-four bytes, and of those that are left, which may be none.
    pub fn blocks(&self) -> &[u64] {
        &self.blocks
    }

    /// The stretches of bytes that are set, in order.
    pub fn stretches(&self) -> Stretches<'_> {
        Stretches {
            blocks: self.blocks.iter(),
            block: 0usize.wrapping_sub(64),
            edges: 0,
            before: 0,
        }
    }
}

/// Of sixty-four bytes those of which `is` holds, each with its next.
fn block(bytes: &[u8; 64], nexts: &[u8; 64], is: impl Fn(u8, u8) -> bool) -> u64 {
    let mut held = [0; 64];
    for (held, (byte, next)) in held.iter_mut().zip(bytes.iter().zip(nexts)) {
        *held = u8::from(is(*byte, *next));
    }
    let (eights, _) = held.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        // Brings the lowest bits of eight bytes together in the highest byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits << 8 | gathered
    })
}

/// See [`Bits::stretches`].
pub struct Stretches<'a> {
    blocks: std::slice::Iter<'a, u64>,
    /// The first byte of the block before those, which is none at first.
    block: usize,
    /// Where stretches begin and end in that block, as far as they are not yet told.
    edges: u64,
    /// The last bit of that block.
    before: u64,
}

impl Stretches<'_> {
    fn edge(&mut self) -> Option<usize> {
        while self.edges == 0 {
            let block = *self.blocks.next()?;
            self.edges = block ^ (block << 1 | self.before);
            self.before = block >> 63;
            self.block = self.block.wrapping_add(64);
        }
        let at = self.block + self.edges.trailing_zeros() as usize;
        self.edges &= self.edges - 1;
        Some(at)
    }
}

impl Iterator for Stretches<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        Some(self.edge()?..self.edge()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_go_on_over_blocks() {
        for length in [0, 1, 63, 64, 65, 127, 128, 200] {
            let text = format!(
                "{}ab{} c{}",
                ".".repeat(length),
                "d".repeat(length),
                ".".repeat(length)
            );
            let bits = Bits::of(text.as_bytes(), |b| b.is_ascii_alphanumeric());
            let found: Vec<_> = bits.stretches().collect();
            let c = 2 * length + 3;
            assert!(bits.begins().each().eq([length, c]));
            assert_eq!(bits.begins().count(), 2);
            assert_eq!(found, [length..2 * length + 2, c..c + 1]);
            let each: Vec<_> = found.into_iter().flatten().collect();
            assert!(bits.each().eq(each));
        }
        assert_eq!(
            Bits::of(&[b'a'; 64], |_| true).stretches().next(),
            Some(0..64)
        );
    }

    #[test]
    fn pairs_and_ranges() {
        let text = format!("{}  . {} ", "a".repeat(62), "a".repeat(70));
        let blanks = Bits::of(text.as_bytes(), |b| b == b' ');
        for length in [0, 1, 63, 64, 65, 127, 128, 129, text.len()] {
            let bytes = &text.as_bytes()[..length];
            let pairs = Bits::of_pairs(bytes, |b, next| b == b' ' && next == b' ');
            assert!(pairs.each().eq([62].into_iter().filter(|_| length > 63)));
            let last = Bits::of_pairs(bytes, |_, next| next == 0);
            assert!(last.each().eq(length.checked_sub(1)));
        }
        for (range, any) in [
            (0..62, false),
            (0..63, true),
            (64..65, false),
            (60..137, true),
        ] {
            assert_eq!(blanks.any(range.clone()), any, "{range:?}");
        }
        assert!(blanks.any(64..137) && !blanks.any(66..136));
    }

    #[test]
    fn bits_can_be_set() {
        let mut bits = Bits::of(&[0; 130], |_| false);
        bits.set(62..66);
        bits.set(129..130);
        for (at, first) in [(0, Some(62)), (64, Some(64)), (66, Some(129)), (130, None)] {
            assert_eq!(bits.first_from(at), first, "{at}");
        }
        assert!(bits.stretches().eq([62..66, 129..130]));
    }
}
