"""Makes a table of records: finds the header in one row or two, whatever its names are, and reports oddities."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from agents.tools.data.in_sandbox.parse_dates import formats_of
from agents.tools.data.in_sandbox.parse_values import NOTHING, is_empty, kind, number
from agents.tools.data.in_sandbox.table import DataTable, located, named
from orchestrator.domain.plural import counted

_WITHIN, _SAMPLE, _PREAMBLE = 25, 200, 10
_WIDE, _MOSTLY = 0.6, 0.8
_RULE = re.compile(r":?[-=_+~]{2,}:?")
Record = Sequence[Any]


class Header(NamedTuple):
    """Where the header is: index of its first row and of the first row of data; `at` is None without one. `names`: one
    per column, None where it has none."""

    at: int | None
    body: int
    names: list[Any]


def tabled(records: Sequence[Record], places: list[int], unit: str) -> DataTable:
    """Builds the table from records of cells: finds the header, evens out the rows, and reports oddities."""
    if ruled := [n for n, record in enumerate(records) if _is_rule(record)]:
        places = [place for n, place in enumerate(places) if n not in ruled]
        records = [record for n, record in enumerate(records) if n not in ruled]
    widths = Counter(_width(r) for r in records)
    width = widths.most_common(1)[0][0] if widths else 1
    found = find_header(records, width, places)
    body = range(found.body, len(records))
    header = found.names
    most = max((_width(records[i]) for i in body), default=0)
    columns = named([*map(_name, header), *([None] * (max(width, len(header)) - len(header)))])
    columns += [f"extra {n}" for n in range(1, most - len(columns) + 1)]
    rows = [[*records[i][: len(columns)], *([None] * (len(columns) - len(records[i])))] for i in body]
    expected, odd = max(width, len(header)), list[str]()
    if ragged := [places[i] for i in body if len(records[i]) > expected and _width(records[i]) > expected]:
        words = "the extra cells are in additional columns"
        words += "; a delimiter inside a cell is probably unquoted" if unit == "line" else ""
        odd.append(f"{counted(len(ragged), 'row')} with more cells than the header ({located(unit, ragged)}); {words}")
    short = [places[i] for i in body if unit == "line" and len(records[i]) < len(header)]
    if short:
        odd.append(f"{counted(len(short), 'row')} with fewer cells than the header ({located(unit, short)})")
    return DataTable(
        columns, rows, [places[i] for i in body], unit, "", _said(found, places, unit), tuple(odd),
        header=tuple(_name(c) for c in header),
    )  # fmt: skip


def _is_rule(record: Record) -> bool:
    """Returns whether it's only drawn: ---- | ---- | :---:"""
    cells = _filled(record)
    return bool(cells) and all(isinstance(c, str) and _RULE.fullmatch(c.strip()) for c in cells)


def find_header(records: Sequence[Record], width: int, places: Sequence[int]) -> Header:
    """Returns the first wide row that can be a header: names that don't look like the values below them.

    `places`: the line or row number of each; a gap shows that something new begins.
    """
    for at, record in enumerate(records[:_WITHIN]):
        if len(_filled(record)) < max(1, _WIDE * width) and not _groups(records, at, width):
            continue
        below = records[at + 1 : at + 1 + _SAMPLE]
        if two := _two_rows(records, at, width):
            return two
        if _is_preamble(records, at, places):
            continue
        if _names(record, below):
            return Header(at, at + 1, _cut(record, width))
        if _like_values(record, below):
            break  # data has begun; a later row of words isn't a header
    return Header(None, 0, [])


def _is_preamble(records: Sequence[Record], at: int, places: Sequence[int]) -> bool:
    """Returns whether this row only describes the file, because a fuller row of names follows soon, above numbers or
    dates."""
    size = len(_filled(records[at]))
    for n in range(at + 1, min(at + _PREAMBLE, len(records) - 1)):
        cells = _filled(records[n])
        named_below = len(cells) >= max(2, size) and len(set(map(_name, cells))) == len(cells)
        if not named_below or is_empty(records[n][0]) or cells == _filled(records[at]):
            continue
        below = records[n + 1 : n + 1 + _SAMPLE]
        words = sum(_is_word(c) and not _is_nothing(c) for c in cells)
        if words == len(cells) and _contrasts(records[n], below):
            gap = places[n] - places[n - 1] > 1
            return gap or not _contrasts_of_its_own(records, at, n)
        if len(cells) > size and words and not _contrasts(records[at], records[n:]) and _names(records[n], below):
            return True
    return False


