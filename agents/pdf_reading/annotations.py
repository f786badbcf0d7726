"""Reads what people put on a page: notes, stamps, and attached files."""

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]

from agents.pdf_reading.pdfium_library import raw

_SILENT = (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_POPUP)
_WITHOUT_TEXT = (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT)
_MOST = 500
_WIDE: Any = ctypes.POINTER(raw.FPDF_WCHAR)  # pyright: ignore[reportUnknownVariableType]


class PageNote(NamedTuple):
    """What a note on a page says, and who wrote it, if it says so."""

    text: str
    by: str


class AttachedFile(NamedTuple):
    """A file inside the PDF."""

    name: str
    content: bytes


def has_more_text(page: Any) -> bool:
    """Returns whether form fields or notes may add text to an open page of PDFium's."""
    return any(raw.FPDFAnnot_GetSubtype(note) not in _WITHOUT_TEXT for note in _annotations(page))


def notes(page: Any) -> list[PageNote]:
    """Returns the notes on an open page of PDFium's, in order."""
    return [
        PageNote(text, _string(note, b"T"))
        for note in _annotations(page)
        if raw.FPDFAnnot_GetSubtype(note) not in _SILENT and (text := _string(note, b"Contents"))
    ]


def attached_files(document: Any) -> list[AttachedFile]:
    """Returns the files attached to a document of PDFium's and to its pages."""
    found = [raw.FPDFDoc_GetAttachment(document, n) for n in range(raw.FPDFDoc_GetAttachmentCount(document))]
    files = [_file(one) for one in found if one]
    for number in range(min(len(document), _MOST)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            continue
        files += (
            _file(held)
            for note in _annotations(page)
            if raw.FPDFAnnot_GetSubtype(note) == raw.FPDF_ANNOT_FILEATTACHMENT
            and (held := raw.FPDFAnnot_GetFileAttachment(note))
        )
        page.close()
    return files[:_MOST]


def _annotations(page: Any) -> Iterator[Any]:
    for n in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST)):
        note = raw.FPDFPage_GetAnnot(page, n)
        if note:
            try:
                yield note
            finally:
                raw.FPDFPage_CloseAnnot(note)


def _string(note: Any, key: bytes) -> str:
    size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
    held = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(held, _WIDE), size)
    return _utf_16(held.raw)


def _file(held: Any) -> AttachedFile:
    size = raw.FPDFAttachment_GetName(held, None, 0)
    name = ctypes.create_string_buffer(size)
    raw.FPDFAttachment_GetName(held, ctypes.cast(name, _WIDE), size)
    length = ctypes.c_ulong()
    raw.FPDFAttachment_GetFile(held, None, 0, length)
    content = ctypes.create_string_buffer(length.value)
    if not raw.FPDFAttachment_GetFile(held, content, length.value, length):
        content = ctypes.create_string_buffer(0)
    return AttachedFile(_utf_16(name.raw) or "file", content.raw)


def _utf_16(held: bytes) -> str:
    return held.decode("utf-16-le", "replace").rstrip("\0").strip().replace("\r", "\n")
