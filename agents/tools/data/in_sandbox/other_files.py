"""Tells files that aren't tables by their content, and names the tool that reads them."""

import re
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from io import BytesIO
from typing import NamedTuple

from agents.tools.data.in_sandbox.refusal import CannotDo

_SPACE = b"\xef\xbb\xbf\t\r\n "
_HTML = re.compile(rb"<!doctype html|<html[\s>]", re.IGNORECASE)
_MAIL = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+", re.MULTILINE)
_MAIL_SIGNS = (b"\nreceived:", b"\nmessage-id:", b"\nmime-version:", b"\nsubject:")
_STARTS = (
    (b"%PDF-", "a PDF"), (b"{\\rtf", "a formatted document (RTF)"), (b"BEGIN:VCALENDAR", "a calendar"),
    (b"BEGIN:VCARD", "a file of contacts"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
)  # fmt: skip
_PARTS = (("word/", "a Word document"), ("ppt/", "a slide deck"), ("META-INF/manifest.xml", "an OpenDocument file"))
_EXCEL_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"


class NotXml(Exception):
    """The content isn't XML."""


class _Repeated(NamedTuple):
    """The name of the element that is repeated most, and how often."""

    name: str
    times: int


def refuse(content: bytes, name: str) -> None:
    """Raises CannotDo with the tool to use for a file of another kind than a table."""
    start = content[:4096].lstrip(_SPACE)
    what = next((words for sign, words in _STARTS if start.startswith(sign)), "")
    if not what and _HTML.match(start):
        what = "a web page"
    if not what and start.startswith(b"PK"):
        what = _package(content)
    if not what and _MAIL.match(start) and sum(s in b"\n" + start.lower() for s in _MAIL_SIGNS) > 1:
        what = "an email"
    if what:
        raise CannotDo(f"{name!r} is {what}, not a table. Read it with document_read.")


def xml_root(content: bytes) -> ET.Element:
    """Returns the root of a file that is XML. Raises NotXml."""
    start = content[:4096].lstrip(_SPACE)
    if not start.startswith((b"<", b"\xff\xfe<\0", b"\xfe\xff\0<")) or b"<!ENTITY" in content or _HTML.match(start):
        raise NotXml
    try:
        return ET.fromstring(content)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise NotXml from error


def refuse_xml(root: ET.Element, content: bytes, name: str) -> None:
    """Raises CannotDo: says what the XML holds, and which tool reads it."""
    if _EXCEL_2003 in content[:4096]:
        raise CannotDo(
            f"{name!r} is an Excel 2003 workbook in XML. Copy it to a name that ends in .xls, and read that."
        )
    repeated = _repeated(root)
    held = f" with {repeated.times} <{repeated.name}> elements" if repeated.times > 1 else ""
    raise CannotDo(
        f"{name!r} is XML (<{_local(root)}>){held}, not a table. Read it with document_read, or extract a table with "
        "run_python."
    )


def _repeated(root: ET.Element) -> _Repeated:
    counts = Counter(_local(one) for one in root.iter() if len(one) and one is not root)
    name, times = counts.most_common(1)[0] if counts else ("", 0)
    return _Repeated(name, times)


def _local(node: ET.Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _package(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return ""
    if any(name.startswith("xl/") for name in names):
        return ""
    found = next((words for sign, words in _PARTS if any(name.startswith(sign) for name in names)), "")
    return found or ("" if any(name.startswith("content.xml") for name in names) else "a zip archive")
