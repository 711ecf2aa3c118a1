//! Where in a long list, ordered by places in a text, those near a place stand. A search of all of them would
//! take ever longer for each place of a longer letter.

use std::ops::Range;

/// Of things at places of a text how many stand before each [`STRIDE`]th byte.
#[derive(Default)]
pub struct Places(Vec<u32>);

const STRIDE: usize = 256;

impl Places {
    /// `places` are in order, in a text of so many bytes.
    pub fn new(places: impl Iterator<Item = usize>, length: usize) -> Places {
        let mut before = Vec::with_capacity(length / STRIDE + 2);
        let mut count = 0;
        for place in places {
            while before.len() * STRIDE <= place {
                before.push(count);
            }
            count += 1;
        }
        before.resize(length / STRIDE + 2, count);
        Places(before)
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
        let places = Places::new(all.into_iter(), 1500);
        for at in 0..1500 {
            let first = all.partition_point(|place| *place < at);
            let after = all.partition_point(|place| *place <= at);
            let near = places.near(at);
            assert!(near.start <= first && after <= near.end, "{at}: {near:?}");
        }
        assert_eq!(Places::new(std::iter::empty(), 0).near(0), 0..0);
    }
}
