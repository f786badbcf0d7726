"""Profiles columns and finds problems of a table."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from agents.tools.data.inside.parse_values import (
    NOTHING,
    decimal_of,
    either_way,
    formats_of,
    in_words,
    is_empty,
    kind,
    number,
    outliers,
    read_number,
)
from agents.tools.data.inside.table import DataTable, located
from orchestrator.domain.plural import counted

TOTALS = ("total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "subtotal", "zwischensumme")
_MOSTLY = 0.8
_MOST_DISTINCT = 20_000


class ColumnProfile(NamedTuple):
    """One column: `type` in words, counts, the smallest and largest value, the mean of numbers, frequent values."""

    name: str
    type: str
    empty: int
    distinct: int
    smallest: str
    largest: str
    mean: str
    examples: str


def profile(table: DataTable) -> list[ColumnProfile]:
    """One row per column."""
    return [_column(name, table.values(n)) for n, name in enumerate(table.columns)]


def _column(name: str, values: list[Any]) -> ColumnProfile:
    filled = [v for v in values if not is_empty(v)]
    tally = Counter(_key(v) for v in filled)
    kinds = Counter(kind(v) for v in filled)
    main = kinds.most_common(1)[0][0] if kinds else "nothing"
    written = main in ("number", "date") and any(isinstance(v, str) for v in filled)
    type_ = "empty" if main == "nothing" else main if len(kinds) == 1 else f"{main}, mixed with {_rest(kinds, main)}"
    numbers = _numbers(filled) if main == "number" else []
    days = [v for v in filled if isinstance(v, date)]
    ends = (min(numbers), max(numbers)) if numbers else (min(map(str, days)), max(map(str, days))) if days else ("", "")
    mean = shown(sum(numbers) / len(numbers)) if numbers else ""
    frequent = ", ".join(f"{str(v)[:30]}" + (f" ×{n}" if n > 1 else "") for v, n in tally.most_common(3))
    return ColumnProfile(
        name, f"{type_} (as text)" if written else type_, len(values) - len(filled), len(tally),
        shown(ends[0]), shown(ends[1]), mean, frequent,
    )  # fmt: skip


def _key(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | date) else str(value)


def _rest(kinds: Counter[str], main: str) -> str:
    return ", ".join(f"{n} {k}" for k, n in kinds.most_common() if k != main)


def _numbers(filled: list[Any]) -> list[float]:
    mark = decimal_of(v for v in filled if isinstance(v, str))
    read = (read_number(v, mark) if isinstance(v, str) else v for v in filled)
    return [float(v) for v in read if isinstance(v, int | float)]


def shown(value: Any) -> str:
    """Shows a value in a few characters."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}" if abs(value) < 1e-3 and value else f"{round(value, 4):.15g}"
    return str(value)


def suspicions(table: DataTable) -> Iterator[str]:
    """Yields sentences about what looks wrong, with the places; each says what data_clean can do."""
    yield from table.odd
    empty = [c for n, c in enumerate(table.columns) if all(is_empty(v) for v in table.values(n))]
    if empty and table.rows:
        yield f"empty columns: {', '.join(map(repr, empty))} (drop_columns)"
    headers, totals = repeated_headers(table), totals_rows(table)
    if headers:
        yield f"the header is repeated in {located(table.unit, [table.places[i] for i in headers])} (drop_rows)"
    if totals:
        yield f"total rows in {located(table.unit, [table.places[i] for i in totals])} (drop_rows)"
    skip = {*headers, *totals}
    yield from _repeated(table, skip)
    for n, name in enumerate(table.columns):
        cells = [(p, v) for i, (p, v) in enumerate(zip(table.places, table.values(n), strict=True)) if i not in skip]
        yield from (f"{name!r}: {words}" for words in _of_column([c for c in cells if not is_empty(c[1])], table.unit))


def repeated_headers(table: DataTable) -> list[int]:
    """Returns indexes of rows that repeat the header."""
    header = [c.casefold() for c in table.header]
    return [
        i for i, row in enumerate(table.rows)
        if header and [str(c or "").strip().casefold() for c in row[: len(header)]] == header
    ]  # fmt: skip


def totals_rows(table: DataTable) -> list[int]:
    """Returns indexes of rows whose first filled cell is a word for a total, and that hold less than a usual row."""
    usual = sum(sum(not is_empty(c) for c in row) for row in table.rows) / max(1, len(table.rows))
    found: list[int] = []
    for i, row in enumerate(table.rows):
        filled = [c for c in row if not is_empty(c)]
        if filled and len(filled) < usual and str(filled[0]).strip().rstrip(":").casefold() in TOTALS:
            found.append(i)
    return found


def _repeated(table: DataTable, skip: set[int]) -> Iterator[str]:
    seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, row in enumerate(table.rows):
        if i not in skip:
            seen[tuple(" ".join(str(c).split()) for c in row)].append(table.places[i])
    again = [places for places in seen.values() if len(places) > 1]
    if again:
        pairs = ", ".join(" = ".join(map(str, p[:3])) for p in again[:5])
        yield f"{counted(sum(len(p) - 1 for p in again), 'duplicate row')} ({table.unit}s {pairs}) (dedupe)"
    for n, name in enumerate(table.columns):
        if n > 3 or not any(w in name.casefold() for w in ("id", "no", "nr", "key", "code", "number")):
            continue
        tally = Counter(str(r[n]).strip() for i, r in enumerate(table.rows) if i not in skip and not is_empty(r[n]))
        twice = [v for v, times in tally.items() if times > 1]
        if tally and 0 < len(twice) < 0.3 * len(tally):
            yield f"{name!r}: {counted(len(twice), 'repeated value')}, e.g. {_few(twice)} (dedupe with it as the key)"


