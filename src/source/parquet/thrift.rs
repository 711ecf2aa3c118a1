//! Thrift's compact protocol, of which footers and page headers are made. The reader of Parquet believes what a
//! list says of its length, passes over lists that take up no bytes element by element, and does not look whether
//! a field has the type that it should have: some bytes keep it busy for hours, or make it ask for more memory
//! than there is. So bytes are gone over here first. No more is believed than there are bytes, and what the
//! reader gets is a copy of only those fields that it needs, each of its type.

/// Structures within structures; those of a footer are some five.
const DEPTH: usize = 64;

/// What a field holds.
pub(super) enum Kind {
    Truth,
    /// A number of this type of the protocol.
    Number(u8),
    /// A number that is noted.
    Noted(u8, Note),
    Bytes,
    Structure(Shape),
    /// A structure that is counted.
    Counted(Shape, Note),
    /// A structure of one field; none at all where the field is not known.
    Union(Shape),
    List(&'static Kind),
}

/// The fields of a structure by their numbers; others are left out.
pub(super) type Shape = &'static [(i16, Kind)];

/// What is looked at while bytes are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// A node of the schema, and how many it has below it.
    Node,
    Children,
    /// A column of a row group.
    Chunk,
    /// Of a page: its size once it is expanded, the bytes of its levels, which are not compressed, and whether
    /// the rest is.
    Expanded,
    Levels,
    Compressed,
}

/// A structure that is sound.
pub(super) struct Copied {
    /// The fields that were asked for.
    pub bytes: Vec<u8>,
    /// The bytes that it took up.
    pub length: usize,
    pub notes: Vec<(Note, i64)>,
}

const I8: u8 = 3;
pub(super) const BYTE: Kind = Kind::Number(I8);
pub(super) const I32: u8 = 5;
pub(super) const INT: Kind = Kind::Number(I32);
pub(super) const LONG: Kind = Kind::Number(6);
const BYTES: u8 = 8;
const LIST: u8 = 9;
const STRUCTURE: u8 = 12;

impl Kind {
    /// Whether values of this type of the protocol are meant.
    fn is(&self, wire: u8) -> bool {
        match self {
            Kind::Truth => matches!(wire, 1 | 2),
            Kind::Noted(_, Note::Compressed) => matches!(wire, 1 | 2),
            _ => wire == self.wire(),
        }
    }

    fn wire(&self) -> u8 {
        match self {
            Kind::Truth => 1,
            Kind::Number(wire) | Kind::Noted(wire, _) => *wire,
            Kind::Bytes => BYTES,
            Kind::Structure(_) | Kind::Counted(..) | Kind::Union(_) => STRUCTURE,
            Kind::List(_) => LIST,
        }
    }
}

/// Copies the structure that `bytes` begin with; nothing where it is not sound.
pub(super) fn copy(bytes: &[u8], shape: Shape) -> Option<Copied> {
    let mut copier = Copier {
        rest: bytes,
        copy: Vec::new(),
        notes: Vec::new(),
    };
    copier.structure(shape, DEPTH)?;
    Some(Copied {
        length: bytes.len() - copier.rest.len(),
        bytes: copier.copy,
        notes: copier.notes,
    })
}

struct Copier<'a> {
    rest: &'a [u8],
    copy: Vec<u8>,
    notes: Vec<(Note, i64)>,
}

impl<'a> Copier<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, n: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(n).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let (number, rest) = number(self.rest)?;
        self.rest = rest;
        Some(number)
    }

    fn structure(&mut self, shape: Shape, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mut id: i16 = 0;
        loop {
            let head = self.byte()?;
            let wire = head & 0x0F;
            if wire == 0 {
                self.copy.push(0);
                return Some(());
            }
            id = match i16::from(head >> 4) {
                0 => signed(self.number()?) as i16,
                delta => id.checked_add(delta)?,
            };
            match shape.iter().find(|(known, _)| *known == id) {
                Some((_, kind)) if kind.is(wire) => self.field(id, wire, kind, depth)?,
                Some(_) => return None,
                // A field of truth values holds them itself.
                None if matches!(wire, 1 | 2) => {}
                None => self.skip(wire, depth)?,
            }
        }
    }

    fn field(&mut self, id: i16, wire: u8, kind: &Kind, depth: usize) -> Option<()> {
        let begin = self.copy.len();
        self.copy.push(wire);
        push(&mut self.copy, u64::from(id.unsigned_abs()) << 1);
        let value = self.copy.len();
        match kind {
            Kind::Truth => {}
            Kind::Noted(_, note @ Note::Compressed) => self.notes.push((*note, (wire == 1).into())),
            kind => self.value(kind, depth)?,
        }
        if matches!(kind, Kind::Union(_)) && self.copy[value..] == [0] {
            self.copy.truncate(begin);
        }
        Some(())
    }

    /// A value of which the type is known to be right.
    fn value(&mut self, kind: &Kind, depth: usize) -> Option<()> {
        match kind {
            // No list that is read has any truth values.
            Kind::Truth => return None,
            Kind::Number(I8) => {
                let byte = self.byte()?;
                self.copy.push(byte);
            }
            Kind::Number(_) => {
                let number = self.number()?;
                push(&mut self.copy, number);
            }
            Kind::Noted(_, note) => {
                let number = self.number()?;
                push(&mut self.copy, number);
                self.notes.push((*note, signed(number)));
            }
            Kind::Bytes => {
                let length = self.number()?;
                let bytes = self.take(length)?;
                push(&mut self.copy, length);
                self.copy.extend_from_slice(bytes);
            }
            Kind::Structure(shape) | Kind::Union(shape) => self.structure(shape, depth)?,
            Kind::Counted(shape, note) => {
                self.notes.push((*note, 0));
                self.structure(shape, depth)?;
            }
            Kind::List(of) => {
                let depth = depth.checked_sub(1)?;
                let (wire, count) = self.list()?;
                if count > 0 && !of.is(wire) {
                    return None;
                }
                self.copy.push(0xF0 | of.wire());
                push(&mut self.copy, count);
                for _ in 0..count {
                    self.value(of, depth)?;
                }
            }
        }
        Some(())
    }

    /// The type of a list's elements, and their number.
    fn list(&mut self) -> Option<(u8, u64)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.number()?,
            short => u64::from(short),
        };
        (count <= self.rest.len() as u64).then_some((head & 0x0F, count))
    }

    fn skip(&mut self, wire: u8, depth: usize) -> Option<()> {
        match wire {
            I8 => self.take(1).map(drop),
            4..=6 => self.number().map(drop),
            7 => self.take(8).map(drop),
            BYTES => {
                let length = self.number()?;
                self.take(length).map(drop)
            }
            LIST | 10 => {
                let (of, count) = self.list()?;
                self.skip_all(count, &[of], depth)
            }
            11 => match self.number()? {
                0 => Some(()),
                count => {
                    let kinds = self.byte()?;
                    self.skip_all(count, &[kinds >> 4, kinds & 0x0F], depth)
                }
            },
            STRUCTURE => {
                let copied = self.copy.len();
                self.structure(&[], depth)?;
                self.copy.truncate(copied);
                Some(())
            }
            13 => self.take(16).map(drop),
            // Truth values among them: the reader takes them to have no bytes.
            _ => None,
        }
    }

    fn skip_all(&mut self, count: u64, wires: &[u8], depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if count > self.rest.len() as u64 {
            return None;
        }
        for _ in 0..count {
            for wire in wires {
                self.skip(*wire, depth)?;
            }
        }
        Some(())
    }
}

