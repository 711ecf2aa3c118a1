//! Inputs of every kind, cut off anywhere and with any bit turned.

use serde_json::Value;

use super::{Random, survey};
use crate::pack::{gzip, parquet, pdf, stored, tar, zip, zst};
use crate::scratch::Scratch;

const LETTER: &str = "Case Number: CM15-0012345\r\n\r\nIMR ISSUES, DECISIONS AND RATIONALES\r\n\r\n\
    1. Norco 10/325mg #60 is not medically necessary and appropriate.\r\n\r\n\
    Decision rationale: The patient should be weaned.\r\n";

/// An input of each kind.
fn kinds() -> Vec<(&'static str, Vec<u8>)> {
    let text = LETTER.as_bytes();
    let other = LETTER.replace("60", "90");
    let members: [(&str, &[u8]); 3] =
        [("a.txt", text), ("b.txt", other.as_bytes()), ("c.doc", b"")];
    let nested = zip(&[("n.tar", &tar(&members)), ("t.txt.gz", &gzip(text))]);
    let row = serde_json::json!({"id": "1", "text": LETTER}).to_string();
    let rows = format!("{row}\n{row}\n{{\"text\": \"\"}}\n");
    let table = format!("id,text\n1,\"{LETTER}\"\n2,\"{other}\"\n3,c\n");
    let wide = LETTER.encode_utf16().flat_map(u16::to_le_bytes);
    vec![
        ("a.zip", zip(&members)),
        ("b.zip", stored(&members)),
        ("c.zip", nested),
        ("d.tar", tar(&members)),
        ("e.tar.gz", gzip(&tar(&members))),
        ("f.tar.zst", zst(&tar(&members))),
        ("g.txt.gz", [gzip(text), gzip(text)].concat()),
        ("h.txt.zst", zst(text)),
        ("i.jsonl", rows.clone().into_bytes()),
        ("j.jsonl.gz", gzip(rows.as_bytes())),
        ("k.csv", table.into_bytes()),
        (
            "l.parquet",
            parquet("text", vec![Some(LETTER.to_owned()), None, Some(other)]),
        ),
        ("m.pdf", pdf(&LETTER.replace("\r\n", "\n\n"))),
        (
            "n.html",
            format!(
                "<html><body><p>{}</p>",
                LETTER.replace("\r\n\r\n", "</p><p>")
            )
            .into_bytes(),
        ),
        ("o.txt", [vec![0xFF, 0xFE], wide.collect()].concat()),
        ("p.txt", text.to_vec()),
    ]
}

/// Cuts and bits by which a kind is changed, about so many of each.
fn changed(bytes: &[u8], about: usize, random: &mut Random) -> Vec<Vec<u8>> {
    let step = (bytes.len() / about).max(1);
    let cuts = (0..bytes.len()).step_by(step);
    let mut all: Vec<_> = cuts.map(|end| bytes[..end].to_vec()).collect();
    for _ in 0..about {
        let mut turned = bytes.to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            turned[at] ^= 1 << random.below(8);
        }
        all.push(turned);
    }
    for _ in 0..about / 4 {
        // A piece stands elsewhere too.
        let mut longer = bytes.to_vec();
        let (from, to) = (random.below(bytes.len()), random.below(bytes.len()));
        let end = bytes.len().min(from + 1 + random.below(64));
        longer.splice(to..to, bytes[from..end].iter().copied());
        all.push(longer);
    }
    all
}

#[test]
fn whatever_is_changed_is_read_or_told() {
    let mut random = Random(2015);
    for (name, bytes) in kinds() {
        let (found, _) = survey(name, &bytes);
        assert!(
            found.iter().any(|name| !name.contains(' ')),
            "{name}: {found:?}"
        );
        for changed in changed(&bytes, 400, &mut random) {
            let (found, skipped) = survey(name, &changed);
            // A table of no rows holds no letters.
            let lines = changed.trim_ascii().split(|b| matches!(b, b'\r' | b'\n'));
            let nothing = changed.trim_ascii().is_empty() || name == "k.csv" && lines.count() == 1;
            assert!(
                nothing || !found.is_empty() || skipped > 0,
                "{name}: {changed:?}"
            );
        }
    }
}

#[test]
fn a_dataset_of_changed_inputs_is_sound() {
    let scratch = Scratch::new();
    let mut random = Random(1913);
    for (name, bytes) in kinds() {
        for (n, changed) in changed(&bytes, 12, &mut random).into_iter().enumerate() {
            scratch.write(&format!("in/{n}/{name}"), changed);
        }
    }
    let summary = scratch.imr("build in --out dataset --format json").ok();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let count = |name: &str| summary["letters"][name].as_u64().unwrap();
    let all = ["parsed", "partial", "rejected", "duplicates", "unreadable"].map(count);
    assert_eq!(count("read"), all.iter().sum::<u64>(), "{summary}");
    assert!(
        all.iter().all(|n| *n > 0) || count("parsed") == 0,
        "{summary}"
    );
    scratch.imr("check dataset").ok();
}
