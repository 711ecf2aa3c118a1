//! A document's bytes become text.

#![no_main]

use imr_fuzz::source::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| imr_fuzz::decode(bytes, Format::Pdf));
