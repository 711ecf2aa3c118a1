//! The documents of a `.zip` file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| imr_fuzz::read("a.zip", bytes));
