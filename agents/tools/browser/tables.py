"""Turns tables of a page into rows: expands spanning cells, joins headers into one line. Pure."""

import re
from dataclasses import dataclass

from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_WHOLE = 30_000
"""Total characters of all tables before long ones are cut to their first rows."""
_FIRST = 5
_MOST_CELLS = 200_000


@dataclass(frozen=True)
class Cell:
    """`rows` and `columns`: how many it spans."""

    text: str
    rows: int = 1
    columns: int = 1
    header: bool = False


@dataclass(frozen=True)
class PageTable:
    """`rows` is a rectangle of texts; its first row names the columns if `headed`."""

    title: str
    rows: list[list[str]]
    headed: bool


def laid_out(title: str, head: int, rows: list[list[Cell]]) -> PageTable:
    """Repeats the text of a cell that spans several rows in each; across columns only if it is a header.

    `head`: how many header rows the page declares; 0 counts the leading rows that have only header cells.
    """
    head = head or next((n for n, row in enumerate(rows) if not row or not all(c.header for c in row)), 0)
    grid: list[dict[int, str]] = [{} for _ in rows]
    room = _MOST_CELLS
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            while x in grid[y]:
                x += 1
            for down in range(min(cell.rows, len(rows) - y)):
                for right in range(min(cell.columns, room)):
                    grid[y + down].setdefault(x + right, cell.text if right == 0 or y < head else "")
                    room -= 1
            x += cell.columns
    width = max((max(row, default=-1) + 1 for row in grid), default=0)
    lines = [[_words(row.get(x, "")) for x in range(width)] for row in grid]
    if head > 1:
        columns: list[list[str]] = [[line[x] for line in lines[:head]] for x in range(width)]
        lines = [[" / ".join(dict.fromkeys(w for w in column if w)) for column in columns], *lines[head:]]
    return PageTable(_words(title), [row for row in lines if any(row)], head > 0)


def told(tables: list[PageTable], number: int | None) -> str:
    """Returns all tables, or the one of that number (from 1). Raises ToolFailed if it doesn't exist."""
    tables = [table for table in tables if table.rows]
    if number is not None:
        if not 1 <= number <= len(tables):
            raise ToolFailed(f"This page has {counted(len(tables), 'table')}; there's no table {number}.")
        return _told(tables[number - 1], "")
    if len(tables) == 1:
        return _told(tables[0], "")
    whole = sum(len(_told(table, "")) for table in tables) <= _WHOLE
    return "\n\n".join(_one_of_many(table, n, whole=whole) for n, table in enumerate(tables, 1))


def _one_of_many(table: PageTable, number: int, *, whole: bool) -> str:
    if whole or len(table.rows) <= _FIRST + table.headed:
        return _told(table, f"{number}: ")
    more = f"[browser_extract('tables', number={number}) shows all rows]"
    return f"{_told(table, f'{number}: ', _FIRST)}\n{more}"


def _told(table: PageTable, number: str, first: int | None = None) -> str:
    rows = len(table.rows) - table.headed
    size = f"({rows} row{'s' * (rows != 1)}, {counted(len(table.rows[0]), 'column')})"
    title = (
        f"# {number}{table.title} {size}".replace("  ", " ") if number else f"# {table.title}" if table.title else ""
    )
    shown = table.rows if first is None else table.rows[: first + table.headed]
    return "\n".join([*([title] if title else []), *("\t".join(row) for row in shown)])


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
