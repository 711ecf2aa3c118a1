//! Whether a Parquet file's footer can be read in time. The reader of footers believes what a list says of its
//! length, and passes over lists that take up no bytes element by element: some bytes keep it busy for hours.
//! Here the footer is gone over first, by the rules of Thrift's compact protocol, and no more is believed than
//! there are bytes.

/// Structures within structures; those of a footer are some five.
const DEPTH: usize = 64;

/// Whether `bytes` begin with a structure whose lists have no more elements than bytes follow.
pub(super) fn is_sound(bytes: &[u8]) -> bool {
    Bytes(bytes).structure(DEPTH).is_some()
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, n: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(n).ok()?..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn structure(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        loop {
            let head = self.byte()?;
            match head & 0x0F {
                0 => return Some(()),
                // A field of truth values holds them itself.
                kind => {
                    if head >> 4 == 0 {
                        self.number()?;
                    }
                    if !matches!(kind, 1 | 2) {
                        self.value(kind, depth)?;
                    }
                }
            }
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            3 => self.skip(1),
            4..=6 => self.number().map(drop),
            7 => self.skip(8),
            8 => self.number().and_then(|length| self.skip(length)),
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.number()?,
                    short => u64::from(short),
                };
                self.values(count, &[head & 0x0F], depth)
            }
            11 => match self.number()? {
                0 => Some(()),
                count => {
                    let kinds = self.byte()?;
                    self.values(count, &[kinds >> 4, kinds & 0x0F], depth)
                }
            },
            12 => self.structure(depth),
            13 => self.skip(16),
            // Truth values among them: no list of a footer has any.
            _ => None,
        }
    }

    fn values(&mut self, count: u64, kinds: &[u8], depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if count > self.0.len() as u64 {
            return None;
        }
        for _ in 0..count {
            for kind in kinds {
                self.value(*kind, depth)?;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn structures_are_gone_through() {
        assert!(is_sound(&[0]));
        // A number, a text, a list of two texts, a structure in it, a field far on, a truth value.
        let whole = [
            0x15, 0x02, 0x18, 1, b'a', 0x19, 0x28, 1, b'b', 0, 0x1C, 0x15, 0x80, 1, 0, 0x05, 0x64,
            0x02, 0x11, 0,
        ];
        assert!(is_sound(&whole));
        for end in 0..whole.len() {
            assert!(!is_sound(&whole[..end]), "{end}");
        }
    }

    #[test]
    fn lists_have_no_more_elements_than_bytes() {
        let numbers = [0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0];
        assert!(!is_sound(&numbers));
        let truths = [0x19, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0];
        assert!(!is_sound(&truths));
        let map = [0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x11, 0];
        assert!(!is_sound(&map));
    }

    #[test]
    fn structures_within_one_another_come_to_an_end() {
        assert!(is_sound(&[vec![0x1C; 40], vec![0; 41]].concat()));
        assert!(!is_sound(&[vec![0x1C; 100_000], vec![0; 100_001]].concat()));
    }
}
