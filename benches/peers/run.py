#!/usr/bin/env python3
"""Measures imr beside what one would use instead, on composed letters, and prints Markdown tables.

    python3 benches/peers/run.py compare|scaling|formats|update|queries|sizes [OPTION…]

All of a table is measured in one run. Python packages are installed into a virtual environment below target/.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "peers" / "venv"


def in_venv():
    """Goes on in the virtual environment, which is set up once for a set of requirements."""
    python = VENV / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text()
    # Written last, so that a set-up that was cut off is begun anew.
    installed = VENV / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted:
        subprocess.check_call([sys.executable, "-m", "venv", "--clear", str(VENV)])
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.check_call([*map(str, pip), "-r", str(HERE / "requirements.txt")])
        installed.write_text(wanted)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(python, [str(python), *sys.argv])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = arguments.add_subparsers(dest="mode", required=True, metavar="MODE")

    def mode(name, text, letters, quick):
        added = modes.add_parser(name, help=text, description=text)
        added.add_argument("--imr", type=Path, default=TARGET / "release" / "imr", help="the program (default %(default)s)")
        added.add_argument(
            "--generator",
            type=Path,
            default=TARGET / "release" / "examples" / "corpus",
            help="the corpus example (default %(default)s)",
        )
        added.add_argument(
            "--work", type=Path, default=TARGET / "peers" / "work", help="where corpora and datasets go (default %(default)s)"
        )
        added.add_argument("--seed", type=int, default=1, help="of the corpora (default %(default)s)")
        added.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes or threads of each (default %(default)s)")
        added.add_argument("--repeat", type=int, default=3, help="runs, of which the median counts (default %(default)s)")
        added.add_argument("--letters", type=letters, help=f"how many (default {quick[0]})")
        added.add_argument("--quick", action="store_true", help=f"fewer letters ({quick[1]}) and one run of each")
        added.set_defaults(default=quick[0], few=quick[1], number=letters)
        return added

    number, numbers = int, lambda text: [int(n) for n in text.split(",")]
    added = mode("compare", "Letters to tables: imr, Python and DuckDB beside merely reading.", number, ("50000", "1000"))
    added.add_argument("--corpus", type=Path, help="an existing folder of .txt letters instead of composed ones")
    mode("scaling", "imr alone on more and more letters: speed and memory.", numbers, ("5000,50000,500000", "500,2000"))
    added = mode("formats", "imr on the same letters as txt, jsonl, parquet and pdf.", number, ("50000", "1000"))
    added.add_argument("--pdfs", type=int, default=10_000, help="how many letters as PDF (default %(default)s)")
    added.add_argument("--only", type=lambda text: text.split(","), help="some of the formats, with commas")
    mode("update", "A few new letters taken into a dataset, beside the build of it.", number, ("50000", "1000"))
    for name, text in (
        ("queries", "The named analyses by imr and by DuckDB on the same Parquet files."),
        ("sizes", "The bytes of a dataset, by table and column, against the text of its letters."),
    ):
        added = mode(name, text, number, ("50000", "1000"))
        added.add_argument("--dataset", type=Path, help="an existing dataset instead of one of composed letters")
    args = arguments.parse_args()
    if args.letters is None:
        args.letters = args.number(args.few if args.quick else args.default)
    if args.quick:
        args.repeat = 1
        if hasattr(args, "pdfs"):
            args.pdfs = min(args.pdfs, args.letters)
    for path, how in ((args.imr, "cargo build --release"), (args.generator, "cargo build --release --example corpus")):
        if not path.exists():
            sys.exit(f"{path} is not there: {how}")
    in_venv()
    import modes as implemented

    shutil.rmtree(args.work / "out", ignore_errors=True)
    args.work.mkdir(parents=True, exist_ok=True)
    getattr(implemented, args.mode)(args)
    shutil.rmtree(args.work / "out", ignore_errors=True)


if __name__ == "__main__":
    main()
