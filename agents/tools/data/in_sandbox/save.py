"""Writes tables to files, atomically and with types."""

import csv
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from agents.tools.data.in_sandbox.parse_values import is_empty
from agents.tools.data.in_sandbox.read_tables import ROOT
from agents.tools.data.in_sandbox.refusal import CannotDo
from orchestrator.domain.escape_file_names import real

KINDS = (".csv", ".parquet", ".xlsx")
MOST_SHEET_ROWS = 1_048_575
HALF = Path("/code/half")
"""Contains the name of a partial file; the host removes leftovers."""
_NOTHING = "\x1aNULL\x1a"
_BREAKS = {"\n": "\x1aN\x1a", "\r": "\x1aR\x1a"}
_BREAK = re.compile(r"[\r\n]")


def target(path: str) -> Path:
    """Returns where a new file goes. Raises CannotDo for another type, or a path outside."""
    path = path.removeprefix(f"{ROOT}/")
    where = ROOT / real(path)
    if path.startswith("/") or ".." in Path(path).parts or not path.strip():
        raise CannotDo(f"{path!r} is outside the workspace. Use a path inside it for the new file.")
    if where.suffix.lower() not in KINDS:
        raise CannotDo(f"{path!r} doesn't end in {', '.join(KINDS[:-1])} or {KINDS[-1]}. Use one of those extensions.")
    if where.is_dir():
        raise CannotDo(f"{path!r} is a folder. Specify a file.")
    return where


def whole(path: Path, write: Callable[[Path], None]) -> None:
    """Writes a partial file and renames it, so that nobody sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(HALF.read_text())
    try:
        write(half)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def save_plain(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Writes .csv or .parquet."""
    if path.suffix.lower() == ".csv":
        whole(path, lambda half: _csv(half, columns, rows))
    else:
        whole(path, lambda half: _parquet(half, columns, rows))


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows([_text(v) for v in row] for row in rows)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(sep=" ") if isinstance(value, datetime) else "" if value is None else value


def _parquet(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with duckdb.connect() as base:
        load(base, "result", columns, rows)
        base.table("result").write_parquet(str(path))


def load(base: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Creates a typed table of that name: a column whose values are all of one type gets it, others are text."""
    types = {c: sql_type(row[n] for row in rows) for n, c in enumerate(columns)}
    half = Path("/tmp") / f"{secrets.token_hex(6)}.csv"
    with half.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_NOTHING if is_empty(v) else _in_one_line(_text(v)) for v in row] for row in rows)
    try:
        read = base.read_csv(
            str(half), header=False, columns=types, na_values=[_NOTHING], sep=",", quotechar='"', escapechar='"',
            all_varchar=False, parallel=False, max_line_size=20_000_000,
        )  # fmt: skip
        several = [any(isinstance(row[n], str) and _BREAK.search(row[n]) for row in rows) for n in range(len(columns))]
        read.project(", ".join(map(_in_lines, columns, several))).create(name)
    finally:
        os.unlink(half)  # noqa: PTH108


def _in_one_line(value: Any) -> Any:
    """Returns the value without line breaks, on which DuckDB's reader of CSV fails when they aren't all alike."""
    return _BREAK.sub(lambda found: _BREAKS[found[0]], value) if isinstance(value, str) else value


def _in_lines(column: str, several: bool) -> str:
    """Returns the SQL that gives a column its line breaks back."""
    name = f'"{column.replace(chr(34), chr(34) * 2)}"'
    words = name
    for sign, kept in _BREAKS.items() if several else ():
        words = f"replace({words}, '{kept}', chr({ord(sign)}))"
    return f"{words} AS {name}" if several else name


def sql_type(values: Iterable[Any]) -> str:
    """Returns the narrowest type that holds all of them."""
    kinds: set[type] = {type(v) for v in values if not is_empty(v)}
    if kinds and kinds <= {int}:
        return "BIGINT"
    if kinds and kinds <= {int, float}:
        return "DOUBLE"
    if kinds == {bool}:
        return "BOOLEAN"
    if kinds == {date}:
        return "DATE"
    return "TIMESTAMP" if kinds and kinds <= {date, datetime} else "VARCHAR"
