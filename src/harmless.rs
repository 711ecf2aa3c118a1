//! Text from letters, files and statements as a terminal may get it.

use std::borrow::Cow;

/// Whether a terminal would obey a character rather than show it: control characters (with which ANSI escapes
/// begin), what turns the direction of writing, and what takes no room and so hides.
fn obeyed(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}

/// The text with a picture (`␛`) or a replacement character in the place of each character that a terminal would
/// obey. Line breaks and tabs stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let picture = |c: char| match c {
        '\n' | '\t' => c,
        '\u{7f}' => '\u{2421}',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        c if obeyed(c) => '\u{fffd}',
        c => c,
    };
    Cow::Owned(text.chars().map(picture).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(harmless("a\u{1b}[31mb\u{7}\u{9b}0m"), "a␛[31mb␇\u{fffd}0m");
        assert_eq!(harmless("a\u{202e}b\tc\nd\r"), "a\u{fffd}b\tc\nd␍");
        assert_eq!(harmless("pay\u{200b}pal\u{2066}"), "pay\u{fffd}pal\u{fffd}");
        assert!(matches!(harmless("naïve – 日本語 שלום"), Cow::Borrowed(_)));
    }
}