def _of_column(cells: list[tuple[int, Any]], unit: str) -> Iterator[str]:
    texts = [(p, v) for p, v in cells if isinstance(v, str)]
    padded = [p for p, v in texts if v != " ".join(v.split())]
    if padded:
        yield f"{counted(len(padded), 'value')} with extra spaces, {located(unit, padded, 4)} (trim)"
    words = Counter(v.strip() for _, v in texts if v.strip().casefold() in NOTHING)
    if words:
        yield f"placeholders: {', '.join(f'{w!r} ×{n}' for w, n in words.most_common(4))} (empty)"
    cells = [(p, v) for p, v in cells if not (isinstance(v, str) and v.strip().casefold() in NOTHING)]
    kinds = Counter(kind(v) for _, v in cells)
    main = kinds.most_common(1)[0][0] if kinds else ""
    if (
        len(kinds) > 1
        and (main == "text" or kinds[main] < len(cells))
        and kinds[main] >= 0.5 * len(cells)
        and main != "text"
    ):
        others = [(p, v) for p, v in cells if kind(v) != main]
        yield f"{len(others)} aren't {main}: {', '.join(f'{str(v)[:30]!r} ({unit} {p})' for p, v in others[:4])}"
    texts = [(p, v.strip()) for p, v in cells if isinstance(v, str)]
    if main == "number":
        yield from _of_numbers(cells, texts, unit)
    elif main == "date":
        yield from _of_dates(texts, unit)
    elif main == "text":
        yield from _spellings([v for _, v in texts])


def _of_numbers(cells: list[tuple[int, Any]], texts: list[tuple[int, str]], unit: str) -> Iterator[str]:
    mark = decimal_of(v for _, v in texts)
    clear = [(p, v) for p, v in texts if not either_way(v)]
    comma = [p for p, v in clear if number(v, ",") is not None and number(v, ".") is None]
    point = [p for p, v in clear if number(v, ".") is not None and number(v, ",") is None]
    if comma:
        mixed = f", but {len(point)} with a decimal point ({located(unit, point, 4)})" if point else ""
        yield f"{counted(len(comma), 'number')} with a decimal comma{mixed} (number)"
    elif money := [v for _, v in texts if any(not (c.isdigit() or c in ".,-+ ") for c in v) and kind(v) == "number"]:
        yield f"{counted(len(money), 'number')} with a currency or other symbol, such as {money[0]!r} (number)"
    if unclear := [(p, v) for p, v in texts if either_way(v)]:
        say = f"{unclear[0][1]!r} ({unit} {unclear[0][0]})"
        yield f"{len(unclear)} could be thousands or decimals, e.g. {say}; the rest of the column suggests {mark!r}"
    read = [(p, read_number(v, mark) if isinstance(v, str) else v) for p, v in cells]
    numbers = [(p, float(v)) for p, v in read if isinstance(v, int | float)]
    if limits := outliers([v for _, v in numbers]):
        strange = [(p, v) for p, v in numbers if not limits[0] <= v <= limits[1]]
        if strange and len(strange) <= max(3, 0.02 * len(numbers)):
            said = ", ".join(f"{shown(v)} ({unit} {p})" for p, v in strange[:4])
            yield f"far from the other values: {said}"


def _of_dates(texts: list[tuple[int, str]], unit: str) -> Iterator[str]:
    if not texts:
        return
    fits = {v: formats_of(v) for _, v in texts}
    certain = Counter(fits[v][0] for _, v in texts if len(fits[v]) == 1)
    unclear = [(p, v) for p, v in texts if len(fits[v]) > 1]
    # a value that could have two formats is counted with one that is certain, if there is one
    for _, v in unclear:
        certain[max(fits[v], key=lambda f: certain[f])] += 1
    forms = ", ".join(f"{in_words(f)} ×{n}" for f, n in certain.most_common(6))
    given = [f for f, _ in certain.most_common(6)]
    yield f"dates as text in {len(certain)} format{'s' if len(certain) > 1 else ''}: {forms} (date, formats {given})"
    if unclear:
        yield f"{len(unclear)} could be day/month or month/day, e.g. {unclear[0][1]!r} ({unit} {unclear[0][0]})"


def _spellings(values: list[str]) -> Iterator[str]:
    tally = Counter(values)
    if len(tally) > _MOST_DISTINCT:
        return
    groups: dict[str, list[str]] = defaultdict(list)
    for value in tally:
        groups[" ".join(value.casefold().replace(".", "").replace("-", " ").split())].append(value)
    if same := [g for g in groups.values() if len(g) > 1]:
        said = "; ".join(" = ".join(map(repr, g[:4])) for g in same[:4])
        yield f"{counted(len(same), 'value')} with several spellings: {said} (case or map)"


def _few(values: list[str]) -> str:
    return ", ".join(map(repr, values[:4])) + (" …" if len(values) > 4 else "")
