//! Builds that are killed: at random moments, and at each step by which they change the file system.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Files, Reader, begin, can, files, leftovers, restore, scratch};
use crate::dice::Dice;
use crate::scratch::{IMR, Run, Scratch};

/// How a dataset comes about, beside the letters `old` and `new`.
struct Scene {
    /// What makes the dataset that is there before.
    before: Option<&'static str>,
    /// What is killed.
    run: &'static str,
}

const BUILD: Scene = Scene {
    before: None,
    run: "build new --out dataset --quiet",
};

const OVERWRITE: Scene = Scene {
    before: Some("build old --out dataset --quiet"),
    run: "build new --out dataset --overwrite --quiet",
};

const UPDATE: Scene = Scene {
    before: Some("build old --out dataset --quiet"),
    run: "build old new --out dataset --update --quiet",
};

/// Kills of each scene at random moments: more than two hundred of the three together.
const KILLS: u32 = 70;

#[test]
fn a_build_killed_at_random_leaves_nothing_or_the_whole() {
    Stand::new(BUILD).kill_at_random(1);
}

#[test]
fn an_overwrite_killed_at_random_leaves_the_old_or_the_new() {
    Stand::new(OVERWRITE).kill_at_random(2);
}

#[test]
fn an_update_killed_at_random_leaves_the_old_or_the_new() {
    Stand::new(UPDATE).kill_at_random(3);
}

#[test]
fn a_build_killed_at_any_step_leaves_nothing_or_the_whole() {
    Stand::new(BUILD).kill_at_steps();
}

#[test]
fn an_overwrite_killed_at_any_step_leaves_the_old_or_the_new() {
    Stand::new(OVERWRITE).kill_at_steps();
}

#[test]
fn an_update_killed_at_any_step_leaves_the_old_or_the_new() {
    Stand::new(UPDATE).kill_at_steps();
}

/// Where a scene is played again and again.
struct Stand {
    scratch: Scratch,
    run: &'static str,
    before: Option<Files>,
    after: Option<Files>,
    /// The longest that the run took when nobody killed it.
    longest: Duration,
    killed: u32,
    /// How many of the killed had put the new dataset in place.
    placed: u32,
    /// How many had left something beside it.
    littered: u32,
}

impl Stand {
    fn new(scene: Scene) -> Self {
        let scratch = scratch();
        let dataset = scratch.path("dataset");
        if let Some(before) = scene.before {
            scratch.imr(before).ok();
        }
        let before = files(&dataset);
        let mut longest = Duration::ZERO;
        for _ in 0..3 {
            restore(&dataset, before.as_ref());
            let begun = Instant::now();
            scratch.imr(scene.run).ok();
            longest = longest.max(begun.elapsed());
        }
        let after = files(&dataset);
        assert_ne!(before, after);
        Self {
            scratch,
            run: scene.run,
            before,
            after,
            longest,
            killed: 0,
            placed: 0,
            littered: 0,
        }
    }

    /// Kills the run at random moments: of its duration and a little after, and from when it begins to write
    /// and to put in place, which is soon over.
    fn kill_at_random(&mut self, seed: u64) {
        let mut dice = Dice(seed);
        for n in 0.. {
            if self.killed == KILLS {
                break;
            }
            assert!(n < 4 * KILLS, "most runs ended before they were killed");
            let (from, of) = match n % 3 {
                0 => (None, self.longest.mul_f64(1.1)),
                1 => (Some("letters"), self.longest / 4),
                _ => (Some("manifest.json"), Duration::from_millis(10)),
            };
            let moment = of.mul_f64(dice.share());
            let what = format!("kill {n} with seed {seed}, {moment:?} after {from:?}");
            self.play(&what, |stand| {
                let mut run = begin(&stand.scratch, stand.run);
                if let Some(file) = from {
                    stand.await_file(&mut run, file);
                }
                std::thread::sleep(moment);
                run.kill().unwrap();
                let status = run.wait().unwrap();
                assert!(status.success() || status.signal() == Some(9), "{status:?}");
                !status.success()
            });
        }
        self.finish();
    }

