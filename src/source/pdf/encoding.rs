//! What characters the codes and the glyph names of simple fonts stand for.

use std::sync::OnceLock;

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};
use rustc_hash::FxHashMap;

/// The characters of the codes 0 to 255; NUL where there is none.
pub(super) type Table = [char; 256];

/// `WinAnsiEncoding`.
pub(super) fn windows() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = of(WINDOWS_1252);
        // Codes without a character are bullets, by the standard.
        for (code, c) in table.iter_mut().enumerate() {
            if (0x7F..=0x9F).contains(&code) && *c as u32 == code as u32 {
                *c = '\u{2022}';
            }
        }
        table
    })
}

/// `MacRomanEncoding`.
pub(super) fn macintosh() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| of(MACINTOSH))
}

fn of(encoding: &'static Encoding) -> Table {
    let mut table = ['\0'; 256];
    for code in 0x20..=0xFF_u8 {
        let (text, _) = encoding.decode_without_bom_handling(std::slice::from_ref(&code));
        table[usize::from(code)] = text.chars().next().unwrap_or('\0');
    }
    table
}

/// The upper half of `StandardEncoding`, from 0xA1.
const STANDARD: &str = "\
    ¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ\0–†‡·\0¶•‚„”»…‰\0¿\0`´ˆ˜¯˘˙¨\0˚¸\0˝˛ˇ—\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0Æ\0ª\0\0\0\0ŁØŒº\
    \0\0\0\0\0æ\0\0\0ı\0\0łøœß";

/// `StandardEncoding`.
pub(super) fn standard() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = ['\0'; 256];
        for code in 0x20..0x7F_u8 {
            table[usize::from(code)] = char::from(code);
        }
        table[0x27] = '\u{2019}';
        table[0x60] = '\u{2018}';
        for (code, c) in (0xA1..).zip(STANDARD.chars()) {
            table[code] = c;
        }
        table
    })
}

/// The character of a glyph name (`quoteright`, `uni2019`, `fi.alt`).
pub(super) fn of_glyph(name: &str) -> Option<char> {
    static NAMES: OnceLock<FxHashMap<&str, char>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let lines = include_str!("glyphs.tsv").lines();
        let pair = |line: &'static str| {
            let (name, code) = line.split_once('\t')?;
            Some((name, hex(code)?))
        };
        lines.filter_map(pair).collect()
    });
    let base = name.split('.').next().filter(|base| !base.is_empty())?;
    let by_code = || {
        let code = base
            .strip_prefix("uni")
            .or_else(|| base.strip_prefix('u'))?;
        code.get(..4)
            .and_then(|_| hex(code.get(..6).unwrap_or(code)).or_else(|| hex(&code[..4])))
    };
    names.get(base).copied().or_else(by_code)
}

fn hex(code: &str) -> Option<char> {
    u32::from_str_radix(code, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_characters() {
        assert_eq!(windows()[0x92], '\u{2019}');
        assert_eq!(windows()[0x7F], '\u{2022}');
        assert_eq!(macintosh()[0xD5], '\u{2019}');
        let standard = standard();
        let chars = [0x27, 0xAE, 0xB1, 0xB7, 0xD0, 0xE1, 0xF1, 0xFB].map(|code| standard[code]);
        assert_eq!(chars, ['\u{2019}', 'ﬁ', '–', '•', '—', 'Æ', 'æ', 'ß']);
        for (name, c) in [
            ("quoteright", '\u{2019}'),
            ("uni2019", '\u{2019}'),
            ("a.alt", 'a'),
            ("u1F600", '😀'),
        ] {
            assert_eq!(of_glyph(name), Some(c), "{name}");
        }
        assert_eq!(of_glyph(".notdef"), None);
        assert_eq!(of_glyph("g12"), None);
    }
}
