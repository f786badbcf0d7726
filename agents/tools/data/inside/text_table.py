"""Reads text tables: detects encoding, delimiter, header and ragged rows, and reports what it found."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from agents.tools.data.inside.parse_values import is_empty, kind
from agents.tools.data.inside.refusal import CannotDo
from agents.tools.data.inside.table import DataTable, located, named, spans
from orchestrator.domain.plural import counted

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE = 400
_HEADER_WITHIN = 25
csv.field_size_limit(10_000_000)


class Decoded(NamedTuple):
    """`odd`: lines that aren't in the file's encoding."""

    text: str
    encoding: str
    odd: tuple[str, ...] = ()


class Headed(NamedTuple):
    """The header's index among the records, or None."""

    at: int | None
    cells: list[Any]


def decode(content: bytes, name: str) -> Decoded:
    """Raises CannotDo if it isn't text."""
    for mark, encoding, words in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with a BOM"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if content.startswith(mark):
            return Decoded(content.decode(encoding, "replace"), words)
    start = content[:4000]
    if b"\0" in start:
        wide = start[1::2].count(0) > 0.4 * len(start) / 2, start[::2].count(0) > 0.4 * len(start) / 2
        text = content.decode("utf-16-le" if wide[0] else "utf-16-be", "replace")
        strange = sum(not (c.isprintable() or c.isspace()) for c in text[:2000])
        if not any(wide) or strange > 0.05 * len(text[:2000]):
            raise CannotDo(f"{name!r} isn't text or a known data file. Read it with run_python.")
        return Decoded(text, "UTF-16 without a BOM")
    try:
        return Decoded(content.decode(), "UTF-8")
    except UnicodeDecodeError:
        return _mixed(content)


def _mixed(content: bytes) -> Decoded:
    """Decodes line by line, because files of two encodings may have been joined."""
    lines: list[str] = []
    utf8: list[int] = []
    other: list[int] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            lines.append(line.decode())
            if not line.isascii():
                utf8.append(number)
        except UnicodeDecodeError:
            lines.append(_western(line))
            other.append(number)
    if not utf8:
        return Decoded("\n".join(lines), "Windows-1252 (Latin-1)")
    few, name = (other, "Windows-1252") if len(other) <= len(utf8) else (utf8, "UTF-8")
    main = "UTF-8" if name == "Windows-1252" else "Windows-1252"
    words = f"mixed encodings: {main}, but {name} in {counted(len(few), 'line')} ({spans(few)}); both were decoded"
    return Decoded("\n".join(lines), f"{main} and {name}", (words,))


def _western(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def read_text(content: bytes, name: str) -> DataTable:
    """Returns the table of a delimited text. Raises CannotDo if it is empty or isn't text."""
    decoded = decode(content, name)
    if not decoded.text.strip():
        raise CannotDo(f"{name!r} is empty. Ask for the file again, or use another one.")
    text, asked = _without_hint(decoded.text)
    delimiter = asked or _delimiter(text)
    records, places = _records(text, delimiter, name, first=2 if asked else 1)
    table = tabled(records, places, "line")
    said = f"{decoded.encoding}, {_DELIMITERS.get(delimiter, repr(delimiter))}-separated"
    return DataTable(
        table.columns, table.rows, table.places, "line", f"text table ({said})", table.notes,
        (*decoded.odd, *table.odd), header=table.header,
    )  # fmt: skip


def _without_hint(text: str) -> tuple[str, str]:
    """Excel's first line 'sep=;' names the delimiter."""
    first, _, rest = text.partition("\n")
    hint = first.strip().lower()
    return (rest, hint[4:]) if hint.startswith("sep=") and len(hint) == 5 else (text, "")


def _delimiter(text: str) -> str:
    """Returns the one that splits most records into the same number of cells, header included."""
    best, choice = (0.0, 0), ","
    sample = text[:200_000]
    for delimiter in _DELIMITERS:
        widths = [len(r) for r, _ in zip(_reader(sample, delimiter), range(_SAMPLE), strict=False) if any(r)]
        if not widths:
            continue
        width, times = Counter(w for w in widths).most_common(1)[0]
        headed = any(w == width for w in widths[:5])
        score = (round(times / len(widths), 1) * (1 if headed else 0.5), width)
        if width > 1 and score > best:
            best, choice = score, delimiter
    return choice


def _reader(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _records(text: str, delimiter: str, name: str, *, first: int) -> tuple[list[list[str]], list[int]]:
    """Yields the records that aren't blank, and the line at which each starts."""
    reader = _reader(text.replace("\0", ""), delimiter)
    records: list[list[str]] = []
    places: list[int] = []
    line = first
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                records.append(record)
                places.append(line)
            line = reader.line_num + first
    except csv.Error as error:
        raise CannotDo(
            f"{name!r} can't be parsed from line {line} onward ({error}). Check it with read_file."
        ) from error
    return records, places


def tabled(records: Sequence[Sequence[Any]], places: list[int], unit: str) -> DataTable:
    """Builds the table from records of cells: finds the header, evens out the rows, and reports oddities."""
    widths = Counter(_width(r) for r in records)
    width = widths.most_common(1)[0][0] if widths else 1
    headed = _header(records, width)
    body = range(0 if headed.at is None else headed.at + 1, len(records))
    header = list(headed.cells)
    most = max((_width(records[i]) for i in body), default=0)
    columns = named([*header, *([None] * (max(width, len(header)) - len(header)))])
    columns += [f"extra {n}" for n in range(1, most - len(columns) + 1)]
    rows = [[*records[i][: len(columns)], *([None] * (len(columns) - len(records[i])))] for i in body]
    notes, odd = _said(headed, header, places, unit), list[str]()
    expected = max(width, len(header))
    if ragged := [places[i] for i in body if len(records[i]) > expected and _width(records[i]) > expected]:
        words = "the rest is in extra columns; a delimiter inside a cell is probably unquoted"
        odd.append(f"{counted(len(ragged), 'row')} with more cells than the header ({located(unit, ragged)}); {words}")
    short = [places[i] for i in body if unit == "line" and len(records[i]) < len(header)]
    if short:
        odd.append(f"{counted(len(short), 'row')} with fewer cells than the header ({located(unit, short)})")
    return DataTable(
        columns, rows, [places[i] for i in body], unit, "", notes, tuple(odd),
        header=tuple(str(c).strip() for c in header),
    )  # fmt: skip


def _said(headed: Headed, header: list[Any], places: list[int], unit: str) -> tuple[str, ...]:
    if headed.at is None:
        return ("no header row found; columns are numbered",)
    above = places[: headed.at]
    words = [f"header in {unit} {places[headed.at]}"]
    if above:
        words.append(f"skipped {located(unit, above)} above it")
    if blank := sum(is_empty(c) for c in header):
        words.append(f"{counted(blank, 'column')} without a name")
    return tuple(words)


def _width(record: Sequence[Any]) -> int:
    """Removes the empty cells at its end."""
    return max((n for n, cell in enumerate(record, 1) if not is_empty(cell)), default=0)


def _header(records: Sequence[Sequence[Any]], width: int) -> Headed:
    """Returns the first record that is wide enough and contains only names: words, no number, no date, none twice."""
    for at, record in enumerate(records[:_HEADER_WITHIN]):
        cells = [c for c in record if not is_empty(c)]
        folded = [str(c).strip().casefold() for c in cells]
        wide = len(cells) >= max(1, 0.6 * width)
        if wide and all(isinstance(c, str) and kind(c) == "text" for c in cells) and len(set(folded)) == len(folded):
            return Headed(at, list(record[: max(width, _width(record))]))
    return Headed(None, [])
