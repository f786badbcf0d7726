"""Records changes as Word does, so that a person can accept or reject each."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

AUTHOR = "threadwork"
_AFTER_LOOK = (qn("w:sectPr"), qn("w:pPrChange"))
KINDS = tuple(map(qn, ("w:ins", "w:del", "w:moveFrom", "w:moveTo", "w:rPrChange", "w:pPrChange")))


def bare(tag: str) -> Any:
    """An empty element such as `w:r`."""
    return parse_xml(f"<{tag} {nsdecls('w')}/>")


class Revisions:
    """Marks insertions and deletions in one document with author and date."""

    def __init__(self, document: Any) -> None:
        used = [i for e in document.element.iter() if (i := e.get(qn("w:id"))) and i.lstrip("-").isdigit()]
        self._last = max(map(int, used), default=0)
        self._at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def inserted(self, run: Any) -> Any:
        """Marks the run or link as new; a run is put into the mark, a link is marked inside."""
        if run.tag == qn("w:hyperlink"):
            for inside in list(run):
                run.append(self.inserted(inside))
            return run
        mark = self._mark("w:ins")
        mark.append(run)
        return mark

    def deleted(self, run: Any) -> None:
        """Marks the run as deleted in its place; one that we only proposed is removed."""
        around = run.getparent()
        if around.tag == qn("w:ins") and around.get(qn("w:author")) == AUTHOR:
            around.remove(run)
            if len(around) == 0:
                around.getparent().remove(around)
            return
        mark = self._mark("w:del")
        run.addprevious(mark)
        mark.append(run)
        for tag, now in (("w:t", "w:delText"), ("w:instrText", "w:delInstrText")):
            for words in run.iter(qn(tag)):
                words.tag = qn(now)

    def came(self, element: Any) -> None:
        """Marks a whole new paragraph or table."""
        if element.tag == qn("w:tbl"):
            for row in element.iter(qn("w:tr")):
                self.row(row, "w:ins")
        for paragraph in element.iter(qn("w:p")):
            if element.tag == qn("w:p"):
                self._ending(paragraph, "w:ins")
            self.added(list(paragraph))

    def added(self, elements: Iterable[Any]) -> None:
        """Marks the runs, links and fields among these, inside a paragraph, as new."""
        for element in elements:
            runs = unfolded(element) if element.tag == qn("w:fldSimple") else [element]
            if element.tag == qn("w:hyperlink"):
                runs = list(element)
            for run in [r for r in runs if r.tag == qn("w:r")]:
                place, at = run.getparent(), run.getparent().index(run)
                place.insert(at, self.inserted(run))

    def went(self, element: Any) -> None:
        """Marks a whole paragraph or table as deleted; it stays in the file."""
        if element.tag == qn("w:tbl"):
            for row in element.iter(qn("w:tr")):
                self.row(row, "w:del")
        for paragraph in element.iter(qn("w:p")):
            if element.tag == qn("w:p"):
                self._ending(paragraph, "w:del")
            for run in list(paragraph.iter(qn("w:r"))):
                if next(run.iterancestors(qn("w:del")), None) is None:
                    self.deleted(run)

    def row(self, row: Any, kind: str) -> None:
        """Marks a table row: `w:ins` or `w:del`."""
        properties = row.get_or_add_trPr()
        properties.append(self._mark(kind))
        if kind == "w:del":
            for run in list(row.iter(qn("w:r"))):
                if next(run.iterancestors(qn("w:del")), None) is None:
                    self.deleted(run)

    def restyled(self, paragraph: Any, before: Any) -> None:
        """Records the paragraph's earlier properties, `before`, beside its current ones."""
        mark = self._mark("w:pPrChange")
        for name in ("w:rPr", "w:sectPr", "w:pPrChange"):
            for element in before.findall(qn(name)):
                before.remove(element)
        mark.append(before)
        paragraph.get_or_add_pPr().append(mark)

    def _ending(self, paragraph: Any, kind: str) -> None:
        properties = paragraph.get_or_add_pPr()
        look = properties.find(qn("w:rPr"))
        if look is None:
            look = bare("w:rPr")
            later = next((e for e in properties if e.tag in _AFTER_LOOK), None)
            properties.append(look) if later is None else later.addprevious(look)
        look.insert(0, self._mark(kind))

    def _mark(self, tag: str) -> Any:
        self._last += 1
        mark = bare(tag)
        mark.set(qn("w:id"), str(self._last))
        mark.set(qn("w:author"), AUTHOR)
        mark.set(qn("w:date"), self._at)
        return mark


