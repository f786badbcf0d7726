"""Opens every kind of workbook for reading, through LibreOffice where we can't read it or compute it ourselves."""

import asyncio
import io
import zipfile
from pathlib import PurePosixPath

from agents.tools.office.file_kind import FileKind, file_kind
from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.readable_copy import readable_copy
from agents.tools.office.sheets.compute_missing_formula_values import with_values
from agents.tools.office.sheets.formulas_without_values import FilledBook
from agents.tools.office.sheets.misnamed_xls import as_workbook
from agents.tools.office.sheets.read_workbook import OpenedBook, opened
from agents.tools.office.unsafe_files import UNREADABLE, looked_at
from orchestrator.errors import ToolFailed

_CONVERTED = (".xlsb", ".ods", ".ots")


async def open_any_book(content: bytes, path: str) -> OpenedBook:
    """Returns the workbook. Raises ToolFailed with what to do if no reader opens it."""
    if _misnamed(await asyncio.to_thread(_checked, content, path), path):
        return await asyncio.to_thread(opened, content, path)
    book = await as_xlsx(content, path)
    found = await asyncio.to_thread(opened, book.content, path)
    return found._replace(computed=book.computed)


async def as_xlsx(content: bytes, path: str) -> FilledBook:
    """Returns any kind of workbook as an .xlsx, its formulas computed where they have no values. Raises ToolFailed."""
    kind = await asyncio.to_thread(_checked, content, path)
    if kind == "xml sheets" and await convert.program_for(".xls"):
        return FilledBook(await readable_copy(content, path, ".xls", "xlsx"), {})  # with its types
    if _misnamed(kind, path):
        found = await asyncio.to_thread(opened, content, path)
        return FilledBook(await asyncio.to_thread(as_workbook, found.sheets), {})
    if suffix := ".xls" if kind in ("xls", "ole") else _converted(content, path, kind):
        return FilledBook(await readable_copy(content, path, suffix, "xlsx"), {})
    return await with_values(content, path)


def _misnamed(kind: FileKind, path: str) -> bool:
    return kind in ("html", "xml sheets") or (kind == "text" and path.lower().endswith((".xls", ".xlt")))


def _checked(content: bytes, path: str) -> FileKind:
    if not content:
        raise ToolFailed(f"{path!r} is empty. Ask for the file again.")
    kind = file_kind(content)
    if kind == "locked":
        raise ToolFailed(f"{path!r} is password-protected. Ask for an unprotected copy.")
    if kind == "zip":
        looked_at(content, path, streamed=not _converted(content, path, kind))
    return kind


def _converted(content: bytes, path: str, kind: FileKind) -> str:
    """Returns the suffix of a kind that LibreOffice has to convert, by its content where its name is another's."""
    if kind != "zip":
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            said = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except UNREADABLE:
        return ""
    if b"opendocument.spreadsheet" in said:
        return ".ods"
    if "xl/workbook.bin" in names:
        return ".xlsb"
    suffix = PurePosixPath(path).suffix.lower()
    return suffix if suffix in _CONVERTED and "xl/workbook.xml" not in names else ""
