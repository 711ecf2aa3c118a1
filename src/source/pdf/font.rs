//! Fonts: what characters codes stand for, and how wide they are.

use std::rc::Rc;

use hayro_syntax::object::{Array, Dict, Name, Number, Object, ObjectIdentifier, Stream};
use rustc_hash::FxHashMap;

use super::cmap::{self, Map};
use super::{encoding, widths};

/// What a code shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    chars: [u8; CHARS],
    len: u8,
    /// In units of the font's size.
    pub width: f32,
}

/// The most bytes of what a code shows, a ligature at most.
const CHARS: usize = 11;

impl Glyph {
    fn new(chars: &str, width: f32) -> Self {
        let mut glyph = Self {
            chars: [0; CHARS],
            len: 0,
            width,
        };
        let mut buffer = [0; 4];
        for c in chars.chars() {
            let expanded = match c {
                '\u{FB00}' => "ff",
                '\u{FB01}' => "fi",
                '\u{FB02}' => "fl",
                '\u{FB03}' => "ffi",
                '\u{FB04}' => "ffl",
                '\u{AD}' => "-",
                '\u{A0}' => " ",
                c if c.is_control() => "",
                c => c.encode_utf8(&mut buffer),
            }
            .as_bytes();
            let begin = usize::from(glyph.len);
            let Some(room) = glyph.chars.get_mut(begin..begin + expanded.len()) else {
                break;
            };
            room.copy_from_slice(expanded);
            glyph.len += expanded.len() as u8;
        }
        glyph
    }

    /// The characters; none where the font does not tell.
    pub(super) fn chars(&self) -> &str {
        std::str::from_utf8(&self.chars[..usize::from(self.len)]).unwrap_or_default()
    }
}

/// A font.
pub(super) struct Font {
    codes: Codes,
}

enum Codes {
    /// Codes of one byte.
    Simple(Box<[Glyph; 256]>),
    /// Codes of two bytes, mostly.
    Composite {
        one_byte: bool,
        glyphs: FxHashMap<u32, Glyph>,
        widths: FxHashMap<u32, f32>,
        width: f32,
    },
}

/// The fonts of a document that were met.
#[derive(Default)]
pub(super) struct Fonts(FxHashMap<ObjectIdentifier, Rc<Font>>);

impl Fonts {
    /// The font that this object describes.
    pub(super) fn get(&mut self, dict: &Dict<'_>) -> Rc<Font> {
        match dict.obj_id() {
            None => Rc::new(Font::read(dict)),
            Some(id) => Rc::clone(
                self.0
                    .entry(id)
                    .or_insert_with(|| Rc::new(Font::read(dict))),
            ),
        }
    }
}

impl Font {
    fn read(dict: &Dict<'_>) -> Self {
        let map = dict.get::<Stream<'_>>("ToUnicode");
        let map = map.and_then(|map| map.decoded_data().ok().map(|bytes| cmap::read(&bytes)));
        let kind = dict.get::<Name<'_>>("Subtype");
        let codes = match kind.as_deref() {
            Some(b"Type0") => composite(dict, map.unwrap_or_default()),
            kind => simple(dict, kind.unwrap_or_default(), map.unwrap_or_default()),
        };
        Self { codes }
    }

    /// Hands the code and glyph of each code in a string to `each`.
    pub(super) fn each(&self, string: &[u8], mut each: impl FnMut(u32, &Glyph)) {
        match &self.codes {
            Codes::Simple(glyphs) => {
                for code in string {
                    each((*code).into(), &glyphs[usize::from(*code)]);
                }
            }
            Codes::Composite {
                one_byte,
                glyphs,
                widths,
                width,
            } => {
                for bytes in string.chunks(if *one_byte { 1 } else { 2 }) {
                    let code = bytes.iter().fold(0, |code, b| code << 8 | u32::from(*b));
                    match glyphs.get(&code) {
                        Some(glyph) => each(code, glyph),
                        None => {
                            let width = widths.get(&code).unwrap_or(width);
                            each(code, &Glyph::new("", *width));
                        }
                    }
                }
            }
        }
    }

    /// Whether a code is the blank that word spacing widens.
    pub(super) fn is_blank(&self, code: u32) -> bool {
        code == 32
            && !matches!(
                self.codes,
                Codes::Composite {
                    one_byte: false,
                    ..
                }
            )
    }
}

fn number(object: Object<'_>) -> Option<f32> {
    object.into_number().map(|n| n.as_f32())
}

