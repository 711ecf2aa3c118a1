//! Where in a text things begin, told so that it takes no search to find how many of them stand before a byte.

use crate::vocabulary::bits::Bits;

/// The places of things in a text, no two at the same.
#[derive(Default)]
pub struct Places(Vec<Block>);

/// Of sixty-four bytes.
struct Block {
    /// At which of them a thing begins.
    begins: u64,
    /// How many begin before the first.
    before: u32,
}

impl Places {
    /// Things that begin at the bytes that are set.
    pub fn new(begins: &Bits) -> Places {
        let mut count = 0;
        let blocks = begins.blocks().iter().map(|&begins| {
            let before = count;
            count += begins.count_ones();
            Block { begins, before }
        });
        Places(blocks.collect())
    }

    /// How many begin before byte `at`.
    pub fn before(&self, at: usize) -> usize {
        self.count(at, !(u64::MAX << (at % 64)))
    }

    /// How many begin before byte `at` or at it.
    pub fn up_to(&self, at: usize) -> usize {
        self.count(at, u64::MAX >> (63 - at % 64))
    }

    fn count(&self, at: usize, mask: u64) -> usize {
        let block = &self.0[at / 64];
        (block.before + (block.begins & mask).count_ones()) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_before_any_place_are_counted() {
        let all = [3, 4, 63, 64, 127, 128, 255, 256, 257, 1000, 1023, 1024];
        let mut begins = Bits::none(1500);
        all.iter().for_each(|at| begins.set(*at..at + 1));
        let places = Places::new(&begins);
        for at in 0..=1500 {
            let before = all.partition_point(|place| *place < at);
            let up_to = all.partition_point(|place| *place <= at);
            assert_eq!(
                (places.before(at), places.up_to(at)),
                (before, up_to),
                "{at}"
            );
        }
        assert_eq!(Places::new(&Bits::none(64)).before(64), 0);
    }
}
