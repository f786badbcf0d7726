"""Shows a PDF as text: words in reading order, tables as rows, answers in forms, notes, and attachments."""

from agents.bounded_read import bounded
from agents.pdf_reading.read_pages import ReadPage, ReadPdf, read_pages
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed


async def text(content: bytes, path: str, pages: str) -> str:
    """Returns the requested pages. Raises ToolFailed for a damaged or locked file, or one without text."""
    read = ReadPdf.model_validate_json(await bounded(read_pages, content, path, pages=pages))
    below = _form(read) + _attached(read)
    if not below and not any(page.text.strip() or page.notes for page in read.pages):
        raise ToolFailed(
            f"{path!r} has {counted(read.total, 'page')} but no text, so it's probably scanned. There's no OCR "
            f"here; use look_at or ask for the original."
        )
    body = "\n\n".join(f"[page {page.number}]\n{_page(page)}" for page in read.pages)
    left = read.left
    more = f"\n\n[{counted(len(left), 'more page')}; continue with pages='{left[0]}-{left[-1]}']" if left else ""
    return f"{path}: {counted(read.total, 'page')}.\n\n{body}{below}{more}"


def _page(page: ReadPage) -> str:
    parts = [page.text]
    if page.unreadable:
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
