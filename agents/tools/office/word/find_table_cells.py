"""Finds the rows and cells of a Word table, also those inside content controls, and those of odd merges."""

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

_THROUGH = tuple(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag")))


def rows(table: Any) -> list[Any]:
    return list(_inside(table, qn("w:tr")))


def cells(row: Any) -> list[Any]:
    """Returns the row's cells as they are in the file."""
    return list(_inside(row, qn("w:tc")))


def is_deleted(row: Any) -> bool:
    """Returns whether a tracked change deletes the whole row."""
    return row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None


def in_columns(row: Any) -> list[Any]:
    """Returns the row's cells, each in its column; None where a cell reaches into, and where the row has none."""
    before = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    skipped = str(before.get(qn("w:val")) or "") if before is not None else ""
    line: list[Any] = [None] * (min(int(skipped), 100) if skipped.isdigit() else 0)
    for cell in cells(row):
        line += [cell, *[None] * (span(cell) - 1)]
    return line


def grid(table: Any) -> list[list[Any]]:
    """Returns each row's cells by column: one that spans columns or rows appears at every place that it covers."""
    found: list[list[Any]] = []
    for row in rows(table):
        line: list[Any] = []
        above = found[-1] if found else []
        for cell in cells(row):
            at = len(line)
            shown = above[at] if continues(cell) and at < len(above) else cell
            line += [shown] * span(cell)
        found.append(line)
    return found


def span(cell: Any) -> int:
    text = _property(cell, "w:gridSpan")
    return max(1, min(int(text), 1000)) if text and text.isdigit() else 1


def continues(cell: Any) -> bool:
    """Returns whether it belongs to the cell above."""
    return _property(cell, "w:vMerge") in ("continue", "")


def _property(cell: Any, name: str) -> str | None:
    look = cell.find(f"{qn('w:tcPr')}/{qn(name)}")
    return None if look is None else str(look.get(qn("w:val")) or "")


def _inside(parent: Any, wanted: str) -> Iterator[Any]:
    for child in parent:
        if child.tag == wanted:
            yield child
        elif child.tag in _THROUGH:
            yield from _inside(child, wanted)
