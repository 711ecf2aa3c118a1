//! Pieces of text on a page → its lines, from top to bottom.

use std::mem;

use super::page::{Piece, Shown};

/// Baselines of a line differ by less than this, in units of the font's size: superscripts stand up to
/// that much above it.
const LINE: f64 = 0.45;

/// Gaps between pieces, in units of the font's size: what is nearer is the same word; from [`COLUMN`] on, columns
/// are kept apart by more than one blank.
const WORD: f64 = 0.12;
const COLUMN: f64 = 1.0;

/// The width of a blank between columns, in units of the font's size, and the most of them.
const BLANK: f64 = 0.5;
const BLANKS: f64 = 20.0;

/// Lines farther apart than so many times the usual have an empty line between them.
const PARAGRAPH: f64 = 1.3;

/// Pieces on one line.
struct Line {
    pieces: Vec<Piece>,
    baseline: f64,
    size: f64,
}

/// Writes the lines of a page.
pub(super) fn write(shown: &mut Shown, text: &mut String) {
    let (turned, mut pieces): (Vec<_>, Vec<_>) = mem::take(&mut shown.pieces)
        .into_iter()
        .partition(|p| p.turned);
    pieces.sort_by(|a, b| b.baseline.total_cmp(&a.baseline));
    let mut lines: Vec<Line> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.baseline - piece.baseline < LINE * line.size.max(piece.size) => {
                line.size = line.size.max(piece.size);
                line.pieces.push(piece);
            }
            _ => lines.push(Line {
                baseline: piece.baseline,
                size: piece.size,
                pieces: vec![piece],
            }),
        }
    }
    let usual = usual_pitch(&lines);
    let mut above: Option<f64> = None;
    for line in &mut lines {
        if above.is_some_and(|above| above - line.baseline > PARAGRAPH * usual) {
            text.push('\n');
        }
        above = Some(line.baseline);
        line.write(&shown.text, text);
    }
    for piece in turned {
        text.push_str(shown.text[piece.text].trim_end());
        text.push('\n');
    }
}

/// The usual distance between lines of a paragraph. On a page of many short paragraphs these are few, so that
/// it is among the smallest distances, not in their middle.
fn usual_pitch(lines: &[Line]) -> f64 {
    let pairs = lines.iter().zip(lines.iter().skip(1));
    let pitches = pairs.map(|(a, b)| (a.baseline - b.baseline, a.size.max(b.size)));
    let mut pitches: Vec<f64> = pitches
        .filter(|(pitch, size)| *pitch < 3.0 * size)
        .map(|(pitch, _)| pitch)
        .collect();
    pitches.sort_by(f64::total_cmp);
    pitches.get(pitches.len() / 5).copied().unwrap_or(f64::MAX)
}

impl Line {
    fn write(&mut self, shown: &str, text: &mut String) {
        self.pieces.sort_by(|a, b| a.left.total_cmp(&b.left));
        let mut last: Option<&Piece> = None;
        for piece in &self.pieces {
            let words = &shown[piece.text.clone()];
            if let Some(last) = last {
                let size = last.size.max(piece.size);
                let again = (piece.left - last.left).abs() < 0.2 * size
                    && shown[last.text.clone()].trim_end() == words.trim_end();
                if again {
                    continue;
                }
                let gap = (piece.left - last.right) / size;
                let blanks = match gap {
                    gap if gap >= COLUMN => (gap / BLANK).round().clamp(2.0, BLANKS) as usize,
                    gap if !(-0.3..WORD).contains(&gap) => 1,
                    _ => 0,
                };
                let there = text.len() - text.trim_end_matches(' ').len();
                text.extend(std::iter::repeat_n(' ', blanks.saturating_sub(there)));
            }
            text.push_str(words);
            last = Some(piece);
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with these words at (left, baseline), in size 10, each letter 5 wide.
    fn page(words: &[(f64, f64, &str)]) -> String {
        let mut shown = Shown::default();
        for &(left, baseline, word) in words {
            let begin = shown.text.len();
            shown.text.push_str(word);
            shown.pieces.push(Piece {
                text: begin..shown.text.len(),
                left,
                right: left + 5.0 * word.len() as f64,
                baseline,
                size: 10.0,
                turned: false,
            });
        }
        let mut text = String::new();
        write(&mut shown, &mut text);
        text
    }

    #[test]
    fn lines_run_from_top_to_bottom_and_left_to_right() {
        let words = [
            (100.0, 676.0, "right"),
            (50.0, 688.0, "second"),
            (50.0, 700.0, "first"),
            (50.0, 676.0, "left"),
        ];
        assert_eq!(page(&words), "first\nsecond\nleft      right\n");
    }

    #[test]
    fn near_pieces_are_words_and_superscripts_stay_on_their_line() {
        let words = [
            (50.0, 700.0, "the"),
            (68.0, 700.0, "2"),
            (73.0, 703.5, "nd"),
            (86.0, 700.0, "time"),
            (86.3, 700.0, "time"),
        ];
        assert_eq!(page(&words), "the 2nd time\n");
    }

    #[test]
    fn wide_gaps_between_lines_are_empty_lines() {
        let words = [
            (50.0, 700.0, "a"),
            (50.0, 688.0, "b"),
            (50.0, 664.0, "c"),
            (50.0, 652.0, "d"),
            (50.0, 40.0, "Page 3"),
        ];
        assert_eq!(page(&words), "a\nb\n\nc\nd\n\nPage 3\n");
    }
}
