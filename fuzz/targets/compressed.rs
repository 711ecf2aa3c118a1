//! What a compressed file holds: the content tells whether it is gzip or Zstandard.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| imr_fuzz::read("a.txt.gz", bytes));