def _contrasts_of_its_own(records: Sequence[Record], at: int, later: int) -> bool:
    """Returns whether the rows between two candidates are numbers under the first one's words: data, then a second
    table."""
    return later - at > 1 and _contrasts(records[at], records[at + 1 : later]) == _contrasts(
        records[later], records[later + 1 : later + _SAMPLE]
    )


def _names(record: Record, below: Sequence[Record]) -> bool:
    """Returns whether the cells are names: words, or years, dates or numbers that the values below don't continue."""
    cells = _filled(record)
    words = [c for c in cells if _is_word(c)]
    if len(words) == len(cells):
        folded = Counter(_name(c).casefold() for c in cells)
        return len(folded) == len(cells) or _contrasts(record, below) > 0 or not _recur(record, below)
    others = [c for c in cells if not _is_word(c)]
    return _series(others, record, below) or _contrasts(record, below) > 0


def _contrasts(record: Record, below: Sequence[Record]) -> int:
    """Counts the words that are above a column of numbers or dates."""
    found = 0
    for n, cell in enumerate(record):
        if not is_empty(cell) and _is_word(cell) and not _is_nothing(cell):
            kinds = Counter(kind(r[n]) for r in below if n < len(r) and not is_empty(r[n]) and not _is_nothing(r[n]))
            found += kinds["number"] + kinds["date"] >= max(1, _MOSTLY * kinds.total())
    return found


def _recur(record: Record, below: Sequence[Record]) -> bool:
    """Returns whether most of the words are also values of their columns."""
    filled = [(n, _name(c)) for n, c in enumerate(record) if not is_empty(c)]
    again = sum(any(n < len(r) and _name(r[n]) == name for r in below) for n, name in filled)
    return again >= 0.5 * len(filled)


def _series(cells: Sequence[Any], record: Record, below: Sequence[Record], *, unique: bool = True) -> bool:
    """Returns whether these are years, dates or evenly spaced numbers, and the rows below aren't the same."""
    columns = [n for n, c in enumerate(record) if not is_empty(c) and not _is_word(c)]
    rows = [[r[n] for n in columns if n < len(r) and not is_empty(r[n])] for r in below]
    rows = [row for row in rows if row]
    if not rows:
        return False
    if all(_year(c) is not None for c in cells):
        same = sum(all(_year(c) is not None for c in row) for row in rows)
        return (not unique or len(set(map(_name, cells))) == len(cells)) and same < 0.5 * len(rows)
    if all(kind(c) == "date" for c in cells):
        return sum(all(kind(c) == "date" for c in row) for row in rows) < 0.5 * len(rows)
    if len(cells) < 3 or not _even(cells):
        return False
    return sum(_even(row) for row in rows) < 0.2 * len(rows)


def _even(cells: Sequence[Any]) -> bool:
    """Returns whether the numbers rise by the same step."""
    values = [_number(c) for c in cells]
    if len(values) < 2 or any(v is None for v in values):
        return False
    steps = {round(b - a, 9) for a, b in pairwise(values) if a is not None and b is not None}
    return len(steps) == 1 and min(steps) > 0


def _number(cell: Any) -> float | None:
    return number(cell, ".") if isinstance(cell, str) else cell if isinstance(cell, int | float) else None


def _year(cell: Any) -> int | None:
    value = _number(cell)
    plain = not isinstance(cell, str) or cell.strip().isdigit()
    return int(value) if value is not None and plain and 1800 <= value <= 2200 and value == int(value) else None


def _like_values(record: Record, below: Sequence[Record]) -> bool:
    """Returns whether most filled cells are of the kind that their columns have below."""
    same = several = 0
    for n, cell in enumerate(record):
        kinds = Counter(kind(r[n]) for r in below if n < len(r) and not is_empty(r[n]))
        if not is_empty(cell) and kinds:
            several += 1
            same += kinds.most_common(1)[0][0] == kind(cell)
    return several > 0 and same >= _MOSTLY * several


