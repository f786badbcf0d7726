"""What a careful reader objects to in a Word document before it is sent."""

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from agents.tools.office.checks import listed
from agents.tools.office.docx_contents import listed as contents
from agents.tools.office.docx_contents import pages_of
from agents.tools.office.read_document import footnotes, open_docx
from orchestrator.domain.deliverables import Check
from orchestrator.errors import ToolFailed


def structure(document: Any) -> list[Check]:
    """Headings, links, pictures, footnotes and the width of tables."""
    return [
        _check("headings", _headings(document), "no empty heading, no level skipped"),
        _check("links", _links(document), "every link within the document leads somewhere"),
        _check("pictures", _pictures(document), "every picture has words for those who cannot see it"),
        _check("footnotes", _footnotes(document), "every footnote has its mark and its text"),
        _check("tables", _tables(document), "every table fits between the margins"),
    ]


def of_pages(content: bytes, path: str, pdf: bytes | None) -> list[Check]:
    """What shows only on the pages; nothing for a file that does not open, which another check says."""
    try:
        return contents_match(open_docx(content, path), pdf)
    except ToolFailed:
        return []


def contents_match(document: Any, pdf: bytes | None) -> list[Check]:
    """Whether the contents name the headings and their pages as they are; nothing when there are no contents."""
    lines = contents(document)
    if not lines:
        return []
    deepest = max(_levels(document, [text for text, _ in lines]), default=3)
    texts = [text for level, text in _heading_texts(document) if level <= deepest]
    if texts != [text for text, _ in lines]:
        return [
            Check(name="contents", ok=False, words="the contents do not name the headings; write the document again")
        ]
    pages = pages_of(texts, pdf) if pdf else None
    off = [text for (text, page), real in zip(lines, pages or [], strict=False) if page != str(real)]
    return [_check("contents", [f"wrong page for {t!r}" for t in off], f"{len(lines)} lines, as the headings stand")]


def _check(name: str, wrong: list[str], fine: str) -> Check:
    return Check(name=name, ok=not wrong, words=listed(wrong) or fine)


def _heading_texts(document: Any) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for paragraph in document.paragraphs:
        style = str(paragraph.style.name) if paragraph.style is not None else ""
        if style.startswith("Heading ") and style[8:].isdigit():
            found.append((int(style[8:]), paragraph.text.replace("\u00a0", " ").strip()))
    return found


def _levels(document: Any, texts: list[str]) -> Iterator[int]:
    return (level for level, text in _heading_texts(document) if text in texts)


def _headings(document: Any) -> list[str]:
    wrong: list[str] = []
    before = 0
    for level, text in _heading_texts(document):
        if not text:
            wrong.append(f"an empty heading of level {level}")
        if before and level > before + 1:
            wrong.append(f"{text!r} is of level {level} after level {before}")
        before = level
    return wrong


def _links(document: Any) -> list[str]:
    body = document.element.body
    names = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    wanted = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    return [f"a link to {name!r}, which is not there" for name in dict.fromkeys(wanted) if name and name not in names]


def _pictures(document: Any) -> list[str]:
    shown = [drawing.find(f".//{qn('wp:docPr')}") for drawing in document.element.body.iter(qn("w:drawing"))]
    return [
        f"picture {n} has no alternative text"
        for n, words in enumerate(shown, 1)
        if words is None or not (words.get("descr") or "").strip()
    ]


def _footnotes(document: Any) -> list[str]:
    known = footnotes(document)
    marks = {mark.get(qn("w:id")) for mark in document.element.body.iter(qn("w:footnoteReference"))}
    wrong = [f"mark {i} has no footnote" for i in sorted(marks - known.keys())]
    wrong += [f"footnote {i} is never named" for i in known if i not in marks]
    return wrong + [f"footnote {i} is empty" for i, words in known.items() if not words]


def _tables(document: Any) -> list[str]:
    """Tables that are wider than the page of the section they stand in."""
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
                    f"table {number} is {wide / 567:.1f} cm wide, the page has {room / 567:.1f} cm; make it wide"
                )
        elif element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            at += 1
    return wrong
