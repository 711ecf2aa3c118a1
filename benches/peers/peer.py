"""What one would write in Python instead: the letters of 2014, 2015 and 2018 by regular expressions, to Parquet.

    peer.py LETTERS OUT [--jobs N]

LETTERS is a folder of .txt files, to any depth. OUT gets the tables cases and decisions.
"""

import argparse
import multiprocessing
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 1_000
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = rf"\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}}|(?:{MONTHS}) \d{{1,2}}, \d{{4}}"

CASE_NUMBER = re.compile(r"Case Number: ?(CM\d\d-\d{7})")
HEADER_INJURY = re.compile(rf"Date of Injury: ({DATE})")
SUMMARY_INJURY = re.compile(rf"(?:injur\w*|hurt|DOI)[^.]{{0,60}}?({DATE})", re.I)
AGE = re.compile(r"\b(\d\d)[- ]years?[- ](?:old|of age)|\b(\d\d) years old")
SEX = re.compile(r"\b(male|man|gentleman|female|woman|lady)\b", re.I)
PRONOUN = re.compile(r"\b(?:(he|his|him)|(she|her))\b", re.I)
CREDENTIALS = re.compile(r"State\(s\) of Licensure: (.*?) Certification\(s\)/Specialty: (.*?) CLINICAL CASE SUMMARY")
PROSE_CREDENTIALS = re.compile(
    r"Board Certified in (.*?)(?:,? has a subspecialty in (.*?))?,? and is licensed to practice in (.*?)\."
)
SUMMARY = re.compile(
    r"clinical case summary based on a review of the case file, including all medical records: (.*?)"
    r"(?= IMR (?:ISSUES, DECISIONS AND RATIONALES|DECISION\(S\) AND RATIONALE\(S\)))"
)
SET_FORTH = "disputed items/services set forth below: "
EXPERT = re.compile(r": {1,2}(Upheld|Overturned) Claims Administrator guideline: ")
REVIEWER = re.compile(r" MAXIMUS guideline: (.*?) (?:Decision r|R)ationale: ")
PHYSICIAN = re.compile(
    r"\d+\. (?:The request for )?((?:(?! is (?:not )?medically necessary).){3,400}) is (not )?medically necessary and "
    r"appropriate\. (The Claims Administrator .*?\.) (The Physician Reviewer .*?)"
    r"\.? The Physician Reviewer['’]s decision rationale: "
)
WEANING = re.compile(r"\b(?:wean|taper|detox|titrat\w+ down|step\w* down)", re.I)
SPACE = re.compile(r"\s+")

SEXES = {"male": "male", "man": "male", "gentleman": "male"}

CASES = pa.schema(
    [
        ("source", pa.string()),
        ("case_number", pa.string()),
        ("outcome", pa.string()),
        ("date_of_injury", pa.string()),
        ("age", pa.int32()),
        ("sex", pa.string()),
        ("licensure_states", pa.list_(pa.string())),
        ("specialties", pa.list_(pa.string())),
        ("weaning", pa.bool_()),
    ]
)
DECISIONS = pa.schema(
    [
        ("source", pa.string()),
        ("seq", pa.int32()),
        ("request", pa.string()),
        ("outcome", pa.string()),
        ("claims_administrator_guideline", pa.string()),
        ("reviewer_guideline", pa.string()),
        ("rationale", pa.string()),
        ("weaning", pa.bool_()),
    ]
)


def expert_decisions(text):
    """`Norco 10/325mg #60: Upheld`, then two guidelines and a rationale that ends where the next heading begins."""
    marks = list(EXPERT.finditer(text))
    request = text[: marks[0].start()] if marks else ""
    for mark, following in zip(marks, marks[1:] + [None]):
        block = text[mark.end() : following.start() if following else len(text)]
        heading, outcome = request, mark[1].lower()
        if following:
            cut = block.rfind(". ")
            block, request = block[: cut + 1], block[cut + 2 :]
        reviewer = REVIEWER.search(block)
        if reviewer:
            yield heading, outcome, block[: reviewer.start()], reviewer[1], block[reviewer.end() :]
        else:
            yield heading, outcome, None, None, block


def physician_decisions(text):
    """`1. Norco 10/325mg #60 is not medically necessary and appropriate.`, and so on."""
    marks = list(PHYSICIAN.finditer(text))
    for mark, following in zip(marks, marks[1:] + [None]):
        rationale = text[mark.end() : following.start() if following else len(text)]
        yield mark[1], "upheld" if mark[2] else "overturned", mark[3], mark[4], rationale


def parse(source, raw):
    """The row of cases and the rows of decisions of a letter."""
    text = SPACE.sub(" ", raw.decode("utf-8-sig", "replace"))
    summary = SUMMARY.search(text)
    summary = summary[1] if summary else ""
    start = text.rfind(SET_FORTH)
    body = text[start + len(SET_FORTH) :].strip() if start >= 0 else ""
    found = list(expert_decisions(body)) or list(physician_decisions(body))
    decisions = [
        (source, seq, request.strip(), outcome, administrator, reviewer, rationale.strip(), bool(WEANING.search(rationale)))
        for seq, (request, outcome, administrator, reviewer, rationale) in enumerate(found, 1)
    ]
    number = CASE_NUMBER.search(text)
    injury = HEADER_INJURY.search(text) or SUMMARY_INJURY.search(summary)
    age = AGE.search(summary)
    sex = SEX.search(summary)
    if sex:
        sex = SEXES.get(sex[1].lower(), "female")
    else:
        said = {"male" if pronoun[1] else "female" for pronoun in PRONOUN.finditer(summary)}
        sex = said.pop() if len(said) == 1 else None
    states, specialties = [], []
    if credentials := CREDENTIALS.search(text):
        states, specialties = credentials[1].split(", "), credentials[2].split(", ")
    elif credentials := PROSE_CREDENTIALS.search(text):
        states = re.split(", | and ", credentials[3])
        specialties = [s for s in (credentials[1], credentials[2]) if s]
    outcomes = {decision[3] for decision in decisions}
    case = (
        source,
        number[1] if number else None,
        "partially_overturned" if len(outcomes) == 2 else next(iter(outcomes), None),
        injury[1] if injury else None,
        int(age[1] or age[2]) if age else None,
        sex,
        states,
        specialties,
        bool(WEANING.search(summary)) or any(decision[7] for decision in decisions),
    )
    return case, decisions


def table(rows, schema):
    columns = zip(*rows) if rows else [[] for _ in schema]
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema)], schema=schema)


def chunk(task):
    """Reads some letters and writes their part of each table."""
    part, paths, out = task
    cases, decisions = [], []
    for path in paths:
        case, of_case = parse(str(path), Path(path).read_bytes())
        cases.append(case)
        decisions.extend(of_case)
    for name, rows, schema in (("cases", cases, CASES), ("decisions", decisions, DECISIONS)):
        pq.write_table(table(rows, schema), out / name / f"part-{part:05}.parquet", compression="zstd")
    return len(cases)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("letters", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    args = arguments.parse_args()
    for name in ("cases", "decisions"):
        (args.out / name).mkdir(parents=True, exist_ok=True)
    paths = sorted(str(p) for p in args.letters.rglob("*.txt"))
    tasks = [(i // CHUNK, paths[i : i + CHUNK], args.out) for i in range(0, len(paths), CHUNK)]
    with multiprocessing.Pool(args.jobs) as pool:
        done = sum(pool.imap_unordered(chunk, tasks))
    print(f"{done} letters")


if __name__ == "__main__":
    main()
