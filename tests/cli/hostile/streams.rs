//! Compressed streams that lie.

use imr::source::Limits;

use super::{Random, read, read_within};
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

/// Both compressions of an archive, with their names.
fn packed(archive: &[u8]) -> [(&'static str, Vec<u8>); 2] {
    [("a.tar.gz", gzip(archive)), ("a.tar.zst", zst(archive))]
}

/// What cannot be compressed.
fn noise(len: usize) -> Vec<u8> {
    let mut random = Random(7);
    (0..len).map(|_| random.below(256) as u8).collect()
}

fn strict() -> Limits {
    Limits {
        document: 2 << 20,
        ratio: 50,
        ratio_from: 1 << 20,
        ..Limits::default()
    }
}

#[test]
fn a_bomb_in_a_compressed_archive_costs_itself_only() {
    let zeros = vec![0; 8 << 20];
    let inner = tar(&[("i.txt", b"i"), ("j.txt", &zeros), ("k.txt", b"k")]);
    let rows = [&b"{\"text\": \"r\"}\n"[..], &zeros].concat();
    // Read as a document, an archive, rows, and passed over; one after another, and at the end.
    let archive = tar(&[
        ("1.txt", b"a"),
        ("2.txt", &zeros),
        ("3.txt", &zeros),
        ("4.tar", &inner),
        ("5.txt", b"b"),
        ("6.exe", &zeros),
        ("7.jsonl", &rows),
        ("8.txt", b"c"),
        ("9.txt", &zeros),
    ]);
    for (name, bytes) in packed(&archive) {
        let found = read_within(strict(), name, bytes);
        let expected = [
            "1.txt",
            "2.txt expands_too_much",
            "3.txt expands_too_much",
            "4.tar!i.txt",
            "4.tar!j.txt expands_too_much",
            "5.txt",
            "7.jsonl#0",
            "7.jsonl expands_too_much",
            "8.txt",
            "9.txt expands_too_much",
        ];
        assert_eq!(found, expected.map(|member| format!("{name}!{member}")));
    }
}

#[test]
fn members_behind_what_expands_just_not_too_much_are_read() {
    let limits = Limits {
        document: 16 << 20,
        ratio_from: 8 << 20,
        ..strict()
    };
    let blanks = vec![b' '; (8 << 20) - 4096];
    // They are too few to make up for it.
    let noise = noise(10 * 8192);
    let mut members = vec![("0.txt", blanks.as_slice())];
    members.extend(noise.chunks(8192).map(|letter| ("1.txt", letter)));
    members.push(("2.txt", &blanks));
    members.push(("3.txt", b"b"));
    for (name, bytes) in packed(&tar(&members)) {
        let found = read_within(limits.clone(), name, bytes);
        assert_eq!(found.len(), 13, "{found:?}");
        let faults: Vec<_> = found.iter().filter(|one| one.contains(' ')).collect();
        assert_eq!(faults, [&format!("{name}!2.txt expands_too_much")]);
    }
}

#[test]
fn an_archive_that_expands_too_much_in_small_members_ends() {
    let small = vec![b' '; 4096];
    for (name, bytes) in packed(&tar(&vec![("a.txt", small.as_slice()); 2000])) {
        let found = read_within(strict(), name, bytes);
        let last = found.last().unwrap();
        assert!(last.ends_with(" expands_too_much"), "{last}");
        assert!(found.len() < 300, "{}", found.len());
    }
}

#[test]
fn bombs_are_read_over_up_to_what_an_archive_may_expand_to() {
    let zeros = vec![0; 8 << 20];
    let letters = noise(1 << 20);
    let archive = tar(&[("1.txt", &letters), ("2.txt", &zeros), ("3.txt", b"b")]);
    for (expanded, read) in [(10 << 20, 3), (9 << 20, 2)] {
        let limits = Limits {
            expanded,
            ..strict()
        };
        for (name, bytes) in packed(&archive) {
            let found = read_within(limits.clone(), name, bytes);
            assert_eq!(found[0], format!("{name}!1.txt"));
            let last = match read {
                3 => format!("{name}!3.txt"),
                _ => format!("{name} expands_too_much"),
            };
            assert_eq!(
                (found.len(), found.last()),
                (read, Some(&last)),
                "{found:?}"
            );
        }
    }
}
