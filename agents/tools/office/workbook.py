"""Open and save a workbook in the workspace without losing what a person put into it."""

import io
from pathlib import PurePosixPath
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from agents.tool import Workspace
from agents.tools.office import package
from agents.tools.office.notes import size_notes
from orchestrator.errors import ToolFailed

_LOST = {
    b"x14:sparklineGroup": "sparklines",
    b"x14:slicerList": "slicers",
    b"<xdr:sp ": "drawn shapes",
    b"x14:conditionalFormatting ": "newer conditional formats",
    b"x14:dataValidation ": "newer data validations",
}
"""What openpyxl drops on saving."""


def open_book(workspace: Workspace, path: str) -> tuple[Any, bytes | None]:
    """The workbook at `path` and its bytes, or a new one without sheets.

    Raises ToolFailed when it is not an .xlsx, or holds something that editing would drop.
    """
    if PurePosixPath(path).suffix.lower() != ".xlsx":
        raise ToolFailed(f"{path!r} is not a workbook; give a name that ends in '.xlsx'.")
    if not workspace.exists(path):
        book: Any = openpyxl.Workbook()
        book.remove(book.active)
        return book, None
    content = workspace.read(path)
    for name, part in package.parts(content, path).items():
        for mark, words in _LOST.items():
            if name.startswith("xl/") and mark in part:
                raise ToolFailed(f"{path!r} holds {words} that editing would lose; write to a new file instead.")
    return read_book(content, path), content


def read_book(content: bytes, path: str, *, values: bool = False) -> Any:
    """The workbook in `content`: its formulas, or with `values` the values that were last computed for them."""
    try:
        return openpyxl.load_workbook(io.BytesIO(content), data_only=values)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, OSError) as error:
        raise ToolFailed(f"{path!r} cannot be read as a workbook ({error}); check the file or make it anew.") from error


def save_book(workspace: Workspace, path: str, book: Any, before: bytes | None) -> None:
    """Writes the workbook unless it says what the file says already."""
    parts = _saved(book, path)
    if before is None or not package.same(_saved_again(before, path), parts):
        workspace.write(path, package.pack(parts))


def _saved_again(before: bytes, path: str) -> dict[str, bytes]:
    """The old file as openpyxl would write it, to compare like with like."""
    return _saved(read_book(before, path), path)


def _saved(book: Any, path: str) -> dict[str, bytes]:
    size_notes(book)
    out = io.BytesIO()
    book.save(out)
    return package.parts(out.getvalue(), path)
