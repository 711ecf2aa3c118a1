//! A letter as a PDF: pages of text in one of the standard fonts, as a word processor makes them.

use std::io::Write;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};

use crate::letter::Letter;
use crate::material::split_sections;
use crate::rng::Rng;
use crate::style::wrap;

/// A sheet of letter size in points, its margins and where the footer stands.
const WIDTH: f32 = 612.0;
const HEIGHT: f32 = 792.0;
const MARGIN: f32 = 72.0;
const FOOTER: f32 = 40.0;
/// Where the second of two columns begins.
const COLUMN: f32 = 310.0;

const BODY: Name = Name(b"F1");
const BOLD: Name = Name(b"F2");

/// A font with its widths.
struct Font {
    regular: &'static [u8],
    bold: &'static [u8],
    widths: Vec<u32>,
}

/// The two that letters are set in.
fn fonts() -> &'static [Font; 2] {
    static FONTS: OnceLock<[Font; 2]> = OnceLock::new();
    FONTS.get_or_init(|| {
        let tables: Vec<_> = split_sections(include_str!("data/widths.txt")).collect();
        let widths = |name: &str| {
            let (_, lines) = tables
                .iter()
                .find(|t| t.0 == name)
                .expect("a font's widths");
            let numbers = lines.iter().flat_map(|l| l.split(' '));
            numbers.map(|n| n.parse().expect("a width")).collect()
        };
        [
            Font {
                regular: b"Helvetica",
                bold: b"Helvetica-Bold",
                widths: widths("Helvetica"),
            },
            Font {
                regular: b"Times-Roman",
                bold: b"Times-Bold",
                widths: widths("Times-Roman"),
            },
        ]
    })
}

impl Font {
    fn width(&self, text: &str, size: f32) -> f32 {
        let place = |c: char| match c {
            '\u{2019}' => 95,
            '\u{201c}' => 96,
            '\u{201d}' => 97,
            _ => (c as usize).saturating_sub(32).min(94),
        };
        let units: u32 = text.chars().map(|c| self.widths[place(c)]).sum();
        units as f32 * size / 1000.0
    }
}

/// In the encoding of Windows.
fn encoded(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        '\u{2019}' => 0x92,
        '\u{201c}' => 0x93,
        '\u{201d}' => 0x94,
        c if c.is_ascii() => c as u8,
        _ => b'?',
    };
    text.chars().map(byte).collect()
}

/// A line of text at a place.
struct Line {
    page: usize,
    x: f32,
    y: f32,
    bold: bool,
    text: String,
}

/// The bytes of the file, and of the text in it.
pub fn render(letter: &Letter, rng: &mut Rng) -> (Vec<u8>, u64) {
    let font = rng.pick(fonts());
    let size = rng.one(&[10.0, 11.0, 12.0]);
    let (lines, pages) = set(letter, font, size);
    let text: usize = lines.iter().map(|l| l.text.len() + 1).sum();
    let mut pdf = Pdf::new();
    let (catalog, tree, regular, bold) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4));
    let page = |n: usize| Ref::new(5 + 2 * n as i32);
    let content = |n: usize| Ref::new(6 + 2 * n as i32);
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree)
        .kids((0..pages).map(page))
        .count(pages as i32);
    for (id, name) in [(regular, font.regular), (bold, font.bold)] {
        pdf.type1_font(id)
            .base_font(Name(name))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut rest = lines.as_slice();
    for n in 0..pages {
        let mut sheet = pdf.page(page(n));
        sheet
            .media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT))
            .parent(tree)
            .contents(content(n));
        sheet
            .resources()
            .fonts()
            .pair(BODY, regular)
            .pair(BOLD, bold);
        sheet.finish();
        let end = rest.iter().position(|l| l.page != n).unwrap_or(rest.len());
        let mut drawn = Content::new();
        for line in &rest[..end] {
            drawn.begin_text();
            drawn.set_font(if line.bold { BOLD } else { BODY }, size);
            drawn.set_text_matrix([1.0, 0.0, 0.0, 1.0, line.x, line.y]);
            drawn.show(Str(&encoded(&line.text)));
            drawn.end_text();
        }
        rest = &rest[end..];
        if let Some(number) = &letter.case_number {
            let footer = format!(
                "Final Determination Letter for IMR Case Number {number}   {}",
                n + 1
            );
            drawn.begin_text();
            drawn.set_font(BODY, 9.0);
            drawn.set_text_matrix([1.0, 0.0, 0.0, 1.0, MARGIN, FOOTER]);
            drawn.show(Str(&encoded(&footer)));
            drawn.end_text();
        }
        pdf.stream(content(n), &deflated(&drawn.finish()))
            .filter(Filter::FlateDecode);
    }
    (pdf.finish(), text as u64)
}

/// The lines of a letter, and on how many pages they stand.
fn set(letter: &Letter, font: &Font, size: f32) -> (Vec<Line>, usize) {
    let mut lines = Vec::new();
    let (mut page, mut y) = (0, HEIGHT - MARGIN);
    let leading = size * 1.2;
    let fits = |text: &str| font.width(text, size) <= WIDTH - 2.0 * MARGIN;
    let columns = letter.blocks.iter().take(30);
    let columned: Vec<bool> = columns.map(|b| b.contains("  ") && fits(b)).collect();
    for (i, block) in letter.blocks.iter().enumerate() {
        let heading = block.len() > 8
            && block.len() < 60
            && !block.contains(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        wrap(block, fits, |text| {
            if y < MARGIN {
                page += 1;
                y = HEIGHT - MARGIN;
            }
            let pair = text
                .split_once("  ")
                .filter(|_| columned.get(i) == Some(&true));
            let (left, right) = pair.map_or((text, None), |(l, r)| (l, Some(r)));
            for (x, text) in [(MARGIN, Some(left)), (COLUMN, right)] {
                if let Some(text) = text.filter(|t| !t.is_empty()) {
                    lines.push(Line {
                        page,
                        x,
                        y,
                        bold: heading,
                        text: text.to_string(),
                    });
                }
            }
            y -= leading;
        });
    }
    (lines, page + 1)
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory does not fail to be written")
}
