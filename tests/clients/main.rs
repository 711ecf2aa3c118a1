//! Real clients read a freshly built dataset: pandas, DuckDB, Polars and pyarrow, pinned in
//! `requirements.txt` and installed into a virtual environment below `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const IMR: &str = env!("CARGO_BIN_EXE_imr");

/// Runs a command and gives its output.
#[track_caller]
fn run(command: &mut Command) -> String {
    let out = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        out.status.success(),
        "{command:?}\n{}{}",
        text(&out.stdout),
        text(&out.stderr)
    );
    text(&out.stdout)
}

/// The Python of the virtual environment, which is set up once for a set of requirements.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("venv");
        let python = venv.join("bin/python");
        let wanted = Path::new(ROOT).join("tests/clients/requirements.txt");
        // Written last, so that a set-up that was cut off is begun anew.
        let installed = venv.join("requirements.txt");
        if fs::read(&installed).ok() != fs::read(&wanted).ok() {
            let mut create = Command::new("python3");
            run(create.args(["-m", "venv", "--clear"]).arg(&venv));
            let pip = [
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ];
            run(Command::new(&python).args(pip).arg(&wanted));
            fs::copy(&wanted, &installed).unwrap();
        }
        python
    })
}

/// A folder with the five letters' dataset in `dataset`.
fn built() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let letters = Path::new(ROOT).join("data/letters");
    let mut build = Command::new(IMR);
    run(build
        .arg("build")
        .arg(letters)
        .args(["--out", "dataset"])
        .current_dir(&dir));
    dir
}

/// Runs a script of this folder on the dataset and what a command of `imr` prints.
#[track_caller]
fn script(name: &str, imr: &[&str]) -> String {
    let dir = built();
    let json = run(Command::new(IMR).args(imr).current_dir(&dir));
    fs::write(dir.path().join("imr.json"), json).unwrap();
    let path = Path::new(ROOT).join("tests/clients").join(name);
    let mut python = Command::new(python());
    run(python
        .arg(path)
        .args(["dataset", "imr.json"])
        .current_dir(&dir))
}

#[test]
fn types_arrive_as_documented() {
    let said = script("columns.py", &["schema", "--format", "json"]);
    assert_eq!(said.trim(), "types agree");
}

#[test]
fn joins_and_rates_agree() {
    let query = [
        "query",
        "overturn_by_weaning",
        "dataset",
        "--format",
        "json",
    ];
    assert_eq!(script("joins.py", &query).trim(), "joins agree");
}

/// The `python` blocks of the README run, one after the other, where the dataset is.
#[test]
fn the_snippets_of_the_readme_run() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let blocks = readme.split("```python\n").skip(1);
    let blocks: Vec<_> = blocks.filter_map(|b| b.split("```").next()).collect();
    assert!(blocks.len() >= 2, "the README has no snippets");
    let dir = built();
    for block in blocks {
        let said = run(Command::new(python()).args(["-c", block]).current_dir(&dir));
        assert!(!said.trim().is_empty(), "{block}");
    }
}
