//! What lies in a folder and is no letter.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::built::{build, letter};
use crate::scratch::{Run, Scratch};

#[test]
fn pipes_devices_and_sockets_are_never_opened() {
    let scratch = Scratch::new();
    scratch.write("in/1.txt", letter(0));
    let _socket = std::os::unix::net::UnixListener::bind(scratch.path("in/s.txt")).unwrap();
    let mut mkfifo = Command::new("mkfifo");
    mkfifo.arg(scratch.path("in/p.txt"));
    assert_eq!(Run::of(&mut mkfifo).code, Some(0));
    symlink("/dev/zero", scratch.path("in/z.txt")).unwrap();
    symlink("/dev/tty", scratch.path("in/t.pdf")).unwrap();
    build(&scratch, "in").has(
        &["in/1.txt"],
        &[
            ("in/p.txt", "unreadable"),
            ("in/s.txt", "unreadable"),
            ("in/t.pdf", "unreadable"),
            ("in/z.txt", "unreadable"),
        ],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_the_system_makes_up_are_not_read() {
    let scratch = Scratch::new();
    scratch.write("in/1.txt", letter(0));
    scratch.write("in/empty.txt", "");
    symlink("/proc/self/environ", scratch.path("in/e.txt")).unwrap();
    symlink("/proc/kmsg", scratch.path("in/k.txt")).unwrap();
    let built = build(&scratch, "in /proc/self/cmdline");
    built.has(
        &["in/1.txt"],
        &[
            ("/proc/self/cmdline", "unreadable"),
            ("in/e.txt", "unreadable"),
            ("in/empty.txt", "empty_document"),
            ("in/k.txt", "unreadable"),
        ],
    );
}

#[test]
fn links_that_lead_back_or_nowhere_come_to_an_end() {
    let scratch = Scratch::new();
    scratch.write("in/a/1.txt", letter(0));
    symlink(scratch.path("in"), scratch.path("in/a/up")).unwrap();
    symlink("self.txt", scratch.path("in/self.txt")).unwrap();
    symlink("two.txt", scratch.path("in/one.txt")).unwrap();
    symlink("one.txt", scratch.path("in/two.txt")).unwrap();
    symlink("nowhere", scratch.path("in/z.txt")).unwrap();
    build(&scratch, "in").has(
        &["in/a/1.txt"],
        &[
            ("in/one.txt", "unreadable"),
            ("in/self.txt", "unreadable"),
            ("in/two.txt", "unreadable"),
            ("in/z.txt", "unreadable"),
        ],
    );
}

#[test]
fn names_are_no_options_patterns_or_commands() {
    let scratch = Scratch::new();
    let names = [
        "$(touch x).txt",
        "-rf.txt",
        "*.txt",
        "a\nb.txt",
        "`x`;.txt",
        "\u{202e}txt.txt",
    ];
    for (n, name) in names.iter().enumerate() {
        scratch.write(&format!("in/{name}"), letter(n));
    }
    let mut sources = names.map(|name| format!("in/{name}"));
    sources.sort();
    let sources: Vec<_> = sources.iter().map(String::as_str).collect();
    build(&scratch, "in").has(&sources, &[]);
    assert_eq!(scratch.names("."), ["dataset", "in"]);
    assert!(fs::exists(scratch.path("in/-rf.txt")).unwrap());
}
