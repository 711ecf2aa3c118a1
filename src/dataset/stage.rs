//! The commit: a dataset is written aside and put in place by rename, so that a reader never sees
//! half a dataset and a failed build leaves what was there.
//!
//! Beside `OUT` stand, for the time of a build, its lock `OUT.lock` and a folder `OUT.tmp-XXXXXXXX` with
//! - `lock`: held locked by the build, so that the next one can tell the folder of a live build from
//!   that of a dead one and clear the latter away,
//! - `dataset`: what is being written,
//! - `old`: what was replaced, where the file system cannot exchange two folders in one step.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::lock::Lock;
use super::manifest::{MANIFEST, Manifest};
use super::times::TIMES;
use super::{Error, io_error};

/// Locked in the temporary folder of a live build.
const LOCK: &str = "lock";
/// The lock before it is locked.
const UNLOCKED: &str = "lock.new";
/// Random characters at the end of the folder's name.
const RANDOM: usize = 8;
const FRESH: &str = "dataset";
const OLD: &str = "old";

/// A dataset in the making.
pub struct Stage {
    out: PathBuf,
    overwrite: bool,
    /// Whether a dataset was there.
    occupied: bool,
    room: Room,
    /// Freed last.
    _lock: Lock,
}

/// The folder beside `OUT`; it goes when this is dropped.
struct Room {
    path: PathBuf,
    _alive: File,
}

/// What stands where a dataset is to go.
#[derive(Debug, PartialEq, Eq)]
enum Occupant {
    Nothing,
    EmptyFolder,
    Dataset,
}

impl Stage {
    /// Makes room beside `out`, if a dataset may go there.
    pub fn open(out: &Path, overwrite: bool) -> Result<Self, Error> {
        let given = out;
        let out = resolve(given)?;
        let parent = out.parent().unwrap_or(Path::new("/"));
        if is_mount_point(&out) {
            return Err(Error::MountPoint(given.to_owned()));
        }
        let lock = Lock::take(&parent.join(beside(&out, ".lock")), given)?;
        let prefix = beside(&out, ".tmp-");
        clear_dead(parent, &prefix, &out);
        let occupied = admit(given, overwrite)? == Occupant::Dataset;
        let cannot_write = || io_error("cannot write in", parent);
        let room = Room::open(parent, &prefix).map_err(cannot_write())?;
        fs::create_dir(room.path.join(FRESH)).map_err(cannot_write())?;
        Ok(Self {
            out,
            overwrite,
            occupied,
            room,
            _lock: lock,
        })
    }

    /// The folder to write the dataset in.
    pub fn path(&self) -> PathBuf {
        self.room.path.join(FRESH)
    }

    /// Whether a dataset was there.
    pub fn is_occupied(&self) -> bool {
        self.occupied
    }

    /// The place of the dataset.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// A folder of that name for what is needed while the dataset is written.
    pub fn aside(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.room.path.join(name);
        fs::create_dir(&path).map_err(io_error("cannot create", &path))?;
        Ok(path)
    }

    /// Puts the dataset in place.
    pub fn commit(self) -> Result<(), Error> {
        let fresh = self.path();
        for entry in WalkDir::new(&fresh) {
            let entry = entry.map_err(|e| io_error("cannot read", &fresh)(e.into()))?;
            if entry.file_type().is_dir() {
                sync(entry.path())?;
            }
        }
        // Somebody may have come in the meantime.
        let placed = match admit(&self.out, self.overwrite)? {
            Occupant::Dataset => exchange(&fresh, &self.out, &self.room.path.join(OLD)),
            Occupant::Nothing | Occupant::EmptyFolder => fs::rename(&fresh, &self.out),
        };
        placed.map_err(io_error("cannot put the dataset in place at", &self.out))?;
        if let Some(parent) = self.out.parent() {
            sync(parent)?;
        }
        // What was replaced goes with the folder beside it. If it cannot go now, the dataset is in
        // place all the same, and the next build clears up.
        drop(self.room);
        Ok(())
    }
}

impl Room {
    fn open(parent: &Path, prefix: &OsStr) -> io::Result<Self> {
        let room = || {
            let dir = tempfile::Builder::new()
                .prefix(prefix)
                .rand_bytes(RANDOM)
                .tempdir_in(parent)?;
            let _alive = mark_alive(dir.path())?;
            let path = dir.keep();
            Ok(Self { path, _alive })
        };
        // Until it is locked, another build that clears away may take the folder for a dead one's.
        let cleared = |e: &io::Error| e.kind() == io::ErrorKind::NotFound;
        room().or_else(|e| if cleared(&e) { room() } else { Err(e) })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        clear(&self.path);
    }
}

