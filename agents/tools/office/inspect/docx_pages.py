"""Checks the pages of a laid-out document: empty pages, and headings separated from their text."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pdfplumber
from docx.oxml.ns import qn

from agents.tools.office.file_checks import listed, listed_pages
from agents.tools.office.word.runs import whole
from agents.tools.office.word.table_of_contents import outline
from orchestrator.domain.deliverables import Check

_MOST_PAGES = 60
_NOTES = 0.88
"""Text this much smaller than the body text counts as notes."""


class _Line(NamedTuple):
    """A line of a page: its text, distance from the top, and font size."""

    text: str
    top: float
    size: float


class _Sheet(NamedTuple):
    """One page: its lines without header and footer, and how many pictures and drawn lines it has."""

    number: int
    lines: list[_Line]
    drawn: int


def checks(document: Any, pdf: bytes, *, ours: bool) -> list[Check]:
    """Returns the checks of the pages; for a foreign document they never fail."""
    sheets = list(_sheets(document, pdf))
    empty = [str(s.number) for s in sheets if not s.lines and not s.drawn]
    alone = [f"{text!r} at the end of page {page}" for text, page in _stranded(sheets, pdf)]
    rows = (
        ("blank pages", "empty:", [listed_pages(empty)] if empty else [], "no page is empty"),
        (
            "heading positions",
            "separated from its text; insert a page break before it:",
            alone,
            "no heading ends a page",
        ),
    )
    return [_check(name, f"{wrong} {listed(bad)}" if bad else "", good, ours=ours) for name, wrong, bad, good in rows]


def _check(name: str, wrong: str, good: str, *, ours: bool) -> Check:
    return Check(name=name, ok=not (wrong and ours), words=wrong or good, told=bool(wrong) and not ours)


def _sheets(document: Any, pdf: bytes) -> Iterator[_Sheet]:
    edges = {_flat(line) for line in _edges(document)} - {""}
    with pdfplumber.open(io.BytesIO(pdf), pages=list(range(1, _MOST_PAGES + 1))) as opened:
        for page in opened.pages:
            lines = [_line(row) for row in page.extract_text_lines(return_chars=True)]
            inner = [one for one in lines if one.text.strip() and _flat(one.text) not in edges]
            yield _Sheet(page.page_number, inner, len(page.images) + len(page.rects) + len(page.curves))
            page.close()


def _line(row: Any) -> _Line:
    sizes = Counter(round(float(c["size"]), 1) for c in row["chars"])
    return _Line(str(row["text"]), float(row["top"]), sizes.most_common(1)[0][0] if sizes else 0.0)


def _edges(document: Any) -> Iterator[str]:
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/header", "/footer")):
            for paragraph in relation.target_part.element.iter(qn("w:p")):
                yield whole(paragraph)


def _flat(text: str) -> str:
    return re.sub(r"\d+", "#", "".join(text.split()))


def _stranded(sheets: list[_Sheet], pdf: bytes) -> Iterator[tuple[str, int]]:
    """Returns headings that end a page although another page follows."""
    sizes = Counter(one.size for s in sheets for one in s.lines for _ in one.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    heads = Counter((o.page, "".join(o.text.split())) for o in outline(pdf))
    by_page = {s.number: s for s in sheets}
    for page, text in heads:
        sheet = by_page.get(page)
        if sheet is None or page == max(by_page, default=0):
            continue
        running = [one for one in sheet.lines if one.size >= body * _NOTES]
        last = running[-1] if running else None
        if last is not None and "".join(last.text.split()) == text and last.size >= body:
            below = [one for one in sheet.lines if one.top > last.top and one.size >= body * _NOTES]
            if not below:
                yield last.text, page
