//! Tells the program its extraction version: a hash of all that determines what is read in a letter's text.
//! A dataset keeps it, so that an update knows when its letters must be parsed anew; as it is computed, nobody
//! can forget to raise it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Text of a letter → rows of the tables.
const EXTRACTION: [&str; 4] = [
    "data/vocabulary",
    "src/letter",
    "src/tables",
    "src/vocabulary",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut hash = Fnv::default();
    for folder in EXTRACTION {
        println!("cargo::rerun-if-changed={folder}");
        let mut files = Vec::new();
        list(Path::new(folder), &mut files)?;
        files.sort();
        for file in files {
            hash.add(file.to_string_lossy().replace('\\', "/").as_bytes());
            let mut content = fs::read(&file)?;
            // A checkout on Windows may have other line ends.
            content.retain(|byte| *byte != b'\r');
            hash.add(&content);
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=IMR_EXTRACTION={:016x}", hash.0);
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => list(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

/// FNV-1a, of strings that each end in a byte of their own.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0xFF]) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
