//! How fast letters are read on one core, from memory.
//!
//! `cargo bench --bench parse` prints letters and megabytes a second over the letters of `tests/letters`
//! and `data/letters`, then the time a kilobyte takes in letters grown from 5 KB to 5 MB. That time has to
//! stay about the same: the bench fails where it grows as the letter does.

use imr::letter;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many times the time a kilobyte takes in the smallest letter it may take in the largest.
const STEEPEST: f64 = 3.0;

fn main() {
    let letters = letters();
    throughput(&letters);
    let grown = [
        (
            "one long rationale",
            grow_rationale as fn(&str, usize) -> String,
        ),
        ("rationale of many paragraphs", grow_paragraphs),
        ("many decisions", grow_decisions),
        ("long summary", grow_summary),
    ];
    let steepest = grown
        .map(|(name, grow)| scaling(name, grow))
        .into_iter()
        .fold(0.0, f64::max);
    assert!(
        steepest <= STEEPEST,
        "a kilobyte of a long letter takes {steepest:.1} times that of a short one"
    );
}

fn letters() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = ["data/letters", "tests/letters/dev", "tests/letters/own"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("the letters of the repository"))
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("a text"))
        .collect()
}

fn throughput(letters: &[String]) {
    let bytes: usize = letters.iter().map(String::len).sum();
    let time = mean_of(20, || {
        letters
            .iter()
            .for_each(|text| drop(black_box(letter::parse(black_box(text)))))
    });
    let seconds = time.as_secs_f64();
    println!(
        "{} letters of {:.1} KB on average: {:.0} letters/s, {:.1} MB/s",
        letters.len(),
        bytes as f64 / letters.len() as f64 / 1e3,
        letters.len() as f64 / seconds,
        bytes as f64 / seconds / 1e6
    );
}

/// Prints the time a kilobyte takes in ever longer letters; how much longer it takes in the longest
/// than in the shortest.
fn scaling(name: &str, grow: fn(&str, usize) -> String) -> f64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seed = fs::read_to_string(root.join("tests/letters/dev/dev-c3.txt")).expect("a letter");
    println!("\n{name}");
    let mut times = Vec::new();
    for size in [5_000, 50_000, 500_000, 5_000_000] {
        let text = grow(&seed, size);
        let runs = (5_000_000 / size).clamp(3, 1000);
        let time = mean_of(runs, || drop(black_box(letter::parse(black_box(&text)))));
        let each = time.as_secs_f64() * 1e6 / (text.len() as f64 / 1e3);
        println!(
            "{:>9.0} KB {:>12.1} ms {each:>9.2} µs/KB",
            text.len() as f64 / 1e3,
            time.as_secs_f64() * 1e3
        );
        times.push(each);
        if each > STEEPEST * times[0] {
            break; // a longer one would take minutes
        }
    }
    times[times.len() - 1] / times[0]
}

/// The time that `work` takes at the mean of so many runs.
fn mean_of(runs: usize, mut work: impl FnMut()) -> Duration {
    work();
    let start = Instant::now();
    let before = run_time();
    (0..runs).for_each(|_| work());
    let ran = before.and_then(|before| run_time()?.checked_sub(before));
    ran.unwrap_or_else(|| start.elapsed()) / runs as u32
}

/// How long this thread has run, where the system keeps account of it: what else the machine does is no part of it.
fn run_time() -> Option<Duration> {
    let account = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = account.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// `seed` with its first rationale repeated inside one paragraph.
fn grow_rationale(seed: &str, size: usize) -> String {
    grow(seed, size, "Decision rationale: ", " ")
}

/// `seed` with its first rationale repeated as paragraphs.
fn grow_paragraphs(seed: &str, size: usize) -> String {
    grow(seed, size, "Decision rationale: ", "\n\n")
}

/// `seed` with the prose of its summary repeated.
fn grow_summary(seed: &str, size: usize) -> String {
    grow(seed, size, "all medical records:\n\n", " ")
}

fn grow(seed: &str, size: usize, label: &str, joint: &str) -> String {
    let start = seed.find(label).expect("the label") + label.len();
    let end = start + seed[start..].find('\n').expect("more lines");
    let paragraph = &seed[start..end];
    let times = size.saturating_sub(seed.len()) / (paragraph.len() + joint.len());
    let more = format!("{joint}{paragraph}").repeat(times);
    format!("{}{more}{}", &seed[..end], &seed[end..])
}

/// `seed` with its decisions repeated.
fn grow_decisions(seed: &str, size: usize) -> String {
    let heading = "set forth below:\n\n";
    let start = seed.find(heading).expect("decisions") + heading.len();
    let decisions = &seed[start..];
    format!(
        "{seed}\n{}",
        format!("{decisions}\n").repeat(size.saturating_sub(seed.len()) / decisions.len())
    )
}
