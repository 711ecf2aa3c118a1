//! Writes the seeds of each fuzz target to `fuzz/corpus/TARGET`, beside what the fuzzer has found before:
//! `cargo run --example seeds`, in the folder `fuzz`.

#[path = "../tests/cli/pack.rs"]
mod pack;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use ::parquet::file::properties::{WriterProperties, WriterVersion};
use arrow::array::{ArrayRef, RecordBatch, StringArray};

use pack::{gzip, parquet, pdf, stored, tar, zip, zst};

const FOLDERS: [&str; 2] = ["data/letters", "tests/letters/dev"];

fn main() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = fuzz
        .parent()
        .expect("the folder fuzz lies in the repository");
    let seeds = Seeds(fuzz.join("corpus"));
    let letters: Vec<String> = FOLDERS
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("the letters of the repository"))
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .map(|path| fs::read_to_string(path).expect("a text"))
        .collect();
    for (n, letter) in letters.iter().enumerate() {
        seeds.put("parser", n, letter);
    }
    let short = "Case Number: CM15-0012345\r\nIMR ISSUES, DECISIONS AND RATIONALES\r\nNorco 10/325mg #60: Upheld\r\n";
    decode(&seeds, short);
    html(&seeds, short);
    archives(&seeds, short);
    tables(&seeds, short);
    documents(&seeds, short, &letters[0]);
}

struct Seeds(PathBuf);

impl Seeds {
    fn put(&self, target: &str, n: usize, bytes: impl AsRef<[u8]>) {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).expect("a folder for the seeds");
        fs::write(folder.join(format!("seed-{n:03}")), bytes).expect("room for the seeds");
    }

    fn all<B: AsRef<[u8]>>(&self, target: &str, seeds: impl IntoIterator<Item = B>) {
        for (n, seed) in seeds.into_iter().enumerate() {
            self.put(target, n, seed);
        }
    }
}

fn decode(seeds: &Seeds, short: &str) {
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [
            mark,
            &short.encode_utf16().flat_map(bytes).collect::<Vec<_>>(),
        ]
        .concat()
    };
    seeds.all(
        "decode",
        [
            short.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", short.as_bytes()].concat(),
            wide(b"\xFF\xFE", u16::to_le_bytes),
            wide(b"\xFE\xFF", u16::to_be_bytes),
            b"the patient\x92s dose \x96 10\xBD".to_vec(),
            b"\xFF\xFEa\0\x00\xD8b\0".to_vec(),
            b"overlong \xC0\xAF, surrogate \xED\xA0\x80, far \xF4\x90\x80\x80".to_vec(),
            b"\x7FELF\0\0\0\0".to_vec(),
        ],
    );
}

fn html(seeds: &Seeds, short: &str) {
    let pages = [
        format!("<!DOCTYPE html><html><head><title>x</title><style>p {{}}</style></head><body><pre>{short}</pre>"),
        "<h1>CLINICAL <b>CASE</b> SUMMARY</h1><p>a&nbsp;b &amp; c &#8217; &#x2019;<br>d<script>'<p>'</script>".into(),
        "<table><tr><td>a<td>b</tr></table><ol start=4><li>x<ul><li>y</ul></ol><textarea>z</textarea>".into(),
        "<!-- c --><?xml version='1.0'?><svg><title>s</svg><template><p></template><![CDATA[x]]>".into(),
        "<select><option>a</select><noscript>b</noscript><iframe>c</iframe><nav>d</nav></p></ul></li>".into(),
    ];
    seeds.all("html", pages);
}

fn archives(seeds: &Seeds, short: &str) {
    let text = short.as_bytes();
    let members: [(&str, &[u8]); 3] = [("a.txt", text), ("b/c.txt", b"x"), ("d.doc", b"y")];
    let jsonl = b"{\"text\": \"a\"}\n";
    let inner = zip(&[("i.txt", text)]);
    seeds.all(
        "zip",
        [
            zip(&members),
            stored(&members),
            zip(&[
                ("x.zip", &inner),
                ("y.jsonl", jsonl),
                ("z.txt.gz", &gzip(text)),
            ]),
            zip(&[("../../e.txt", text), ("a.txt", b"1"), ("a.txt", b"2")]),
            zip(&[]),
        ],
    );
    let mut extended = tar::Builder::new(Vec::new());
    extended
        .append_pax_extensions([("path", &b"long/name.txt"[..]), ("size", b"3")])
        .expect("memory");
    let mut header = tar::Header::new_ustar();
    header.set_size(3);
    extended
        .append_data(&mut header, "s.txt", &b"abc"[..])
        .expect("memory");
    let long = format!("{}.txt", "n".repeat(150));
    seeds.all(
        "tar",
        [
            tar(&members),
            tar(&[
                (long.as_str(), text),
                ("x.zip", &inner),
                ("y.tar", &tar(&members[..1])),
            ]),
            tar(&[("z.txt.gz", &gzip(text)), ("y.jsonl", jsonl)]),
            extended.into_inner().expect("memory"),
        ],
    );
    let frame = [&b"\x50\x2A\x4D\x18\x03\0\0\0abc"[..], &zst(text)].concat();
    seeds.all(
        "compressed",
        [
            gzip(text),
            [gzip(text), gzip(text)].concat(),
            [gzip(text), b"garbage".to_vec()].concat(),
            zst(text),
            [zst(text), frame].concat(),
            gzip(&tar(&members)),
            zst(&tar(&members)),
            gzip(jsonl),
            zst(&inner),
        ],
    );
}

