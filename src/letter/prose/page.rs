//! The page that a letter was set on: what its line breaks mean.

use super::is_blank;
use super::lines::Line;

/// Lines longer than this are not the work of a line wrapper (pages are at most landscape).
const WIDEST_PAGE: usize = 180;

/// What stands for a line break in the prose.
pub enum Join {
    Paragraph,
    Space,
    Nothing,
}

/// How the letter was set: what its line breaks mean.
pub struct Page {
    width: usize,
    /// Up to here a word would have fitted for certain. Lines in a proportional font hold more or fewer
    /// letters, so that it is less than the width by as much as cuts in the middle of sentences show.
    fits: usize,
    wrapped: bool,
    double_spaced: bool,
}

impl Page {
    pub fn of(lines: &[Line]) -> Page {
        let mut widths: Vec<usize> = lines.iter().map(|l| l.width).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        // A few lines with column gaps run past the margin; the margin is where many lines end.
        let most = widths.len().checked_sub(1 + widths.len() / 20);
        let width = most.map_or(0, |i| *widths.select_nth_unstable(i).1);
        let tight = lines.iter().skip(1).filter(|l| l.gap == 0).count();
        let mut cuts: Vec<usize> = lines
            .windows(2)
            .filter(|pair| is_cut(&pair[0], &pair[1]))
            .map(|pair| pair[0].width + 1 + pair[1].opening)
            .collect();
        let least = cuts.len() / 20;
        let fits = if cuts.len() >= 8 {
            width.min(cuts.select_nth_unstable(least).1.saturating_sub(1))
        } else {
            width
        };
        Page {
            width,
            fits,
            wrapped: widest <= WIDEST_PAGE,
            double_spaced: tight * 10 < lines.len(),
        }
    }

    /// How `next` goes on from `last`.
    pub fn join(&self, last: &Line, next: &Line, is_heading: &impl Fn(&str) -> bool) -> Join {
        if !self.wrapped || is_heading(next.text) {
            return Join::Paragraph;
        }
        let tail = last.text.chars().next_back().unwrap_or(' ');
        let before = last.text[..last.text.len() - tail.len_utf8()]
            .chars()
            .next_back();
        let cut_word = matches!(
            tail,
            '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '\u{2014}' | '/'
        ) && before.is_some_and(char::is_alphanumeric)
            && next.text.starts_with(char::is_alphanumeric);
        let room = last.width + usize::from(!cut_word) + next.opening;
        // Proportional fonts fit more or fewer letters on a line: near the margin only the sentence tells.
        // A list's number ends nothing: its item follows.
        let numeral = || {
            last.text.rsplit(is_blank).next().is_some_and(|w| {
                let digits = w.trim_end_matches('.');
                w.len() == digits.len() + 1 && digits.len() <= 2 && digits.parse::<u8>().is_ok()
            })
        };
        let ended = matches!(tail, '.' | '!' | '?' | ':' | ';' | '"' | '”') && !numeral();
        let opens = next.text.starts_with(|c: char| !c.is_lowercase());
        // A heading ends with its outcome, and begins where a sentence has ended.
        let headed = tail.is_alphabetic()
            && crate::letter::outcome::ends_heading(last.text)
            && !next.text.starts_with([')', ',', ';', ']']);
        if headed || last.text.ends_with('.') && crate::letter::outcome::ends_heading(next.text) {
            return Join::Paragraph;
        }
        let short = room * 5 <= self.width * 4;
        if (short && (ended || opens))
            || (room <= self.fits && ended && opens)
            || room * 2 <= self.width
        {
            return Join::Paragraph;
        }
        // Page gaps of a double-spaced letter have more blank lines than a paragraph's end has.
        let parted = if self.double_spaced {
            matches!(next.gap, 2 | 3 | 5..)
        } else {
            next.gap > 0
        };
        // At a page's end the blank lines say nothing, only the sentence does.
        let closed = ended && tail != ';' && !last.text.ends_with("(s):");
        let ends_here = if next.new_page {
            closed && opens
        } else {
            parted && (ended || opens) && !cut_word
        };
        if ends_here {
            return Join::Paragraph;
        }
        if cut_word { Join::Nothing } else { Join::Space }
    }
}

/// Whether a line break was made in the middle of a sentence.
fn is_cut(last: &Line, next: &Line) -> bool {
    !next.new_page
        && next.text.starts_with(char::is_lowercase)
        && last
            .text
            .ends_with(|c: char| c.is_alphanumeric() || c == ',')
}
