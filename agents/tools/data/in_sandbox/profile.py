"""Profiles columns and finds problems of a table."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from agents.tools.data.in_sandbox.non_data_rows import note_rows, repeated_headers, totals_rows
from agents.tools.data.in_sandbox.parse_dates import formats_of, has_offset, in_words
from agents.tools.data.in_sandbox.parse_durations import MEANING, are_durations, hours
from agents.tools.data.in_sandbox.parse_values import (
    NOTHING,
    UP,
    decimal_of,
    either_way,
    is_empty,
    kind,
    level,
    number,
    outliers,
    read_number,
)
from agents.tools.data.in_sandbox.table import DataTable, located
from orchestrator.domain.plural import counted

_SOME = 0.1
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s?[AaPp]\.?[Mm]\.?)?")
_CALLED = re.compile(r"(\+|0)[\d ()/-]{6,}")
"""A telephone number."""
_FIGURE = re.compile(r"[<>~≈±≥≤]?\s*[-+]?\d[\d.,'’ ]*\s?[^\W\d_]{0,8}[%°²³³/]?[^\W\d_]{0,4}\.?")
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
    kinds = kinds_of(filled)
    main = kinds.most_common(1)[0][0] if kinds else "nothing"
    lasting = main == "text" and are_durations(name, [v if isinstance(v, str) else "" for v in filled])
    main, kinds = ("duration", Counter(duration=len(filled))) if lasting else (main, kinds)
    written = main in ("number", "date", "duration") and any(isinstance(v, str) for v in filled)
    type_ = "empty" if main == "nothing" else main if len(kinds) == 1 else f"{main}, mixed with {_rest(kinds, main)}"
    numbers = _numbers(filled) if main == "number" else []
    days = [v for v in filled if isinstance(v, date)]
    ends = (min(numbers), max(numbers)) if numbers else (min(map(str, days)), max(map(str, days))) if days else ("", "")
    if lasting:
        ends = (min(filled, key=_hours), max(filled, key=_hours))
    mean = shown(sum(numbers) / len(numbers)) if numbers else ""
    frequent = ", ".join(f"{str(v)[:30]}" + (f" ×{n}" if n > 1 else "") for v, n in tally.most_common(3))
    return ColumnProfile(
        name, f"{type_} (as text)" if written else type_, len(values) - len(filled), len(tally),
        shown(ends[0]), shown(ends[1]), mean, frequent,
    )  # fmt: skip


def kinds_of(filled: Sequence[Any]) -> Counter[str]:
    """Counts the kinds of values. Digits of one length, some with leading zeros, are codes: text."""
    if filled and all(isinstance(v, str) and v.strip().isdigit() for v in filled):
        texts = [v.strip() for v in filled]
        if len(set(map(len, texts))) == 1 and any(v.startswith("0") and len(v) > 1 for v in texts):
            return Counter(text=len(texts))
    return Counter(kind(v) for v in filled)


def _hours(text: str) -> float:
    return hours(text) or 0.0


def _key(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | date) else str(value)


def _rest(kinds: Counter[str], main: str) -> str:
    return ", ".join(f"{n} {k}" for k, n in kinds.most_common() if k != main)


def _numbers(filled: list[Any]) -> list[float]:
    mark = decimal_of(v for v in filled if isinstance(v, str))
    read = (read_number(v, mark) if isinstance(v, str) else v for v in level(filled))
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
    headers, totals, notes = repeated_headers(table), totals_rows(table), note_rows(table)
    if headers:
        yield f"the header is repeated in {located(table.unit, [table.places[i] for i in headers])} (drop_rows)"
    if totals:
        yield f"total rows in {located(table.unit, [table.places[i] for i in totals])} (drop_rows)"
    if notes:
        yield f"notes below the table in {located(table.unit, [table.places[i] for i in notes])} (drop_rows, matching)"
    skip = {*headers, *totals, *notes}
    yield from _repeated(table, skip)
    for n, name in enumerate(table.columns):
        cells = [(p, v) for i, (p, v) in enumerate(zip(table.places, table.values(n), strict=True)) if i not in skip]
        yield from (
            f"{name!r}: {words}" for words in _of_column(name, [c for c in cells if not is_empty(c[1])], table.unit)
        )


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


def _of_column(name: str, cells: list[tuple[int, Any]], unit: str) -> Iterator[str]:
    texts = [(p, v) for p, v in cells if isinstance(v, str)]
    broken = [p for p, v in texts if "\n" in v.strip() or "\r" in v.strip()]
    padded = [p for p, v in texts if v.replace("\r\n", "\n") != "\n".join(" ".join(x.split()) for x in v.splitlines())]
    if broken:
        yield f"{counted(len(broken), 'value')} with line breaks, {located(unit, broken, 4)}"
    if padded:
        yield f"{counted(len(padded), 'value')} with extra spaces, {located(unit, padded, 4)} (trim)"
    words = Counter(v.strip() for _, v in texts if v.strip().casefold() in NOTHING)
    if words:
        yield f"placeholders: {', '.join(f'{w!r} ×{n}' for w, n in words.most_common(4))} (empty)"
    cells = [(p, v) for p, v in cells if not (isinstance(v, str) and v.strip().casefold() in NOTHING)]
    kinds = kinds_of([v for _, v in cells])
    main = kinds.most_common(1)[0][0] if kinds else ""
    if len(kinds) > 1:
        yield from _mixed(cells, kinds, main, unit)
    texts = [(p, v.strip()) for p, v in cells if isinstance(v, str)]
    if main == "number":
        yield from _of_numbers(cells, texts, unit)
    elif main == "date":
        yield from _of_dates(texts, unit)
    elif main == "text":
        yield from _spellings([v for _, v in texts])
        yield from _not_understood(name, texts, unit)


def _mixed(cells: list[tuple[int, Any]], kinds: Counter[str], main: str, unit: str) -> Iterator[str]:
    others = [(p, v) for p, v in cells if kind(v) != main]
    said = ", ".join(f"{str(v)[:30]!r} ({unit} {p})" for p, v in others[:4])
    if main != "text" and kinds[main] >= 0.5 * len(cells):
        yield f"{len(others)} aren't {main}: {said}"
    elif len(others) >= _SOME * len(cells):
        yield f"mixed types: {kinds[main]} {main}, {_rest(kinds, main)}, e.g. {said}"


def _not_understood(name: str, texts: list[tuple[int, str]], unit: str) -> Iterator[str]:
    """Yields a sentence if most texts are figures with something that no reader knows."""
    if are_durations(name, [v for _, v in texts]):
        yield f"{counted(len(texts), 'duration')} as text, e.g. {texts[0][1]!r}; in SQL they are {MEANING} (number)"
        return
    clocks = [(p, v) for p, v in texts if _CLOCK.fullmatch(v)]
    if clocks and len(clocks) >= 0.5 * len(texts):
        yield f"{len(clocks)} times as text, e.g. {clocks[0][1]!r} (in SQL: CAST to TIME)"
        return
    odd = [(p, v) for p, v in texts if _FIGURE.fullmatch(v) and not v.isdigit()]
    if odd and len(odd) >= 0.5 * len(texts) and not all(_CALLED.fullmatch(v) for _, v in odd):
        said = ", ".join(f"{v!r} ({unit} {p})" for p, v in odd[:4])
        yield f"{len(odd)} contain figures that weren't understood: {said} (replace, then number)"


def _of_numbers(cells: list[tuple[int, Any]], texts: list[tuple[int, str]], unit: str) -> Iterator[str]:
    mark = decimal_of(v for _, v in texts)
    clear = [(p, v) for p, v in texts if not either_way(v)]
    comma = [p for p, v in clear if number(v, ",") is not None and number(v, ".") is None]
    point = [p for p, v in clear if number(v, ".") is not None and number(v, ",") is None]
    if comma:
        mixed = f", but {len(point)} with a decimal point ({located(unit, point, 4)})" if point else ""
        yield f"{counted(len(comma), 'number')} with a decimal comma{mixed} (number)"
    elif money := [v for _, v in texts if any(not (c.isdigit() or c in ".,-+Ee ") for c in v) and kind(v) == "number"]:
        yield f"{counted(len(money), 'number')} with a currency or other symbol, such as {money[0]!r} (number)"
    plain = level([v for _, v in texts])
    if marked := [v for v in plain if UP.match(v)]:
        yield f"{counted(len(marked), 'number')} with ▲ or △ are read as negative, such as {marked[0]!r} (number)"
    elif plain != [v for _, v in texts]:
        yield "▲ is read as up (positive) and ▼ as down (negative) (number)"
    if unclear := [(p, v) for p, v in texts if either_way(v)]:
        say = f"{unclear[0][1]!r} ({unit} {unclear[0][0]})"
        rest = f"the rest of the column suggests {mark!r} as its decimal mark"
        yield f"{len(unclear)} could be thousands or decimals, e.g. {say}; {rest}"
    values = level([v for _, v in cells])
    read = [(p, read_number(v, mark) if isinstance(v, str) else v) for (p, _), v in zip(cells, values, strict=True)]
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
    later = "; times with an offset become UTC" if any(map(has_offset, given)) else ""
    yield f"dates stored as text in {counted(len(certain), 'format')}: {forms} (date, formats {given}){later}"
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
