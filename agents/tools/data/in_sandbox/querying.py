"""Answers data_query: runs SQL over files as tables, in a DuckDB without access to other files."""

import re
import textwrap
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

from agents.tools.data.in_sandbox import derivation_record, save
from agents.tools.data.in_sandbox.look import grid
from agents.tools.data.in_sandbox.non_data_rows import not_data
from agents.tools.data.in_sandbox.parse_dates import date_in
from agents.tools.data.in_sandbox.parse_durations import MEANING, are_durations, hours
from agents.tools.data.in_sandbox.parse_values import is_empty, number
from agents.tools.data.in_sandbox.profile import shown
from agents.tools.data.in_sandbox.read_tables import read
from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.data.in_sandbox.saved_file_answer import Saved
from agents.tools.data.in_sandbox.table import PLACE, DataTable, located, unknown
from agents.tools.data.in_sandbox.workbook import Sheet, save_sheets
from orchestrator.domain.plural import counted

_MEMORY = "1200MB"
_MOST_KEPT = 1_000_000
_LINE = 95


class _Result(NamedTuple):
    """Columns and rows of the result."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def run(request: dict[str, Any]) -> str | Saved:
    """`request`: sql, files (name: file), save_as, rows, encoding. Raises CannotDo."""
    path = save.target(request["save_as"]) if request["save_as"] else None
    how: dict[str, Any] = {"encoding": request.get("encoding", ""), "copies": request.get("copies")}
    tables = {name: read(spec, **how) for name, spec in request["files"].items()}
    with duckdb.connect(config={"memory_limit": _MEMORY, "threads": 2}) as base:
        for name, table in tables.items():
            _fill(base, name, table)
        base.execute("SET enable_external_access=false; SET lock_configuration=true")
        result = _asked(base, request["sql"], tables)
    lines = [_told(result, request["rows"])]
    lines += [f"Note: in {name!r}, {words}." for name, table in tables.items() if (words := not_data(table))]
    lines += [
        f"Note: in {name!r}, {words}." for name, table in tables.items() for words in (*table.odd, *_units(table))
    ]
    source = _source(result, request, tables)
    if path is None:
        return "\n".join([*lines, source])
    of = derivation_record.files({request["files"][name]: table for name, table in tables.items()})
    made = derivation_record.asked(of, request["sql"], len(result.rows))
    _save(path, result, made)
    lines += [f"The full result ({counted(len(result.rows), 'row')}) is in {request['save_as']!r}.", source]
    return Saved("\n".join(lines), made)


def _fill(base: duckdb.DuckDBPyConnection, name: str, table: DataTable) -> None:
    columns = [*table.columns, *([] if PLACE in table.columns else [PLACE])]
    typed = [_typed(column, table.values(n)) for n, column in enumerate(table.columns)]
    places = [] if PLACE in table.columns else [table.places]
    try:
        save.load(base, name, columns, list(zip(*typed, *places, strict=True)))
    except duckdb.Error as error:
        raise CannotDo(f"The table {name!r} can't be loaded: {_first(error)}. Use another name for it.") from error


def _typed(name: str, values: list[Any]) -> list[Any]:
    """Converts text that consists only of plain numbers, ISO dates or durations; anything else stays as it is."""
    filled = [v for v in values if not is_empty(v)]
    if not filled or not all(isinstance(v, str) for v in filled):
        return [
            v if isinstance(v, str | int | float) or v is None or hasattr(v, "isoformat") else str(v) for v in values
        ]
    if are_durations(name, filled):
        return [None if is_empty(v) else hours(v) for v in values]
    meanings: tuple[Callable[[str], Any], ...] = (_plain_number, _iso_day)
    for meaning in meanings:
        if (read := _all_read(values, meaning)) is not None:
            return read
    return values


def _all_read(values: list[Any], meaning: Callable[[str], Any]) -> list[Any] | None:
    """Returns what the texts mean; None if one of them has no such meaning."""
    read = list[Any]()
    for value in values:
        found = None if is_empty(value) else meaning(value)
        if found is None and not is_empty(value):
            return None
        read.append(found)
    return read


def _units(table: DataTable) -> list[str]:
    """Says what the numbers of columns mean that are written as something else."""
    found = [note for note in table.notes if "durations" in note]
    for n, column in enumerate(table.columns):
        filled = [v for v in table.values(n) if not is_empty(v)]
        if all(isinstance(v, str) for v in filled) and are_durations(column, filled):
            found.append(f"{column!r} is in {MEANING}")
    return found


def _iso_day(text: str) -> Any:
    return date_in(text, "%Y-%m-%d")


def _plain_number(text: str) -> int | float | None:
    return number(text.strip(), ".") if re.fullmatch(r"\s*-?\d+(\.\d+)?(E[+-]?\d+)?\s*", text) else None


def _asked(base: duckdb.DuckDBPyConnection, sql: str, tables: dict[str, DataTable]) -> _Result:
    try:
        _check_reads(base, sql)
        base.execute(sql)
        rows = base.fetchmany(_MOST_KEPT + 1)
        if len(rows) > _MOST_KEPT:
            raise CannotDo(f"The result has more than {_MOST_KEPT:,} rows. Aggregate, or add LIMIT.")
        return _Result([d[0] for d in base.description or ()], [tuple(_value(v) for v in row) for row in rows])
    except duckdb.OutOfMemoryException as error:
        raise CannotDo(
            "The query needs more memory than a command may use. Join or group fewer rows at once."
        ) from error
    except duckdb.Error as error:
        raise CannotDo(sentence(str(error), sql, tables)) from error


def _check_reads(base: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raises CannotDo for a statement that does more than read; PIVOT first creates a type for itself."""
    kinds = [one.type for one in base.extract_statements(sql)]
    reading = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    pivot = re.search(r"\bpivot\b", sql, re.IGNORECASE) and not re.search(r"\bcreate\b", sql, re.IGNORECASE)
    if not kinds or kinds[-1] not in reading or (len(kinds) > 1 and not pivot):
        raise CannotDo(
            "data_query is read-only: write one SELECT over the tables in 'files'. Use save_as to write a file, "
            "data_clean to change data."
        )


