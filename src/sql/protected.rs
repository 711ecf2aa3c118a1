//! Which places on disk belong to the dataset, by whatever name a statement calls them.

use std::collections::HashSet;
use std::fs::File;
#[cfg(unix)]
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf, absolute};

use crate::dataset::{MANIFEST, Snapshot};
use crate::tables::TABLES;

/// As many symbolic links as a kernel follows.
const LINKS: usize = 40;

/// What a file or folder is under all its names: links, `..`, other cases, other mounts.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn told_by(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    Ok(told_by(&path.metadata()?))
}

/// The identity of a file that is held open, and so keeps it.
#[cfg(unix)]
fn identity_of(file: &File, _: &Path) -> io::Result<Identity> {
    Ok(told_by(&file.metadata()?))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    path.canonicalize()
}

#[cfg(not(unix))]
fn identity_of(_: &File, path: &Path) -> io::Result<Identity> {
    identity(path)
}

/// The folders and files of an open dataset, which no statement may write.
#[derive(Debug)]
pub struct Protected {
    dir: PathBuf,
    /// The files that the session reads. Their folders are looked up when it matters, as another dataset may have
    /// taken the place of this one, and is as little to be written.
    files: HashSet<Identity>,
    /// Held open, so that its identity stays its own; the other files are the session's.
    _manifest: File,
}

impl Protected {
    pub fn new(snapshot: &Snapshot) -> io::Result<Self> {
        let dir = &snapshot.dataset.dir;
        let files = snapshot.files.iter();
        let files = files.map(|file| identity_of(&file.file, &dir.join(&file.path)));
        let manifest = identity_of(&snapshot.manifest, &dir.join(MANIFEST));
        Ok(Self {
            dir: dir.clone(),
            files: files.chain([manifest]).collect::<Result<_, _>>()?,
            _manifest: snapshot.manifest.try_clone()?,
        })
    }

    /// The dataset's folders, as they are now.
    fn folders(&self) -> Vec<Identity> {
        // A table's folder may be a link to another disk.
        let tables = TABLES.iter().map(|table| self.dir.join(table.name));
        let folders = tables.chain([self.dir.clone()]);
        folders
            .filter_map(|folder| identity(&folder).ok())
            .collect()
    }

    /// Says so if writing to `path` would change the dataset.
    pub fn refuse(&self, path: &Path) -> Result<(), Refused> {
        match self.holds(path) {
            Ok(false) => Ok(()),
            Ok(true) => Err(Refused(format!(
                "{} lies in the dataset {}, which is read-only here; write to another folder",
                path.display(),
                self.dir.display()
            ))),
            Err(error) => Err(Refused(format!(
                "cannot tell whether {} lies in the dataset: {error}; write to another folder",
                path.display()
            ))),
        }
    }

    fn holds(&self, path: &Path) -> io::Result<bool> {
        let mut path = absolute(path)?;
        // Writing through a link that leads nowhere makes the file that it names.
        for _ in 0..LINKS {
            match path.read_link() {
                Ok(target) if !path.exists() => {
                    path = path.parent().unwrap_or(Path::new("/")).join(target);
                }
                _ => break,
            }
        }
        if identity(&path).is_ok_and(|found| self.files.contains(&found)) {
            return Ok(true);
        }
        let folders = self.folders();
        for ancestor in path.ancestors() {
            // What is not there yet is made in the nearest folder that is.
            let Ok(ancestor) = ancestor.canonicalize() else {
                continue;
            };
            for ancestor in ancestor.ancestors() {
                if folders.contains(&identity(ancestor)?) {
                    return Ok(true);
                }
            }
            break;
        }
        Ok(false)
    }
}

/// Something that a session does not let its statements do, and what to do instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    fn protected(dir: &Path) -> Protected {
        let manifest = dir.join(MANIFEST);
        Protected {
            dir: dir.to_owned(),
            files: HashSet::from([identity(&manifest).unwrap()]),
            _manifest: File::open(manifest).unwrap(),
        }
    }

    #[test]
    fn a_place_in_the_dataset_is_known_under_other_names() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        let dir = root.join("dataset");
        std::fs::create_dir_all(dir.join("cases")).unwrap();
        std::fs::write(dir.join("manifest.json"), "{}").unwrap();
        std::fs::create_dir(root.join("other")).unwrap();
        let protected = protected(&dir);
        let held = |path: &str| protected.holds(&root.join(path)).unwrap();
        assert!(held("dataset"));
        assert!(held("dataset/cases/new.parquet"));
        assert!(held("dataset/new/folder/new.parquet"));
        assert!(held("other/../dataset/cases/new.parquet"));
        assert!(held("dataset/../dataset/new.csv"));
        assert!(!held("dataset/../new.csv"));
        assert!(!held("other/new.csv"));
        assert!(!held("dataset-2/new.csv"));
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_into_the_dataset() {
        use std::os::unix::fs::symlink;
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        let dir = root.join("dataset");
        let elsewhere = root.join("elsewhere");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(&elsewhere).unwrap();
        symlink(&elsewhere, dir.join("cases")).unwrap();
        std::fs::write(dir.join("manifest.json"), "{}").unwrap();
        let protected = protected(&dir);
        symlink(&dir, root.join("folder")).unwrap();
        symlink(dir.join("new.csv"), root.join("new.csv")).unwrap();
        symlink(root.join("nowhere.csv"), root.join("harmless.csv")).unwrap();
        std::fs::hard_link(dir.join("manifest.json"), root.join("hard.json")).unwrap();
        for path in ["folder/a.csv", "new.csv", "hard.json", "elsewhere/a.csv"] {
            assert!(protected.holds(&root.join(path)).unwrap(), "{path}");
        }
        assert!(!protected.holds(&root.join("harmless.csv")).unwrap());
    }
}
