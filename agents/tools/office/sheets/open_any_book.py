"""Opens every kind of workbook for reading, through LibreOffice where we can't read it ourselves."""

import asyncio
from pathlib import PurePosixPath

from agents.tools.office.file_kind import file_kind
from agents.tools.office.libreoffice.readable_copy import readable_copy
from agents.tools.office.sheets.read_workbook import OpenedBook, opened
from agents.tools.office.unsafe_files import looked_at
from orchestrator.errors import ToolFailed

BOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".ods", ".ots")
_CONVERTED = (".xlsb", ".ods", ".ots")


async def open_any_book(content: bytes, path: str) -> OpenedBook:
    """Returns the workbook. Raises ToolFailed with what to do if no reader opens it."""
    if not content:
        raise ToolFailed(f"{path!r} is empty. Ask for the file again.")
    suffix, kind = PurePosixPath(path).suffix.lower(), file_kind(content)
    if kind == "locked":
        raise ToolFailed(f"{path!r} is password-protected. Ask for an unprotected copy.")
    if kind == "zip":
        await asyncio.to_thread(looked_at, content, path, streamed=suffix not in _CONVERTED)
    if kind in ("xls", "ole"):
        return await _copied(content, path, ".xls")
    if kind == "zip" and suffix in _CONVERTED:
        return await _copied(content, path, suffix)
    return await asyncio.to_thread(opened, content, path)


async def _copied(content: bytes, path: str, suffix: str) -> OpenedBook:
    copy = await readable_copy(content, path, suffix, "xlsx")
    return await asyncio.to_thread(opened, copy, path)
