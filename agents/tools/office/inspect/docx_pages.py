"""Checks the pages of a laid-out document: empty pages, and headings separated from their text."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from agents.pdf_reading.lines_with_font_size import LinedPage, lined_pages
from agents.tools.office.content_checks import listed, listed_pages
from agents.tools.office.word.runs import whole
from agents.tools.office.word.table_of_contents import outline
from orchestrator.domain.deliverables import Check

_MOST_PAGES = 60
_NOTES = 0.88
"""Text this much smaller than the body text counts as notes."""


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


def _sheets(document: Any, pdf: bytes) -> Iterator[LinedPage]:
    edges = {_flat(line) for line in _edges(document)} - {""}
    for page in lined_pages(pdf, most=_MOST_PAGES):
        yield page._replace(lines=[one for one in page.lines if one.text.strip() and _flat(one.text) not in edges])


def _edges(document: Any) -> Iterator[str]:
    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/header", "/footer")):
            for paragraph in relation.target_part.element.iter(qn("w:p")):
                yield whole(paragraph)


def _flat(text: str) -> str:
    return re.sub(r"\d+", "#", "".join(text.split()))


def _stranded(sheets: list[LinedPage], pdf: bytes) -> Iterator[tuple[str, int]]:
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
            below = [one for one in sheet.lines if one.bottom < last.bottom and one.size >= body * _NOTES]
            if not below:
                yield last.text, page
