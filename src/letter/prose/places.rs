//! Where in a long list, ordered by places in a text, those near a place stand. A search of all of them would
//! take ever longer for each place of a longer letter.

use std::ops::Range;

/// Of things at places of a text how many stand before each [`STRIDE`]th byte.
#[derive(Default)]
pub struct Places(Vec<u32>);

const STRIDE: usize = 128;

impl Places {
    /// Where `things`, which are in order, stand in a text of so many bytes.
    pub fn new<T>(things: &[T], length: usize, place: impl Fn(&T) -> usize) -> Places {
        let mut count = 0;
        let before = (0..length / STRIDE + 2).map(|block| {
            count += things[count..].partition_point(|thing| place(thing) < block * STRIDE);
            count as u32
        });
        Places(before.collect())
    }

    /// The indices among which the first thing stands that is not before byte `at`, or not before the one after.
    pub fn near(&self, at: usize) -> Range<usize> {
        let block = at / STRIDE;
        self.0[block] as usize..self.0[block + 1] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_after_any_place_is_near() {
        let all = [3, 4, 255, 256, 257, 1000, 1023, 1024];
        let places = Places::new(&all, 1500, |place| *place);
        for at in 0..1500 {
            let first = all.partition_point(|place| *place < at);
            let after = all.partition_point(|place| *place <= at);
            let near = places.near(at);
            assert!(near.start <= first && after <= near.end, "{at}: {near:?}");
        }
        assert_eq!(Places::new(&[], 0, |place| *place).near(0), 0..0);
    }
}
