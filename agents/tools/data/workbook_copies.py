"""Copies workbooks for the sandbox, which can't run LibreOffice: as .xlsx, with the values that are missing."""

import asyncio
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from agents.tool import CallContext, Workspace
from agents.tools.office.file_kind import BOOKS, file_kind
from agents.tools.office.libreoffice.readable_copy import readable_copy
from agents.tools.office.sheets.open_any_book import as_xlsx
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed


class SandboxCopies(NamedTuple):
    """Copies by their name below /code, and what the request says of them, by the name of the file they are of."""

    code: dict[str, bytes]
    request: dict[str, Any]


async def copies(room: CallContext, specs: Iterable[str], *, again: bool = False) -> SandboxCopies:
    """Returns a copy of each workbook that can't be read as it is; of all of them, if `again`. Raises ToolFailed."""
    found = SandboxCopies({}, {})
    for spec in dict.fromkeys(specs):
        path = await asyncio.to_thread(_book, room.workspace, spec)
        if path is None:
            continue
        content = await asyncio.to_thread(room.workspace.read, path)
        name, (copy, notes) = f"book-{len(found.code)}", await _copy(content, path, again=again)
        if copy != content:
            found.code[name] = copy
            found.request[spec] = {"name": name, "notes": notes}
    return found


async def _copy(content: bytes, path: str, *, again: bool) -> tuple[bytes, list[str]]:
    kind, suffix = file_kind(content), PurePosixPath(path).suffix.lower()
    if again and kind == "zip" and suffix not in (".xlsb", ".ods", ".ots"):
        return await readable_copy(content, path, ".xlsx", "xlsx"), [
            "opened by LibreOffice, because the file is nonstandard"
        ]
    if kind in ("text", "locked", "other", "pdf") or (kind == "ole" and suffix not in (".xls", ".xlt")):
        return content, []  # what reads it there reads text, or says what is wrong
    book = await as_xlsx(content, path)
    count = sum(map(len, book.computed.values()))
    words = f"{counted(count, 'value')} not stored in the file, computed by LibreOffice for this reading"
    return book.content, [words] if count else []


def _book(workspace: Workspace, spec: str) -> str | None:
    """Returns the path of the workbook that 'file' or 'file#sheet' names; None for anything else."""
    spec = spec.removeprefix("/workspace/")
    for path in (spec, spec.rpartition("#")[0]):
        if PurePosixPath(path).suffix.lower() in BOOKS and _exists(workspace, path):
            return path
    return None


def _exists(workspace: Workspace, path: str) -> bool:
    try:
        return workspace.exists(path)
    except ToolFailed:
        return False
