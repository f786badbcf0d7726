"""Reads files as tables: text, Excel, Parquet, JSON, SQLite. A file's first bytes decide its type, not its name."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from agents.tools.data.in_sandbox import bank_statement, other_files
from agents.tools.data.in_sandbox.book_table import MOST_CELLS, RENAME, read_book
from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.data.in_sandbox.table import DataTable, NamedSource, listed, named, unknown
from agents.tools.data.in_sandbox.text_table import decode, read_text
from orchestrator.domain.escape_file_names import real, shown
from orchestrator.domain.plural import counted

ROOT, CODE = Path("/workspace"), Path("/code")
MOST_BYTES = 150_000_000
MOST_BOOK = 40_000_000
_LAST = 5


def read(
    spec: str, *, most: int | None = None, encoding: str = "", copies: Mapping[str, Mapping[str, Any]] | None = None
) -> DataTable:
    """Returns the table that 'file' or 'file#sheet' names, with at most that many rows. Raises CannotDo.

    `encoding`: of a text file, if it isn't what it looks like. `copies`: copies of workbooks to read instead, by file,
    with their `name` below /code and `notes`.
    """
    name = place(spec)
    copy = (copies or {}).get(spec)
    if copy is not None:
        table = _read(name._replace(path=CODE / copy["name"]), most, encoding)
        return replace(table, notes=(*table.notes, *copy["notes"]))
    return _read(name, most, encoding)


def _read(name: NamedSource, most: int | None, encoding: str) -> DataTable:
    size = name.path.stat().st_size
    if not size:
        raise CannotDo(f"{name.shown!r} is empty. Ask for the file again, or use another one.")
    with name.path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PAR1"):
        return _parquet(name, most)
    _bound(name.shown, size, MOST_BOOK if start.startswith(b"PK") else MOST_BYTES)
    if start.startswith(b"SQLite format 3\0"):
        return _sqlite(name, most)
    table = _whole(name, start, encoding, first_look=most is not None)
    if most is None or len(table.rows) <= most or table.sample:
        return table
    first, last = most // 2, len(table.rows) - _LAST
    kept = sorted({*range(first), *range(first, last, -(-(last - first) // first)), *range(last, len(table.rows))})
    return replace(
        table, rows=[table.rows[n] for n in kept], places=[table.places[n] for n in kept], total=len(table.rows),
        sample=f"a sample of {len(kept):,}: the beginning, the end, and in between",
    )  # fmt: skip


def place(spec: str) -> NamedSource:
    """Returns the file's path. Raises CannotDo if it is outside or missing."""
    spec = spec.removeprefix(f"{ROOT}/")
    path, _, part = (
        (spec, "", "") if (ROOT / real(spec)).is_file() else spec.rpartition("#") if "#" in spec else (spec, "", "")
    )
    where = ROOT / real(path)
    if path.startswith("/") or ".." in Path(path).parts:
        raise CannotDo(f"{path!r} is outside the workspace. Use a path inside it.")
    if not where.is_file():
        files = (p for p in ROOT.rglob("*") if p.is_file() and ".threadwork" not in p.parts)
        there = [shown(str(p.relative_to(ROOT))) for p in files]
        raise CannotDo(
            unknown("file", path, sorted(there)) if there else f"There's no file {path!r}: the workspace is empty."
        )
    return NamedSource(_sayable(where), path, part)


def _sayable(where: Path) -> Path:
    """Provides the file under another name if its own isn't UTF-8, because the libraries don't accept such a path."""
    try:
        str(where).encode()
    except UnicodeEncodeError:
        link = Path(tempfile.mkdtemp()) / f"file{where.suffix}"
        link.symlink_to(where)
        return link
    return where


def _bound(name: str, size: int, most: int) -> None:
    if size > most:
        words = "extract what you need with run_python (duckdb or pandas in chunks), or ask for it as .parquet"
        raise CannotDo(f"{name!r} is {size / 1e6:,.0f} MB; the limit for its type is {most / 1e6:,.0f} MB: {words}.")


def _whole(name: NamedSource, start: bytes, encoding: str, *, first_look: bool) -> DataTable:
    content = name.path.read_bytes()
    suffix = name.path.suffix.lower()
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise CannotDo(f"{name.shown!r} is password-protected. Ask the person for an unprotected copy.")
        raise CannotDo(f"{name.shown!r} is an older Excel file. {RENAME}")
    other_files.refuse(content, name.shown)
    if start.startswith(b"PK"):
        return read_book(content, name)
    if start.startswith(b"\x1f\x8b"):
        raise CannotDo(f"{name.shown!r} is compressed. Unpack it first: run_shell 'gunzip -k {name.shown}'.")
    if suffix == ".parquet":
        raise CannotDo(f"{name.shown!r} isn't a Parquet file, or its header is damaged. Ask for the file again.")
    if suffix in (".xlsx", ".xlsm"):
        raise CannotDo(f"{name.shown!r} isn't an Excel file, or its header is damaged. Ask for the file again.")
    if suffix in (".json", ".jsonl", ".ndjson"):
        return _json(content, name, encoding)
    with suppress(other_files.NotXml):
        root = other_files.xml_root(content)
        if bank_statement.is_one(root):
            return bank_statement.read(root, name)
        other_files.refuse_xml(root, content, name.shown)
    return read_text(content, name.shown, encoding, first_look=first_look)


