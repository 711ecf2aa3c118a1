//! What reaches a terminal or a spreadsheet.

use std::process::Command;

use super::{sql, with_dataset};
use crate::scratch::{IMR, Run, Scratch};

#[test]
fn nothing_in_a_table_or_an_error_moves_a_terminal() {
    let scratch = with_dataset();
    let nasty =
        "chr(27) || '[31mred' || chr(8238) || 'txt.exe' || chr(8203) || chr(155) || 'x' || chr(13)";
    let select = format!("SELECT {nasty} AS \"a\u{1b}[2J\u{202e}b\"");
    let bad = |text: &str| text.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{9b}', '\r']);
    for format in ["table", "markdown"] {
        let mut command = Command::new(IMR);
        let command = command.args(["sql", "dataset", "--format", format, "-c", &select]);
        let out = Run::of(command.current_dir(scratch.path(""))).ok();
        assert!(!bad(&out) && out.contains("␛[31mred"), "{out:?}");
    }
    // For a program it is data.
    assert!(bad(&sql(&scratch, &["-c", &select]).ok()));
    for arguments in [
        ["-c", "SELECT zork\u{1b}[31m\u{202e}"],
        ["-c", "SELECT * FROM \"no\u{1b}[31m\u{202e}\""],
        ["-f", "missing\u{1b}[31m\u{202e}.sql"],
        ["--format", "x\u{1b}[31m\u{202e}"],
    ] {
        let run = sql(&scratch, &arguments);
        assert_ne!(run.code, Some(0));
        assert!(!run.err.is_empty() && !bad(&run.err), "{:?}", run.err);
    }
}

#[test]
fn formulas_are_neutralised_on_request() {
    let scratch = with_dataset();
    let select =
        "SELECT '=HYPERLINK(\"http://x\")' AS a, '-5' AS b, -5 AS c, '@x' AS \"=d\", 'Norco' AS e";
    let plain = sql(&scratch, &["-c", select]).ok();
    assert_eq!(
        plain,
        "a,b,c,=d,e\n\"=HYPERLINK(\"\"http://x\"\")\",-5,-5,@x,Norco\n"
    );
    let safe = sql(&scratch, &["--csv-safe", "-c", select]).ok();
    assert_eq!(
        safe,
        "a,b,c,'=d,e\n\"'=HYPERLINK(\"\"http://x\"\")\",-5,-5,'@x,Norco\n"
    );
}

#[test]
fn no_name_of_a_file_moves_a_terminal() {
    let scratch = Scratch::with_letters();
    scratch.write("data/letters/a\u{1b}[31m.tx\u{1b}[2J\u{202e}t", "");
    scratch.write("data/letters/b\u{1b}[31m\u{202e}.txt", "milk");
    let bad = |text: &str| text.contains(['\u{1b}', '\u{202e}']);
    let build = "build data/letters --verbose --out";
    for arguments in [
        format!("{build} dataset"),
        format!("{build} d\u{1b}[31m\u{202e}"),
        format!("{build} d\u{1b}[31m\u{202e}"),
        "check d\u{1b}[31m\u{202e}".to_owned(),
        "show dataset b\u{1b}[31m\u{202e}.txt".to_owned(),
        "show dataset nobody\u{1b}[31m\u{202e}".to_owned(),
        "query nothing\u{1b}[31m\u{202e} dataset".to_owned(),
    ] {
        let run = scratch.imr(&arguments);
        assert!(!bad(&run.out) && !bad(&run.err), "{arguments:?}: {run:?}");
    }
    let mut problems = Command::new(IMR);
    let problems = problems.args(["sql", "dataset", "-c", "SELECT * FROM problems"]);
    let out = Run::of(problems.current_dir(scratch.path(""))).ok();
    assert!(!bad(&out) && out.contains('␛'), "{out}");
}
