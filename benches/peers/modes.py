"""The tables of run.py, a function each."""

import json
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from measure import markdown, once, removed, several

HERE = Path(__file__).resolve().parent
QUERIES = HERE.parents[1] / "queries"


def corpus(args, n, form="txt", labels=False, seed=None):
    """The folder of a corpus, which is written unless this generator has written it before."""
    seed = args.seed if seed is None else seed
    folder = args.work / f"{form}-{n}-{seed}{'-labels' if labels else ''}"
    done = folder.with_name(folder.name + ".done")
    if not done.exists() or done.stat().st_mtime < args.generator.stat().st_mtime:
        shutil.rmtree(folder, ignore_errors=True)
        command = [args.generator, n, folder, "--format", form, "--seed", seed, *(["--labels"] if labels else [])]
        subprocess.run([str(c) for c in command], check=True, stdout=sys.stderr)
        done.touch()
    return folder


def size(folder, pattern):
    """Files of a folder, and their bytes."""
    files = [p for p in folder.rglob(pattern) if p.is_file()]
    return len(files), sum(p.stat().st_size for p in files)


def build(args, letters, out):
    return [args.imr, "build", letters, "--out", out, "--jobs", args.jobs, "--quiet"]


def python(script, *arguments):
    return [sys.executable, HERE / script, *arguments]


def machine(args):
    """What was measured on, and how."""
    model = next(
        (l.split(":")[1].strip() for l in Path("/proc/cpuinfo").read_text().splitlines() if l.startswith("model name")),
        platform.machine(),
    ) if Path("/proc/cpuinfo").exists() else platform.machine()
    runs = "one run" if args.repeat == 1 else f"medians of {args.repeat} runs after a warm-up"
    print(f"{model}, {args.jobs} jobs, {runs}, file cache warm\n")


def row(name, run, letters, text, fastest):
    return [
        name,
        f"{letters / run.seconds:,.0f}",
        f"{text / run.seconds / 1e6:,.1f}",
        f"{run.peak / 1e6:,.0f}",
        f"{run.seconds:,.2f}",
        f"{run.seconds / fastest:.2f}",
    ]


HEADER = ["", "letters/s", "MB/s", "peak MB", "seconds", "time / imr"]


def compare(args):
    """imr, Python, DuckDB and merely reading, on the same folder of text files."""
    machine(args)
    letters = args.corpus or corpus(args, args.letters)
    n, text = size(letters, "*.txt")
    out = args.work / "out"
    runs = {}
    everything = (
        ("imr build", build(args, letters, out)),
        ("Python re + pyarrow", python("peer.py", letters, out, "--jobs", args.jobs)),
        ("DuckDB SQL", python("peer_sql.py", letters, out, "--jobs", args.jobs)),
        ("merely reading", ["sh", "-c", f"find '{letters}' -name '*.txt' -print0 | xargs -0 -P{args.jobs} cat >/dev/null"]),
    )
    for name, command in everything:
        runs[name] = several(command, args.repeat, removed(out))
    imr = runs["imr build"].seconds
    print(f"{n:,} letters, {text / 1e6:,.0f} MB of text\n")
    print(markdown(HEADER, [row(name, run, n, text, imr) for name, run in runs.items()]))
    print("\nThe peers extract less: no offsets, drugs, categories, citations, kinds of weaning, or problems.\n")
    plausible(args)


def update(args):
    """Updates of a dataset, beside the full build of it in the same run."""
    machine(args)
    letters, few = corpus(args, args.letters), 10
    new = corpus(args, few, seed=args.seed + 1)
    out = args.work / "out"
    more = [*build(args, letters, out), new, "--update"]
    runs = {"full build": [], f"update with {few} new letters": [], "update with nothing new": []}
    for _ in range(args.repeat + (args.repeat > 1)):
        removed(out)()
        # The times of files that were written just now are not relied upon.
        time.sleep(2)
        for times, command in zip(runs.values(), (build(args, letters, out), more, more)):
            times.append(once(command))
    # The first round only warms the file cache.
    runs = {name: times[-args.repeat :] for name, times in runs.items()}
    full = statistics.median(seconds for seconds, _ in runs["full build"])
    rows = []
    for name, times in runs.items():
        seconds = statistics.median(seconds for seconds, _ in times)
        peak = max(peak for _, peak in times)
        rows.append([name, f"{seconds:.2f}", f"{seconds / full:.3f}", f"{peak / 1e6:,.0f}"])
    print(f"{args.letters:,} letters\n")
    print(markdown(["", "seconds", "of the full build", "peak MB"], rows))


