"""Writes the table of contents of a Word document with its page numbers."""

import io
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from pypdf import PdfReader

_DEEPEST_OF_LONG = 2
_LONG = 30


class ContentsEntry(NamedTuple):
    """One line: the heading's level and text, and the bookmark on it."""

    level: int
    text: str
    bookmark: str


class Outlined(NamedTuple):
    """One heading of a PDF's outline and its page, from 1."""

    text: str
    page: int


def bookmark(paragraph: Any, number: int) -> str:
    """Puts a bookmark around the heading and returns its name."""
    name, key = f"_Toc{number:08d}", 100_000 + number
    properties = paragraph._p.pPr
    properties.addnext(parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="{key}" w:name="{name}"/>'))
    paragraph._p.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{key}"/>'))
    return name


def fill(place: Any, entries: list[ContentsEntry], pages: list[int] | None, *, right: int, styles: Any) -> None:
    """Replaces the paragraph `place` with the contents. Without `pages`, Word is asked to compute them."""
    deepest = 3 if len(entries) <= _LONG else _DEEPEST_OF_LONG
    numbered = list(zip(entries, pages or [0] * len(entries), strict=True))
    shown = [(e, page) for e, page in numbered if e.level <= deepest]
    dirty = "" if pages else ' w:dirty="true"'
    lines: list[str] = []
    for n, (entry, page) in enumerate(shown):
        start = _begin(f'TOC \\o "1-{deepest}" \\h \\z \\u', dirty) if n == 0 else ""
        end = _END if n == len(shown) - 1 else ""
        lines.append(_line(entry, page, start, end, right, styles))
    head = styles["TOC Heading"].style_id
    breaks = "<w:pageBreakBefore/>" if place.paragraph_format.page_break_before else ""
    title = f'<w:p><w:pPr><w:pStyle w:val="{head}"/>{breaks}</w:pPr><w:r><w:t>Contents</w:t></w:r></w:p>'
    made = parse_xml(
        f'<w:sdt {nsdecls("w")}><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>'
        f"<w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>{title}{''.join(lines)}</w:sdtContent></w:sdt>"
    )
    place._p.addprevious(made)
    place._p.getparent().remove(place._p)


def outline(pdf: bytes) -> list[Outlined]:
    """Returns a PDF's headings in order, from its outline, which LibreOffice writes."""
    reader = PdfReader(io.BytesIO(pdf))
    found: list[Outlined] = []

    def walk(entries: list[Any]) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry)  # pyright: ignore[reportUnknownArgumentType]
            else:
                found.append(Outlined(str(entry.title), (reader.get_destination_page_number(entry) or 0) + 1))

    walk(reader.outline)
    return found


def pages_of(texts: list[str], pdf: bytes) -> list[int] | None:
    """Returns each heading's page, in order; None if the PDF's outline doesn't match these headings."""
    found: list[int] = []
    rest = iter(outline(pdf))
    for text in texts:
        page = next((o.page for o in rest if same(_flat(o.text), _flat(text))), None)
        if page is None:
            return None
        found.append(page)
    return found


def same(shown: str, text: str) -> bool:
    """In the outline, numbers that Word computes come before the heading."""
    shown = " ".join(shown.split())
    return shown == text or (bool(text) and shown.endswith(f" {text}"))


def listed(document: Any) -> list[tuple[str, str]]:
    """Returns the text and page number of each line of a document's contents."""
    found: list[tuple[str, str]] = []
    for link in document.element.body.iter(qn("w:hyperlink")):
        if (link.get(qn("w:anchor")) or "").startswith("_Toc"):
            before, _, page = "".join(
                (t.text or "") if t.tag == qn("w:t") else "\t" for t in link.iter(qn("w:t"), qn("w:tab"))
            ).rpartition("\t")
            found.append((before.strip(), page.strip()))
    return found


def _flat(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def line(entry: ContentsEntry, page: int, right: int, styles: Any) -> Any:
    """Returns one line's paragraph; `page` 0 shows a question mark."""
    made: Any = parse_xml(_line(entry, page, "", "", right, styles).replace("<w:p>", f"<w:p {nsdecls('w')}>", 1))
    return made


def _begin(code: str, dirty: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{dirty}/></w:r><w:r><w:instrText xml:space="preserve"> {code} '
        '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


_END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def _line(entry: ContentsEntry, page: int, start: str, end: str, right: int, styles: Any) -> str:
    style = styles[f"toc {entry.level}"].style_id
    code = f"PAGEREF {entry.bookmark} \\h"
    number = f"{_begin(code)}<w:r><w:t>{page or '?'}</w:t></w:r>{_END}"
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/><w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{right}"/></w:tabs>'
        f'</w:pPr>{start}<w:hyperlink w:anchor="{entry.bookmark}" w:history="1"><w:r><w:t xml:space="preserve">'
        f"{escape(entry.text)}</w:t></w:r><w:r><w:tab/></w:r>{number}</w:hyperlink>{end}</w:p>"
    )