/// Clears the folder of a build away. As long as there is something in it, it has its lock, so that the
/// next build can go on with this. What fails is left for that.
fn clear(dir: &Path) {
    let mut empty = true;
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let gone = match entry.file_type() {
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(path),
            Ok(_)
                if [LOCK, UNLOCKED]
                    .iter()
                    .any(|lock| entry.file_name() == *lock) =>
            {
                Ok(())
            }
            Ok(_) => fs::remove_file(path),
            Err(error) => Err(error),
        };
        empty &= gone.is_ok();
    }
    if empty {
        for lock in [LOCK, UNLOCKED] {
            let _ = fs::remove_file(dir.join(lock));
        }
        let _ = fs::remove_dir(dir);
    }
}

/// Whether a dataset may go to `out`, and what is there.
fn admit(out: &Path, overwrite: bool) -> Result<Occupant, Error> {
    let kind = match out.metadata() {
        Ok(kind) => kind,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Occupant::Nothing),
        Err(e) => return Err(io_error("cannot use", out)(e)),
    };
    if !kind.is_dir() {
        return Err(Error::IsFile(out.to_owned()));
    }
    let mut entries = fs::read_dir(out).map_err(io_error("cannot read", out))?;
    let Some(entry) = entries.next() else {
        return Ok(Occupant::EmptyFolder);
    };
    // A damaged dataset is one too, and may be replaced.
    let manifest = fs::read(out.join(MANIFEST)).map(|bytes| Manifest::parse(&bytes));
    let Ok(Ok(manifest)) = manifest else {
        let name = entry.map(|e| e.file_name()).unwrap_or_default();
        return Err(foreign(out, &name));
    };
    if let Some(stray) = strays(out, &manifest)?.first() {
        return Err(foreign(out, stray.as_os_str()));
    }
    if overwrite {
        Ok(Occupant::Dataset)
    } else {
        Err(Error::Exists(out.to_owned()))
    }
}

/// What lies in a dataset's folder without being the dataset's.
pub fn strays(dir: &Path, manifest: &Manifest) -> Result<Vec<PathBuf>, Error> {
    let mut strays = Vec::new();
    for entry in WalkDir::new(dir).min_depth(1).sort_by_file_name() {
        let entry = entry.map_err(|e| io_error("cannot read", dir)(e.into()))?;
        let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        let own = if entry.file_type().is_dir() {
            manifest.tables.iter().any(|t| Path::new(&t.name) == path)
        } else {
            let files = manifest.files().chain(&manifest.inputs);
            let named = files.map(|f| f.path.as_str()).chain([MANIFEST, TIMES]);
            named.into_iter().any(|name| Path::new(name) == path)
        };
        if !own {
            strays.push(path.to_owned());
        }
    }
    Ok(strays)
}

fn foreign(out: &Path, file: &OsStr) -> Error {
    Error::Foreign {
        path: out.to_owned(),
        file: file.to_string_lossy().into_owned(),
    }
}

/// The real place of `out`; folders above it are made.
fn resolve(out: &Path) -> Result<PathBuf, Error> {
    if out.exists() {
        return out.canonicalize().map_err(io_error("cannot use", out));
    }
    if out.is_symlink() {
        let nowhere = io::Error::new(io::ErrorKind::NotFound, "it is a link that leads nowhere");
        return Err(io_error("cannot use", out)(nowhere));
    }
    let parent = match out.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(io_error("cannot create", parent))?;
    let parent = parent
        .canonicalize()
        .map_err(io_error("cannot use", parent))?;
    Ok(parent.join(out.file_name().unwrap_or_default()))
}

/// The name of `out` with this end.
fn beside(out: &Path, end: &str) -> OsString {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(end);
    name
}

/// Whether another file system begins at `dir`, so that nothing can be renamed to it.
fn is_mount_point(dir: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
        let found = statx(CWD, dir, AtFlags::empty(), StatxFlags::empty());
        found.is_ok_and(|dir| dir.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = dir;
        false
    }
}

/// Creates the lock file, locked from the moment at which it has its name.
fn mark_alive(dir: &Path) -> io::Result<File> {
    let unlocked = dir.join(UNLOCKED);
    let file = File::create_new(&unlocked)?;
    match file.try_lock() {
        Ok(()) => fs::rename(&unlocked, dir.join(LOCK))?,
        // It is being cleared away.
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::NotFound.into()),
        // Some network file systems have no locks; a dead build is not cleared away there.
        Err(TryLockError::Error(_)) => {}
    }
    Ok(file)
}

/// Clears away what dead builds have left. This is housekeeping: what fails is left for next time.
fn clear_dead(parent: &Path, prefix: &OsStr, out: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let random = name
            .as_encoded_bytes()
            .strip_prefix(prefix.as_encoded_bytes());
        if random.is_none_or(|random| random.len() != RANDOM) {
            continue;
        }
        let dir = entry.path();
        let lock = File::open(dir.join(LOCK)).or_else(|_| File::open(dir.join(UNLOCKED)));
        let Ok(lock) = lock else {
            // It died before it made its lock, or after it removed it.
            let _ = fs::remove_dir(&dir);
            continue;
        };
        if lock.try_lock().is_err() {
            continue;
        }
        // It died between the two renames of an exchange.
        let old = dir.join(OLD);
        if old.is_dir() && !out.exists() {
            let _ = fs::rename(&old, out);
        }
        clear(&dir);
    }
}

