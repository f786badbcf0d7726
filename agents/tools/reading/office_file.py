"""Reads office files of every age by what they contain, whatever they are called."""

import asyncio
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import NamedTuple

from agents.tools.office import unsafe_files
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.file_kind import FileKind, file_kind
from agents.tools.office.libreoffice.readable_copy import readable_copy
from agents.tools.office.read_deck import deck_text
from agents.tools.office.sheets.open_any_book import open_any_book
from agents.tools.office.sheets.read_workbook import opened, whole_workbook
from agents.tools.office.word.read_document import html_text
from agents.tools.office.word.read_docx import docx_text
from orchestrator.errors import ToolFailed

_Reader = Callable[[bytes, str], str]


class _Family(NamedTuple):
    """How files of a family are read: their reader, and what LibreOffice makes of the older ones."""

    reader: _Reader
    modern: str
    old: FileKind


def _book_text(content: bytes, path: str) -> str:
    return whole_workbook(opened(content, path))


async def _any_book_text(content: bytes, path: str) -> str:
    return await asyncio.to_thread(whole_workbook, await open_any_book(content, path))


_WORD = _Family(docx_text, "docx", "doc")
_SLIDES = _Family(deck_text, "pptx", "ppt")
_SHEETS = _Family(_book_text, "xlsx", "xls")
_OPEN_WORD = (".docx", ".dotx", ".docm", ".dotm")
_OPEN_SLIDES = (".pptx", ".potx", ".pptm", ".ppsx", ".ppsm", ".potm")
_OPEN_XML = (*_OPEN_WORD, *_OPEN_SLIDES)
_FAMILIES = {
    **dict.fromkeys((*_OPEN_WORD, ".odt", ".rtf", ".doc", ".dot", ".ott", ".wpd"), _WORD),
    **dict.fromkeys((*_OPEN_SLIDES, ".odp", ".ppt", ".pps", ".pot", ".otp"), _SLIDES),
    **dict.fromkeys((".ods", ".xls", ".xlt", ".ots"), _SHEETS),
}
KINDS = frozenset(_FAMILIES)


async def office_text(content: bytes, path: str) -> str:
    """Returns the file's text. Raises ToolFailed with what to do if no reader opens it."""
    suffix, kind = PurePosixPath(path).suffix.lower(), file_kind(content)
    family = _FAMILIES[suffix]
    if kind == "locked":
        raise ToolFailed(f"{path!r} is password-protected. Ask for an unprotected copy.")
    if family is _SHEETS and kind in ("html", "xml sheets", "text"):
        return await _any_book_text(content, path)
    if kind == "html":
        return f"[This file is actually a web page.]\n{await asyncio.to_thread(html_text, content, path)}"
    if kind == "text" and suffix not in (*_OPEN_XML, ".rtf"):
        return f"[This file is actually plain text.]\n{decoded(content, path)[0]}"
    if kind == "zip":
        return await _zipped(content, path, suffix, family)
    if kind in ("doc", "xls", "ppt"):
        family = next(f for f in (_WORD, _SLIDES, _SHEETS) if f.old == kind)
        return await _converted(content, path, f".{kind}", family)
    if kind == "rtf":
        return await _converted(content, path, ".rtf", _WORD)
    if suffix in _OPEN_XML:
        return await asyncio.to_thread(family.reader, content, path)
    return await _converted(content, path, suffix, family)


async def _zipped(content: bytes, path: str, suffix: str, family: _Family) -> str:
    """Reads Open XML by what it contains, also under an older name; OpenDocument through LibreOffice."""
    if suffix in _OPEN_XML:
        return await asyncio.to_thread(family.reader, content, path)
    words = await asyncio.to_thread(unsafe_files.looked_at, content, path)
    for name, known in (("Word document", _WORD), ("slides", _SLIDES), ("workbook", _SHEETS)):
        if name in words and known is _SHEETS:
            return await _any_book_text(content, path)
        if name in words:
            return await asyncio.to_thread(known.reader, content, path)
    return await _converted(content, path, suffix, family)


async def _converted(content: bytes, path: str, suffix: str, family: _Family) -> str:
    made = await readable_copy(content, path, suffix, family.modern)
    return await asyncio.to_thread(family.reader, made, path)
