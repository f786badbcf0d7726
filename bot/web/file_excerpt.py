"""Reads the beginning of a text file that waits for a decision, so that people see it without a download. Pure."""

import codecs
import csv
import io
from dataclasses import dataclass
from typing import Literal

MOST_ROWS, MOST_COLUMNS, MOST_CELL = 12, 12, 120
MOST_LINES, MOST_LINE = 40, 400
_KINDS: dict[str, Literal["table", "markdown", "text"]] = {
    ".csv": "table", ".tsv": "table", ".md": "markdown", ".markdown": "markdown", ".txt": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`rows` for a table (the first is its header), else `text`. `more`: the file continues."""

    kind: Literal["table", "markdown", "text"]
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    more: bool = False


def readable(name: str) -> bool:
    """Returns whether a file of that name is text of a kind we show."""
    return _suffix(name) in _KINDS


def excerpt(name: str, head: bytes, *, more: bool) -> Excerpt | None:
    """Returns the first rows or lines of a file that starts with `head`; `more`: it continues. None if it isn't
    text."""
    kind = _KINDS.get(_suffix(name))
    text = _decoded(head, more=more)
    if kind is None or "\0" in text or not text.strip():
        return None
    if kind == "table":
        return _table(text, more=more)
    lines = text.splitlines()
    kept = [_short(line, MOST_LINE) for line in lines[:MOST_LINES]]
    return Excerpt(kind, text="\n".join(kept), more=more or len(lines) > MOST_LINES)


def _decoded(head: bytes, *, more: bool) -> str:
    """Reads UTF-8, UTF-16 with its mark, or else Western Windows text; `more`: a character may be cut in half."""
    codec = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return codecs.getincrementaldecoder(codec)().decode(head, final=not more)
    except UnicodeDecodeError:
        return head.decode("cp1252", errors="replace")


def _table(text: str, *, more: bool) -> Excerpt | None:
    first = text.strip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows: list[tuple[str, ...]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=None), delimiter=separator):
            if len(rows) == MOST_ROWS:
                return Excerpt("table", tuple(rows), more=True)
            if row:
                rows.append(tuple(_short(cell, MOST_CELL) for cell in row[:MOST_COLUMNS]))
                more = more or len(row) > MOST_COLUMNS
    except csv.Error:
        return None
    return Excerpt("table", tuple(rows), more=more) if rows else None


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _suffix(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{dot}{ending}".lower() if stem else ""