/// Puts `fresh` in the place of `out`: in one step where the system can, else `out` is set aside as
/// `old` first and put back if the second step fails.
fn exchange(fresh: &Path, out: &Path, old: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, fresh, CWD, out, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    fs::rename(out, old)?;
    fs::rename(fresh, out).inspect_err(|_| {
        let _ = fs::rename(old, out);
    })
}

/// Makes sure that a folder's entries are on disk.
fn sync(dir: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        let synced = File::open(dir).and_then(|d| d.sync_all());
        synced.map_err(io_error("cannot write", dir))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::LetterCounts;
    use super::*;

    /// Writes an empty dataset that is marked by `version`.
    fn write(stage: &Stage, version: &str) {
        let mut manifest = Manifest::new(LetterCounts::default(), Vec::new());
        manifest.version = version.to_owned();
        fs::write(stage.path().join(MANIFEST), manifest.to_json().unwrap()).unwrap();
    }

    fn version(out: &Path) -> String {
        Manifest::read(out).unwrap().version
    }

    fn names(dir: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_dataset_appears_at_the_commit_and_nothing_stays_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("a/b/out");
        let stage = Stage::open(&out, false).unwrap();
        write(&stage, "1");
        assert!(!out.exists());
        stage.commit().unwrap();
        assert_eq!(version(&out), "1");
        assert_eq!(names(out.parent().unwrap()), ["out"]);
    }

    #[test]
    fn a_dataset_is_replaced_only_on_request() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        fs::create_dir(&out).unwrap();
        for (n, overwrite) in [("1", false), ("2", true)] {
            let stage = Stage::open(&out, overwrite).unwrap();
            write(&stage, n);
            stage.commit().unwrap();
        }
        assert!(matches!(Stage::open(&out, false), Err(Error::Exists(_))));
        assert_eq!(version(&out), "2");
        assert_eq!(names(dir.path()), ["out"]);
    }

    #[test]
    fn a_build_that_is_given_up_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let stage = Stage::open(&out, false).unwrap();
        write(&stage, "1");
        stage.commit().unwrap();
        let stage = Stage::open(&out, true).unwrap();
        write(&stage, "2");
        drop(stage);
        assert_eq!(version(&out), "1");
        assert_eq!(names(dir.path()), ["out"]);
    }

    #[test]
    fn other_peoples_files_are_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("thesis.doc"), "x").unwrap();
        assert!(matches!(
            Stage::open(&out, true),
            Err(Error::Foreign { .. })
        ));
        fs::remove_file(out.join("thesis.doc")).unwrap();
        // Nor are they in a dataset's folder, even if they come while the build runs.
        let stage = Stage::open(&out, true).unwrap();
        write(&stage, "1");
        stage.commit().unwrap();
        let stage = Stage::open(&out, true).unwrap();
        write(&stage, "2");
        fs::write(out.join("thesis.doc"), "x").unwrap();
        assert!(matches!(stage.commit(), Err(Error::Foreign { .. })));
        assert_eq!(names(&out), [MANIFEST, "thesis.doc"]);
        assert_eq!(version(&out), "1");
    }

    #[test]
    fn what_a_dead_build_left_is_cleared_and_a_live_one_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let dead = dir.path().join("out.tmp-dead0000");
        fs::create_dir_all(dead.join(FRESH)).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let strange = dir.path().join("out.tmp-notes");
        fs::create_dir(&strange).unwrap();
        let live = Stage::open(&out, false).unwrap();
        assert!(!dead.exists() && strange.exists());
        // Another build is told who is at work, and leaves that alone.
        assert!(matches!(Stage::open(&out, true), Err(Error::Locked { .. })));
        assert!(live.path().exists());
        drop(live);
        assert_eq!(names(dir.path()), ["out.tmp-notes"]);
        Stage::open(&out, false).unwrap();
    }

    #[test]
    fn a_dead_build_is_cleared_however_far_it_came() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let dead = |name: &str| {
            let dead = dir.path().join(format!("out.tmp-{name}"));
            fs::create_dir(&dead).unwrap();
            dead
        };
        dead("nothing0");
        fs::write(dead("unlocked").join(UNLOCKED), "").unwrap();
        fs::write(dead("locked00").join(LOCK), "").unwrap();
        // Somebody else's, though it has such a name.
        fs::write(dead("alphabet").join("thesis.doc"), "").unwrap();
        drop(Stage::open(&out, false).unwrap());
        assert_eq!(names(dir.path()), ["out.tmp-alphabet"]);
    }

    #[test]
    fn a_dataset_set_aside_by_a_dead_build_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let stage = Stage::open(&out, false).unwrap();
        write(&stage, "1");
        stage.commit().unwrap();
        let dead = dir.path().join("out.tmp-dead0000");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        fs::rename(&out, dead.join(OLD)).unwrap();
        assert!(matches!(Stage::open(&out, false), Err(Error::Exists(_))));
        assert_eq!(version(&out), "1");
    }
}
