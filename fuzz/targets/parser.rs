//! A text is parted into letters, and these are read.

#![no_main]

use imr_fuzz::{letter, spans};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    for part in letter::split(&text) {
        assert_eq!(part.start, end, "letters stand without gaps");
        end = part.end;
        spans::read(&text[part]);
    }
    assert_eq!(end, text.len());
});
