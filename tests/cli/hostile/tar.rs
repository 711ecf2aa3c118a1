//! Tar archives that lie.

use ::tar as tar_crate;
use tar_crate::EntryType;

use super::read;
use crate::pack::tar;

/// An archive of members written by hand, without what ends one.
fn members(headers: &[(tar_crate::Header, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (header, content) in headers {
        let mut header = header.clone();
        header.set_cksum();
        bytes.extend(header.as_bytes());
        bytes.extend(*content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes
}

fn header(name: &str, size: u64, kind: EntryType) -> tar_crate::Header {
    let mut header = tar_crate::Header::new_ustar();
    header.set_path(name).unwrap();
    header.set_size(size);
    header.set_entry_type(kind);
    header
}

fn file(name: &str, size: u64) -> tar_crate::Header {
    header(name, size, EntryType::Regular)
}

const END: [u8; 1024] = [0; 1024];

#[test]
fn sizes_that_lie_end_the_archive() {
    let whole = tar(&[("a.txt", b"a")]);
    let before = &whole[..1024];
    // What base-256 and octal digits can say at most, and what stands for a negative number.
    for size in [u64::MAX, u64::MAX - 1023, 1 << 63, 1 << 40, 8_589_934_591] {
        let liar = members(&[(file("b.txt", size), b"b")]);
        let found = read("x.tar", [before, &liar, &END].concat());
        let told = found.iter().any(|name| name.contains(' '));
        assert!(told && found[0] == "x.tar!a.txt", "{size}: {found:?}");
    }
    let mut negative = file("b.txt", 0);
    negative.as_mut_bytes()[124..136].fill(0xFF);
    let mut letters = file("b.txt", 0);
    letters.as_mut_bytes()[124..136].copy_from_slice(b"many letters");
    for liar in [negative, letters] {
        let liar = members(&[(liar, b"b")]);
        let found = read("x.tar", [before, &liar, &END].concat());
        assert_eq!(found[0], "x.tar!a.txt");
        assert_eq!(found.len(), 2, "{found:?}");
    }
}

#[test]
fn links_and_devices_hold_nothing() {
    let kinds = [
        EntryType::Link,
        EntryType::Symlink,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::Directory,
    ];
    let others = kinds.map(|kind| {
        let mut header = header("l.txt", 0, kind);
        header.set_link_name("/etc/passwd").unwrap();
        (header, &b""[..])
    });
    let last: (_, &[u8]) = (file("z.txt", 1), b"z");
    let bytes = members(&[&others[..], &[last]].concat());
    assert_eq!(
        read("x.tar", [bytes, END.to_vec()].concat()),
        ["x.tar!z.txt"]
    );
}

#[test]
fn names_are_told_and_never_followed() {
    let mut absolute = file("x", 1);
    absolute.as_mut_bytes()[..11].copy_from_slice(b"/etc/../p.t");
    absolute.as_mut_bytes()[11..14].copy_from_slice(b"xt\0");
    let bytes = members(&[(absolute, b"x")]);
    let found = read("x.tar", [bytes, END.to_vec()].concat());
    assert_eq!(found, ["x.tar!/etc/../p.txt"]);
}

#[test]
fn extended_headers_are_believed_within_reason() {
    let pax = |records: &[u8]| {
        let size = records.len() as u64;
        (header("p", size, EntryType::XHeader), records.to_vec())
    };
    for (key, value, expected) in [
        ("path", "b/long.txt", "x.tar!b/long.txt"),
        ("size", "1", "x.tar!a.txt"),
        (
            "GNU.sparse.name",
            "real.txt",
            "x.tar!a.txt unsupported_member",
        ),
        ("GNU.sparse.major", "1", "x.tar!a.txt unsupported_member"),
    ] {
        // The length of a record counts its own two digits.
        let record = format!("{} {key}={value}\n", key.len() + value.len() + 5);
        let record = record.replace("10 size", "9 size");
        let (head, records) = pax(record.as_bytes());
        let bytes = members(&[(head, &records), (file("a.txt", 1), b"a")]);
        let found = read("x.tar", [bytes, END.to_vec()].concat());
        assert_eq!(found, [expected]);
    }
    // Not records, a size beyond the archive, and headers without an end.
    for records in [
        &b"99999999999999999999 path=b\n"[..],
        b"nothing\n",
        b"29 size=18446744073709551615\n\n",
        b"\0\0\0\0",
    ] {
        let (head, records) = pax(records);
        let bytes = members(&[(head, &records), (file("a.txt", 1), b"a")]);
        assert!(!read("x.tar", [bytes, END.to_vec()].concat()).is_empty());
    }
    let long = vec![b'n'; 2 << 20];
    let name = header("././@LongLink", long.len() as u64, EntryType::GNULongName);
    let bytes = members(&[(name, &long), (file("a.txt", 1), b"a")]);
    assert_eq!(
        read("x.tar", [bytes, END.to_vec()].concat()),
        ["x.tar broken_archive"]
    );
}

#[test]
fn sparse_members_cost_themselves_only() {
    let sparse = header("s.txt", 0, EntryType::GNUSparse);
    let mut gnu = tar_crate::Header::new_gnu();
    gnu.as_mut_bytes().copy_from_slice(sparse.as_bytes());
    gnu.as_mut_bytes()[257..265].copy_from_slice(b"ustar  \0");
    gnu.as_mut_bytes()[483..495].copy_from_slice(b"00000000000\0");
    let bytes = members(&[(gnu, b""), (file("z.txt", 1), b"z")]);
    let found = read("x.tar", [bytes, END.to_vec()].concat());
    assert_eq!(found, ["x.tar!s.txt unsupported_member", "x.tar!z.txt"]);
}
