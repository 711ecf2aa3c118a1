//! Letters to files: a file a letter in folders of a thousand, or files of many letters.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::letter::letter;
use crate::material::Material;
use crate::rng::Rng;
use crate::style::render;
use crate::{Args, Format, pdf, table};

/// Letters in a folder.
const FOLDER: u64 = 1_000;
/// Letters in a file of many.
const FILE: u64 = 20_000;

/// Writes the corpus and gives the bytes of text in it.
pub fn corpus(args: &Args) -> io::Result<u64> {
    fs::create_dir_all(&args.out)?;
    if fs::read_dir(&args.out)?.next().is_some() {
        return Err(io::Error::other("the folder is not empty"));
    }
    let material = Material::load();
    let each = match args.format {
        Format::Txt | Format::Pdf => FOLDER,
        Format::Jsonl | Format::Parquet => FILE,
    };
    let jobs = match args.jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    };
    let (next, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    let work = || -> io::Result<()> {
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            let start = part * each;
            if start >= args.n {
                return Ok(());
            }
            let end = args.n.min(start + each);
            let written = match args.format {
                Format::Txt | Format::Pdf => folder(args, &material, part, start..end)?,
                Format::Jsonl => jsonl(args, &material, part, start..end)?,
                Format::Parquet => table::table(args, &material, part, start..end)?,
            };
            bytes.fetch_add(written, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        let done = threads
            .into_iter()
            .map(|t| t.join().expect("a thread that does not panic"));
        done.collect::<io::Result<Vec<()>>>()
    })?;
    Ok(bytes.into_inner())
}

/// The name of a letter.
pub fn name(args: &Args, index: u64) -> String {
    format!("letter-{}-{index:07}", args.seed)
}

/// The text of a letter, appended; and its label, written where labels are wanted: `source` is what the label is
/// matched by.
pub fn compose(
    args: &Args,
    material: &Material,
    index: u64,
    source: impl FnOnce() -> String,
    text: &mut String,
) -> io::Result<()> {
    let letter = letter(material, args.seed, index);
    render(&letter, &mut style_of(args.seed, index), text);
    if args.labels {
        label(args, &letter.label, index, &source())?;
    }
    Ok(())
}

fn style_of(seed: u64, index: u64) -> Rng {
    Rng::new(!seed, index)
}

fn label(args: &Args, label: &crate::label::Label, index: u64, source: &str) -> io::Result<()> {
    let folder = args
        .out
        .join("labels")
        .join(format!("{:04}", index / FOLDER));
    if index.is_multiple_of(FOLDER) {
        fs::create_dir_all(&folder)?;
    }
    let json = serde_json::to_string_pretty(&label.json(source))?;
    fs::write(folder.join(name(args, index)).with_extension("json"), json)
}

fn folder(
    args: &Args,
    material: &Material,
    part: u64,
    letters: std::ops::Range<u64>,
) -> io::Result<u64> {
    let folder = args.out.join(format!("{part:04}"));
    fs::create_dir_all(&folder)?;
    let (mut bytes, mut text) = (0, String::new());
    for index in letters {
        let name = name(args, index);
        text.clear();
        let path = folder.join(&name);
        if args.format == Format::Pdf {
            let letter = letter(material, args.seed, index);
            let (pdf, length) = pdf::render(&letter, &mut style_of(args.seed, index));
            fs::write(path.with_extension("pdf"), pdf)?;
            bytes += length;
            if args.labels {
                label(args, &letter.label, index, &name)?;
            }
        } else {
            compose(args, material, index, || name, &mut text)?;
            fs::write(path.with_extension("txt"), &text)?;
            bytes += text.len() as u64;
        }
    }
    Ok(bytes)
}

fn jsonl(
    args: &Args,
    material: &Material,
    part: u64,
    letters: std::ops::Range<u64>,
) -> io::Result<u64> {
    let file = format!("letters-{part:04}.jsonl");
    let mut out = BufWriter::with_capacity(1 << 20, create(&args.out.join(&file))?);
    let (mut bytes, mut text) = (0, String::new());
    let first = letters.start;
    for index in letters {
        text.clear();
        compose(
            args,
            material,
            index,
            || format!("{file}#{}", index - first),
            &mut text,
        )?;
        write!(out, "{{\"id\":\"{}\",\"text\":", name(args, index))?;
        serde_json::to_writer(&mut out, &text)?;
        out.write_all(b"}\n")?;
        bytes += text.len() as u64;
    }
    out.flush()?;
    Ok(bytes)
}

pub fn create(path: &Path) -> io::Result<File> {
    File::create_new(path)
}
