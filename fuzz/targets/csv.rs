//! The documents of a `.csv` file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| imr_fuzz::read("a.csv", bytes));
