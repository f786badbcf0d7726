"""Opens and saves a workbook in the workspace without losing what a person put into it."""

import io
import warnings
from pathlib import PurePosixPath
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from agents.tool import Workspace
from agents.tools.office import zip_package
from agents.tools.office.sheets.book_parts import as_usual
from agents.tools.office.sheets.source_comments import size_notes
from agents.tools.office.unsafe_files import UNREADABLE, looked_at
from orchestrator.errors import ToolFailed

_LOST = {
    b"x14:sparklineGroup": "sparklines",
    b"x14:slicerList": "slicers",
    b"<xdr:sp ": "drawn shapes",
    b"<xdr:sp>": "drawn shapes",
    b"<is><r>": "cells with mixed formatting",
    b"<xdr:grpSp>": "grouped shapes",
    b"<xdr:cxnSp": "drawn lines",
    b"x14:conditionalFormatting ": "newer conditional formats",
    b"x14:dataValidation ": "newer data validations",
}
_LOST_PARTS = {
    "xl/charts/style": "charts with Excel's newer styles",
    "xl/charts/chartEx": "newer chart types",
    "xl/pivotTables/": "pivot tables",
    "xl/slicers/": "slicers",
    "xl/timelines/": "timelines",
    "xl/threadedComments/": "threaded comments",
    "xl/ctrlProps/": "form controls",
    "xl/activeX/": "ActiveX controls",
    "xl/diagrams/": "SmartArt",
    "xl/embeddings/": "embedded files",
    "xl/connections.xml": "data connections",
    "xl/queryTables/": "queries",
    "xl/model/": "a data model",
    "xl/metadata.xml": "dynamic arrays",
    "xl/richData/": "linked data types",
}
"""What openpyxl drops on saving: by a part's content and by its name."""


def open_book(workspace: Workspace, path: str) -> tuple[Any, bytes | None]:
    """Returns the workbook at `path` and its bytes, or a new one without sheets.

    Raises ToolFailed if it isn't an .xlsx, or contains something that editing would drop.
    """
    if PurePosixPath(path).suffix.lower() != ".xlsx":
        raise ToolFailed(
            f"Only .xlsx workbooks can be written, so {path!r} stays as it is. Use a name that ends in '.xlsx'; to "
            "change an .ods or .xls, read it with sheet_read and write its rows to a new .xlsx, or ask for it as .xlsx."
        )
    if not workspace.exists(path):
        book: Any = openpyxl.Workbook()
        book.remove(book.active)
        return book, None
    content = workspace.read(path)
    if words := lost(content, path):
        raise ToolFailed(
            f"{path!r} contains {words}, which would be lost. Only its cells can be written (sheet_write); "
            f"anything else needs a new file."
        )
    return read_book(content, path), content


def lost(content: bytes, path: str) -> str | None:
    """Returns what editing through openpyxl would lose; None if nothing is known."""
    for name, part in zip_package.parts(content, path).items():
        for mark, words in _LOST_PARTS.items():
            if name.startswith(mark):
                return words
        for mark, words in _LOST.items():
            if name.startswith("xl/") and mark in part:
                return words
        if name == "xl/sharedStrings.xml" and b"<r>" in part:
            return "cells with mixed formatting"
    return None


def read_book(content: bytes, path: str, *, values: bool = False) -> Any:
    """Returns the workbook in `content`: its formulas or, with `values`, the values that were last computed for
    them."""
    looked_at(content, path)
    try:
        with warnings.catch_warnings():
            # It reports what it would drop; `lost` knows, and such a workbook is never saved through it.
            warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
            book = openpyxl.load_workbook(io.BytesIO(as_usual(content, path)), data_only=values)
    except (*UNREADABLE, InvalidFileException, KeyError, TypeError, SyntaxError, AttributeError) as error:
        why = str(error).partition("\n")[0]
        raise ToolFailed(f"{path!r} can't be read as a workbook ({why}). Check the file or create it again.") from error
    if not book.worksheets:
        raise ToolFailed(f"{path!r} has no sheets. Check the file or create it again.")
    return book


def readable(content: bytes, path: str) -> bool:
    """Returns whether openpyxl can read the workbook and write it again; some odd ones it reads only."""
    try:
        saved_parts(read_book(content, path), path)
    except (ToolFailed, TypeError, ValueError, AttributeError, LookupError):
        return False
    return True


def save_book(workspace: Workspace, path: str, book: Any, before: bytes | None) -> None:
    """Writes the workbook unless the file has the same content already."""
    parts = saved_parts(book, path)
    if before is None or not _says_the_same(before, parts, path):
        workspace.write(path, zip_package.pack(parts))


def _says_the_same(before: bytes, parts: dict[str, bytes], path: str) -> bool:
    old = _saved_again(before, path)
    # A chart is written slightly differently once it has been read.
    charts = any(name.startswith("xl/charts/") for name in parts) and old.keys() == parts.keys()
    return zip_package.same(old, parts) or (
        charts and zip_package.same(old, _saved_again(zip_package.pack(parts), path))
    )


def _saved_again(before: bytes, path: str) -> dict[str, bytes]:
    """Returns the old file as openpyxl would write it, to compare like with like."""
    return saved_parts(read_book(before, path), path)


def saved_parts(book: Any, path: str) -> dict[str, bytes]:
    """Returns the parts as openpyxl writes them."""
    size_notes(book)
    for chart in (c for sheet in book.worksheets for c in sheet._charts if c.roundedCorners is None):
        chart.roundedCorners = False  # openpyxl drops it when it reads, and Excel takes a missing value for yes
    out = io.BytesIO()
    book.save(out)
    return zip_package.parts(out.getvalue(), path)
