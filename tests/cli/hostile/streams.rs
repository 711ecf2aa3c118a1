//! Compressed streams that lie.

use imr::source::Limits;

use super::{read, read_within};
use crate::pack::{gzip, tar, zst};

#[test]
fn several_in_one_are_one() {
    let two = [gzip(b"one "), gzip(b"two")].concat();
    assert_eq!(read("a.txt.gz", two), ["a.txt.gz!a.txt"]);
    let skippable = b"\x50\x2A\x4D\x18\x03\0\0\0abc";
    let frames = [&skippable[..], &zst(b"one "), skippable, &zst(b"two")].concat();
    // What begins with a skippable frame is known by its name.
    assert_eq!(read("a.txt.zst", frames), ["a.txt.zst!a.txt"]);
}

#[test]
fn what_follows_the_end_costs_nothing_before_it() {
    let padded = [gzip(b"a letter"), vec![0; 600]].concat();
    assert_eq!(read("a.txt.gz", &padded), ["a.txt.gz!a.txt"]);
    let garbage = [&gzip(b"a letter")[..], b"garbage"].concat();
    assert_eq!(
        read("a.txt.gz", &garbage),
        ["a.txt.gz!a.txt", "a.txt.gz trailing_garbage"]
    );
    let archive = tar(&[("a.txt", b"a letter")]);
    let garbage = [&gzip(&archive)[..], b"garbage"].concat();
    assert_eq!(read("a.tar.gz", &garbage)[0], "a.tar.gz!a.txt");
    let garbage = [&zst(b"a letter")[..], b"garbage"].concat();
    assert_eq!(read("a.txt.zst", &garbage), ["a.txt.zst broken_archive"]);
}

#[test]
fn a_window_of_gigabytes_is_refused() {
    // A frame of 2^41 bytes' window, of one empty block.
    let frame = b"\x28\xB5\x2F\xFD\x00\xF8\x01\x00\x00";
    assert_eq!(read("a.txt.zst", frame), ["a.txt.zst broken_archive"]);
}

#[test]
fn bombs_are_stopped_by_what_they_expand_to() {
    let limits = Limits {
        document: 100 << 20,
        ratio: 50,
        ratio_from: 1 << 20,
        ..Limits::default()
    };
    let zeros = vec![0; 4 << 20];
    for (name, bytes) in [("a.txt.gz", gzip(&zeros)), ("a.txt.zst", zst(&zeros))] {
        let found = read_within(limits.clone(), name, bytes);
        assert_eq!(found, [format!("{name} expands_too_much")]);
    }
    // What comes before the bomb is kept.
    let archive = tar(&[("1.txt", b"a"), ("2.txt", &zeros), ("3.txt", b"b")]);
    let found = read_within(limits.clone(), "a.tar.gz", gzip(&archive));
    assert_eq!(found, ["a.tar.gz!1.txt", "a.tar.gz!2.txt expands_too_much"]);
    // And a member that is a bomb costs itself only.
    let archive = tar(&[
        ("1.txt", b"a"),
        ("2.txt.gz", &gzip(&zeros)),
        ("3.txt", b"b"),
    ]);
    let found = read_within(limits, "a.tar", archive);
    assert_eq!(
        found,
        [
            "a.tar!1.txt",
            "a.tar!2.txt.gz expands_too_much",
            "a.tar!3.txt"
        ]
    );
}
