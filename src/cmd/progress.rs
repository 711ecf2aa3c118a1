//! What a build shows of itself while it runs.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::report::{size, thousands};
use crate::dataset::{Progress, Stage};
use crate::harmless;

/// A progress bar on a terminal, else none; with `verbose`, lines that say what is being done.
pub struct Display {
    bar: ProgressBar,
    begun: Instant,
    verbose: bool,
    stage: Option<Stage>,
}

impl Display {
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Self {
            bar: bar(quiet),
            begun: Instant::now(),
            verbose,
            stage: None,
        }
    }

    /// Says something, if much is to be said.
    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            self.bar.suspend(|| eprintln!("{}", harmless(&what())));
        }
    }

    /// Says something that should be known.
    pub fn tell(&self, what: &str) {
        self.bar.suspend(|| eprintln!("{}", harmless(what)));
    }

    /// Shows how far the build is.
    pub fn show(&mut self, progress: Progress) {
        if self.stage != Some(progress.stage) {
            self.stage = Some(progress.stage);
            let seconds = self.begun.elapsed().as_secs_f64();
            let letters = thousands(progress.letters);
            let stage = name(progress.stage);
            self.say(|| format!("{seconds:.2} s, {letters} letters: {stage}"));
        }
        self.bar.set_length(progress.of.max(1));
        self.bar.set_position(progress.bytes.min(progress.of));
        self.bar.set_message(line(&progress, self.begun.elapsed()));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn bar(quiet: bool) -> ProgressBar {
    if quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {wide_msg}") {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Parsing => "parsing the dataset's letters anew",
        Stage::Reading => "reading letters",
        Stage::Writing => "writing the last tables",
        Stage::Committing => "putting the dataset in place",
    }
}

/// What stands beside the bar: how much is done, how fast, and how long the rest will take.
fn line(progress: &Progress, elapsed: Duration) -> String {
    let letters = thousands(progress.letters);
    if progress.stage != Stage::Reading {
        return format!("{letters} letters, {}", name(progress.stage));
    }
    let seconds = elapsed.as_secs_f64().max(1e-3);
    let rate = thousands((progress.letters as f64 / seconds) as u64);
    let bytes = size(progress.bytes);
    if progress.of == 0 {
        return format!("{letters} letters, {bytes}, {rate} letters/s");
    }
    let of = size(progress.of);
    let mut line = format!("{letters} letters, {bytes} of {of}, {rate} letters/s");
    if progress.bytes > 0 {
        let left = progress.of.saturating_sub(progress.bytes) as f64;
        let left = left * seconds / progress.bytes as f64;
        line.push_str(&format!(", {} left", time(left)));
    }
    line
}

/// A time in hours, minutes and seconds.
fn time(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(letters: u64, bytes: u64) -> Progress {
        Progress {
            stage: Stage::Reading,
            letters,
            bytes,
            of: 40_000_000,
        }
    }

    #[test]
    fn the_line_tells_how_much_how_fast_and_how_long() {
        let elapsed = Duration::from_secs(2);
        assert_eq!(
            line(&reading(3000, 10_000_000), elapsed),
            "3,000 letters, 10.0 MB of 40.0 MB, 1,500 letters/s, 0:06 left"
        );
        // Nothing is known yet of the time that is left.
        assert_eq!(
            line(&reading(0, 0), elapsed),
            "0 letters, 0 bytes of 40.0 MB, 0 letters/s"
        );
        // Nobody knows how much will come through a pipe.
        let piped = Progress {
            of: 0,
            ..reading(3000, 10_000_000)
        };
        assert_eq!(
            line(&piped, elapsed),
            "3,000 letters, 10.0 MB, 1,500 letters/s"
        );
        let done = Progress {
            stage: Stage::Writing,
            ..reading(12_000, 40_000_000)
        };
        assert_eq!(
            line(&done, elapsed),
            "12,000 letters, writing the last tables"
        );
    }

    #[test]
    fn times_have_hours_only_where_there_are_some() {
        assert_eq!(time(0.2), "0:01");
        assert_eq!(time(75.0), "1:15");
        assert_eq!(time(3661.0), "1:01:01");
    }
}