def plausible(args):
    """How often each reads the outcomes right, on letters of the layouts that the peers are written for."""
    labelled = corpus(args, 1000 if args.quick else 2000, labels=True, seed=args.seed + 1)
    truth = {}
    for path in (labelled / "labels").rglob("*.json"):
        label = json.loads(path.read_text())
        if label["template"] in ("T2014", "T2015", "T2018"):
            truth[label["letter"]] = label
    out = args.work / "out"
    rows = []
    for name, command, tables in (
        ("imr build", build(args, labelled, out), ("cases/*", "decisions/*")),
        ("Python re + pyarrow", python("peer.py", labelled, out), ("cases/*", "decisions/*")),
        ("DuckDB SQL", python("peer_sql.py", labelled, out), ("cases", "decisions")),
    ):
        removed(out)()
        once(command)
        rows.append([name, *shares(out, tables, truth)])
    print(f"Right, of {len(truth):,} labelled letters of 2014 to 2024 (not those that were timed):\n")
    print(markdown(["", "all outcomes", "all requests", "age", "sex"], rows))


def shares(out, tables, truth):
    """The shares of letters of which a peer reads these right."""
    cases, decisions = (f"'{out}/{table}.parquet'" for table in tables)
    imr = (out / "letters").exists()
    source = f"(SELECT letter_id, source FROM '{out}/letters/*.parquet')" if imr else None
    named = f"SELECT source, d.* FROM {decisions} d JOIN {source} l ON d.case_id = l.letter_id" if imr else f"FROM {decisions}"
    request = "request_text" if imr else "request"
    found = {}
    for path, outcomes, requests in duckdb.execute(
        f"SELECT source, list(outcome ORDER BY seq), list({request} ORDER BY seq) FROM ({named}) GROUP BY source"
    ).fetchall():
        found[Path(path).stem] = (outcomes, requests)
    named = (
        f"SELECT source, patient_age AS age, patient_sex AS sex FROM {cases} c JOIN {source} l USING (letter_id)"
        if imr
        else f"SELECT source, age, sex FROM {cases}"
    )
    patients = {Path(p).stem: (age, sex) for p, age, sex in duckdb.execute(named).fetchall()}
    fold = lambda text: "".join((text or "").split()).lower()
    right = [0, 0, 0, 0]
    for name, label in truth.items():
        outcomes, requests = found.get(name, ([], []))
        age, sex = patients.get(name, (None, None))
        right[0] += outcomes == [d["outcome"] for d in label["decisions"]]
        right[1] += [fold(r) for r in requests] == [fold(d["request_text"]) for d in label["decisions"]]
        right[2] += age == label["case"]["patient_age"]
        right[3] += sex == label["case"]["patient_sex"]
    return [f"{100 * r / len(truth):.1f} %" for r in right]


def scaling(args):
    """imr on more and more letters."""
    machine(args)
    out = args.work / "out"
    rows = []
    for n in args.letters:
        letters = corpus(args, n)
        _, text = size(letters, "*.txt")
        run = several(build(args, letters, out), args.repeat, removed(out))
        rows.append([f"{n:,}", *row("", run, n, text, run.seconds)[1:5]])
    print(markdown(["letters", *HEADER[1:5]], rows))


def formats(args):
    """The same letters in each format."""
    machine(args)
    out = args.work / "out"
    rows = []
    for form in args.only or ("txt", "jsonl", "parquet", "pdf"):
        n = args.pdfs if form == "pdf" else args.letters
        letters = corpus(args, n, form)
        _, text = size(corpus(args, n), "*.txt")
        _, stored = size(letters, f"*.{form}")
        run = several(build(args, letters, out), args.repeat, removed(out))
        rows.append([f"imr build, {form}", f"{n:,}", f"{stored / 1e6:,.0f}", *row("", run, n, text, 1)[1:5]])
        if form == "pdf" and shutil.which("pdftotext"):
            every = f"find '{letters}' -name '*.pdf' -print0 | xargs -0 -P{args.jobs} -I@ pdftotext -q @ - >/dev/null"
            run = several(["sh", "-c", every], args.repeat)
            rows.append(["pdftotext, text only", f"{n:,}", f"{stored / 1e6:,.0f}", *row("", run, n, text, 1)[1:5]])
    print(markdown(["", "letters", "MB stored", "letters/s", "MB of text/s", *HEADER[3:5]], rows))


