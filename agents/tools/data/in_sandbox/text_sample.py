"""Takes a sample of a large delimited text: its beginning, pieces spread over the rest, and its end."""

from collections.abc import Iterator
from typing import NamedTuple

from agents.delimited_text import found_delimiter, records

LARGE = 8_000_000
"""Characters from which a first look reads a sample."""
_HEAD, _PIECE, _PIECES, _TRIES = 600_000, 20_000, 20, 200


class TextSample(NamedTuple):
    """Records with the lines at which they start; `delimiter` and broken quotes as of the beginning; `lines` of the
    whole text; whether cells may contain line breaks, so that there may be fewer rows than lines."""

    rows: list[list[str]]
    lines: list[int]
    delimiter: str
    delimiter_name: str
    odd: tuple[str, ...]
    all_lines: int
    exact: bool


def sampled(text: str) -> TextSample:
    """Raises csv.Error as `records` does."""
    end = _whole_records(text, _HEAD)
    head = records(text[:end], "" if text.startswith("sep=") else found_delimiter(text[:end]))
    rows, lines = list(head.rows), list(head.lines)
    width = max((len(row) for row in rows), default=0)
    for piece, line in _pieces(text, end):
        found = records(piece, head.delimiter)
        whole = [(row, n) for row, n in zip(found.rows, found.lines, strict=True) if len(row) == width]
        rows += [row for row, _ in whole]
        lines += [line + n - 1 for _, n in whole]
    all_lines = text.count("\n") + (not text.endswith("\n"))
    return TextSample(rows, lines, head.delimiter, head.delimiter_name, head.odd, all_lines, '"' not in text)


def _pieces(text: str, begun: int) -> Iterator[tuple[str, int]]:
    """Yields pieces of whole lines with the number of their first line; the last one is the text's end."""
    step = (len(text) - begun) // _PIECES
    at, line = 0, 1
    for n in range(1, _PIECES + 1):
        start = text.find("\n", len(text) - _PIECE if n == _PIECES else begun + n * step - _PIECE) + 1
        if start <= max(at, begun):
            continue
        line += text.count("\n", at, start)
        at = start
        yield text[start:] if n == _PIECES else text[start : text.rfind("\n", start, start + _PIECE) + 1], line


def _whole_records(text: str, about: int) -> int:
    """Returns where a line ends, and no quoted cell is open."""
    end = text.rfind("\n", 0, about) + 1
    for _ in range(_TRIES):
        if text.count('"', 0, end) % 2 == 0:
            break
        end = text.rfind("\n", 0, end - 1) + 1
    return end or about
