//! The lock of a dataset's place: two builds at once would undo each other's work.
//!
//! `OUT.lock` stands beside `OUT` while a build runs, is locked by it, and says who that is. The system frees
//! the lock of a process that dies. Where the file system has no locks, what the file says must do.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::{Error, io_error};

/// Held while a build runs.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// Locked until it is closed.
    _file: File,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    host: String,
    /// Seconds since 1970.
    since: i64,
    command: String,
}

/// Times that a lock is tried whose file goes away in the meantime, or does not yet say whose it is.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

impl Lock {
    /// Takes the lock at `path`, of the dataset's place `out`, or says who holds it.
    pub fn take(path: &Path, out: &Path) -> Result<Self, Error> {
        let parent = path.parent().unwrap_or(Path::new("/"));
        let failed = || io_error("cannot write in", parent);
        for _ in 0..TRIES {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = options.open(path).map_err(failed())?;
            match file.try_lock() {
                // Whoever held it may have removed the file after it was opened here.
                Ok(()) if !is_at(&file, path) => continue,
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(out, path, await_holder(path))),
                // There are no locks here.
                Err(TryLockError::Error(_)) => {
                    if let Some(holder) = Holder::read(path).filter(Holder::may_live) {
                        return Err(held(out, path, Some(holder)));
                    }
                }
            }
            let written = Holder::own().write(&mut file);
            let path = path.to_owned();
            let lock = Self { path, _file: file };
            written.map_err(failed())?;
            return Ok(lock);
        }
        Err(held(out, path, None))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still locked, so that nobody else's is removed.
        let _ = fs::remove_file(&self.path);
    }
}

fn held(out: &Path, lock: &Path, holder: Option<Holder>) -> Error {
    let holder = match holder {
        Some(holder) => holder.to_string(),
        None => "another build".to_owned(),
    };
    Error::Locked {
        path: out.to_owned(),
        holder,
        lock: lock.to_owned(),
    }
}

/// What the file says as soon as it says something.
fn await_holder(path: &Path) -> Option<Holder> {
    for _ in 0..TRIES {
        if let Some(holder) = Holder::read(path) {
            return Some(holder);
        }
        thread::sleep(PAUSE);
    }
    None
}

/// Whether the open file is the one at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let same = |a: fs::Metadata, b: fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        let both = file.metadata().and_then(|a| Ok((a, path.metadata()?)));
        both.is_ok_and(|(a, b)| same(a, b))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

impl Holder {
    fn own() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let command: Vec<_> = std::env::args_os()
            .map(|a| a.to_string_lossy().into_owned())
            .collect();
        Self {
            pid: process::id(),
            host: host(),
            since: since.map_or(0, |s| i64::try_from(s.as_secs()).unwrap_or(0)),
            command: command.join(" "),
        }
    }

    fn read(path: &Path) -> Option<Self> {
        let mut json = String::new();
        File::open(path).ok()?.read_to_string(&mut json).ok()?;
        serde_json::from_str(&json).ok()
    }

    fn write(&self, file: &mut File) -> io::Result<()> {
        file.set_len(0)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.flush()
    }

    /// Whether it may still be running: a process of another machine always may.
    fn may_live(&self) -> bool {
        let here = self.host == host();
        let gone = Path::new("/proc/self").exists()
            && !Path::new("/proc").join(self.pid.to_string()).exists();
        !(here && gone)
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let since = DateTime::from_timestamp(self.since, 0).unwrap_or_default();
        write!(
            f,
            "process {} on {} since {} (`{}`)",
            self.pid,
            self.host,
            since.format("%Y-%m-%d %H:%M:%S UTC"),
            self.command
        )
    }
}

/// The name of this machine.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| std::env::var("HOSTNAME").ok());
    let name = name.or_else(|| std::env::var("COMPUTERNAME").ok());
    let name = name.map(|name| name.trim().to_owned());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this machine".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_and_its_holder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.lock");
        let out = dir.path().join("out");
        let lock = Lock::take(&path, &out).unwrap();
        let error = Lock::take(&path, &out).unwrap_err().to_string();
        let own = Holder::own();
        for word in [
            &format!("process {}", own.pid),
            &own.host,
            "UTC",
            "out.lock",
        ] {
            assert!(error.contains(word), "no {word} in {error}");
        }
        drop(lock);
        assert!(!path.exists());
        Lock::take(&path, &out).unwrap();
    }

    #[test]
    fn what_a_dead_process_left_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.lock");
        let dead = Holder {
            pid: u32::MAX,
            ..Holder::own()
        };
        dead.write(&mut File::create(&path).unwrap()).unwrap();
        assert_eq!(Holder::read(&path).as_ref(), Some(&dead));
        // Without locks, it must be told from what the file says.
        if Path::new("/proc/self").exists() {
            assert!(!dead.may_live());
        }
        assert!(Holder::own().may_live());
        let elsewhere = Holder {
            host: "elsewhere".to_owned(),
            ..dead
        };
        assert!(elsewhere.may_live());
        let lock = Lock::take(&path, dir.path()).unwrap();
        assert_eq!(Holder::read(&path).unwrap().pid, process::id());
        drop(lock);
    }
}
