//! The text of a PDF, as it stands on its pages: lines from top to bottom, pages ended by a form feed.
//!
//! Objects, streams and encryption are the work of [`hayro_syntax`]; here the operators that show text are
//! followed ([`page`]), characters are looked up in the fonts ([`font`]), and what was shown is put in order
//! ([`lines`]).

mod bombs;
mod cmap;
mod encoding;
mod font;
mod lines;
mod page;
#[cfg(test)]
mod tests;
mod widths;

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_syntax::{LoadPdfError, Pdf};
use memchr::memmem;

use font::Fonts;
use page::Shown;

/// A PDF of which no text can be read, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: &'static str,
    pub why: &'static str,
}

/// A PDF's text, and what is missing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extract {
    pub text: String,
    /// Whether the file ends before its end.
    pub cut: bool,
    /// Pages that hold images but no text, from 1.
    pub scanned: Vec<usize>,
    /// How many characters the fonts do not tell; U+FFFD stands for each.
    pub unknown: usize,
}

/// The most pages that are read of a document. Letters have some ten.
const PAGES: usize = 2000;

/// The most bytes of text and of drawing that are read of a document, and the most operations that are followed.
const TEXT: usize = 64 * 1024 * 1024;
const CONTENT: usize = 256 * 1024 * 1024;
const OPERATIONS: usize = 20_000_000;

/// Reads a PDF. A document that stops the reader is damaged.
pub(super) fn text(bytes: &[u8]) -> Result<Extract, Refusal> {
    catch_unwind(AssertUnwindSafe(|| read(bytes))).unwrap_or(Err(DAMAGED))
}

const DAMAGED: Refusal = Refusal {
    code: "damaged_pdf",
    why: "the PDF is damaged",
};

fn read(bytes: &[u8]) -> Result<Extract, Refusal> {
    if bombs::is_bomb(bytes) {
        return Err(Refusal {
            code: "damaged_pdf",
            why: "the PDF expands to more than 256 MiB, as no letter does",
        });
    }
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Refusal {
            code: "encrypted_pdf",
            why: "the PDF is encrypted; save it without a password",
        },
        LoadPdfError::Invalid => DAMAGED,
    })?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(DAMAGED);
    }
    let mut extract = Extract {
        text: String::new(),
        cut: memmem::rfind(&bytes[bytes.len().saturating_sub(2048)..], b"%%EOF").is_none(),
        scanned: Vec::new(),
        unknown: 0,
    };
    let mut fonts = Fonts::default();
    let mut shown = Shown::default();
    let mut images = 0;
    let mut content = 0;
    for (n, page) in pages.iter().enumerate().take(PAGES) {
        shown.clear();
        content += page.page_stream().map_or(0, <[u8]>::len);
        page::show(page, &mut fonts, &mut shown);
        extract.unknown += shown.unknown;
        images += shown.images;
        let begin = extract.text.len();
        lines::write(&mut shown, &mut extract.text);
        if shown.images > 0 && extract.text.len() == begin {
            extract.scanned.push(n + 1);
        }
        extract.text.push('\x0C');
        if extract.text.len() > TEXT || content > CONTENT || shown.operations > OPERATIONS {
            return Err(Refusal {
                code: "damaged_pdf",
                why: "the PDF holds more text than a letter can",
            });
        }
    }
    let visible = extract.text.chars().filter(|c| !c.is_whitespace()).count();
    if visible == 0 && images > 0 {
        return Err(Refusal {
            code: "scanned_pdf",
            why: "the PDF is scanned: its pages are images without text; run OCR on it (ocrmypdf)",
        });
    }
    if extract.unknown * 2 > visible {
        return Err(Refusal {
            code: "damaged_pdf",
            why: "the PDF's fonts do not tell what characters they show",
        });
    }
    Ok(extract)
}
