"""Reads a PDF as text: words in reading order, tables as rows, form fields."""

import io
import logging
from typing import Any

import pdfplumber

from agents.tools.office.pdf_text import BROKEN, open_pdf
from agents.tools.reading.page_numbers import chosen
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_PAGES = 60
"""Pages per answer; finding tables takes about a tenth of a second each."""
logging.getLogger("pdfminer").setLevel(logging.ERROR)


def text(content: bytes, path: str, pages: str) -> str:
    """Returns the requested pages. Raises ToolFailed for a damaged or locked file, or one without text."""
    reader = open_pdf(content, path)
    wanted = chosen(pages, len(reader.pages), path)
    try:
        shown = [(n, _page(content_page)) for n, content_page in _pages(content, wanted[:_MOST_PAGES])]
    except (*BROKEN, AssertionError) as error:
        raise ToolFailed(
            f"{path!r} can't be read as a PDF ({type(error).__name__}: {error}). Check the file."
        ) from error
    except Exception as error:
        # pdfminer raises its own exceptions, which share no base with a name.
        if not type(error).__module__.startswith(("pdfminer", "pdfplumber")):
            raise
        raise ToolFailed(f"{path!r} can't be read as a PDF ({error}). Check the file.") from error
    fields = _fields(reader)
    if not fields and not any(words for _, words in shown):
        raise ToolFailed(
            f"{path!r} has {counted(len(reader.pages), 'page')} but no text, so it's probably scanned. There's no OCR "
            f"here; use look_at or ask for the original."
        )
    body = "\n\n".join(f"[page {n}]\n{words or '(no text on this page; a picture or a scan)'}" for n, words in shown)
    left = len(wanted) - len(shown)
    more = (
        f"\n\n[{counted(left, 'more page')}; continue with pages='{wanted[len(shown)]}-{wanted[-1]}']" if left else ""
    )
    return f"{path}: {counted(len(reader.pages), 'page')}.\n\n{body}{fields}{more}"


def _pages(content: bytes, numbers: list[int]) -> Any:
    with pdfplumber.open(io.BytesIO(content), pages=numbers) as document:
        for page in document.pages:
            yield page.page_number, page
            page.close()


def _page(page: Any) -> str:
    tables = [t for t in page.find_tables() if len(t.rows) > 1 and len(t.rows[0].cells) > 1]
    boxes = [t.bbox for t in tables]

    def outside(thing: Any) -> bool:
        middle = (thing["top"] + thing["bottom"]) / 2
        return not any(x0 <= thing["x0"] <= x1 and top <= middle <= bottom for x0, top, x1, bottom in boxes)

    words = (page.filter(outside) if boxes else page).extract_text() or ""
    rows = ["\n".join(_row(row) for row in table.extract()) for table in tables]
    return "\n\n".join(part for part in [words.strip(), *rows] if part)


def _row(cells: list[str | None]) -> str:
    return "| " + " | ".join(" ".join((c or "").split()) for c in cells) + " |"


def _fields(reader: Any) -> str:
    fields: dict[str, Any] = reader.get_fields() or {}
    lines = [f"- {name}{_kind(field)}: {field.get('/V') or ''}" for name, field in fields.items() if field.get("/FT")]
    return "\n\n[form fields; fill them in with pdf_fill]\n" + "\n".join(lines) if lines else ""


def _kind(field: Any) -> str:
    """Returns the type of a field that isn't free text: ` (box)`, ` (Team, Business)`."""
    if field["/FT"] == "/Ch" and (offered := field.get("/Opt")):
        return f" ({', '.join(str(o[0] if isinstance(o, list) else o) for o in offered[:40])})"  # pyright: ignore
    states = [str(s).lstrip("/") for s in field.get("/_States_", []) if s != "/Off"]
    return f" ({', '.join(states) if len(states) > 1 else 'box'})" if field["/FT"] == "/Btn" else ""
