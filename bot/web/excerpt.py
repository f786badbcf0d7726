"""The beginning of a text file that waits for a decision, so that people see it without a download."""

import asyncio
import csv
import io
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from orchestrator.domain.ids import Sha
from orchestrator.domain.people import FileRef
from orchestrator.errors import NotFound
from orchestrator.ports import Shelf

MOST_ROWS, MOST_COLUMNS, MOST_CELL = 12, 12, 120
MOST_LINES, MOST_LINE = 40, 400
MOST_BYTES = 64 * 1024
MOST_KEPT = 64
_KINDS: dict[str, Literal["table", "markdown", "text"]] = {
    ".csv": "table", ".tsv": "table", ".md": "markdown", ".markdown": "markdown", ".txt": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`rows` for a table (the first is its head), else `text`. `more`: the file goes on."""

    kind: Literal["table", "markdown", "text"]
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    more: bool = False


class Excerpts:
    """Reads each file once; the least recently shown one goes first."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._kept: OrderedDict[tuple[Sha, str], Excerpt | None] = OrderedDict()

    async def of(self, file: FileRef) -> Excerpt | None:
        """None for what is no readable text, or is not on the shelf."""
        key = (file.sha, file.name)
        if PurePath(file.name).suffix.lower() not in _KINDS:
            return None
        if key not in self._kept:
            try:
                head = await asyncio.to_thread(_head, await self._shelf.path(file.sha))
            except (NotFound, OSError):
                return None
            self._kept[key] = excerpt(file.name, head, more=file.size > len(head))
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def excerpt(name: str, head: bytes, *, more: bool) -> Excerpt | None:
    """The first rows or lines of a file that begins with `head`; `more`: and goes on. None when it is no text. Pure."""
    kind = _KINDS.get(PurePath(name).suffix.lower())
    text = head.decode("utf-8-sig", errors="replace")
    if kind is None or "\0" in text or not text.strip():
        return None
    text = text.rstrip("\ufffd") if more else text  # half a letter at the cut
    if kind == "table":
        return _table(text, more=more)
    lines = text.splitlines()
    kept = [_short(line, MOST_LINE) for line in lines[:MOST_LINES]]
    return Excerpt(kind, text="\n".join(kept), more=more or len(lines) > MOST_LINES)


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


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
