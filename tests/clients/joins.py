"""Tables join, and the overturn rate by weaning context is the same however it is computed.

    joins.py DATASET OVERTURN_BY_WEANING.json
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas
import polars

dataset, expected = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
tables = "letters cases reviewers decisions citations weaning_mentions problems evidence".split()

# Every reference leads to one row, in each client.
db = duckdb.connect()
for table in tables:
    db.execute(f"create view {table} as select * from read_parquet('{dataset}/{table}/*.parquet')")
frames = {t: pandas.read_parquet(dataset / t) for t in tables}
polar = {t: polars.read_parquet(dataset / t / "*.parquet") for t in tables}
decisions = db.sql("select count(*) from decisions").fetchone()[0]
assert decisions > 0, "the letters gave no decisions"

wide = """
    select count(*), count(distinct letter_id), count(rationale), min(len(diagnoses)) >= 0
    from decisions join cases using (case_id) join letters using (letter_id)
"""
rows, letters, rationales, listed = db.sql(wide).fetchone()
assert rows == decisions and letters > 0 and rationales > 0 and listed

joined = frames["decisions"].merge(frames["cases"], on="case_id", validate="many_to_one")
joined = joined.merge(frames["letters"], on="letter_id", validate="many_to_one")
assert len(joined) == decisions

joined = polar["decisions"].join(polar["cases"], on="case_id", validate="m:1")
joined = joined.join(polar["letters"], on="letter_id", validate="m:1")
assert joined.height == decisions

specialties = db.sql("select count(*) from (select unnest(specialties) from reviewers)").fetchone()[0]
assert specialties == len(frames["reviewers"].explode("specialties")) > 0

# The place of a mention is its cue.
cues = """
    select sentence, text[start_char + 1 : end_char]
    from weaning_mentions join cases using (case_id) join letters using (letter_id)
"""
for sentence, cue in db.sql(cues).fetchall():
    assert cue and cue.split()[0].strip("-") in sentence, (sentence, cue)


def rate(row):
    return row["weaning_context"], row["decisions"], row["overturned"]


expected = sorted(rate(row) for row in expected if row["decisions"] > 0)
by_duckdb = db.sql("""
    select weaning_context, count(*), count(*) filter (where outcome = 'overturned')
    from decisions where outcome is not null group by weaning_context
""").fetchall()
assert sorted(by_duckdb) == expected, (by_duckdb, expected)

decided = frames["decisions"].dropna(subset="outcome")
groups = (decided["outcome"] == "overturned").groupby(decided["weaning_context"])
by_pandas = [(name, int(group.size), int(group.sum())) for name, group in groups]
assert sorted(by_pandas) == expected, (by_pandas, expected)

print("joins agree")
