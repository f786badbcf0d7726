"""Checks a PDF for what a careful reader would object to."""

import io
import re
from collections import Counter
from typing import Any, NamedTuple

from pypdf import PdfReader

from agents.pdf_reading.open_pdf import BROKEN, drawable
from agents.tools.office.content_checks import listed, listed_pages
from agents.tools.office.inspect import link_spelling
from agents.tools.office.inspect.substituted_fonts import fonts_of
from orchestrator.domain.deliverables import Check
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_PAGES = 400
_TEXT, _IMAGE = 1, 3
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_BROKEN_IN_WORD = re.compile("(?<=\\w)[\x00\ufffd\ue000-\uf8ff](?=\\w)")
_SURELY_BROKEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\ufffd\ufffe\uffff]")
_FEW, _MANY = 3, 100
_BASE = ("Courier", "Helvetica", "Times", "Symbol", "ZapfDingbats")
"""Fonts that every reader has."""
_PAPERS = {(595, 842): "A4", (612, 792): "Letter", (612, 1008): "Legal", (842, 1191): "A3", (420, 595): "A5"}


class PdfPage(NamedTuple):
    """One page: its text, the number of letters, pictures and other objects, and its size in points.

    The text is what pypdf copies: it trusts the file's own codes, as many readers do, where PDFium corrects them.
    """

    number: int
    text: str
    letters: int
    pictures: int
    others: int
    sides: tuple[int, int]


