"""Updates a Word document's table of contents to match its headings; lines that are still right stay unchanged."""

import re
from copy import deepcopy
from typing import Any, NamedTuple

from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from agents.tools.office.word import table_of_contents
from agents.tools.office.word.find_blocks import blocks, level
from agents.tools.office.word.runs import said

_DEEPEST = re.compile(r'\\o\s+"1-(\d)"')
_OTHER = re.compile(r"\\[abcft]\s")
"""Switches of lists that don't consist of headings alone: those are left to Word."""
_EMU_PER_TWIP = 635


class Contents(NamedTuple):
    """The paragraphs of a contents field, its code, and the first and last run that belong to the field itself."""

    lines: list[Any]
    code: str
    opening: list[Any]
    closing: Any


class Refreshed(NamedTuple):
    """The headings whose pages are needed, and whether Word has to finish them when it opens the file."""

    headings: list[str]
    left_to_word: bool = False


def refresh(document: Any, pages: list[int] | None) -> Refreshed | None:
    """Lists the headings in the contents, with these pages; None if the document has no contents.

    Without `pages`, known ones stay and new lines show a question mark.
    """
    found = contents_of(document)
    if found is None:
        return None
    depth = _DEEPEST.search(found.code)
    if depth is None or _OTHER.search(found.code) or not found.opening:
        ask_word(document)
        return Refreshed([], left_to_word=True)
    entries = headings(document, int(depth[1]))
    if not entries:
        ask_word(document)
        return Refreshed([], left_to_word=True)
    unsure = _relined(document, found, entries, pages)
    if unsure or pages is None:
        ask_word(document)
    return Refreshed([e.text for e, _ in entries], unsure)


def contents_of(document: Any) -> Contents | None:
    """Returns the first table of contents, up to the end of its field."""
    lines: list[Any] = []
    opening: list[Any] = []
    code, depth, closing = "", 0, None
    for block in blocks(document):
        if block.table:
            continue
        for run in block.element.iter(qn("w:r")):
            code += (
                "".join(t.text or "" for t in run.iter(qn("w:instrText")))
                if depth == 1 and not _parted(opening)
                else ""
            )
            for mark in run.iter(qn("w:fldChar")):
                kind = mark.get(qn("w:fldCharType"))
                depth += {"begin": 1, "end": -1}.get(kind, 0)
                if kind == "begin" and depth == 1:
                    code, opening, lines = "", [], []
                closing = run if kind == "end" and depth == 0 else closing
            if depth == 1 and not _parted(opening):
                opening.append(run)
            if closing is not None:
                break
        if depth or closing is not None:
            lines.append(block.element)
        if closing is not None:
            if code.strip().startswith("TOC"):
                return Contents(lines, code.strip(), opening, closing)
            code, opening, lines, closing = "", [], [], None
    return None


def _parted(opening: list[Any]) -> bool:
    return any(m.get(qn("w:fldCharType")) == "separate" for run in opening for m in run.iter(qn("w:fldChar")))


def headings(document: Any, deepest: int) -> list[tuple[table_of_contents.ContentsEntry, set[str]]]:
    """Returns the headings in order, each with a bookmark to link to, and the names of all bookmarks on it."""
    found: list[tuple[table_of_contents.ContentsEntry, set[str]]] = []
    last = last_bookmark(document)
    for block in blocks(document):
        text = " ".join(said(block.element).replace("\u00a0", " ").split()) if not block.table else ""
        if not text or not 1 <= (height := level(block.element, document)) <= deepest:
            continue
        names = {b.get(qn("w:name")) for b in block.element.iter(qn("w:bookmarkStart"))}
        own = sorted(n for n in names if n and n.startswith("_Toc"))
        if not own:
            last += 1
            own = [table_of_contents.bookmark(Paragraph(block.element, document), last)]
        found.append((table_of_contents.ContentsEntry(height, text, own[0]), {*names, own[0]}))
    return found


def last_bookmark(document: Any) -> int:
    """Returns the highest number that `docx_contents.bookmark` may have assigned, or would collide with."""
    marks = list(document.element.body.iter(qn("w:bookmarkStart")))
    short = [int(m[1]) for b in marks if (m := re.fullmatch(r"_Toc(\d{1,8})", b.get(qn("w:name")) or ""))]
    return max([0, *short, *(int(b.get(qn("w:id")) or 0) - 100_000 for b in marks)])


def ask_word(document: Any) -> None:
    """Marks the contents so that Word fills them when it opens the file."""
    found = contents_of(document)
    for run in found.opening[:1] if found else []:
        for mark in run.iter(qn("w:fldChar")):
            mark.set(qn("w:dirty"), "true")


def _relined(document: Any, found: Contents, entries: list[Any], pages: list[int] | None) -> bool:
    """Sorts the lines and adds missing ones; the number before a heading may not be known."""
    section = document.sections[0]
    right = (section.page_width - section.left_margin - section.right_margin) // _EMU_PER_TWIP
    listed = [p for p in found.lines if p.find(f".//{qn('w:hyperlink')}") is not None]
    by_name = {n: p for p in listed for link in p.iter(qn("w:hyperlink")) if (n := link.get(qn("w:anchor")))}
    looks = {p.style: p.find(qn("w:pPr")) for p in listed}
    place, parent = found.lines[0], found.lines[0].getparent()
    at = parent.index(place)
    tail = found.lines[-1] if found.lines[-1] not in listed else None
    made: list[Any] = []
    unsure = False
    for n, (entry, names) in enumerate(entries):
        line = next((by_name[name] for name in sorted(names) if name in by_name), None)
        if line is None or line in made or not _shows(line, entry.text):
            unsure = unsure or any("\t" in _front(p) for p in listed)
            line = table_of_contents.line(entry, 0, right, document.styles)
            look = looks.get(line.style)
            if look is not None:
                line.replace(line.find(qn("w:pPr")), deepcopy(look))
        if pages is not None:
            _paged(line, pages[n])
        made.append(line)
    for run in [*found.opening, *([] if tail is not None else [found.closing])]:
        run.getparent().remove(run)
    for old in found.lines:
        if old is not tail:
            old.getparent().remove(old)
    for n, line in enumerate(made):
        parent.insert(at + n, line)
    first = made[0].find(qn("w:pPr"))
    for run in reversed(found.opening):
        first.addnext(run)
    if tail is None:
        made[-1].append(found.closing)
    return unsure


def _front(line: Any) -> str:
    return said(line).rpartition("\t")[0]


def _shows(line: Any, text: str) -> bool:
    front = " ".join(_front(line).replace("\u00a0", " ").split())
    return front == text or front.endswith(f" {text}")


def _paged(line: Any, page: int) -> None:
    shown = [t for t in line.iter(qn("w:t")) if (t.text or "").strip()]
    if shown and (shown[-1].text or "").strip() != str(page):
        shown[-1].text = str(page)
