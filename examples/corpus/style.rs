//! The text styles in which letters arrive: what a line and a page look like.

use crate::letter::Letter;
use crate::rng::Rng;

/// Appends the letter's text.
pub fn render(letter: &Letter, rng: &mut Rng, out: &mut String) {
    let page = 44 + rng.below(7);
    match rng.below(6) {
        // As the five real letters: every line followed by an empty one, gaps between pages.
        0 | 1 => {
            out.push(' ');
            lines(
                letter,
                95,
                |line, _, out| {
                    out.push_str(line);
                    out.push_str(" \n\n");
                },
                page,
                "\n\n\n",
                out,
            );
        }
        2 => lines(letter, 88, plain, page, "", out),
        3 => {
            let footer = match &letter.case_number {
                Some(number) if rng.chance(50) => {
                    format!("\nFinal Determination Letter for IMR Case Number {number}  #\n\u{c}")
                }
                _ => "\u{c}".to_string(),
            };
            lines(letter, 100, plain, page, &footer, out);
        }
        4 => {
            out.push('\u{feff}');
            lines(
                letter,
                78,
                |line, _, out| {
                    out.push_str(line);
                    out.push_str("\r\n");
                },
                page,
                "",
                out,
            );
        }
        _ => lines(
            letter,
            92,
            |line, first, out| {
                out.push_str("    ");
                // Columns of the header stand apart.
                match line.split_once("  ") {
                    Some((left, right)) if first => {
                        out.push_str(left);
                        out.push_str("                  ");
                        out.push_str(right);
                    }
                    _ => out.push_str(line),
                }
                out.push('\n');
            },
            page,
            "",
            out,
        ),
    }
}

fn plain(line: &str, _first: bool, out: &mut String) {
    out.push_str(line);
    out.push('\n');
}

/// Writes every block in lines of at most `width` characters, and `gap` after each `page` lines, in which `#` stands
/// for the number of the page.
fn lines(
    letter: &Letter,
    width: usize,
    write: impl Fn(&str, bool, &mut String),
    page: usize,
    gap: &str,
    out: &mut String,
) {
    let mut n = 0;
    let mut pages = 0;
    for block in &letter.blocks {
        let mut first = true;
        wrap(
            block,
            |text| text.len() <= width,
            |line| {
                write(line, first, out);
                first = false;
                n += 1;
                if n == page {
                    n = 0;
                    pages += 1;
                    match gap.split_once('#') {
                        Some((before, after)) => {
                            out.push_str(before);
                            crate::template::push_number(out, pages);
                            out.push_str(after);
                        }
                        None => out.push_str(gap),
                    }
                }
            },
        );
    }
}

/// Breaks a block at spaces and after hyphens within words into lines that fit.
pub fn wrap(block: &str, fits: impl Fn(&str) -> bool, mut line: impl FnMut(&str)) {
    let mut start = 0;
    // The end of the last piece that fits, and where the next line would begin.
    let mut fitting: Option<(usize, usize)> = None;
    for (end, next) in breaks(block) {
        if !fits(&block[start..end])
            && let Some((last, next)) = fitting.take()
        {
            line(&block[start..last]);
            start = next;
        }
        fitting = Some((end, next));
    }
    line(&block[start..]);
}

/// The places at which a line may end, with those at which the next would begin.
fn breaks(block: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = block.as_bytes();
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    let inner = (0..bytes.len()).filter_map(move |i| match bytes[i] {
        b' ' if bytes.get(i + 1) != Some(&b' ') => {
            Some((i - usize::from(i > 0 && bytes[i - 1] == b' '), i + 1))
        }
        b'-' if i > 1 && letter(i - 1) && letter(i - 2) && letter(i + 1) && letter(i + 2) => {
            Some((i + 1, i + 1))
        }
        _ => None,
    });
    inner.chain(std::iter::once((bytes.len(), bytes.len())))
}
