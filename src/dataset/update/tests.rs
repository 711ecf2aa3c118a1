//! An updated dataset is the one that a build of the same letters gives.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::json::LineDelimitedWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use tempfile::TempDir;

use super::super::check::{Deep, check};
use super::super::encoding::Layout;
use super::super::manifest::{MANIFEST, Manifest};
use super::super::{Dataset, Error, Options, Summary, build, open};
use super::{Update, Updated, read};
use crate::source::{FindOptions, Inputs};
use crate::tables::TABLES;

const LETTERS: [&str; 3] = [
    include_str!("../../../data/letters/000_8777545f973767d2.txt"),
    include_str!("../../../data/letters/001_12a1b4f7c3cb7cb4.txt"),
    include_str!("../../../data/letters/003_16bb5bdf60135266.txt"),
];

/// Letters, of which some state the same reviewer with the specialties in another order, and what is none.
fn texts() -> Vec<Vec<u8>> {
    let reviewed = |specialties: &str, age: usize| {
        let stated = LETTERS[0].replace("Emergency Medicine", specialties);
        stated.replace("50 year old", &format!("{age} year old"))
    };
    let mut texts = vec![
        reviewed("Neurology, Pain Medicine", 41).into_bytes(),
        reviewed("Neurology, Pain Medicine", 42).into_bytes(),
        reviewed("Pain Medicine, Neurology", 43).into_bytes(),
        reviewed("Pain Medicine, Neurology", 44).into_bytes(),
        LETTERS[1].into(),
        [LETTERS[0], LETTERS[1]].concat().into_bytes(),
        [LETTERS[1], "\u{c}", LETTERS[2]].concat().into_bytes(),
        [LETTERS[2].as_bytes(), b"\x92"].concat(),
        b"milk".to_vec(),
        Vec::new(),
    ];
    texts.push([b"\xEF\xBB\xBF", LETTERS[2].as_bytes()].concat());
    texts
}

