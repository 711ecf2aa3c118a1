//! A letter's text, cut by character offsets, and whether a piece of it reads as a value.

/// A text that is cut by characters.
pub struct Text<'a> {
    text: &'a str,
    /// The byte at which each character begins; none where every character is one byte.
    starts: Option<Vec<usize>>,
}

impl<'a> Text<'a> {
    pub fn new(text: &'a str) -> Self {
        let ends = [text.len()];
        let starts =
            (!text.is_ascii()).then(|| text.char_indices().map(|c| c.0).chain(ends).collect());
        Self { text, starts }
    }

    /// The characters from `start` to `end`; `None` if that is no range of the text or an empty one.
    pub fn cut(&self, (start, end): (i32, i32)) -> Option<&'a str> {
        let byte = |offset: i32| {
            let offset = usize::try_from(offset).ok()?;
            match &self.starts {
                Some(starts) => starts.get(offset).copied(),
                None => Some(offset),
            }
        };
        self.text
            .get(byte(start)?..byte(end)?)
            .filter(|t| !t.is_empty())
    }
}

/// A text without white space and hyphens, in which a value and its place in a letter may differ:
/// the lines of the letter are joined in the value, and a word may be hyphenated at a line's end.
pub fn fold(text: &str) -> String {
    let gap = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{ad}' | '\u{2010}' | '\u{2011}');
    text.chars().filter(|c| !gap(*c)).collect()
}

/// Whether a piece of a letter reads as `value`. Between its first and its last line there may be
/// lines that the value leaves out: the header or footer of a page.
pub fn reads_as(piece: &str, value: &str) -> bool {
    let value = fold(value);
    fold(piece) == value || after(&lines(piece), &value) == Some("")
}

/// Whether a piece of a letter stands in `value`, but for the lines of a page within it.
pub fn stands_in(piece: &str, value: &str) -> bool {
    let value = fold(value);
    if value.contains(&fold(piece)) {
        return true;
    }
    let lines = lines(piece);
    let mut from = value.char_indices().map(|(at, _)| &value[at..]);
    from.any(|rest| after(&lines, rest).is_some())
}

/// The lines of a piece, folded.
fn lines(piece: &str) -> Vec<String> {
    piece.lines().map(fold).filter(|l| !l.is_empty()).collect()
}

/// What is left of a folded text behind the folded lines with which it begins.
fn after<'a>(lines: &[String], text: &'a str) -> Option<&'a str> {
    let mut rest = text;
    for (n, line) in lines.iter().enumerate() {
        match rest.strip_prefix(line.as_str()) {
            Some(after) => rest = after,
            None if n > 0 && n + 1 < lines.len() => {}
            None => return None,
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_characters() {
        let text = Text::new("naïve cue");
        assert_eq!(text.cut((6, 9)), Some("cue"));
        assert_eq!(text.cut((2, 3)), Some("ï"));
        assert_eq!(Text::new("a cue").cut((2, 5)), Some("cue"));
        for wrong in [(6, 10), (3, 3), (5, 3), (-1, 2)] {
            assert_eq!(text.cut(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn wrapping_hyphens_and_page_lines_make_no_difference() {
        assert!(reads_as("on- \n\ngoing  pain", "on-going pain"));
        assert!(reads_as("ongoing\npain", "ongoing pain"));
        assert!(reads_as("ongoing\nPage 3 of 7\npain", "ongoing pain"));
    }

    #[test]
    fn a_cue_stands_in_its_sentence_across_pages() {
        let sentence = "OxyContin has been decreased since July.";
        let cue = "OxyContin\n\nDetermination for CM14-0000001  2\n\u{c}has been decreased";
        assert!(stands_in(cue, sentence));
        assert!(stands_in("been\ndecreased", sentence));
        assert!(!stands_in("OxyContin\nPage 2\nis decreased", sentence));
        assert!(!stands_in("Norco", sentence));
    }

    #[test]
    fn other_words_do() {
        assert!(!reads_as("ongoing pain", "pain"));
        assert!(!reads_as("ongoing\npain", "ongoing"));
        assert!(!reads_as("ongoing", "ongoing pain"));
        assert!(!reads_as("Page 3\npain", "pain"));
    }
}
