"""Refuses office files before they are opened: zip bombs, document types, and files with a wrong extension."""

import io
import lzma
import re
import zipfile
import zlib

from orchestrator.errors import ToolFailed

UNREADABLE = (
    zipfile.BadZipFile, RuntimeError, EOFError, NotImplementedError, OSError, ValueError, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What the zip library raises for archives that are damaged, cut off, or packed in an unknown way."""
_MOST_UNPACKED = 200_000_000
_MOST_RATIO, _RATIO_FROM = 150, 30_000_000
_MOST_PARTS = 20_000
_MOST_SHEET = 1_000_000_000
_SHEET = re.compile(r"(?i)worksheets/[^/]+\.xml$")
OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEAD = 2048
_MAIN = re.compile(
    rb"application/(?:vnd\.openxmlformats-officedocument\.|vnd\.ms-)"
    rb"(wordprocessingml|spreadsheetml|presentationml|word|excel|powerpoint)[.\w]*?\.(?:main|template\.main|macroEnabled[.\w]*?main)\+xml"
)
_KINDS = {
    b"wordprocessingml": "a Word document, .docx",
    b"word": "a Word document with macros, .docm",
    b"spreadsheetml": "a workbook, .xlsx",
    b"excel": "a workbook with macros, .xlsm",
    b"presentationml": "slides, .pptx",
    b"powerpoint": "slides with macros, .pptm",
}


def looked_at(content: bytes, path: str, *, streamed: bool = False) -> str:
    """Returns the kind of office file in words. Raises ToolFailed for one that must not be opened.

    With `streamed`, sheets may be larger, because their reader keeps only the rows that it shows.
    """
    if content.startswith(OLE):
        raise ToolFailed(
            f"{path!r} is password-protected. Ask for an unprotected copy."
            if _ENCRYPTED in content
            else f"{path!r} is password-protected or in the pre-2007 format. Ask for an unprotected, newer copy."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _bounded([e for e in archive.infolist() if not (streamed and _streams(e))], path)
            for name in archive.namelist():
                if name.endswith((".xml", ".rels")):
                    _plain(archive, name, path)
            kinds = archive.read("[Content_Types].xml") if "[Content_Types].xml" in archive.namelist() else b""
    except UNREADABLE as error:
        raise ToolFailed(f"{path!r} is damaged or incomplete ({error}). Ask for the file again.") from error
    found = _MAIN.search(kinds)
    return _KINDS[found[1]] if found else "a zip archive"


def unpacks_to_much(size: int, packed: int) -> bool:
    """Returns whether the compression ratio is that of a zip bomb."""
    return size > _MOST_UNPACKED or (size > _RATIO_FROM and size > _MOST_RATIO * max(1, packed))


def _streams(entry: zipfile.ZipInfo) -> bool:
    return bool(_SHEET.search(entry.filename)) and entry.file_size <= _MOST_SHEET


def _bounded(entries: list[zipfile.ZipInfo], path: str) -> None:
    size, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > _MOST_PARTS or unpacks_to_much(size, packed):
        raise ToolFailed(f"{path!r} unpacks to {size // 1_000_000:,} MB, like a zip bomb, so it wasn't opened.")


def _plain(archive: zipfile.ZipFile, name: str, path: str) -> None:
    """Refuses document types: office files have none, and entities can make a small XML grow without limit."""
    with archive.open(name) as part:
        try:
            start = part.read(_HEAD)
        except zipfile.BadZipFile:
            return  # damage in one part: whoever reads that part says so
    if b"<!DOCTYPE" in start.upper():
        raise ToolFailed(
            f"{path!r} declares XML entities in {name!r}, which no office program does, so it wasn't opened."
        )