def dataset(args):
    """The dataset given, or one of composed letters."""
    if args.dataset:
        return args.dataset
    letters, out = corpus(args, args.letters), args.work / "out" / "dataset"
    once(build(args, letters, out))
    return out


def queries(args):
    """Each analysis by imr and by DuckDB."""
    machine(args)
    folder = dataset(args)
    database = duckdb.connect()
    database.execute(f"SET threads = {args.jobs}")
    for table in sorted(p.name for p in folder.iterdir() if p.is_dir()):
        database.execute(f"CREATE VIEW {table} AS FROM '{folder}/{table}/*.parquet'")
    for bound, sign in (("lower", "-"), ("upper", "+")):
        # As imr defines them.
        database.execute(
            f"CREATE MACRO wilson_{bound}(k, n) AS CASE WHEN n > 0 THEN (k / n + 1.959964 ^ 2 / (2 * n) {sign} 1.959964 * "
            "sqrt((k / n) * (1 - k / n) / n + 1.959964 ^ 2 / (4 * n ^ 2))) / (1 + 1.959964 ^ 2 / n) END"
        )
    more = 5 if args.quick else 20
    rows, totals = [], [0, 0, 0]
    for path in sorted(QUERIES.glob("*.sql")):
        sql = path.read_text()
        try:
            database.execute(sql).fetchall()
        except duckdb.CatalogException:
            continue  # it asks for what only imr's sessions know, as the sizes of columns
        statement = sql.rstrip().rstrip(";") + "\n;\n"

        def asked(times):
            script = args.work / "query.sql"
            script.write_text(statement * times)
            return [args.imr, "sql", folder, "--format", "csv", "-f", script]

        alone = several(asked(1), args.repeat).seconds
        # What a query takes in a session that has run it: the time of several more of it.
        warm = max(several(asked(1 + more), args.repeat).seconds - alone, 0) / more
        peer = []
        for _ in range(max(args.repeat, more)):
            start = time.perf_counter()
            database.execute(sql).fetchall()
            peer.append(time.perf_counter() - start)
        peer = statistics.median(peer)
        totals = [a + b for a, b in zip(totals, (alone, warm, peer))]
        rows.append([path.stem, *(f"{1000 * s:,.1f}" for s in (alone, warm, peer)), f"{warm / peer:.2f}"])
    rows.append(["total", *(f"{1000 * s:,.1f}" for s in totals), f"{totals[1] / totals[2]:.2f}"])
    count = database.execute("SELECT count(*) FROM letters").fetchone()[0]
    print(f"{count:,} letters; milliseconds\n")
    print(markdown(["query", "imr, program start to end", "imr, warm", "DuckDB, warm", "imr / DuckDB"], rows))


def sizes(args):
    """Bytes on disk against bytes of text."""
    folder = dataset(args)
    files = f"'{folder}/*/*.parquet'"
    text, letters = duckdb.execute(f"SELECT sum(strlen(text)), count(*) FROM '{folder}/letters/*.parquet'").fetchone()
    stored = sum(p.stat().st_size for p in folder.rglob("*.parquet"))
    columns = duckdb.execute(
        f"""
        SELECT split_part(file_name, '/', -2) AS "table", path_in_schema AS "column", sum(total_compressed_size) AS bytes
        FROM parquet_metadata({files}) GROUP BY ALL ORDER BY bytes DESC
        """
    ).fetchall()
    print("Composed letters repeat sentences that real ones vary, so that theirs are larger.\n" if not args.dataset else "")
    print(f"{letters:,} letters: {text / 1e6:,.1f} MB of text, {stored / 1e6:,.1f} MB of Parquet, ratio {stored / text:.3f}\n")
    tables = {}
    for table, _, size_of in columns:
        tables[table] = tables.get(table, 0) + size_of
    listed = [[t, f"{b / 1e6:,.2f}", f"{b / text:.4f}", f"{b / letters:,.0f}"] for t, b in tables.items()]
    print(markdown(["table", "MB", "of the text", "bytes a letter"], sorted(listed, key=lambda r: -float(r[1].replace(",", "")))))
    print()
    listed = [[f"{t}.{c}", f"{b / 1e6:,.3f}", f"{b / text:.4f}", f"{b / letters:,.1f}"] for t, c, b in columns[:40]]
    print(markdown(["column", "MB", "of the text", "bytes a letter"], listed))
