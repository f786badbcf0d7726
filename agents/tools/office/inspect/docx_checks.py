"""Checks a Word document for what a careful reader would object to."""

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from agents.pdf_reading.open_pdf import BROKEN
from agents.tools.office.content_checks import listed
from agents.tools.office.inspect import docx_links, docx_pages, substituted_fonts
from agents.tools.office.inspect.docx_pictures import blurred, stretched, undescribed
from agents.tools.office.word.find_blocks import level
from agents.tools.office.word.read_document import footnotes, open_docx
from agents.tools.office.word.revisions import pending
from agents.tools.office.word.runs import said
from agents.tools.office.word.table_of_contents import listed as contents
from agents.tools.office.word.table_of_contents import pages_of, same
from orchestrator.domain.deliverables import Check
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed


def structure(document: Any) -> list[Check]:
    """Checks headings, links, pictures, notes, tables and open revisions. Reports layout problems of foreign documents
    without failing."""
    ours = is_ours(document)
    return [
        _check("headings", _headings(document), "no empty headings, no skipped levels", strict=ours),
        _check("links", docx_links.wrong(document), "every link is well-formed and resolves inside the file"),
        _check("pictures", undescribed(document), "every picture has alternative text", strict=ours),
        _check("proportions", stretched(document), "no picture is stretched", strict=ours),
        _check("sharpness", blurred(document), "every picture is sharp enough to print", strict=ours),
        _check("footnotes", _footnotes(document), "every footnote has a reference and text"),
        _check("tables", _tables(document), "every table fits between the margins", strict=ours),
        *_open(document),
    ]


def is_ours(document: Any) -> bool:
    """Returns whether document_write made it, so that we may fix its layout."""
    return str(document.core_properties.author) == "threadwork"


def _open(document: Any) -> list[Check]:
    """Reports tracked changes and comments."""
    found: list[Check] = []
    if waiting := pending(document):
        by = ", ".join(f"{count} by {author}" for author, count in waiting.items())
        words = f"tracked changes to accept or reject: {by}"
        found.append(Check(name="tracked changes", ok=True, words=words, told=True))
    authors = [str(c.author) for c in document.comments]
    if authors:
        by = ", ".join(f"{authors.count(a)} by {a}" for a in dict.fromkeys(authors))
        found.append(Check(name="comments", ok=True, words=f"it still has comments: {by}", told=True))
    return found


def of_pages(content: bytes, path: str, pdf: bytes) -> list[Check]:
    """Checks the laid-out pages; returns nothing for a file that doesn't open, which another check reports."""
    try:
        document = open_docx(content, path)
        ours = is_ours(document)
        pages = docx_pages.checks(document, pdf, ours=ours)
        return [*contents_match(document, pdf), *pages, *substituted_fonts.check(content, ".docx", pdf, ours=ours)]
    except (ToolFailed, *BROKEN):
        return []


def contents_match(document: Any, pdf: bytes | None) -> list[Check]:
    """Checks that the table of contents matches headings and pages; returns nothing if there is none."""
    lines = contents(document)
    if not lines:
        return []
    if pending(document):
        words = "Word will update the table of contents when it opens the file, since changes are still tracked"
        return [Check(name="contents", ok=True, words=words, told=True)]
    deepest = max(_levels(document, [text for text, _ in lines]), default=3)
    texts = [text for height, text in _heading_texts(document) if height <= deepest]
    if len(texts) != len(lines) or not all(same(line, text) for text, (line, _) in zip(texts, lines, strict=True)):
        return [
            Check(
                name="contents",
                ok=False,
                words="the table of contents doesn't match the headings; write the document again",
            )
        ]
    pages = pages_of(texts, pdf) if pdf else None
    off = [text for (text, page), real in zip(lines, pages or [], strict=False) if page != str(real)]
    return [
        _check(
            "contents", [f"wrong page for {t!r}" for t in off], f"{counted(len(lines), 'line')}, matching the headings"
        )
    ]


def _check(name: str, wrong: list[str], fine: str, *, strict: bool = True) -> Check:
    return Check(name=name, ok=not (wrong and strict), words=listed(wrong) or fine, told=bool(wrong) and not strict)


def _heading_texts(document: Any) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for paragraph in document.element.body.iterchildren(qn("w:p")):
        gone = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is not None
        if (height := level(paragraph, document)) and not gone:
            found.append((height, " ".join(said(paragraph).replace("\u00a0", " ").split())))
    return found


def _levels(document: Any, texts: list[str]) -> Iterator[int]:
    return (height for height, text in _heading_texts(document) if any(same(line, text) for line in texts))


def _headings(document: Any) -> list[str]:
    wrong: list[str] = []
    before = 0
    for height, text in _heading_texts(document):
        if not text:
            wrong.append(f"an empty level {height} heading")
        if before and height > before + 1:
            wrong.append(f"{text!r} is at level {height} after level {before}")
        before = height
    return wrong


def _footnotes(document: Any) -> list[str]:
    known = footnotes(document)
    marks = {mark.get(qn("w:id")) for mark in document.element.body.iter(qn("w:footnoteReference"))}
    wrong = [f"reference {i} has no footnote" for i in sorted(marks - known.keys())]
    wrong += [f"footnote {i} is never referenced" for i in known if i not in marks]
    return wrong + [f"footnote {i} is empty" for i, words in known.items() if not words]


def _tables(document: Any) -> list[str]:
    """Finds tables wider than their section's page."""
    wrong: list[str] = []
    sections, at, number = list(document.sections), 0, 0
    for element in document.element.body:
        if element.tag == qn("w:tbl"):
            number += 1
            section = sections[min(at, len(sections) - 1)]
            room = (section.page_width - section.left_margin - section.right_margin) / 635
            wide = sum(int(float(c.get(qn("w:w")) or 0)) for c in element.tblGrid.iter(qn("w:gridCol")))
            if wide > room * 1.03:
                wrong.append(
                    f"table {number} is {wide / 567:.1f} cm wide, but only {room / 567:.1f} cm fit; set 'wide'"
                )
        elif element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            at += 1
    return wrong
