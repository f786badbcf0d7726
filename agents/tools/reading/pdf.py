"""Shows a PDF as text: words in reading order, tables as rows, answers in forms, notes, and attachments."""

from collections.abc import Sequence

from agents.bounded_read import bounded
from agents.pdf_reading.page_ranges import ranged
from agents.pdf_reading.read_pages import ReadPage, ReadPdf, read_pages
from agents.tesseract_detection import tesseract
from agents.tools.text_recognition.pictures_for_tesseract import page_scan
from agents.tools.text_recognition.recognize_page_of_file import MISSING, RecognizedPage, recognized_page
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_SCANS = 6
"""Scanned pages read per answer; each takes seconds."""


async def text(content: bytes, path: str, pages: str, languages: Sequence[str]) -> str:
    """Returns the requested pages. Raises ToolFailed for a damaged or locked file, or one without text."""
    read = ReadPdf.model_validate_json(await bounded(read_pages, content, path, pages=pages))
    scans = [page.number for page in read.pages if page.pictured or page.unreadable]
    shown = [page for page in read.pages if page.number not in scans[_MOST_SCANS:]]
    below = _form(read) + _attached(read)
    scanned: dict[int, RecognizedPage | None] = {}
    for number in scans[:_MOST_SCANS]:
        scanned[number] = await recognized_page(
            page_scan, content, path, page=number, languages=languages, how=number == scans[0]
        )
    read_some = any(one.found for one in scanned.values() if one)
    if not below and not read_some and not any(page.text.strip() or page.notes for page in shown):
        raise ToolFailed(_without_text(path, read, scans))
    body = "\n\n".join(f"[page {page.number}]\n{_page(page, scanned.get(page.number))}" for page in shown)
    lacking = f"\n\n[{MISSING}]" if scans and None in scanned.values() else ""
    left = sorted({*read.left, *scans[_MOST_SCANS:]})
    more = f"\n\n[{counted(len(left), 'more page')}; continue with pages='{ranged(left)}']" if left else ""
    return f"{path}: {counted(read.total, 'page')}.\n\n{body}{below}{lacking}{more}"


def _without_text(path: str, read: ReadPdf, scans: Sequence[int]) -> str:
    if not scans:
        return f"{path!r} has {counted(read.total, 'page')} without anything on them. Ask for the file again."
    if tesseract() is not None:
        return f"{path!r} has {counted(read.total, 'page')} but no text, and Tesseract found none either. Use look_at."
    return (
        f"{path!r} has {counted(read.total, 'page')} but no text, so it's probably scanned. {MISSING}; until then, use "
        "look_at or ask for the original."
    )


def _page(page: ReadPage, scanned: RecognizedPage | None) -> str:
    if page.damaged:
        return "(this page is damaged and can't be read)"
    parts = [page.text]
    if scanned and (scanned.found or not page.unreadable):
        parts = [scanned.words] if page.unreadable else [page.text, scanned.words]
    elif page.unreadable:
        parts.append(f"({counted(page.unreadable, 'letter')} on this page can't be read as text; look_at shows them)")
    elif page.pictured:
        parts.append(f"({'more' if page.text.strip() else 'no text'} on this page; a picture or a scan)")
    elif not page.text.strip() and not page.notes:
        parts.append("(this page is empty)")
    return "\n\n".join([*filter(str.strip, parts), *page.notes])


def _form(read: ReadPdf) -> str:
    """Lists the form's fields; of a form for Adobe's reader, which shows other programs nothing, its values."""
    if read.xfa and read.xfa_values and not read.fields:
        return "\n\n[an XFA form, which only Adobe Reader shows; filled in:]\n" + "\n".join(read.xfa_values)
    return "\n\n[form fields; fill them in with pdf_fill]\n" + "\n".join(read.fields) if read.fields else ""


def _attached(read: ReadPdf) -> str:
    held = "\n".join(f"- {name}  {size:,} bytes" for name, size in read.attached)
    return f"\n\n[attachments; extract one with archive_extract]\n{held}" if held else ""
