//! Places that are full, read-only, or somewhere else.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::{can, files, leftovers, scratch};
use crate::scratch::{IMR, Run, Scratch};

/// Somebody without privileges.
const NOBODY: u32 = 65534;

/// Runs a script in the scratch directory, with the binary as `$IMR`.
fn sh(scratch: &Scratch, command: &mut Command, script: &str) -> Run {
    Run::of(
        command
            .args(["sh", "-c", script])
            .env("IMR", IMR)
            .current_dir(scratch.path("")),
    )
}

/// Runs a script that may mount file systems, which nobody else sees; `None` where that is not allowed.
fn sh_mounting(scratch: &Scratch, script: &str) -> Option<Run> {
    let may = can("unshare", &["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]);
    may.then(|| sh(scratch, Command::new("unshare").arg("-rm"), script))
}

/// What the script of a starved build has left: its exit code, what it said, and whether all is as it was.
fn starved(scratch: &Scratch, what: &str) -> bool {
    let read = |name: &str| fs::read_to_string(scratch.path(name)).unwrap();
    let (code, said) = (read("code"), read("said"));
    assert_eq!(read("names"), "dataset\n", "{what}: {said}");
    let found = files(&scratch.path("found"));
    if code == "0\n" {
        assert!(found == files(&scratch.path("after")), "{what}");
        return false;
    }
    assert_eq!(code, "1\n", "{what}: {said}");
    assert!(found == files(&scratch.path("before")), "{what}: {said}");
    for word in ["cannot", "what was there is as it was"] {
        assert!(said.contains(word), "{what}: no {word:?} in {said}");
    }
    true
}

/// The old and the new dataset, as `before` and `after`.
fn outcomes(scratch: &Scratch) {
    scratch.imr("build old --out before --quiet").ok();
    scratch.imr("build new --out after --quiet").ok();
}

#[test]
fn a_full_disk_leaves_the_old_dataset_and_a_message() {
    let scratch = scratch();
    outcomes(&scratch);
    fs::create_dir(scratch.path("disk")).unwrap();
    let (mut full, mut enough) = (0, false);
    // From what just holds the old dataset to what holds both.
    for kib in (72..).step_by(4) {
        let script = format!(
            "mount -t tmpfs -o size={kib}k none disk && cp -r before disk/dataset || exit 9
             $IMR build new --out disk/dataset --overwrite --quiet 2>said; echo $? >code
             ls -A disk >names; rm -rf found; cp -r disk/dataset found
             $IMR check disk/dataset"
        );
        let Some(run) = sh_mounting(&scratch, &script) else {
            return;
        };
        if run.code == Some(9) {
            continue; // there is no room for the old one
        }
        run.ok();
        if !starved(&scratch, &format!("{kib} KiB")) {
            enough = true;
            break;
        }
        full += 1;
        let said = fs::read_to_string(scratch.path("said")).unwrap();
        assert!(
            said.contains("No space left") && said.contains("free some space"),
            "{said}"
        );
    }
    println!("{full} builds on full disks");
    assert!(full > 5 && enough, "{full}");
}

#[test]
fn a_limit_on_the_size_of_files_leaves_the_old_dataset_and_a_message() {
    let scratch = scratch();
    outcomes(&scratch);
    fs::create_dir(scratch.path("disk")).unwrap();
    let mut limited = 0;
    for blocks in (0..).step_by(2) {
        // Without the signal, writing fails.
        let script = format!(
            "rm -rf disk/dataset && cp -r before disk/dataset || exit 9
             (trap '' XFSZ; ulimit -f {blocks}
              exec $IMR build new --out disk/dataset --overwrite --quiet 2>/dev/null); echo $? >code
             [ $(cat code) = 0 ] || (trap '' XFSZ; ulimit -f {blocks}
              $IMR build new --out disk/dataset --overwrite --quiet 2>&1) | cat >said
             touch said; ls -A disk >names; rm -rf found; cp -r disk/dataset found
             $IMR check disk/dataset"
        );
        sh(&scratch, &mut Command::new("env"), &script).ok();
        if !starved(&scratch, &format!("{blocks} blocks")) {
            break;
        }
        limited += 1;
        let said = fs::read_to_string(scratch.path("said")).unwrap();
        assert!(
            said.contains("File too large") && said.contains("ulimit -f"),
            "{said}"
        );
    }
    println!("{limited} builds with a limit on the size of files");
    assert!(limited > 3, "{limited}");
}

#[test]
fn a_signal_for_the_size_of_files_leaves_the_old_dataset() {
    let scratch = scratch();
    outcomes(&scratch);
    scratch.imr("build old --out dataset --quiet").ok();
    let script = "ulimit -f 8; exec $IMR build new --out dataset --overwrite --quiet 2>/dev/null";
    let run = sh(&scratch, &mut Command::new("env"), script);
    assert_ne!(run.code, Some(0));
    assert!(files(&scratch.path("dataset")) == files(&scratch.path("before")));
    scratch
        .imr("build new --out dataset --overwrite --quiet")
        .ok();
    assert_eq!(leftovers(&scratch), [""; 0]);
}

#[test]
fn a_read_only_place_is_named_before_anything_is_read() {
    let scratch = scratch();
    scratch.imr("build old --out disk/dataset --quiet").ok();
    let before = files(&scratch.path("disk/dataset"));
    for args in ["--out disk/dataset --overwrite", "--out disk/other"] {
        let script = format!(
            "mount --bind disk disk && mount -o remount,ro,bind disk && cd . || exit 9
             $IMR build new --quiet {args}"
        );
        let Some(run) = sh_mounting(&scratch, &script) else {
            return;
        };
        run.fails(
            1,
            &["cannot write in", "disk", "Read-only file system", "--out"],
        );
        assert!(files(&scratch.path("disk/dataset")) == before);
        assert_eq!(scratch.names("disk"), ["dataset"]);
    }
}

/// Lets everybody into the scratch directory, and runs `imr` as somebody without privileges.
fn as_nobody(scratch: &Scratch, args: &str) -> Run {
    let mut command = Command::new(IMR);
    let command = command
        .args(args.split_whitespace())
        .current_dir(scratch.path(""));
    if is_root(scratch) {
        command.uid(NOBODY).gid(NOBODY);
    }
    Run::of(command)
}

fn is_root(scratch: &Scratch) -> bool {
    use std::os::unix::fs::MetadataExt;
    scratch.path("").metadata().unwrap().uid() == 0
}

/// Whether the binary can be run without privileges, wherever it lies.
fn nobody_can_run(scratch: &Scratch) -> bool {
    set_mode(&scratch.path(""), 0o755);
    let mut command = Command::new(IMR);
    if is_root(scratch) {
        command.uid(NOBODY).gid(NOBODY);
    }
    let can = command
        .arg("--version")
        .output()
        .is_ok_and(|run| run.status.success());
    if !can {
        eprintln!("left out: the program cannot be run without privileges here");
    }
    can
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_without_permission_is_named() {
    let scratch = scratch();
    if !nobody_can_run(&scratch) {
        return;
    }
    scratch.imr("build old --out disk/dataset --quiet").ok();
    let before = files(&scratch.path("disk/dataset"));
    set_mode(&scratch.path("disk"), 0o555);
    let run = as_nobody(&scratch, "build new --out disk/dataset --overwrite --quiet");
    run.fails(
        1,
        &["cannot write in", "disk", "Permission denied", "--out"],
    );
    assert!(files(&scratch.path("disk/dataset")) == before);
    set_mode(&scratch.path("disk"), 0o755);
    assert_eq!(scratch.names("disk"), ["dataset"]);
}

#[test]
fn letters_that_may_not_be_read_are_problems() {
    let scratch = scratch();
    if !nobody_can_run(&scratch) {
        return;
    }
    let out = scratch.path("out");
    fs::create_dir(&out).unwrap();
    set_mode(&out, 0o777);
    scratch.write("new/closed/inner.txt", "x");
    let name = &scratch.names("new")[0];
    set_mode(&scratch.path(&format!("new/{name}")), 0o000);
    set_mode(&scratch.path("new/closed"), 0o000);
    let run = as_nobody(&scratch, "build new --out out/dataset --format json");
    set_mode(&scratch.path("new/closed"), 0o755);
    let summary: serde_json::Value = serde_json::from_str(&run.ok()).unwrap();
    assert_eq!(summary["letters"]["unreadable"], 2, "{summary}");
    assert_eq!(summary["letters"]["read"], 21, "{summary}");
    scratch.imr("check out/dataset --deep").ok();
}

#[test]
fn the_dataset_may_lie_on_another_file_system_than_all_else() {
    let scratch = scratch();
    fs::create_dir(scratch.path("disk")).unwrap();
    fs::create_dir(scratch.path("elsewhere")).unwrap();
    let script = "mount -t tmpfs none disk && mount -t tmpfs none elsewhere || exit 9
         export TMPDIR=$PWD/elsewhere
         $IMR build old --out disk/dataset --quiet && $IMR check disk/dataset >/dev/null || exit 8
         $IMR build new --out disk/dataset --overwrite --quiet || exit 7
         $IMR check disk/dataset --deep >/dev/null || exit 6
         ls -A disk elsewhere";
    if let Some(run) = sh_mounting(&scratch, script) {
        assert_eq!(run.ok(), "disk:\ndataset\n\nelsewhere:\n");
    }
}

#[test]
fn a_mount_point_is_not_taken_for_the_dataset() {
    let scratch = scratch();
    fs::create_dir(scratch.path("disk")).unwrap();
    let script = "mount -t tmpfs none disk || exit 9; $IMR build old --out disk --quiet";
    if let Some(run) = sh_mounting(&scratch, script) {
        run.fails(1, &["disk is a mount point", "disk/dataset"]);
        assert_eq!(leftovers(&scratch), [""; 0]);
    }
}

#[test]
fn a_link_is_followed_and_stays() {
    let scratch = scratch();
    fs::create_dir(scratch.path("disk")).unwrap();
    symlink("disk/real", scratch.path("dataset")).unwrap();
    scratch
        .imr("build old --out dataset --quiet")
        .fails(1, &["cannot use dataset", "link that leads nowhere"]);
    fs::create_dir(scratch.path("disk/real")).unwrap();
    for args in ["old --out dataset", "new --out dataset --overwrite"] {
        scratch.imr(&format!("build --quiet {args}")).ok();
        scratch.imr("check dataset").ok();
        assert!(scratch.path("dataset").is_symlink());
        assert_eq!(scratch.names("disk"), ["real"]);
    }
    scratch.imr("build new --out other --quiet").ok();
    assert!(files(&scratch.path("disk/real")) == files(&scratch.path("other")));
    assert_eq!(leftovers(&scratch), [""; 0]);
}
