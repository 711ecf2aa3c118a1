//! A document as it was found.

use std::borrow::Cow;

use super::decode::{Decoded, decode, problem};
use super::html;
use super::pdf::{self, Refusal};
use crate::letter::Severity;

/// A document, not yet decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name in the dataset (`letters.source`).
    pub source: String,
    /// Its bytes, of which `letter_id` is the hash; of a row its text.
    pub bytes: Vec<u8>,
    pub format: Format,
}

/// What a document's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Html,
    Pdf,
}

impl Document {
    /// Its text, and what did not go cleanly in reading that.
    pub fn decode(&self) -> Decoded<'_> {
        match self.format {
            Format::Text => decode(&self.bytes),
            Format::Html => {
                let mut decoded = decode(&self.bytes);
                decoded.text = decoded.text.map(|t| Cow::Owned(html::text(&t)));
                decoded.or_empty()
            }
            Format::Pdf => self.decode_pdf(),
        }
    }

    fn decode_pdf(&self) -> Decoded<'_> {
        let extract = match pdf::text(&self.bytes) {
            Ok(extract) => extract,
            Err(Refusal { code, why }) => {
                let message = format!("{why}; the document was rejected");
                let problems = vec![problem(Severity::Error, code, &message)];
                return Decoded {
                    text: None,
                    problems,
                };
            }
        };
        let mut problems = Vec::new();
        let mut warn =
            |code, message: &str| problems.push(problem(Severity::Warning, code, message));
        if extract.cut {
            let message = "the PDF is cut off; what is there was read";
            warn("damaged_pdf", message);
        }
        if let [first, ..] = extract.scanned[..] {
            let n = extract.scanned.len();
            let message = format!(
                "{n} pages of the PDF, from page {first} on, are images without text; the others were read"
            );
            warn("scanned_pages", &message);
        }
        if extract.unknown > 0 {
            let n = extract.unknown;
            let message = format!(
                "the PDF's fonts do not tell what {n} of its characters are; U+FFFD stands for each"
            );
            warn("unknown_characters", &message);
        }
        let text = Some(Cow::Owned(extract.text));
        Decoded { text, problems }.or_empty()
    }
}