fn tables(seeds: &Seeds, short: &str) {
    seeds.all(
        "jsonl",
        [
            "{\"text\": \"a\"}\n{\"id\": 1, \"text\": \"b\\n\\u00e9\\ud83d\\ude00\"}\n".to_owned(),
            "{\"id\": \"x\", \"n\": [1, {\"a\": null}], \"text\": \"a\"}\n\n{\"text\": null}\r\n"
                .to_owned(),
            "\u{feff}{\"text\": \"\\ud800\", \"text\": \"b\"}\n[1]\n{}\n".to_owned(),
            format!("{{\"text\": {}}}", serde_json::Value::from(short)),
        ],
    );
    seeds.all(
        "csv",
        [
            "id,text\n1,a\n2,\"b\n\"\"c\"\"\"\n".to_owned(),
            "\u{feff}n;text;id\r\n1;a;x\r\n2\r\n".to_owned(),
            "text\tid\na\t1\n".to_owned(),
            "id,text\n1,\"never closed\n".to_owned(),
            format!("text\n\"{short}\"\n"),
        ],
    );
    let rows = vec![Some(short.to_owned()), None, Some("b".to_owned())];
    let whole = [
        parquet("text", rows),
        parquet("body", vec![Some("a".to_owned())]),
        parquet("text", Vec::new()),
        parquet("text", vec![Some("a".to_owned()); 200]),
    ];
    seeds.all("parquet", whole.into_iter().chain(coded(short)));
}

/// A column in each encoding and codec, in pages of both versions.
fn coded(short: &str) -> impl Iterator<Item = Vec<u8>> {
    let texts = (0..40).map(|n| (n % 7 != 3).then(|| format!("{short}{}", n / 3)));
    let text: ArrayRef = Arc::new(StringArray::from_iter(texts));
    let batch = RecordBatch::try_from_iter([("text", text)]).expect("columns of one length");
    let encodings = [
        None,
        Some(Encoding::PLAIN),
        Some(Encoding::DELTA_LENGTH_BYTE_ARRAY),
        Some(Encoding::DELTA_BYTE_ARRAY),
    ];
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    let versions = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0];
    let kinds =
        (0..codecs.len() * 8).map(move |n| (codecs[n / 8], encodings[n / 2 % 4], versions[n % 2]));
    kinds.map(move |(codec, encoding, version)| {
        let properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_compression(codec)
            .set_dictionary_enabled(encoding.is_none())
            .set_data_page_row_count_limit(16)
            .set_write_batch_size(16)
            .set_max_row_group_row_count(Some(30));
        let properties = match encoding {
            Some(encoding) => properties.set_encoding(encoding),
            None => properties,
        };
        let mut bytes = Vec::new();
        let properties = Some(properties.build());
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), properties).expect("memory");
        writer.write(&batch).expect("memory");
        writer.close().expect("memory");
        bytes
    })
}

fn documents(seeds: &Seeds, short: &str, letter: &str) {
    let whole = String::from_utf8_lossy(&pdf(letter)).into_owned();
    let brief = String::from_utf8_lossy(&pdf(short)).into_owned();
    let others =
        "/Type/Font/Subtype/Type0/Encoding/Identity-H/ToUnicode 5 0 R/DescendantFonts[6 0 R]";
    let objects = "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
        2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 612 792]/Rotate 90>>\nendobj\n\
        3 0 obj\n<</Type/Page/Parent 2 0 R/Contents[4 0 R]/Resources<</Font<</F 7 0 R>>/XObject<</X 8 0 R>>>>>>\nendobj\n\
        4 0 obj\n<</Length 89>>\nstream\nBT /F 10 Tf 1 0 0 1 72 700 Tm <000900130012> Tj [(a) -250 (b)] TJ T* (c) ' ET q /X Do Q   \nendstream\nendobj\n\
        5 0 obj\n<</Length 99>>\nstream\n1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <001A> <0041> endbfrange\nendstream\nendobj\n\
        6 0 obj\n<</Type/Font/Subtype/CIDFontType2/DW 500/W[1[600 600] 32 32 250]>>\nendobj\n\
        8 0 obj\n<</Subtype/Form/BBox[0 0 9 9]/Matrix[1 0 0 1 72 0]/Filter/ASCIIHexDecode/Length 13>>\nstream\n42 54 20 45 54>\nendstream\nendobj\n";
    let trailer = "trailer\n<</Size 9/Root 1 0 R>>\nstartxref\n0\n%%EOF\n";
    let composite = format!("%PDF-1.7\n{objects}7 0 obj\n<<{others}>>\nendobj\n{trailer}");
    let named = "/Type/Font/Subtype/Type1/FirstChar 1/Widths[500 500]/Encoding<</Differences[1/fi/uni0041]>>";
    let simple = format!("%PDF-1.7\n{objects}7 0 obj\n<<{named}>>\nendobj\n{trailer}");
    let encrypt = format!(
        "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{0}>/U<{0}>>>/Root",
        "0".repeat(64)
    );
    seeds.all(
        "pdf",
        [
            whole,
            brief.replace("/Root", &encrypt),
            brief,
            composite,
            simple,
        ],
    );
}
