"""What a careful reader objects to in a Word document before it is sent."""

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from agents.tools.office.checks import listed
from agents.tools.office.inspect import docx_links, docx_pages, fonts
from agents.tools.office.inspect.docx_pictures import blurred, stretched, undescribed
from agents.tools.office.pdf_text import BROKEN
from agents.tools.office.word.contents import listed as contents
from agents.tools.office.word.contents import pages_of, same
from agents.tools.office.word.places import level
from agents.tools.office.word.read_document import footnotes, open_docx
from agents.tools.office.word.revisions import pending
from agents.tools.office.word.runs import said
from orchestrator.domain.deliverables import Check
from orchestrator.errors import ToolFailed


def structure(document: Any) -> list[Check]:
    """Headings, links, pictures, notes, tables; what a person left open. Looks of what is not ours are only told."""
    ours = is_ours(document)
    return [
        _check("headings", _headings(document), "no empty heading, no level skipped", strict=ours),
        _check("links", docx_links.wrong(document), "every link leads somewhere, as far as its spelling says"),
        _check("pictures", undescribed(document), "every picture has words for those who cannot see it", strict=ours),
        _check("proportions", stretched(document), "no picture is stretched", strict=ours),
        _check("sharpness", blurred(document), "every picture is sharp enough to print", strict=ours),
        _check("footnotes", _footnotes(document), "every footnote has its mark and its text"),
        _check("tables", _tables(document), "every table fits between the margins", strict=ours),
        *_open(document),
    ]


def is_ours(document: Any) -> bool:
    """Whether document_write made it, so that its looks are ours to mend."""
    return str(document.core_properties.author) == "threadwork"


def _open(document: Any) -> list[Check]:
    """Revisions and comments that wait for somebody."""
    found: list[Check] = []
    if waiting := pending(document):
        by = ", ".join(f"{count} by {author}" for author, count in waiting.items())
        found.append(Check(name="revisions", ok=True, words=f"revisions to accept or reject: {by}", told=True))
    authors = [str(c.author) for c in document.comments]
    if authors:
        by = ", ".join(f"{authors.count(a)} by {a}" for a in dict.fromkeys(authors))
        found.append(Check(name="comments", ok=True, words=f"comments are still in it: {by}", told=True))
    return found


def of_pages(content: bytes, path: str, pdf: bytes) -> list[Check]:
    """What shows only on the pages; nothing for a file that does not open, which another check says."""
    try:
        document = open_docx(content, path)
        ours = is_ours(document)
        pages = docx_pages.checks(document, pdf, ours=ours)
        return [*contents_match(document, pdf), *pages, *fonts.check(content, ".docx", pdf, ours=ours)]
    except (ToolFailed, *BROKEN):
        return []


def contents_match(document: Any, pdf: bytes | None) -> list[Check]:
    """Whether the contents name the headings and their pages as they are; nothing when there are no contents."""
    lines = contents(document)
    if not lines:
        return []
    if pending(document):
        words = "the contents are brought up to date when Word opens it, since its revisions are not accepted yet"
        return [Check(name="contents", ok=True, words=words, told=True)]
    deepest = max(_levels(document, [text for text, _ in lines]), default=3)
    texts = [text for height, text in _heading_texts(document) if height <= deepest]
    if len(texts) != len(lines) or not all(same(line, text) for text, (line, _) in zip(texts, lines, strict=True)):
        return [
            Check(name="contents", ok=False, words="the contents do not name the headings; write the document again")
        ]
    pages = pages_of(texts, pdf) if pdf else None
    off = [text for (text, page), real in zip(lines, pages or [], strict=False) if page != str(real)]
    return [_check("contents", [f"wrong page for {t!r}" for t in off], f"{len(lines)} lines, as the headings stand")]


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
            wrong.append(f"an empty heading of level {height}")
        if before and height > before + 1:
            wrong.append(f"{text!r} is of level {height} after level {before}")
        before = height
    return wrong


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