def _json(content: bytes, name: NamedSource, encoding: str) -> DataTable:
    text = decode(content, name.shown, encoding).text
    records, places, unit, beside = _records(text, name)
    flat = [dict(_flat(r)) for r in records]
    columns = list(dict.fromkeys(key for row in flat for key in row))
    opened = {key.rpartition(".")[0] for key in columns}
    columns = [c for c in columns if c not in opened or any(row.get(c) is not None for row in flat)]
    if not columns:
        raise CannotDo(f"{name.shown!r} doesn't contain any records. Check it with read_file.")
    nested = sum("." in c for c in columns)
    notes = (f"{counted(nested, 'column')} from nested objects, with dots in their names",) if nested else ()
    notes += (beside,) if beside else ()
    rows = [[row.get(c) for c in columns] for row in flat]
    return DataTable(columns, rows, places, unit, "JSON records", notes)


def _records(text: str, name: NamedSource) -> tuple[list[Any], list[int], str, str]:
    """Returns the records, their numbers, what they are, and a sentence about what stands beside them."""
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if name.path.suffix.lower() != ".json":
        return [_parsed(line, name, n) for n, line in lines], [n for n, _ in lines], "line", ""
    try:
        value = json.loads(text)
    except ValueError:
        if len(lines) > 1 and lines[0][1].lstrip().startswith("{") and lines[0][1].rstrip().endswith("}"):
            return [_parsed(line, name, n) for n, line in lines], [n for n, _ in lines], "line", ""
        value = _parsed(text, name, 1)
    if name.part:
        if not isinstance(value, dict) or name.part not in value:
            raise CannotDo(unknown("key", name.part, list(value) if isinstance(value, dict) else []))  # pyright: ignore[reportUnknownArgumentType]
        value = value[name.part]  # pyright: ignore[reportUnknownVariableType]
    records: list[Any] = value if isinstance(value, list) else _longest(value)  # pyright: ignore[reportUnknownVariableType]
    beside = _beside(value, records, name) if isinstance(value, dict) else ""  # pyright: ignore[reportUnknownArgumentType]
    return records, list(range(1, len(records) + 1)), "record", beside


def _beside(value: dict[str, Any], records: list[Any], name: NamedSource) -> str:
    """Names the keys of an object beside the one whose records are read."""
    chosen = next((key for key, inside in value.items() if inside is records), None)
    others = [key for key in value if key != chosen]
    if chosen is None or not others:
        return ""
    return f"records of {chosen!r}; also in the file: {listed(others)} (select one with {name.shown}#{others[0]})"


def _parsed(text: str, name: NamedSource, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        at = line + getattr(error, "lineno", 1) - 1
        raise CannotDo(
            f"{name.shown!r} isn't valid JSON: {getattr(error, 'msg', error)} on line {at}. Correct that line."
        ) from error


def _longest(value: Any) -> list[Any]:
    """Returns the longest list among an object's values, else the object itself as the only record."""
    lists: list[list[Any]] = [v for v in value.values() if isinstance(v, list)] if isinstance(value, dict) else []  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]
    return max(lists, key=len) if lists else [value]


def _flat(record: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(record, dict):
        yield (before or "value", json.dumps(record, ensure_ascii=False) if isinstance(record, list) else record)
        return
    for key, value in record.items():  # pyright: ignore[reportUnknownVariableType]
        yield from _flat(value, f"{before}.{key}" if before else str(key))  # pyright: ignore[reportUnknownArgumentType]


def _parquet(name: NamedSource, most: int | None) -> DataTable:
    try:
        with duckdb.connect() as base:
            source = base.read_parquet(str(name.path))
            total = len(source)
            cells = min(total, most or total) * max(1, len(source.columns))
            if cells > MOST_CELLS:
                raise CannotDo(
                    f"{name.shown!r} has {counted(total, 'row')}. Extract the columns you need with run_python first."
                )
            rows = [list(row) for row in source.limit(most or total).fetchall()]
    except duckdb.Error as error:
        raise CannotDo(f"{name.shown!r} is a damaged Parquet file. Ask for the file again.") from error
    columns = list(source.columns)
    return DataTable(
        columns, rows, list(range(1, len(rows) + 1)), "row", "Parquet file", total=total if total > len(rows) else None
    )


def _sqlite(name: NamedSource, most: int | None) -> DataTable:
    try:
        base = sqlite3.connect(f"file:{name.path}?mode=ro&immutable=1", uri=True)
        tables = [
            r[0] for r in base.execute("SELECT name FROM sqlite_master WHERE type IN ('table','view') ORDER BY name")
        ]
        title = name.part or (tables[0] if tables else "")
        if title not in tables:
            raise CannotDo(unknown("table", title, tables) if title else f"{name.shown!r} has no tables.")
        quoted = '"' + title.replace('"', '""') + '"'
        total = base.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]
        cursor = base.execute(f"SELECT * FROM {quoted} LIMIT ?", (most if most is not None else -1,))
        columns = named([d[0] for d in cursor.description])
        if min(total, most or total) * len(columns) > MOST_CELLS:
            raise CannotDo(
                f"The table {title!r} has {counted(total, 'row')}. Extract what you need with run_python first."
            )
        rows = [list(row) for row in cursor]
    except sqlite3.Error as error:
        raise CannotDo(f"{name.shown!r} is a damaged SQLite file ({error}). Ask for the file again.") from error
    others = [t for t in tables if t != title]
    notes = (f"other tables: {listed(others)} (select one with {name.shown}#{others[0]})",) if others else ()
    numbers = list(range(1, len(rows) + 1))
    return DataTable(
        columns, rows, numbers, "row", f"SQLite table {title!r}", notes, total=total if total > len(rows) else None
    )
