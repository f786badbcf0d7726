"""Reads files by other means than the product's: python-docx, python-pptx, openpyxl, poppler, catdoc, raw streams."""

import io
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import olefile  # pyright: ignore[reportMissingTypeStubs]
import openpyxl
import pptx

_PROGRAMS = {
    ".pdf": ("pdftotext", "-q", "{}", "-"),
    ".doc": ("catdoc", "-dutf-8", "-w", "{}"),
    ".xls": ("xls2csv", "-dutf-8", "-x", "{}"),
    ".ppt": ("catppt", "-dutf-8", "{}"),
}
_LONGEST = 60.0


def text_of(content: bytes, name: str) -> str:
    """Returns what the second reader for this kind of file shows; empty where it shows nothing."""
    suffix = Path(name).suffix.lower()
    if suffix in _PROGRAMS:
        return _run(content, suffix)
    read = _LIBRARIES.get(suffix)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return "\n".join(read(content)) if read else ""
    except Exception:  # noqa: BLE001 whatever stops it: it shows nothing then
        return ""


def _run(content: bytes, suffix: str) -> str:
    program, *words = _PROGRAMS[suffix]
    if shutil.which(program) is None:
        return ""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(content)
        file.flush()
        command = [program, *(w.format(file.name) for w in words)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_LONGEST, check=False)
        except subprocess.TimeoutExpired:
            return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _document(content: bytes) -> Iterator[str]:
    opened: Any = docx.Document(io.BytesIO(content))
    for paragraph in opened.element.body.iter("{*}p"):
        yield "".join(str(t.text or "") for t in paragraph.iter("{*}t") if not _hidden(t))


def _hidden(text: Any) -> bool:
    """Returns whether a run is deleted, or the copy of a shape for older programs."""
    return any(str(e.tag).rpartition("}")[2] in ("del", "Fallback", "moveFrom") for e in text.iterancestors())


def _deck(content: bytes) -> Iterator[str]:
    opened: Any = pptx.Presentation(io.BytesIO(content))
    for slide in opened.slides:
        yield from _shapes(slide.shapes)


def _shapes(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        elif shape.has_text_frame:
            yield shape.text_frame.text
        elif getattr(shape, "has_table", False):
            yield from (cell.text for row in shape.table.rows for cell in row.cells)


def _book(content: bytes) -> Iterator[str]:
    opened: Any = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
    for sheet in opened.worksheets:
        sheet.reset_dimensions()
        for n, row in enumerate(sheet.iter_rows(values_only=True)):
            yield " ".join(value for value in row if isinstance(value, str))
            if n >= 4000:
                break


def _message(content: bytes) -> Iterator[str]:
    """Subject and plain body."""
    reader: Any = olefile.OleFileIO
    with reader(io.BytesIO(content)) as opened:
        for stream in ("0037", "1000"):
            for kind, codec in (("001F", "utf-16-le"), ("001E", "ascii")):
                name = f"__substg1.0_{stream}{kind}"
                raw = opened.openstream(name).read() if opened.exists(name) else b""
                if kind == "001F" or raw.isascii():  # the message's code page isn't looked up here
                    yield raw.decode(codec, "replace")


_LIBRARIES: dict[str, Callable[[bytes], Iterator[str]]] = {
    ".docx": _document, ".pptx": _deck, ".msg": _message,
    **dict.fromkeys((".xlsx", ".xlsm"), _book),
}  # fmt: skip