/// A number of variable length, and what stands behind it.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (n, byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7F) << (7 * n);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[n + 1..]));
        }
    }
    None
}

/// A number of which the last bit is the sign.
pub(super) fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7F {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: Shape = &[(1, INT), (9, Kind::Truth)];
    const OUTER: Shape = &[
        (1, INT),
        (2, Kind::Bytes),
        (3, Kind::List(&Kind::Counted(INNER, Note::Chunk))),
        (4, Kind::Noted(I32, Note::Children)),
        (5, Kind::Union(INNER)),
    ];

    fn is_sound(bytes: &[u8]) -> bool {
        copy(bytes, OUTER).is_some()
    }

    /// A structure of this one field, which nothing knows.
    fn unknown(wire: u8, value: &[u8]) -> Vec<u8> {
        [&[wire, 100], value, &[0]].concat()
    }

    #[test]
    fn what_is_known_is_copied_and_noted() {
        // A number, a text, a list of two structures, one with a text that nothing knows, a number, a union of
        // what is not known, a text far on.
        let whole = [
            0x15, 2, 0x18, 1, b'a', 0x19, 0x2C, 0x15, 0x80, 1, 0, 0x28, 1, b'b', 0x71, 0, 0x15, 7,
            0x1C, 0x35, 4, 0, 8, 100, 1, b'c', 0,
        ];
        let copied = copy(&[&whole[..], b"rest"].concat(), OUTER).unwrap();
        assert_eq!(copied.length, whole.len());
        let known = [
            5, 2, 2, 8, 4, 1, b'a', 9, 6, 0xFC, 2, 5, 2, 0x80, 1, 0, 1, 18, 0, 5, 8, 7, 0,
        ];
        assert_eq!(copied.bytes, known);
        let notes = [(Note::Chunk, 0), (Note::Chunk, 0), (Note::Children, -4)];
        assert_eq!(copied.notes, notes);
        for end in 0..whole.len() {
            assert!(!is_sound(&whole[..end]), "{end}");
        }
        let again = copy(&copied.bytes, OUTER).unwrap();
        assert_eq!(again.bytes, copied.bytes);
    }

    #[test]
    fn a_field_of_another_type_is_not_sound() {
        for wire in 1..=13 {
            let fields = [[&[0x10 | wire][..], &[0; 20]].concat()];
            assert_eq!(is_sound(&fields.concat()), wire == I32, "{wire}");
        }
        assert!(is_sound(&[0x39, 0x1C, 0, 0]));
        assert!(!is_sound(&[0x39, 0x15, 0, 0]));
    }

    #[test]
    fn lists_have_no_more_elements_than_bytes() {
        let many = [0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        assert!(is_sound(&unknown(LIST, &[0x23, 0, 0])));
        // Numbers, truth values, and truth values by truth values.
        assert!(!is_sound(&unknown(LIST, &[&[0xF5], &many[..]].concat())));
        assert!(!is_sound(&unknown(LIST, &[&[0xF1], &many[..]].concat())));
        assert!(!is_sound(&unknown(LIST, &[0x21, 1, 1])));
        assert!(!is_sound(&unknown(11, &[&many[..], &[0x11]].concat())));
        assert!(!is_sound(&[&[0x39, 0xFC], &many[..], &[0, 0]].concat()));
    }

    #[test]
    fn structures_within_one_another_come_to_an_end() {
        let nested =
            |depth: usize| unknown(STRUCTURE, &[vec![0x1C; depth], vec![0; depth + 1]].concat());
        assert!(is_sound(&nested(40)));
        assert!(!is_sound(&nested(100_000)));
    }
}
