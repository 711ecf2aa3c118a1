//! The documents of a `.tar` file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| imr_fuzz::read("a.tar", bytes));
