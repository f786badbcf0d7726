"""Reads pages of a PDF with all that they show: text, tables, answers in forms, notes, and attached files."""

import time
from collections import Counter
from contextlib import suppress
from typing import Any

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]

from agents.pdf_reading import annotations, form_fields
from agents.pdf_reading.open_pdf import BROKEN, drawable, structure
from agents.pdf_reading.page_ranges import chosen
from agents.pdf_reading.page_text import PageText, page_text
from agents.pdf_reading.pdfium_library import raw
from agents.pdf_reading.picture_area_ratio import picture_share
from orchestrator.domain.base_value import Value
from orchestrator.errors import ToolFailed

_MOST_PAGES, _LONGEST = 60, 15.0
"""Pages and seconds per answer; the other pages are read with the next call."""
_MOST_UNREADABLE, _FEW, _MOST_OF_IT = 0.2, 240, 0.5


class ReadPage(Value):
    """A page: its number, text, notes, how many letters have no code, and whether pictures say more than its text."""

    number: int
    text: str
    notes: tuple[str, ...] = ()
    unreadable: int = 0
    pictured: bool = False
    damaged: bool = False


class ReadPdf(Value):
    """What was read of a PDF, and the requested pages that weren't."""

    total: int
    pages: tuple[ReadPage, ...]
    left: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    attached: tuple[tuple[str, int], ...] = ()
    xfa: bool = False
    xfa_values: tuple[str, ...] = ()


def read_pages(content: bytes, path: str, *, pages: str) -> str:
    """Returns the pages as a ReadPdf in JSON. Raises ToolFailed for a damaged or locked file, or a missing page."""
    began = time.monotonic()
    with drawable(content, path) as document:
        wanted = chosen(pages, len(document), path)
        found: list[ReadPage] = []
        for number in wanted[:_MOST_PAGES]:
            if found and time.monotonic() - began > _LONGEST:
                break
            found.append(_page(document, number))
        attached = tuple((file.name, len(file.content)) for file in _attached(document, content, path))
        total = len(document)
    read = ReadPdf(total=total, pages=tuple(found), left=tuple(wanted[len(found) :]), attached=attached)
    return _with_form(read, content, path).model_dump_json()


def attachment(content: bytes, path: str, *, name: str) -> bytes:
    """Returns a file attached to the PDF. Raises ToolFailed if there is none of this name."""
    with drawable(content, path) as document:
        files = _attached(document, content, path)
    found = next((file.content for file in files if file.name == name), None)
    if found is None:
        names = ", ".join(repr(file.name) for file in files) or "nothing"
        raise ToolFailed(f"{path!r} has no attachment {name!r}; it has {names}.")
    return found


def _attached(document: Any, content: bytes, path: str) -> list[annotations.AttachedFile]:
    """Returns the attached files; pypdf reads those that PDFium finds empty."""
    files = annotations.attached_files(document)
    if all(file.content for file in files):
        return files
    with suppress(ToolFailed, *BROKEN):
        known = structure(content, path).attachments
        return [file._replace(content=file.content or known.get(file.name, [b""])[0]) for file in files]
    return files


def _page(document: Any, number: int) -> ReadPage:
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return ReadPage(number=number, text="", damaged=True)
    plain, said, share = page_text(page), annotations.notes(page), picture_share(page)
    objects = raw.FPDFPage_CountObjects(page)
    best = plain
    if annotations.has_more_text(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[number - 1]
        best = _complete(plain, page_text(page))
    page.close()
    shown = "".join(best.text.split())
    notes = tuple(
        f"[note{f' by {note.by}' if note.by else ''}] {note.text}"
        for note in said
        if "".join(note.text.split()) not in shown
    )
    letters = len(shown)
    pictured = objects > 0 if letters == 0 else share >= _MOST_OF_IT and letters < _FEW
    return ReadPage(
        number=number,
        text=best.text,
        notes=notes,
        unreadable=best.unreadable if best.unreadable > letters * _MOST_UNREADABLE else 0,
        pictured=pictured,
    )


def _complete(plain: PageText, drawn: PageText) -> PageText:
    """Returns the text with the answers and notes drawn into it, unless drawing them lost letters of the page."""
    lost = Counter("".join(plain.text.split())) - Counter("".join(drawn.text.split()))
    return plain if lost.total() > len(plain.text) // 100 else drawn


def _with_form(read: ReadPdf, content: bytes, path: str) -> ReadPdf:
    try:
        reader = structure(content, path)
        return read.model_copy(
            update={
                "fields": tuple(form_fields.form_fields(reader)),
                "xfa": form_fields.is_xfa(reader),
                "xfa_values": tuple(form_fields.xfa_values(reader)),
            }
        )
    except (ToolFailed, *BROKEN):
        return read  # PDFium reads files that pypdf doesn't