/// What a file of each kind may hold.
fn contents(name: &str) -> Vec<Vec<u8>> {
    let texts = texts();
    let rows = |these: &[usize]| {
        let row = |n: &usize| match texts.get(*n) {
            Some(text) => format!(
                "{}\n",
                serde_json::json!({"text": String::from_utf8_lossy(text)})
            ),
            None => "{\"text\": \n".to_owned(),
        };
        these.iter().map(row).collect::<String>().into_bytes()
    };
    let none = usize::MAX;
    if name.ends_with(".jsonl") {
        let of = [&[0, 4][..], &[0, 4, 2], &[2, none, 8, 8], &[none, 4], &[]];
        return of.map(rows).into();
    }
    if name.ends_with(".gz") {
        let mut packed: Vec<_> = texts.iter().map(|text| gzip(text)).collect();
        // Cut off, it has what came before.
        packed.push(packed[0][..packed[0].len() - 9].to_vec());
        return packed;
    }
    texts
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const NAMES: [&str; 8] = [
    "a.txt", "b.txt", "c/d.txt", "c/e.txt", "f.txt.gz", "g.jsonl", "h.jsonl", "z.txt",
];

/// What may happen to the letters.
#[derive(Debug, Clone)]
enum Deed {
    Write(&'static str, usize),
    Remove(&'static str),
    Move(&'static str, &'static str),
    Copy(&'static str, &'static str),
    Touch(&'static str),
    /// Makes the dataset one of an earlier version.
    Outdate,
    Update,
    Prune,
}

fn deed() -> impl Strategy<Value = Deed> {
    let name = || select(&NAMES[..]);
    prop_oneof![
        6 => (name(), 0..16usize).prop_map(|(name, n)| Deed::Write(name, n)),
        2 => name().prop_map(Deed::Remove),
        2 => (name(), name()).prop_map(|(a, b)| Deed::Move(a, b)),
        2 => (name(), name()).prop_map(|(a, b)| Deed::Copy(a, b)),
        1 => name().prop_map(Deed::Touch),
        1 => Just(Deed::Outdate),
        4 => Just(Deed::Update),
        2 => Just(Deed::Prune),
    ]
}

/// A folder of letters, its dataset, and what that should be of.
struct World {
    dir: TempDir,
    runtime: tokio::runtime::Runtime,
    /// The files of which the dataset is, with what they hold.
    held: BTreeMap<String, Vec<u8>>,
    builds: usize,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("in/c")).unwrap();
        Self {
            dir,
            runtime: tokio::runtime::Runtime::new().unwrap(),
            held: BTreeMap::new(),
            builds: 0,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("in").join(name)
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        fs::write(self.file(name), bytes).unwrap();
    }

    fn options(&self, out: PathBuf, update: Option<Update>) -> Options {
        Options {
            out,
            overwrite: false,
            jobs: NonZeroUsize::new(2).unwrap(),
            limit: None,
            sample: None,
            layout: Layout::default(),
            text_column: None,
            update,
        }
    }

    fn build(&self, from: &Path, options: &Options) -> Result<Summary, Error> {
        let inputs = Inputs::find(&[from], &FindOptions::default()).unwrap();
        self.runtime
            .block_on(build(Arc::new(inputs), options, |_| ()))
    }

    fn update(&self, prune: bool) -> Updated {
        let options = self.options(self.out(), Some(Update { prune }));
        let summary = self.build(&self.file(""), &options).unwrap();
        summary.update.unwrap_or_default()
    }

    fn present(&self) -> BTreeMap<String, Vec<u8>> {
        let files = NAMES.iter().filter_map(|name| {
            let bytes = fs::read(self.file(name)).ok()?;
            Some(((*name).to_owned(), bytes))
        });
        files.collect()
    }

    /// Does it to the letters.
    fn act(&self, deed: &Deed) {
        let alike = |a: &str, b: &str| Path::new(a).extension() == Path::new(b).extension();
        match deed {
            Deed::Write(name, n) => {
                let contents = contents(name);
                self.write(name, &contents[n % contents.len()]);
            }
            Deed::Remove(name) => drop(fs::remove_file(self.file(name))),
            Deed::Move(a, b) if alike(a, b) => drop(fs::rename(self.file(a), self.file(b))),
            Deed::Copy(a, b) if alike(a, b) && a != b => {
                drop(fs::copy(self.file(a), self.file(b)));
            }
            Deed::Touch(name) => {
                if let Ok(bytes) = fs::read(self.file(name)) {
                    self.write(name, bytes);
                }
            }
            Deed::Outdate => self.outdate(),
            _ => {}
        }
    }

    /// Makes the dataset one of an earlier version.
    fn outdate(&self) {
        let path = self.out().join(MANIFEST);
        if let Ok(mut manifest) = Manifest::read(&self.out()) {
            manifest.extraction = Some("0".to_owned());
            fs::write(path, manifest.to_json().unwrap()).unwrap();
        }
    }

    /// What the dataset should be of, after an update with these letters.
    fn hold(&mut self, prune: bool) {
        let present = self.present();
        let is_kept = |name: &String, bytes: &Vec<u8>| {
            !prune && !present.contains_key(name) && !present.values().any(|b| b == bytes)
        };
        self.held.retain(|name, bytes| is_kept(name, bytes));
        self.held.extend(present);
    }

    /// Compares the dataset with one that is built of what it should be of.
    fn compare(&mut self) {
        self.builds += 1;
        let anew = self.dir.path().join(format!("anew-{}", self.builds));
        for (name, bytes) in &self.held {
            let path = anew.join("in").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let out = anew.join("out");
        self.build(&anew.join("in"), &self.options(out.clone(), None))
            .unwrap();
        let whole = open(&self.out()).unwrap();
        let report = check(&whole, Some(Deep::default())).unwrap();
        let broken: Vec<_> = report.checks.iter().filter(|c| c.broken > 0).collect();
        assert!(broken.is_empty(), "{broken:?}");
        let expected = open(&out).unwrap();
        assert_eq!(whole.manifest.letters, expected.manifest.letters);
        for table in TABLES {
            let rows = |dataset: &Dataset, root: &Path| rows(dataset, table.name, root);
            let (is, should) = (rows(&whole, self.dir.path()), rows(&expected, &anew));
            assert_eq!(is, should, "{}", table.name);
        }
    }
}

/// The rows of a table, sorted, without the folder in their sources.
fn rows(dataset: &Dataset, name: &str, root: &Path) -> Vec<String> {
    let table = crate::tables::table(name).unwrap();
    let mut writer = LineDelimitedWriter::new(Vec::new());
    for file in dataset.files(name) {
        for batch in read(table, &file, None).unwrap() {
            writer.write(&batch.unwrap()).unwrap();
        }
    }
    writer.finish().unwrap();
    let lines = String::from_utf8(writer.into_inner()).unwrap();
    let root = format!("{}/", root.to_str().unwrap());
    let mut rows: Vec<_> = lines.lines().map(|line| line.replace(&root, "")).collect();
    rows.sort();
    rows
}

/// So many random cases, the same in every run unless `PROPTEST_CASES` or `PROPTEST_RNG_SEED` say otherwise.
fn random(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let is_set = |name: &str| std::env::var_os(name).is_some();
    ProptestConfig {
        cases: if is_set("PROPTEST_CASES") {
            asked.cases
        } else {
            cases
        },
        rng_seed: match is_set("PROPTEST_RNG_SEED") {
            true => asked.rng_seed,
            false => RngSeed::Fixed(2015),
        },
        failure_persistence: None,
        ..asked
    }
}

proptest! {
    #![proptest_config(random(8))]
    #[test]
    fn an_updated_dataset_has_the_rows_of_one_build(deeds in prop::collection::vec(deed(), 4..24)) {
        let mut world = World::new();
        for deed in deeds.iter().chain([&Deed::Update]) {
            let prune = matches!(deed, Deed::Prune);
            if !prune && !matches!(deed, Deed::Update) {
                world.act(deed);
            } else if !world.present().is_empty() {
                world.hold(prune);
                world.update(prune);
                world.compare();
            }
        }
    }
}

#[test]
fn files_that_have_not_changed_are_not_read() {
    let world = World::new();
    for (name, n) in [("a.txt", 0), ("b.txt", 8), ("f.txt.gz", 1), ("g.jsonl", 2)] {
        world.act(&Deed::Write(name, n));
    }
    world.update(false);
    let again = world.update(false);
    assert_eq!((again.read_files, again.unchanged_files), (0, 4));
    // Written again, files are read, and found to be known; an archive is only hashed.
    for name in ["a.txt", "f.txt.gz"] {
        world.act(&Deed::Touch(name));
    }
    let touched = world.update(false);
    assert_eq!((touched.read_files, touched.unchanged_files), (1, 3));
    assert_eq!((touched.added, touched.removed, touched.moved), (0, 0, 0));
    // What has the size and the time of before may yet have changed.
    let times = world.file("a.txt").metadata().unwrap().modified().unwrap();
    let other = String::from_utf8(fs::read(world.file("a.txt")).unwrap()).unwrap();
    world.write("a.txt", other.replace("41 year old", "49 year old"));
    let file = fs::File::options()
        .write(true)
        .open(world.file("a.txt"))
        .unwrap();
    file.set_modified(times).unwrap();
    let changed = world.update(false);
    assert_eq!((changed.read_files, changed.added), (1, 1));
    // Without the times all are read, and nothing else happens.
    fs::remove_file(world.out().join("inputs.times")).unwrap();
    let blind = world.update(false);
    assert_eq!((blind.read_files, blind.added, blind.moved), (2, 0, 0));
    assert_eq!(world.update(false).read_files, 0);
}

#[test]
fn many_updates_leave_few_files() {
    let mut world = World::new();
    for n in 0..24 {
        world.write(
            "a.txt",
            LETTERS[0].replace("50 year old", &format!("{n} year old")),
        );
        fs::rename(world.file("a.txt"), world.file(&format!("n{n:02}.txt"))).unwrap();
        world.update(false);
    }
    let dataset = open(&world.out()).unwrap();
    for table in TABLES {
        let files = dataset.files(table.name);
        assert!(files.len() <= 5, "{}: {}", table.name, files.len());
    }
    let names = (0..24).map(|n| format!("n{n:02}.txt"));
    world.held = names
        .map(|name| (name.clone(), fs::read(world.file(&name)).unwrap()))
        .collect();
    world.compare();
}

#[test]
fn the_same_bytes_read_otherwise_are_other_rows() {
    let mut world = World::new();
    // As a page, white space runs together, and what looks like a tag is one.
    let text = LETTERS[1].replacen("physical", "<b>physical</b>", 1);
    world.write("a.html", &text);
    world.write("b.txt", &text);
    world.update(false);
    fs::remove_file(world.file("a.html")).unwrap();
    world.update(true);
    world.held = world.present();
    world.compare();
    world.write("a.html", &text);
    world.update(true);
    world.held = world.present();
    world.held.insert("a.html".to_owned(), text.into_bytes());
    world.compare();
}
