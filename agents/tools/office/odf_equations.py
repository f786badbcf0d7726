"""Puts the formulas of OpenDocument files into their text: converted, they'd be pictures, or nothing without
LibreOffice Math."""

import io
import zipfile
from typing import Any

from agents.mathml_text import mathml
from agents.tools.office import xml, zip_package
from orchestrator.errors import ToolFailed

_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}href"


def with_formula_text(content: bytes, path: str) -> bytes:
    """Returns the file with each formula as text; as it is if it has none, or isn't an OpenDocument file."""
    if not _may_have_formulas(content):
        return content
    try:
        parts = zip_package.parts(content, path)
        formulas = {name: text for name, part in parts.items() if (text := _formula(name, part))}
        tree = xml.parsed(parts["content.xml"])
    except ToolFailed:
        return content
    replaced = [frame for frame in list(tree.iter(f"{_DRAW}frame")) if _replaced(frame, formulas)]
    return zip_package.pack(parts | {"content.xml": xml.written(tree)}) if replaced else content


def _may_have_formulas(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
            document = {"mimetype", "content.xml"} <= names
            return document and b"opendocument" in package.read("mimetype")[:60] and any(map(_is_object, names))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        return False


def _is_object(name: str) -> bool:
    return name.count("/") == 1 and name.endswith("/content.xml")


def _formula(name: str, part: bytes) -> str:
    if not _is_object(name) or b"MathML" not in part[:2000]:
        return ""
    tree = xml.tolerantly(part)
    return mathml(tree) if tree is not None and tree.tag == _MATH else ""


def _replaced(frame: Any, formulas: dict[str, str]) -> bool:
    """Writes the formula where its frame stands in a text, else into the frame."""
    links = [str(one.get(_LINK) or "") for one in frame.iter(f"{_DRAW}object")]
    texts = [formulas.get(f"{link.removeprefix('./')}/content.xml", "") for link in links]
    text = next(filter(None, texts), "")
    if not text:
        return False
    within = frame.getparent()
    if within.tag in (f"{_TEXT}p", f"{_TEXT}h", f"{_TEXT}span", f"{_TEXT}a"):
        span = frame.makeelement(f"{_TEXT}span", {})
        span.text, span.tail = text, frame.tail
        within.replace(frame, span)
        return True
    for child in list(frame):
        frame.remove(child)
    box = frame.makeelement(f"{_DRAW}text-box", {})
    line = frame.makeelement(f"{_TEXT}p", {})
    line.text = text
    box.append(line)
    frame.append(box)
    return True