def _value(value: Any) -> Any:
    """Converts values to what files can hold: no decimals, and nested values as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    return value if value is None or isinstance(value, str | int | float | date) else str(value)


def sentence(error: str, sql: str, tables: dict[str, DataTable]) -> str:
    """Turns DuckDB's message into one sentence with the next step."""
    first = _first(error)
    if found := re.search(r'Referenced column "([^"]+)" not found', error) or re.search(
        r'Table "[^"]+" does not have a column named "([^"]+)"', error
    ):
        return unknown("column", found[1], [c for t in tables.values() for c in t.columns] + [PLACE])
    if found := re.search(r"Table with name (\S+) does not exist", error):
        return unknown("table", found[1], list(tables)) + " Name each file in 'files'."
    if "disabled by configuration" in error:
        return "SQL can only use the tables in 'files'. Add the file there; to write a file, use save_as."
    if found := re.search(
        r"No function matches the given name and argument types '([^']+)'|for the function call \"(.+?)\"\. In", error
    ):
        call = found[1] or found[2]
        return f"The call {call} has the wrong types. Cast or clean a VARCHAR column first (data_clean)."
    if found := re.search(r"Could not convert string '?\"?(.+?)'?\"? to (\w+)", error):
        return f"{found[1]!r} isn't a {found[2]}. Clean the column with data_clean first, or use TRY_CAST."
    if found := re.search(r'syntax error at or near "([^"]*)"', error):
        say = "write one DuckDB statement, with double quotes around names that contain spaces"
        return f"The SQL has a syntax error at {found[1]!r}{_line(error)}; {say}."
    return f"The SQL failed: {first}"


def _first(error: object) -> str:
    return re.sub(r"^\w+(?: \w+)* Error: ", "", str(error).split("\n\n")[0]).replace("\n", " ")[:400]


def _line(error: str) -> str:
    found = re.search(r"LINE (\d+):", error)
    return f" on line {found[1]}" if found else ""


def _told(result: _Result, most: int) -> str:
    if not result.columns:
        return "The statement didn't return a result."
    rows = [[shown(v)[:200] for v in row] for row in result.rows[:most]]
    more = (
        f"\n… and {counted(len(result.rows) - most, 'more row')}; use save_as to get them all."
        if len(result.rows) > most
        else ""
    )
    return f"{counted(len(result.rows), 'row')}:\n{grid(result.columns, rows)}{more}"


def _save(path: Any, result: _Result, made: dict[str, Any]) -> None:
    if not result.columns:
        raise CannotDo("The statement didn't return a result to save. End it with a SELECT.")
    if path.suffix.lower() == ".xlsx":
        save_sheets(path, [Sheet("Data", result.columns, result.rows), _how(made)])
    else:
        save.save_plain(path, result.columns, result.rows)


def _how(made: dict[str, Any]) -> Sheet:
    said = (f"{counted(made['rows'], 'row')}, the result of this query:", *textwrap.wrap(made["by"][0], _LINE))
    rows = [(f["name"], f["rows"], f["sha256"]) for f in made["of"]]
    return Sheet(
        "How it was made", ("File", "Rows read", "SHA-256"), rows, "How it was made", said, widths={"SHA-256": 72.0}
    )


def _source(result: _Result, request: dict[str, Any], tables: dict[str, DataTable]) -> str:
    """Returns what share_finding needs to say where the figures come from."""
    sql = " ".join(request["sql"].split())
    if PLACE in result.columns and len(tables) == 1:
        at = result.columns.index(PLACE)
        numbers = sorted({row[at] for row in result.rows if isinstance(row[at], int)})
        ((name, table),) = tables.items()
        where = f"{located(table.unit, numbers)}; {sql[:200]}"
        return f"For share_finding: source_file={request['files'][name]!r}, locator='{where}'."
    files = ", ".join(
        f"source_file={request['files'][n]!r} ({t.unit}s {t.places[0]}-{t.places[-1]})" if t.places else n
        for n, t in tables.items()
    )
    hint = "" if PLACE in result.columns else f" Select {PLACE} to see the rows themselves."
    return f"For share_finding: {files}, locator='{sql[:280]}'.{hint}"
