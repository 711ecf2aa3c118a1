"""Columns arrive as the data dictionary says, in pyarrow, pandas, DuckDB and Polars.

    columns.py DATASET SCHEMA.json
"""

import datetime
import json
import sys
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet

dataset, schema = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())

ARROW = {
    "string": pyarrow.string(),
    "int32": pyarrow.int32(),
    "float64": pyarrow.float64(),
    "date": pyarrow.date32(),
    "list of string": pyarrow.list_(pyarrow.field("item", pyarrow.string(), nullable=False)),
}
DUCKDB = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "float64": "DOUBLE",
    "date": "DATE",
    "list of string": "VARCHAR[]",
}
POLARS = {
    "string": polars.String,
    "int32": polars.Int32,
    "float64": polars.Float64,
    "date": polars.Date,
    "list of string": polars.List(polars.String),
}

# What a value of each type is in Python.
PYTHON = {
    "string": str,
    "int32": int,
    "float64": float,
    "date": datetime.date,
    "list of string": list,
}

for table in schema["tables"]:
    name, columns = table["table"], table["columns"]
    folder = dataset / name

    # pyarrow: types, nullability, and the documentation with each column.
    arrow = pyarrow.parquet.read_table(folder)
    assert arrow.schema.names == [c["column"] for c in columns], name
    for column in columns:
        field = arrow.schema.field(column["column"])
        assert field.type == ARROW[column["type"]], field
        assert field.nullable == column["nullable"], field
        assert field.metadata[b"description"].decode() == column["description"], field
        allowed = field.metadata.get(b"allowed", b"").decode()
        assert allowed == ", ".join(column["allowed"] or []), field
        for value in arrow[column["column"]].to_pylist():
            assert isinstance(value, (PYTHON[column["type"]], type(None))), (field, value)
    for file in folder.glob("*.parquet"):
        metadata = pyarrow.parquet.read_metadata(file).metadata
        assert metadata[b"program"] == b"imr" and metadata[b"version"], metadata
        assert metadata[b"contract_version"] == b"1", metadata

    # DuckDB.
    files = f"read_parquet('{folder}/*.parquet')"
    described = duckdb.sql(f"describe select * from {files}").fetchall()
    found = {row[0]: row[1] for row in described}
    assert found == {c["column"]: DUCKDB[c["type"]] for c in columns}, found
    assert duckdb.sql(f"select count(*) from {files}").fetchone()[0] == arrow.num_rows

    # Polars.
    frame = polars.read_parquet(folder / "*.parquet")
    assert dict(frame.schema) == {c["column"]: POLARS[c["type"]] for c in columns}, frame.schema
    assert frame.height == arrow.num_rows

    # pandas, as it reads by itself and with Arrow's types, in which whole numbers stay whole.
    plain = pandas.read_parquet(folder)
    typed = pandas.read_parquet(folder, dtype_backend="pyarrow")
    assert len(plain) == len(typed) == arrow.num_rows
    for column in columns:
        dtype = typed[column["column"]].dtype.pyarrow_dtype
        assert dtype == ARROW[column["type"]], (column["column"], dtype)
        for value in plain[column["column"]]:
            if column["type"] == "string":
                assert isinstance(value, str) or pandas.isna(value), value
            if column["type"] == "date":
                assert isinstance(value, datetime.date) or pandas.isna(value), value
            if column["type"] == "list of string":
                assert all(isinstance(item, str) for item in value), value

print("types agree")
