"""Runs peer.sql: peer_sql.py LETTERS OUT [--jobs N]"""

import argparse
from pathlib import Path
from string import Template

import duckdb

SQL = Path(__file__).with_name("peer.sql")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("letters", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--jobs", type=int)
    args = arguments.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    database = duckdb.connect()
    if args.jobs:
        database.execute(f"SET threads = {args.jobs}")
    sql = Template(SQL.read_text())
    database.execute(sql.safe_substitute(letters=args.letters / "**" / "*.txt", out=args.out))
    print(database.execute("SELECT count(*) || ' letters' FROM letters").fetchone()[0])


if __name__ == "__main__":
    main()
