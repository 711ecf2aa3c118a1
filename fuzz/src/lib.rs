//! What the targets share: the program's own modules, compiled without the rest of it, and what must hold of
//! whatever they read.

#![allow(dead_code)]

// The modules name themselves by their crate.
extern crate self as imr;

#[path = "../../src/letter/mod.rs"]
pub mod letter;
#[path = "../../src/source/mod.rs"]
pub mod source;
#[path = "../../tests/parser/spans.rs"]
pub mod spans;
#[path = "../../src/vocabulary/mod.rs"]
pub mod vocabulary;

use std::panic;
use std::sync::Once;

use source::{Document, Format, Inputs, Limits, Options};

/// Limits so low that no input takes long.
fn options() -> Options {
    Options {
        limits: Limits {
            document: 1 << 18,
            held: 1 << 20,
            expanded: 4 << 20,
            ratio_from: 1 << 20,
            members: 100,
            ..Limits::default()
        },
        ..Options::default()
    }
}

/// Reads an input of this name, and decodes what documents it holds.
pub fn read(name: &str, bytes: &[u8]) {
    pass_over_panics_of_libraries();
    for unit in Inputs::held(name, bytes.to_vec()).scan(&options()) {
        for found in unit.documents() {
            match found.document {
                Ok(document) => {
                    assert!(document.source.starts_with(name), "{}", document.source);
                    assert!(document.bytes.len() <= 1 << 18);
                    // Other formats are other targets' work.
                    if document.format == Format::Text {
                        decoded(&document);
                    }
                }
                Err(fault) => {
                    assert!(fault.source.starts_with(name), "{}", fault.source);
                    assert_code(fault.code);
                    assert!(fault.message.contains(&fault.source), "{}", fault.message);
                }
            }
        }
    }
}

/// Decodes a document of this format; it has a text, or the reason why not.
pub fn decode(bytes: &[u8], format: Format) {
    pass_over_panics_of_libraries();
    let document = Document {
        source: "letter".to_owned(),
        bytes: bytes.to_vec(),
        format,
    };
    decoded(&document);
}

fn decoded(document: &Document) {
    let decoded = document.decode();
    for problem in &decoded.problems {
        assert_code(problem.code);
        assert!(!problem.message.is_empty());
    }
    match &decoded.text {
        Some(text) => assert!(!text.trim().is_empty()),
        None => assert!(!decoded.problems.is_empty()),
    }
}

fn assert_code(code: &str) {
    let snake = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    assert!(!code.is_empty() && code.bytes().all(snake), "{code}");
}

/// The readers of PDF and Parquet catch panics of the libraries that they use, before the fuzzer should see
/// them. A panic in a line of the program itself is a finding all the same.
fn pass_over_panics_of_libraries() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let fatal = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let library = |path: &str| path.contains("/registry/src/");
            if !info.location().is_some_and(|at| library(at.file())) {
                fatal(info);
            }
        }));
    });
}
