//! Whether letters that are made to be slow take time in proportion to their length.
//!
//! `cargo bench --bench slow` puts one thing repeated, such as `weaning ` or `(`, in each part of a letter, at a
//! quarter of a size and at that size (1 MB, or what is said after `--`, as `-- 50` for 50 MB), and fails where four
//! times the length takes more than [`STEEPEST`] times as long.

use imr::letter;
use std::fs;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Four, and what caches and memory take more.
const STEEPEST: f64 = 8.0;

/// Shorter times than this are not compared.
const SHORTEST: f64 = 0.02;

/// What is repeated.
const UNITS: [&str; 34] = [
    "x",
    " ",
    "\n",
    "\n\n",
    "\r\n \r\n",
    "\u{c}",
    "a.",
    "a. ",
    "1. ",
    "(1) ",
    "(",
    "#",
    ",",
    "-",
    "1",
    "1/",
    "1-",
    "#60 ",
    "10 mg ",
    "weaning ",
    "should be weaned. ",
    "not ",
    "Norco ",
    "Norco 10/325mg #60, ",
    "MTUS ",
    "Non-MTUS Some Paper ",
    "ODG, page 5, ",
    "Decision: ",
    "Decision rationale: ",
    "1. Norco: Upheld\n",
    "IMR ISSUES, DECISIONS AND RATIONALES\n",
    "Case Number: CM15-0012345\n",
    "e\u{301}",
    "\u{202e}\u{200f}",
];

/// The places in a letter where it is put, each by the text before it.
const PLACES: [(&str, &str); 6] = [
    ("cover", "Date of Injury: "),
    ("reviewer", "Certification(s)/Specialty: "),
    ("summary", "all medical records:\n\n"),
    ("request", "set forth below:\n\n"),
    ("guideline", "MAXIMUS guideline: Decision based on "),
    ("rationale", "Decision rationale: "),
];

fn main() {
    let asked = std::env::args().find_map(|size| size.parse::<f64>().ok());
    let size = (asked.unwrap_or(1.0) * 1e6) as usize;
    let root = env!("CARGO_MANIFEST_DIR");
    let seed = format!("{root}/tests/letters/dev/dev-c3.txt");
    let seed = fs::read_to_string(seed).expect("a letter");
    let mut steep = Vec::new();
    for unit in UNITS {
        for (place, label) in PLACES {
            let at = seed.find(label).map(|at| at + label.len());
            let at = at.unwrap_or_else(|| panic!("no {label:?} in the letter"));
            let grown = |size: usize| {
                let more = unit.repeat(size / unit.len());
                format!("{}{more}\n{}", &seed[..at], &seed[at..])
            };
            let [short, long] = [size / 4, size].map(|size| time(&grown(size)));
            let times = long / short.max(SHORTEST / 4.0);
            println!("{unit:>40?} {place:<10} {long:>8.3} s {times:>6.1} x");
            if times > STEEPEST {
                steep.push(format!("{unit:?} in the {place}: {times:.1}"));
            }
        }
    }
    assert!(steep.is_empty(), "not in proportion: {steep:#?}");
}

/// Seconds that a letter takes.
fn time(text: &str) -> f64 {
    let start = now();
    for part in letter::split(text) {
        black_box(letter::parse(black_box(&text[part])));
    }
    now() - start
}

/// Seconds that this thread has been at work, where the system tells them: others may be at work too.
fn now() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let worked = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = worked.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |n| n / 1e9)
}
