//! Which places on disk belong to the dataset, by whatever name a statement calls them.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf, absolute};

use crate::dataset::{Dataset, MANIFEST};
use crate::tables::TABLES;

/// As many symbolic links as a kernel follows.
const LINKS: usize = 40;

/// What a file or folder is under all its names: links, `..`, other cases, other mounts.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    path.canonicalize()
}

/// The folders and files of an open dataset, which no statement may write.
#[derive(Debug)]
pub struct Protected {
    dir: PathBuf,
    identities: HashSet<Identity>,
}

impl Protected {
    pub fn new(dataset: &Dataset) -> io::Result<Self> {
        let dir = &dataset.dir;
        let mut paths = vec![dir.clone(), dir.join(MANIFEST)];
        for table in TABLES {
            for file in dataset.files(table.name) {
                // A table's folder may be a link to another disk.
                paths.extend(file.parent().map(Path::to_owned));
                paths.push(file);
            }
        }
        let identities = paths.iter().map(|path| identity(path));
        Ok(Self {
            dir: dir.clone(),
            identities: identities.collect::<Result<_, _>>()?,
        })
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
        if identity(&path).is_ok_and(|found| self.identities.contains(&found)) {
            return Ok(true);
        }
        for ancestor in path.ancestors() {
            // What is not there yet is made in the nearest folder that is.
            let Ok(ancestor) = ancestor.canonicalize() else {
                continue;
            };
            for ancestor in ancestor.ancestors() {
                if self.identities.contains(&identity(ancestor)?) {
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
        let paths = [dir.to_owned(), dir.join("manifest.json"), dir.join("cases")];
        Protected {
            dir: dir.to_owned(),
            identities: paths.iter().map(|path| identity(path).unwrap()).collect(),
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
