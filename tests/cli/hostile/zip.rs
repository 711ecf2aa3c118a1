//! Zip archives that lie.

use std::io::Read;

use imr::source::Limits;

use super::{read, read_within};
use crate::pack::{gzip, zip};

/// A member as its headers tell of it.
#[derive(Clone)]
struct Member {
    name: &'static str,
    flags: u16,
    method: u16,
    content: Vec<u8>,
    /// What the headers say of its size.
    compressed: u32,
    size: u32,
    /// Where the directory says that it begins, if not where it does.
    header: Option<u32>,
}

fn member(name: &'static str, content: &[u8]) -> Member {
    Member {
        name,
        flags: 0,
        method: 0,
        content: content.to_vec(),
        compressed: content.len() as u32,
        size: content.len() as u32,
        header: None,
    }
}

/// A member that is deflated.
fn deflated(name: &'static str, content: &[u8]) -> Member {
    // Gzip's frame is ten bytes before and eight behind.
    let packed = gzip(content);
    Member {
        method: 8,
        size: content.len() as u32,
        ..member(name, &packed[10..packed.len() - 8])
    }
}

/// What is deflated from so many blanks.
fn bomb(name: &'static str, blanks: usize) -> Member {
    deflated(name, &vec![b' '; blanks])
}

fn archive(members: &[Member]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let begin = member.header.unwrap_or(bytes.len() as u32);
        let mut crc = flate2::Crc::new();
        match member.method {
            8 => {
                let mut content = Vec::new();
                let mut decoder = flate2::read::DeflateDecoder::new(member.content.as_slice());
                decoder.read_to_end(&mut content).unwrap();
                crc.update(&content);
            }
            _ => crc.update(&member.content),
        }
        let mut head = Vec::new();
        for word in [20, member.flags, member.method, 0, 0] {
            head.extend(word.to_le_bytes());
        }
        for word in [
            crc.sum(),
            member.compressed,
            member.size,
            member.name.len() as u32,
        ] {
            head.extend(word.to_le_bytes());
        }
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&head);
        bytes.extend(member.name.as_bytes());
        bytes.extend(&member.content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(begin.to_le_bytes());
        directory.extend(member.name.as_bytes());
    }
    let begin = bytes.len() as u32;
    let count = (members.len() as u16).to_le_bytes();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(begin.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn honest_headers_are_believed() {
    let bytes = archive(&[
        member("b.txt", b"b"),
        member("a.txt", b"a"),
        bomb("c.txt", 5000),
    ]);
    assert_eq!(
        read("x.zip", bytes),
        ["x.zip!a.txt", "x.zip!b.txt", "x.zip!c.txt"]
    );
}

#[test]
fn names_are_told_and_never_followed() {
    let names = [
        "/etc/passwd.txt",
        "../../up.txt",
        "C:\\x.txt",
        "a\0b.txt",
        "a.txt",
        "a.txt",
    ];
    let members: Vec<_> = names.iter().map(|name| member(name, b"x")).collect();
    let mut expected: Vec<_> = names.iter().map(|name| format!("x.zip!{name}")).collect();
    expected.sort();
    assert_eq!(read("x.zip", archive(&members)), expected);
}

#[test]
fn sizes_that_lie_cost_their_member_only() {
    let small = member("z.txt", b"a letter");
    for (compressed, size) in [(8, 3), (8, 9), (3, 8), (8, u32::MAX - 1), (200, 8)] {
        let liar = Member {
            compressed,
            size,
            ..member("l.txt", b"a letter")
        };
        let found = read("x.zip", archive(&[liar, small.clone()]));
        let [first, last] = &found[..] else {
            panic!("{found:?}");
        };
        assert!(
            ["x.zip!l.txt broken_archive", "x.zip!l.txt expands_too_much"]
                .contains(&first.as_str()),
            "{compressed} {size}: {found:?}"
        );
        assert_eq!(last, "x.zip!z.txt", "{compressed} {size}");
    }
    let liar = Member {
        compressed: u32::MAX - 1,
        ..member("l.txt", b"a letter")
    };
    let found = read("x.zip", archive(&[small, liar]));
    assert_eq!(found, ["x.zip!l.txt broken_archive", "x.zip!z.txt"]);
}

#[test]
fn a_checksum_that_is_wrong_costs_its_member_only() {
    let mut bytes = archive(&[member("a.txt", b"a letter"), member("b.txt", b"b")]);
    let at = bytes.windows(8).position(|w| w == b"a letter");
    bytes[at.unwrap()] = b'A';
    assert_eq!(
        read("x.zip", bytes),
        ["x.zip!a.txt broken_archive", "x.zip!b.txt"]
    );
}

#[test]
fn a_bomb_among_members_costs_itself_only() {
    let limits = Limits {
        ratio: 50,
        ratio_from: 100_000,
        ..Limits::default()
    };
    let members = [
        member("a.txt", b"a"),
        bomb("b.txt", 1_000_000),
        member("c.txt", b"c"),
    ];
    assert_eq!(
        read_within(limits.clone(), "x.zip", archive(&members)),
        ["x.zip!a.txt", "x.zip!b.txt expands_too_much", "x.zip!c.txt"]
    );
    // Each by itself is small enough, but not all of them.
    let members: Vec<_> = ["a.txt", "b.txt", "c.txt", "d.txt"]
        .map(|name| bomb(name, 60_000))
        .into_iter()
        .chain([member("e.txt", b"e")])
        .collect();
    let found = read_within(limits.clone(), "x.zip", archive(&members));
    assert_eq!(found[0], "x.zip!a.txt");
    assert_eq!(found[3..], ["x.zip!d.txt expands_too_much", "x.zip!e.txt"]);
    // What expands as letters do is read whatever stands before it.
    let mut members = vec![bomb("a.txt", 99_000); 60];
    let letters = b"It is what it is. ".repeat(6000);
    members.extend(["y.txt", "z.txt"].map(|name| deflated(name, &letters)));
    let limits = Limits {
        ratio: 400,
        ..limits
    };
    let found = read_within(limits, "x.zip", archive(&members));
    assert_eq!(found[59], "x.zip!a.txt expands_too_much");
    assert_eq!(found[60..], ["x.zip!y.txt", "x.zip!z.txt"]);
}

#[test]
fn members_that_share_their_bytes_are_one() {
    let twice = Member {
        header: Some(0),
        ..member("b.txt", b"x")
    };
    let same = archive(&[
        member("a.txt", b"x"),
        twice.clone(),
        twice,
        member("c.txt", b"c"),
    ]);
    let found = read("x.zip", same);
    assert_eq!(
        found,
        [
            "x.zip!a.txt",
            "x.zip!b.txt broken_archive",
            "x.zip!b.txt broken_archive",
            "x.zip!c.txt"
        ]
    );
    // The first one's bytes go on through the second's header.
    let wide = Member {
        compressed: 20,
        size: 20,
        ..member("a.txt", b"x")
    };
    assert_eq!(
        read("x.zip", archive(&[wide, member("b.txt", b"y")])),
        ["x.zip!a.txt broken_archive", "x.zip!b.txt"]
    );
}

#[test]
fn what_cannot_be_unpacked_says_why() {
    let encrypted = Member {
        flags: 1,
        ..member("e.txt", b"x")
    };
    let strange = Member {
        method: 98,
        ..member("p.txt", b"x")
    };
    assert_eq!(
        read("x.zip", archive(&[encrypted, strange])),
        [
            "x.zip!e.txt encrypted_member",
            "x.zip!p.txt unsupported_compression"
        ]
    );
}

#[test]
fn archives_within_one_another_come_to_an_end() {
    let mut bytes = zip(&[("l.txt", b"x")]);
    for _ in 0..50 {
        bytes = zip(&[("n.zip", &bytes)]);
    }
    let found = read("x.zip", &bytes);
    assert_eq!(found, ["x.zip!n.zip!n.zip nested_too_deeply"]);
    let limits = Limits {
        depth: 51,
        ..Limits::default()
    };
    let found = read_within(limits, "x.zip", &bytes);
    assert_eq!(found, [format!("x.zip{}!l.txt", "!n.zip".repeat(50))]);
}

#[test]
fn a_directory_of_nonsense_is_broken() {
    let mut bytes = archive(&[member("a.txt", b"a")]);
    let end = bytes.len();
    // The directory is said to be elsewhere, to hold more, to be longer.
    for (at, to) in [(6, 0xFF), (12, 0xFF), (10, 0xFF), (4, 7)] {
        let kept = bytes[end - at];
        bytes[end - at] = to;
        let found = read("x.zip", &bytes);
        assert!(!found.is_empty(), "{at}");
        bytes[end - at] = kept;
    }
    let only_end = &bytes[end - 22..];
    assert_eq!(read("x.zip", only_end), ["x.zip broken_archive"]);
}