def unfolded(field: Any) -> list[Any]:
    """Replaces a simple field with the runs of a full one, because only runs can be marked as revisions."""
    code = field.get(qn("w:instr"))
    made: list[Any] = [bare("w:r") for _ in range(4)]
    for run, kind in ((made[0], "begin"), (made[2], "separate"), (made[3], "end")):
        run.append(bare("w:fldChar"))
        run[0].set(qn("w:fldCharType"), kind)
    made[1].append(bare("w:instrText"))
    made[1][0].text = code
    made[1][0].set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    made[3:3] = list(field)
    for run in made:
        field.addprevious(run)
    field.getparent().remove(field)
    return made


def pending(document: Any) -> dict[str, int]:
    """Counts each author's open revisions in the document."""
    found: dict[str, int] = {}
    for mark in document.element.body.iter(*KINDS):
        author = mark.get(qn("w:author")) or "somebody"
        found[author] = found.get(author, 0) + 1
    return found


def settled(document: Any, author: str, *, accept: bool) -> int:
    """Accepts or rejects the author's revisions, or everyone's if empty; returns how many there were."""
    root = document.element.body
    marks = [m for m in root.iter(*KINDS) if author in ("", m.get(qn("w:author")))]
    stays = (qn("w:ins"), qn("w:moveTo")) if accept else (qn("w:del"), qn("w:moveFrom"))
    for mark in sorted(marks, key=lambda m: len(m) == 0):  # paragraph ends after the paragraphs' content
        if mark.getparent() is None:
            continue
        if mark.tag in (qn("w:rPrChange"), qn("w:pPrChange")):
            _look(mark, accept=accept)
        elif len(mark) == 0:
            _whole(mark, stays=mark.tag in stays)
        elif mark.tag in stays:
            _unwrap(mark)
        else:
            _dropped(mark)
    for edge in list(root.iter(*(qn(f"w:move{a}Range{b}") for a in ("From", "To") for b in ("Start", "End")))):
        if author == "":
            edge.getparent().remove(edge)
    return len(marks)


def _look(mark: Any, *, accept: bool) -> None:
    now = mark.getparent()
    if not accept and len(mark):
        old = mark[0]
        keep = [e for e in now if e.tag in (qn("w:rPr"), qn("w:sectPr"))]
        for element in list(now):
            now.remove(element)
        for element in [*old, *keep]:
            now.append(element)
        return
    now.remove(mark)


def _dropped(mark: Any) -> None:
    """Removes the mark with its content, and a link that becomes empty."""
    around = mark.getparent()
    around.remove(mark)
    if around.tag in (qn("w:hyperlink"), qn("w:fldSimple")) and len(around) == 0:
        around.getparent().remove(around)


def _unwrap(mark: Any) -> None:
    for tag, now in (("w:delText", "w:t"), ("w:delInstrText", "w:instrText")):
        for words in mark.iter(qn(tag)):
            words.tag = qn(now)
    for child in list(mark):
        mark.addprevious(child)
    mark.getparent().remove(mark)


def _whole(mark: Any, *, stays: bool) -> None:
    """Removes a mark on a paragraph's end or a row, and the whole paragraph or row if it doesn't stay."""
    holder = next(mark.iterancestors(qn("w:p"), qn("w:tr")), None)
    mark.getparent().remove(mark)
    if stays or holder is None or holder.getparent() is None:
        return
    if holder.tag == qn("w:tr"):
        table = holder.getparent()
        table.remove(holder)
        if table.find(qn("w:tr")) is None:
            table.getparent().remove(table)
        return
    following = holder.getnext()
    rest = [e for e in holder if e.tag not in (qn("w:pPr"), qn("w:bookmarkStart"), qn("w:bookmarkEnd"))]
    if rest and following is not None and following.tag == qn("w:p"):
        first = following.find(qn("w:pPr"))
        for element in reversed(rest):
            following.insert(0, element) if first is None else first.addnext(element)
    elif rest:
        return
    holder.getparent().remove(holder)
