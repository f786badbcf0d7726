"""Splits a record whose cells contain quotation marks that nobody doubled: "Tom "Tiny" Ray",5."""

import csv
import io
import re


def is_loose(record: str, delimiter: str) -> bool:
    """Returns whether a mark inside a quoted cell wasn't doubled, so that it would be read as the cell's end."""
    apart = re.escape(delimiter)
    if not re.search(rf'[^{apart}\r\n]"[^{apart}"\r\n]', record):
        return False
    try:
        for _ in csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "expected after" in str(error)
    return False


def loose_cells(record: str, delimiter: str) -> list[str]:
    """Returns the cells as people meant them: a mark closes a cell only before a delimiter or the record's end."""
    record, cells, at = record.rstrip("\r\n"), list[str](), 0
    while at <= len(record):
        end = _next(record, at, delimiter)
        cell = record[at:end]
        if cell.startswith('"') and (closed := _closed(record, at + 1, delimiter)):
            cell, end = closed
        cells.append(cell)
        at = end + 1
    return cells


def _closed(record: str, at: int, delimiter: str) -> tuple[str, int] | None:
    """Returns the quoted cell's text and where it ends, or None if it never does."""
    text, inner = "", False
    for marks in re.compile('"+').finditer(record, at):
        text += record[at : marks.start()]
        at, count = marks.end(), len(marks[0])
        end = _next(record, at, delimiter)
        if (count % 2 or inner) and not record[at:end].strip(" "):
            return text + '"' * (count // 2), end
        inner |= count % 2 == 1
        text += '"' * ((count + 1) // 2)
    return None


def _next(record: str, at: int, delimiter: str) -> int:
    found = record.find(delimiter, at)
    return len(record) if found < 0 else found