def checks(content: bytes) -> list[Check]:
    """Returns the checks; none for an unreadable PDF, which another check reports."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            reader.decrypt("")
        pages = pages_of(reader, content)
        found = [_text(pages), _blank(pages), _links(reader), _embedded(reader)]
        return [c for c in [*found, _sizes(pages), _fields(reader), _title(reader)] if c is not None]
    except (ToolFailed, *BROKEN):
        return []


def pages_of(reader: PdfReader, content: bytes) -> list[PdfPage]:
    """Reads the first 400 pages. Raises what a damaged PDF raises."""
    drawn: list[tuple[Counter[int], int]] = []
    with drawable(content, "the PDF") as document:
        for n in range(min(len(document), _MOST_PAGES)):
            page = document[n]
            things = Counter(thing.type for thing in page.get_objects(max_depth=4))
            drawn.append((things, page.get_textpage().count_chars()))
            page.close()
    found: list[PdfPage] = []
    for n, (page, (things, letters)) in enumerate(zip(reader.pages, drawn, strict=False), 1):
        wide, high = sorted((round(float(page.mediabox.width)), round(float(page.mediabox.height))))
        others = sum(things.values()) - things[_TEXT] - things[_IMAGE] + len(page.get("/Annots") or [])
        found.append(PdfPage(n, page.extract_text(), letters, things[_IMAGE], others, (wide, high)))
    return found


def garbled(text: str) -> bool:
    """Returns whether the searchable text differs from what the page shows."""
    if len(_SURELY_BROKEN.findall(text)) >= _FEW or _BROKEN_IN_WORD.search(text):
        return True
    shown = "".join(text.split())
    letters = "".join(c for c in shown if c.isascii() and c.isalpha())
    # Glyph numbers mistaken for letters start at D, with the lowercase letters.
    shifted = len(letters) >= _MANY and letters.isupper() and not set(letters) & set("ABC")
    return shifted or len(_PRIVATE.findall(shown)) > len(shown) * 0.15


def _text(pages: list[PdfPage]) -> Check:
    scanned = [str(p.number) for p in pages if p.pictures and p.letters <= _FEW and not p.text.strip()]
    lost = [str(p.number) for p in pages if p.letters > _FEW and not p.text.strip()]
    broken = [str(p.number) for p in pages if garbled(p.text)]
    kinds = (
        (scanned, "text only as pictures, as in a scan; it can't be searched or copied"),
        (lost, "text that can't be searched or copied"),
        (broken, "text that is garbled when searched or copied; create the PDF again from its source"),
    )
    wrong = [f"{listed_pages(numbers)}: {words}" for numbers, words in kinds if numbers]
    count = sum(len(p.text.split()) for p in pages)
    return Check(
        name="text", ok=not wrong, words="; ".join(wrong) or f"{counted(count, 'word')} can be searched and copied"
    )


def _blank(pages: list[PdfPage]) -> Check:
    empty = [str(p.number) for p in pages if p.letters <= _FEW and not (p.pictures or p.others or p.text.strip())]
    return Check(
        name="blank pages", ok=not empty, words=f"empty: {listed_pages(empty)}" if empty else "no page is empty"
    )


def _links(reader: PdfReader) -> Check:
    names = set(reader.named_destinations)
    bad: list[str] = []
    for n, page in enumerate(reader.pages[:_MOST_PAGES], 1):
        notes: Any = page.get("/Annots")
        for note in [] if notes is None else [n.get_object() for n in notes.get_object()]:
            if note.get("/Subtype") != "/Link":
                continue
            action: Any = {} if note.get("/A") is None else note["/A"].get_object()
            if "/URI" in action and (words := link_spelling.wrong(str(action["/URI"]))):
                bad.append(f"page {n}: {words}")
            place: Any = note.get("/Dest") or action.get("/D")
            if place is not None and (words := _nowhere(place.get_object(), names)):
                bad.append(f"page {n}: {words}")
    return Check(name="links", ok=not bad, words=listed(dict.fromkeys(bad)) or "every link has a target")


def _nowhere(place: Any, names: set[str]) -> str:
    if isinstance(place, str | bytes):
        name = place.decode("latin-1") if isinstance(place, bytes) else str(place)
        known = {n.lstrip("/") for n in names}
        return "" if name.lstrip("/") in known else f"a link to {name!r}, which doesn't exist"
    page: Any = place[0] if len(place) else None
    if page is None or isinstance(page, int):
        return ""
    there = page.get_object()
    return "" if there is not None and there.get("/Type") == "/Page" else "a link to a page that doesn't exist"


def _embedded(reader: PdfReader) -> Check:
    missing: set[str] = set()
    for font in fonts_of(reader):
        name = str(font["/BaseFont"]).lstrip("/")
        inner: Any = font.get("/DescendantFonts")
        holder = inner.get_object()[0].get_object() if inner is not None else font
        described: Any = holder.get("/FontDescriptor")
        described = {} if described is None else described.get_object()
        inside = any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))
        if not inside and font.get("/Subtype") != "/Type3" and not name.startswith(_BASE):
            missing.add(name)
    words = (
        f"not embedded, so readers see a different font: {listed(sorted(missing))}"
        if missing
        else "every font is embedded"
    )
    return Check(name="fonts", ok=not missing, words=words)


def _sizes(pages: list[PdfPage]) -> Check:
    papers: dict[str, list[str]] = {}
    for page in pages:
        near = next((n for s, n in _PAPERS.items() if abs(s[0] - page.sides[0]) + abs(s[1] - page.sides[1]) < 9), None)
        papers.setdefault(near or f"{page.sides[0] / 28.35:.0f} x {page.sides[1] / 28.35:.0f} cm", []).append(
            str(page.number)
        )
    if len(papers) < 2:
        return Check(name="page size", ok=True, words=next(iter(papers), "no page"))
    words = "; ".join(f"{name}: {listed_pages(numbers)}" for name, numbers in papers.items())
    return Check(name="page size", ok=True, words=f"pages of different sizes ({words})", told=True)


def _fields(reader: PdfReader) -> Check | None:
    fields = {n: f for n, f in (reader.get_fields() or {}).items() if f.get("/FT") in ("/Tx", "/Ch")}
    if not fields:
        return None
    empty = [n for n, f in fields.items() if not str(f.get("/V") or "").strip()]
    words = f"form fields left empty: {listed(empty)}" if empty else f"all {len(fields)} form fields are filled in"
    return Check(name="form", ok=True, words=words, told=bool(empty))


def _title(reader: PdfReader) -> Check:
    title = str((reader.metadata.title if reader.metadata else "") or "").strip()
    poor = not title or re.search(r"^untitled|\.(docx?|xlsx?|pptx?|html?|md)$|^Microsoft Word - ", title, re.IGNORECASE)
    words = f"its title is {title!r}" if title else "it has no title; viewers show its file name"
    return Check(name="title", ok=True, words=words, told=bool(poor))