def _groups(records: Sequence[Record], at: int, width: int) -> bool:
    """Returns whether a narrow row names groups of columns: two or more words with gaps, above a full row."""
    cells = _filled(records[at])
    following = records[at + 1] if at + 1 < len(records) else ()
    return len(cells) >= 2 and len(_filled(following)) >= _WIDE * width and _width(records[at]) > len(cells)


def _two_rows(records: Sequence[Record], at: int, width: int) -> Header | None:
    """Returns a header of two rows: groups above names, or names above units, years or parts."""
    if at + 2 >= len(records):
        return None
    above, names, below = records[at], records[at + 1], records[at + 2 : at + 2 + _SAMPLE]
    upper, lower = _padded(above, width), _padded(names, width)
    gaps = [n for n in range(width) if is_empty(upper[n])]
    if not all(_is_word(c) or _is_label(c) for c in (*_filled(upper), *_filled(lower))):
        return None
    if not any(_is_word(c) for c in _filled(lower)) and not _series(_filled(lower), lower, below, unique=False):
        return None
    grouped = len(_filled(upper)) >= 2 and gaps and all(n in gaps or not is_empty(upper[n]) for n in range(width))
    twice = len(set(map(_name, _filled(lower)))) < len(_filled(lower))
    head_only = [n for n in range(width) if not is_empty(upper[n]) and is_empty(lower[n])]
    repeated = len(set(map(_name, _filled(upper)))) < len(_filled(upper))
    labels = [c for c in _filled(lower) if not _is_word(c)]
    named_so = _contrasts(lower, below) or _series(labels, lower, below, unique=False)
    values = _like_values(lower, below) and not named_so
    first_blank = is_empty(upper[0]) and not is_empty(lower[0])
    split = bool(head_only) and is_empty(lower[0]) and (bool(gaps) or repeated or _contrasts(lower, below) > 0)
    if values or not ((grouped and (twice or first_blank)) or split):
        return None
    joined = _joined(upper, lower)
    if len({_name(c).casefold() for c in joined if c}) < sum(c is not None for c in joined):
        return None
    return Header(at, at + 2, joined) if _contrasts(joined, below) else None


def _joined(upper: Record, lower: Record) -> list[Any]:
    """Joins each name with the group to the left that covers it."""
    names, group = list[Any](), ""
    for high, low in zip(upper, lower, strict=True):
        group = _name(high) if not is_empty(high) else group if not is_empty(low) else ""
        name = " ".join(part for part in (group, _name(low)) if part)
        names.append(name or None)
    return names


def _said(found: Header, places: list[int], unit: str) -> tuple[str, ...]:
    if found.at is None:
        return ("no header row found; columns are numbered",)
    rows = places[found.at : found.body]
    words = [f"header in {unit} {rows[0]}" if len(rows) == 1 else f"header in {located(unit, rows)}, joined"]
    if above := places[: found.at]:
        words.append(f"skipped {located(unit, above)} above it")
    if blank := sum(is_empty(c) for c in found.names):
        words.append(f"{counted(blank, 'column')} without a name")
    tally = Counter(_name(c).casefold() for c in found.names if not is_empty(c))
    if twice := [_name(c) for c in found.names if not is_empty(c) and tally[_name(c).casefold()] > 1]:
        words.append(f"{', '.join(map(repr, dict.fromkeys(twice)))} repeats in the header; later ones end in _2, _3")
    return tuple(words)


def _name(cell: Any) -> str:
    """Returns the cell as a name: 2019 rather than 2019.0, a day as written."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else " ".join(str(cell).split())


def _is_word(cell: Any) -> bool:
    return isinstance(cell, str) and kind(cell) == "text"


def _is_label(cell: Any) -> bool:
    """Returns whether it is a year or a date, as columns are named after them."""
    return (
        _year(cell) is not None or isinstance(cell, date) or (isinstance(cell, str) and bool(formats_of(cell.strip())))
    )


def _is_nothing(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip().casefold() in NOTHING


def _filled(record: Record) -> list[Any]:
    return [c for c in record if not is_empty(c)]


def _padded(record: Record, width: int) -> list[Any]:
    return [*record[:width], *([None] * (width - len(record)))]


def _cut(record: Record, width: int) -> list[Any]:
    return list(record[: max(width, _width(record))])


def _width(record: Record) -> int:
    """Removes the empty cells at its end."""
    return max((n for n, cell in enumerate(record, 1) if not is_empty(cell)), default=0)
