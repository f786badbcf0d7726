"""Splits delimited text into records: finds the delimiter, reads doubled and escaped quotes, and places quotes that
never close."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from agents.unescaped_quotes import is_loose, loose_cells
from orchestrator.domain.plural import counted

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE, _SAMPLE_RECORDS = 200_000, 400
_NUMBER = re.compile(r"[\d.,'’\s€$£¥%()+-]*\d[\d.,'’\s€$£¥%()+-]*")
_FORCED_TEXT = re.compile(r'\s*="([^"]*)"\s*')
_LONGEST_CELL = 10_000_000
_MOST_OPEN = 50
csv.field_size_limit(_LONGEST_CELL)


class Records(NamedTuple):
    """The records, blank ones included, the line at which each starts, and sentences about broken quotes.

    A cell written as ="01067" is its text.
    """

    rows: list[list[str]]
    lines: list[int]
    delimiter: str
    odd: tuple[str, ...] = ()

    @property
    def delimiter_name(self) -> str:
        return DELIMITERS.get(self.delimiter, repr(self.delimiter))


class _Read(NamedTuple):
    rows: list[list[str]]
    lines: list[int]
    opened: list[int]
    loose: list[int]


def records(text: str, delimiter: str = "") -> Records:
    """Returns the records of the text. Excel's first line 'sep=;' names the delimiter, else it is found. Raises
    csv.Error for a cell of more than ten million characters."""
    text, hint = _without_hint(text.replace("\0", ""))
    delimiter = delimiter or hint or found_delimiter(text)
    escaped = _escapes(text, delimiter)
    read = _read(text, delimiter, 2 if hint else 1, escaped)
    odd = list[str]()
    if read.opened:
        odd.append(f"a quotation mark on line {_some(read.opened)} is never closed; it was read as a plain character")
    if read.loose:
        odd.append(f"quotation marks inside cells on line {_some(read.loose)} aren't escaped; they were kept as text")
    odd += _swallowed(read, delimiter)
    rows = [[_forced(cell) for cell in row] for row in read.rows]
    return Records(rows, read.lines, delimiter, tuple(odd))


def _some(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:6])) + (" …" if len(lines) > 6 else "")


def found_delimiter(text: str) -> str:
    """Returns the delimiter that splits most records into the same number of whole cells, header included."""
    best, choice = (0.0, 0), ","
    sample = text[:_SAMPLE]
    if len(sample) < len(text):
        sample = sample[: sample.rfind("\n") + 1] or sample
    for delimiter in DELIMITERS:
        rows = [r for r, _ in zip(_reader(sample, delimiter), range(_SAMPLE_RECORDS), strict=False) if any(r)]
        if not rows:
            continue
        width, times = Counter(map(len, rows)).most_common(1)[0]
        headed = any(len(r) == width for r in rows[:5])
        cells = [cell for row in rows for cell in row if cell]
        whole = 1 - sum(_split_further(cell, delimiter) for cell in cells) / max(1, len(cells))
        score = (round(times / len(rows) * whole, 2) * (1 if headed else 0.5), width)
        if width > 1 and score > best:
            best, choice = score, delimiter
    return choice


def _split_further(cell: str, delimiter: str) -> bool:
    """Returns whether another delimiter is left in it, other than in a number."""
    left = [d for d in DELIMITERS if d != delimiter and d in cell]
    return bool(left) and " " not in cell.strip() and not _NUMBER.fullmatch(cell)


def _without_hint(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    hint = first.strip("\r\n ").lower()
    return (rest, hint[4:]) if hint.startswith("sep=") and len(hint) == 5 else (text, "")


def _reader(text: str, delimiter: str, *, escaped: bool = False, strict: bool = False) -> Any:
    lines = io.StringIO(text, newline="")
    if escaped:
        return csv.reader(lines, delimiter=delimiter, escapechar="\\", strict=strict)
    return csv.reader(lines, delimiter=delimiter, strict=strict)


def _escapes(text: str, delimiter: str) -> bool:
    """Returns whether quotes inside cells are written \\" (as databases export them), because the rows then agree."""
    sample = text[:_SAMPLE]
    if '\\"' not in sample or re.search(r'[^,;\t|\r\n\\]""[^,;\t|\r\n]', sample):
        return False
    agreed = [
        max(Counter(len(r) for r in _reader(sample, delimiter, escaped=e) if any(r)).values(), default=0)
        for e in (False, True)
    ]
    return agreed[1] >= agreed[0]


def _read(text: str, delimiter: str, first: int, escaped: bool) -> _Read:
    """Reads all records; a line with a quote that never closes is read again without quoting, and what follows as
    usual."""
    found = _Read([], [], [], [])
    while text:
        rows, lines, loose, open_at = _pass(text, delimiter, first, escaped)
        found.rows.extend(rows)
        found.lines.extend(lines)
        found.loose.extend(loose)
        if open_at is None:
            return found
        pieces, at = re.split(r"(?<=\n)", text), open_at - first
        taken = 1 if len(found.opened) < _MOST_OPEN else len(pieces) - at
        plain = csv.reader(pieces[at : at + taken], delimiter=delimiter, quoting=csv.QUOTE_NONE)
        found.rows.extend(plain)
        found.lines.extend(range(open_at, open_at + taken))
        found.opened.append(open_at)
        text, first = "".join(pieces[at + taken :]), open_at + taken
    return found


def _pass(
    text: str, delimiter: str, first: int, escaped: bool
) -> tuple[list[list[str]], list[int], list[int], int | None]:
    """Returns records, lines, lines with marks that weren't doubled, and the line of a record whose quote is still open
    at the end."""
    rows, lines, loose, line = list[list[str]](), list[int](), list[int](), first
    pieces = list(io.StringIO(text, newline="")) if '"' in text and not escaped else []
    reader = _reader(text, delimiter, escaped=escaped)
    last = first
    for record in reader:
        last, end = line, reader.line_num
        written = "".join(pieces[line - first : end])
        if is_loose(written, delimiter):
            record = loose_cells(written, delimiter)
            loose += [line] * any('"' in cell for cell in record)
        rows.append(record)
        lines.append(line)
        line = end + first
    if line - last > 1 and rows and lines[-1] == last and _is_open(text, delimiter, last - first, escaped):
        return rows[:-1], lines[:-1], loose, last
    return rows, lines, loose, None


def _is_open(text: str, delimiter: str, skipped: int, escaped: bool) -> bool:
    tail = "".join(re.split(r"(?<=\n)", text)[skipped:])
    try:
        for _ in _reader(tail, delimiter, escaped=escaped, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _swallowed(read: _Read, delimiter: str) -> Iterator[str]:
    """Yields a sentence for cells that contain whole lines of the table: a quote before them is too many."""
    if not any(read.rows):
        return
    width = Counter(len(row) for row in read.rows if row).most_common(1)[0][0]
    for row, line in zip(read.rows, read.lines, strict=True):
        for cell in row if width > 1 else ():
            inner = cell.split("\n")[1:-1]
            alike = sum(one.count(delimiter) == width - 1 for one in inner)
            if alike and alike >= 0.5 * len(inner):
                yield (
                    f"a quoted cell that starts on line {line} contains {counted(len(inner), 'more line')} that look "
                    "like rows; there's probably an extra quotation mark there"
                )


def _forced(cell: str) -> str:
    found = _FORCED_TEXT.fullmatch(cell) if "=" in cell[:3] else None
    return found[1] if found else cell
