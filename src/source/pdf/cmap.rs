//! `ToUnicode` maps: the characters that a font's codes stand for.

use rustc_hash::FxHashMap;

/// A font's map.
#[derive(Debug, Default)]
pub(super) struct Map {
    /// The characters of a code.
    pub chars: FxHashMap<u32, String>,
    /// Whether codes have one byte, as far as the map says.
    pub one_byte: Option<bool>,
}

/// The most codes of a range: two bytes hold no more.
const RANGE: u32 = 0x1_0000;

/// Reads a map. What is not understood is passed over.
pub(super) fn read(bytes: &[u8]) -> Map {
    let mut map = Map::default();
    let mut strings: Vec<Vec<u8>> = Vec::new();
    let mut array: Option<Vec<Vec<u8>>> = None;
    let mut in_array = false;
    let mut part: &[u8] = b"";
    for token in Tokens(bytes) {
        match token {
            Token::Hex(string) if in_array => array.get_or_insert_default().push(string),
            Token::Hex(string) => strings.push(string),
            Token::Open => in_array = true,
            Token::Close => in_array = false,
            Token::Word(word) => {
                if word.starts_with(b"begin") {
                    part = word;
                } else if word.starts_with(b"end") {
                    part = b"";
                }
                strings.clear();
                array = None;
                continue;
            }
        }
        if in_array {
            continue;
        }
        match (part, strings.as_slice()) {
            (b"begincodespacerange", [low, _]) => {
                let one = low.len() == 1;
                map.one_byte = Some(map.one_byte.unwrap_or(true) && one);
            }
            (b"beginbfchar", [code, chars]) => {
                map.chars.insert(number(code), utf_16(chars));
            }
            (b"beginbfrange", [low, high, first]) => map.range(low, high, first),
            (b"beginbfrange", [low, _]) if array.is_some() => {
                let chars = array.take().unwrap_or_default();
                for (code, chars) in (number(low)..).zip(chars) {
                    map.chars.insert(code, utf_16(&chars));
                }
            }
            _ => continue,
        }
        strings.clear();
    }
    map
}

impl Map {
    /// Adds a range of codes with consecutive characters.
    fn range(&mut self, low: &[u8], high: &[u8], first: &[u8]) {
        let (low, high) = (number(low), number(high));
        let first = utf_16(first);
        let Some(last) = first.chars().next_back() else {
            return;
        };
        let before = &first[..first.len() - last.len_utf8()];
        for n in 0..=high.saturating_sub(low).min(RANGE) {
            if let Some(c) = char::from_u32(last as u32 + n) {
                self.chars.insert(low + n, format!("{before}{c}"));
            }
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |n, b| n << 8 | u32::from(*b))
}

fn utf_16(bytes: &[u8]) -> String {
    if let [one] = bytes {
        return char::from(*one).to_string();
    }
    let units = bytes
        .chunks_exact(2)
        .map(|b| u16::from_be_bytes([b[0], b[1]]));
    char::decode_utf16(units).filter_map(Result::ok).collect()
}

enum Token<'a> {
    Hex(Vec<u8>),
    Open,
    Close,
    Word(&'a [u8]),
}

struct Tokens<'a>(&'a [u8]);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.0 = self.0.trim_ascii_start();
            let bytes = self.0;
            match bytes.first()? {
                b'%' => {
                    let end = bytes.iter().position(|b| matches!(b, b'\n' | b'\r'));
                    self.0 = &bytes[end.unwrap_or(bytes.len())..];
                }
                b'<' if bytes.get(1) != Some(&b'<') => {
                    let end = memchr::memchr(b'>', bytes).unwrap_or(bytes.len());
                    self.0 = bytes.get(end + 1..).unwrap_or_default();
                    return Some(Token::Hex(hex(&bytes[1..end])));
                }
                b'[' => {
                    self.0 = &bytes[1..];
                    return Some(Token::Open);
                }
                b']' => {
                    self.0 = &bytes[1..];
                    return Some(Token::Close);
                }
                b'<' | b'>' | b'(' | b')' | b'{' | b'}' | b'/' => self.0 = &bytes[1..],
                _ => {
                    let ends = |b: &u8| b.is_ascii_whitespace() || b"<>[](){}/%".contains(b);
                    let end = bytes.iter().position(ends).unwrap_or(bytes.len());
                    self.0 = &bytes[end..];
                    return Some(Token::Word(&bytes[..end]));
                }
            }
        }
    }
}

fn hex(digits: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .iter()
        .filter_map(|d| char::from(*d).to_digit(16))
        .map(|d| d as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ranges_and_arrays_are_read() {
        let map = read(
            b"/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <FFFF> endcodespacerange\n\
            2 beginbfchar <0003> <0020> <0004> <00660069> endbfchar\n\
            2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<0078> <D83DDE00>] endbfrange end",
        );
        let chars = |code: u32| map.chars.get(&code).map(String::as_str);
        assert_eq!(map.one_byte, Some(false));
        assert_eq!([chars(3), chars(4)], [Some(" "), Some("fi")]);
        assert_eq!(
            [chars(0x10), chars(0x12), chars(0x13)],
            [Some("A"), Some("C"), None]
        );
        assert_eq!([chars(0x20), chars(0x21)], [Some("x"), Some("😀")]);
    }

    #[test]
    fn broken_maps_do_no_harm() {
        for bytes in [
            &b"beginbfrange <00> <FFFFFFFF> <0041>"[..],
            b"beginbfchar <",
            b"]]>>",
            b"beginbfchar <0> <>",
        ] {
            read(bytes);
        }
    }
}
