"""Reads what a step handed in, and writes the calls with which it made a workbook."""

import io
from collections.abc import Mapping
from typing import Any

import docx
import openpyxl

from tests.memory_hub import say
from tests.scenarios.skill_stage import Handed


def sheet(handed: Handed, name: str, title: str) -> list[list[Any]]:
    """The computed values of a sheet's cells."""
    book = openpyxl.load_workbook(io.BytesIO(handed.files[name]), data_only=True)
    return [[cell.value for cell in row] for row in book[title].iter_rows()]


def write(path: str, title: str, cell: str, rows: list[list[Any]], **more: Any) -> Any:
    return say(sheet_write={"path": path, "sheet": title, "cell": cell, "rows": rows, **more})


def change(path: str, title: str, *changes: Mapping[str, Any]) -> Any:
    return say(sheet_change={"path": path, "sheet": title, "changes": list(changes)})


def text_of(handed: Handed, name: str) -> str:
    """Paragraphs and cells of a Word file."""
    document: Any = docx.Document(io.BytesIO(handed.files[name]))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells]).replace("\u00a0", " ")