    /// Waits until the dataset in the making has a file or folder of that name, or the run is at its end.
    fn await_file(&self, run: &mut Child, name: &str) {
        let is_there = || {
            let rooms = leftovers(&self.scratch);
            let mut rooms = rooms.iter().filter(|room| room.contains(".tmp-"));
            rooms.any(|room| {
                self.scratch
                    .path(&format!("{room}/dataset/{name}"))
                    .exists()
            })
        };
        while run.try_wait().unwrap().is_none() && !is_there() {
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Kills the run at its nth call of each system call by which files come and go.
    fn kill_at_steps(&mut self) {
        if !can("strace", &["-f", "-qq", "-o", "/dev/null", "true"]) {
            return;
        }
        let calls = [
            "mkdir",
            "rename",
            "renameat2",
            "flock",
            "fsync",
            "unlinkat",
            "unlink",
            "rmdir",
        ];
        for call in calls {
            for nth in 1.. {
                let what = format!("killed at {call} {nth}");
                let killed = self.play(&what, |stand| {
                    let (trace, inject) = (
                        format!("trace={call}"),
                        format!("inject={call}:signal=KILL:when={nth}"),
                    );
                    let status = Command::new("strace")
                        .args([
                            "-f",
                            "-qq",
                            "-o",
                            "/dev/null",
                            "-e",
                            &trace,
                            "-e",
                            &inject,
                            IMR,
                        ])
                        .args(stand.run.split_whitespace())
                        .current_dir(stand.scratch.path(""))
                        .stdin(Stdio::null())
                        .output()
                        .unwrap()
                        .status;
                    assert!(status.success() || status.signal() == Some(9), "{status:?}");
                    !status.success()
                });
                if !killed {
                    break;
                }
            }
        }
        self.finish();
    }

    /// Has the run killed once, and looks at what is left. Tells whether it was.
    fn play(&mut self, what: &str, kill: impl FnOnce(&Self) -> bool) -> bool {
        let dataset = self.scratch.path("dataset");
        restore(&dataset, self.before.as_ref());
        let reader = Reader::open(&dataset, self.before.as_ref());
        let killed = kill(self);
        let found = files(&dataset);
        let placed = found == self.after;
        assert!(
            placed || killed && found == self.before,
            "{what}: neither the old dataset nor the new one"
        );
        if found.is_some() {
            self.scratch.imr("check dataset").ok();
        }
        assert!(
            reader.reads_on(),
            "{what}: a reader lost what it had opened"
        );
        let litter = !leftovers(&self.scratch).is_empty();
        if litter {
            assert!(killed, "{what}: {:?}", leftovers(&self.scratch));
            self.scratch
                .imr("build old --out dataset --overwrite --quiet")
                .ok();
            assert_eq!(
                leftovers(&self.scratch),
                [""; 0],
                "{what}: not cleared away"
            );
        }
        self.killed += u32::from(killed);
        self.placed += u32::from(killed && placed);
        self.littered += u32::from(litter);
        killed
    }

    fn finish(&self) {
        println!(
            "{}: {} killed, of which {} left what was there and {} the new dataset; {} left something beside it",
            self.run,
            self.killed,
            self.killed - self.placed,
            self.placed,
            self.littered
        );
        assert!(self.killed > 10, "hardly a run was killed");
        assert!(
            self.placed < self.killed && self.littered > 0,
            "no run was killed in the middle of its work"
        );
    }
}

/// A signal at any moment leaves the old dataset or the new one, and nothing beside it.
#[test]
fn a_build_stopped_at_random_clears_up_after_itself() {
    let stand = Stand::new(OVERWRITE);
    let dataset = stand.scratch.path("dataset");
    let mut dice = Dice(4);
    let mut stopped = 0;
    for n in 0..60 {
        let signal = ["-INT", "-TERM"][n % 2];
        let moment = stand.longest.mul_f64(dice.share() * 1.1);
        restore(&dataset, stand.before.as_ref());
        let run = begin(&stand.scratch, stand.run);
        std::thread::sleep(moment);
        // Where it has ended already, there is nobody to get the signal.
        let _ = Command::new("kill")
            .args([signal, &run.id().to_string()])
            .output();
        let output = run.wait_with_output().unwrap();
        let what = format!("{signal} {n} after {moment:?}: {output:?}");
        let found = files(&dataset);
        match (output.status.code(), output.status.signal()) {
            (Some(0), _) => assert!(found == stand.after, "{what}"),
            (Some(1), _) => {
                stopped += 1;
                let run = Run::from(output);
                run.fails(
                    1,
                    &["stopped by", "nothing was built", "dataset is as it was"],
                );
                assert!(found == stand.before, "{what}");
            }
            // It came before the program had begun to listen.
            (None, Some(2 | 15)) => assert!(found == stand.before, "{what}"),
            _ => panic!("{what}"),
        }
        assert_eq!(leftovers(&stand.scratch), [""; 0], "{what}");
    }
    println!("{stopped} of 60 builds stopped by a signal");
    assert!(stopped > 5, "hardly a build was stopped");
}

/// Builds that race for one folder end in one whole dataset.
#[test]
fn builds_that_race_end_in_one_whole_dataset() {
    let scratch = scratch();
    let dataset = scratch.path("dataset");
    let mut outcomes = Vec::new();
    for letters in ["old", "new"] {
        scratch
            .imr(&format!(
                "build {letters} --out dataset --quiet --overwrite"
            ))
            .ok();
        outcomes.push(files(&dataset));
    }
    for overwrite in ["", "--overwrite"] {
        for n in 0..8 {
            restore(&dataset, None);
            let runs = ["old", "new", "old", "new"].map(|letters| {
                let run = begin(
                    &scratch,
                    &format!("build {letters} --out dataset --quiet {overwrite}"),
                );
                std::thread::sleep(Duration::from_millis(n));
                run
            });
            let runs = runs.map(|run| run.wait_with_output().unwrap());
            let done = runs.iter().filter(|run| run.status.success()).count();
            assert!(done > 0, "{runs:?}");
            assert!(
                runs.iter()
                    .all(|run| matches!(run.status.code(), Some(0 | 1))),
                "{runs:?}"
            );
            if overwrite.is_empty() {
                assert_eq!(done, 1, "only one finds the place empty: {runs:?}");
            }
            assert!(outcomes.contains(&files(&dataset)), "a mixture");
            scratch.imr("check dataset").ok();
            assert_eq!(leftovers(&scratch), [""; 0]);
        }
    }
}
