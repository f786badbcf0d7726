"""Recognizes an office file by its content, because names are often wrong: `.xls` that is HTML, `.doc` that is RTF."""

import re
from typing import Literal

from agents.tools.office.unsafe_files import OLE

FileKind = Literal[
    "zip", "locked", "doc", "xls", "ppt", "ole", "rtf", "html", "xml sheets", "xml word", "pdf", "text", "other"
]
BOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".ods", ".ots")
"""What workbooks are called."""
_STREAMS: tuple[tuple[str, FileKind], ...] = (
    ("EncryptedPackage", "locked"), ("EncryptedSummary", "locked"), ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"), ("Workbook", "xls"), ("Book", "xls"),
)  # fmt: skip
_OLD_BOOKS = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
_PAGE = re.compile(
    r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body|table|meta|style|div)\b", re.DOTALL
)
_OLD_WORDS = (b"\xdb\xa5", b"\x31\xbe", b"\xfe\x37")


def file_kind(content: bytes) -> FileKind:
    """Returns what the first bytes say, and for the pre-2007 container what its streams are called."""
    head = content[:4096]
    if head.startswith(b"PK"):
        return "zip"
    if head.startswith(OLE):
        found: list[FileKind] = [kind for name, kind in _STREAMS if _entry(name) in content]
        return found[0] if found else "ole"
    if head.startswith(_OLD_BOOKS):
        return "xls"
    if head.startswith(_OLD_WORDS):
        return "doc"
    if head.startswith(b"%PDF"):
        return "pdf"
    words = _letters(head).lstrip("\ufeff \t\r\n").lower()
    if words.startswith("{\\rtf"):
        return "rtf"
    if "urn:schemas-microsoft-com:office:spreadsheet" in words:
        return "xml sheets"
    if "schemas.microsoft.com/office/word/2003" in words or "schemas.microsoft.com/office/2006/xmlpackage" in words:
        return "xml word"
    if _PAGE.match(words):
        return "html"
    return "other" if "\0" in words else "text"


def _entry(name: str) -> bytes:
    """Returns the name as the container's directory has it: padded to the end, so that no text is taken for it."""
    return name.encode("utf-16-le") + b"\0\0"


def _letters(head: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[: len(head) // 2 * 2].decode(encoding, "replace")
    return head.decode("utf-8", "replace")