/// A font with codes of one byte.
fn simple(dict: &Dict<'_>, kind: &[u8], map: Map) -> Codes {
    let name = dict.get::<Name<'_>>("BaseFont");
    let name = name.as_ref().map(|name| name.as_str()).unwrap_or_default();
    let names = names(dict, kind);
    let first = dict.get::<Number>("FirstChar").map_or(0, |n| n.as_i64());
    let listed: Option<Vec<f32>> = dict.get::<Array<'_>>("Widths").map(|widths| {
        let widths = widths.iter::<Object<'_>>().take(256);
        widths.map(|w| number(w).unwrap_or(0.0)).collect()
    });
    let descriptor = dict.get::<Dict<'_>>("FontDescriptor").unwrap_or_default();
    let missing = descriptor
        .get::<Number>("MissingWidth")
        .map_or(0.0, |n| n.as_f32());
    // Glyphs of Type 3 fonts are drawn in a space of their own.
    let scale = match kind {
        b"Type3" => {
            let matrix = dict.get::<Array<'_>>("FontMatrix");
            let scale = matrix.and_then(|m| m.iter::<Number>().next());
            scale.map_or(0.001, |scale| scale.as_f32())
        }
        _ => 0.001,
    };
    let mut glyphs = Box::new([Glyph::new("", 0.0); 256]);
    let mut buffer = [0; 4];
    for (code, glyph) in glyphs.iter_mut().enumerate() {
        let width = match &listed {
            Some(widths) => {
                let at = usize::try_from(code as i64 - first).ok();
                at.and_then(|at| widths.get(at)).copied().unwrap_or(missing)
            }
            None => widths::of(name, names[code]),
        };
        let chars = match map.chars.get(&(code as u32)) {
            Some(chars) => chars.as_str(),
            None if names[code] == '\0' => "",
            None => names[code].encode_utf8(&mut buffer),
        };
        *glyph = Glyph::new(chars, width * scale);
    }
    Codes::Simple(glyphs)
}

/// The characters of a simple font's codes by its encoding.
fn names(dict: &Dict<'_>, kind: &[u8]) -> encoding::Table {
    let base = |name: Option<&[u8]>| match name {
        Some(b"WinAnsiEncoding") => encoding::windows(),
        Some(b"MacRomanEncoding") => encoding::macintosh(),
        Some(b"StandardEncoding") => encoding::standard(),
        _ if kind == b"TrueType" => encoding::windows(),
        _ => encoding::standard(),
    };
    match dict.get::<Object<'_>>("Encoding") {
        Some(Object::Name(name)) => *base(Some(&*name)),
        Some(Object::Dict(encoding)) => {
            let name = encoding.get::<Name<'_>>("BaseEncoding");
            let mut table = *base(name.as_deref());
            let differences = encoding.get::<Array<'_>>("Differences").unwrap_or_default();
            let mut code = 0_usize;
            for item in differences.iter::<Object<'_>>() {
                match item {
                    Object::Number(n) => code = n.as_i64().clamp(0, 256) as usize,
                    Object::Name(name) => {
                        if let Some(c) = table.get_mut(code) {
                            *c = encoding::of_glyph(name.as_str()).unwrap_or('\0');
                        }
                        code += 1;
                    }
                    _ => {}
                }
            }
            table
        }
        _ => *base(None),
    }
}

/// A font with codes of several bytes.
fn composite(dict: &Dict<'_>, map: Map) -> Codes {
    let descendants = dict.get::<Array<'_>>("DescendantFonts");
    let descendant = descendants.and_then(|d| d.iter::<Dict<'_>>().next());
    let descendant = descendant.unwrap_or_default();
    let width = descendant
        .get::<Number>("DW")
        .map_or(1000.0, |n| n.as_f32())
        / 1000.0;
    let widths = composite_widths(&descendant);
    let glyph = |(code, chars): (&u32, &String)| {
        let width = widths.get(code).copied().unwrap_or(width);
        (*code, Glyph::new(chars, width))
    };
    Codes::Composite {
        one_byte: map.one_byte.unwrap_or(false),
        glyphs: map.chars.iter().map(glyph).collect(),
        widths,
        width,
    }
}

/// The widths of a composite font: `code [w w …]` and `first last w`.
fn composite_widths(descendant: &Dict<'_>) -> FxHashMap<u32, f32> {
    let mut widths = FxHashMap::default();
    let array = descendant.get::<Array<'_>>("W").unwrap_or_default();
    let mut items = array.iter::<Object<'_>>();
    while let Some(first) = items.next().and_then(number) {
        let first = first.max(0.0) as u32;
        match items.next() {
            Some(Object::Array(listed)) => {
                for (code, width) in (first..).zip(listed.iter::<Number>()) {
                    widths.insert(code, width.as_f32() / 1000.0);
                }
            }
            Some(last) => {
                let (Some(last), Some(width)) = (number(last), items.next().and_then(number))
                else {
                    break;
                };
                for code in first..=(last as u32).min(0xFFFF) {
                    widths.insert(code, width / 1000.0);
                }
            }
            None => break,
        }
    }
    widths
}
