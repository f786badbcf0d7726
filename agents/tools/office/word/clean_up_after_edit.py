"""Updates what depends on a change to a Word document: notes, caption numbers, unused links, its last line."""

import re
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from agents.tools.office.word.find_blocks import plainly
from agents.tools.office.word.footnotes import Footnotes

_AGAIN = re.compile(r"NOTEREF\s+_RefNote(\d+)")
_SEQUENCE = re.compile(r"^\s*SEQ\s+(\S+)(\s+\\\*\s+\w+)*\s*$")
_OURS_TO_DROP = (RELATIONSHIP_TYPE.IMAGE, RELATIONSHIP_TYPE.HYPERLINK)


def used_links(document: Any) -> set[str]:
    """Returns the ids of relationships that the body uses."""
    space = qn("r:id").removesuffix("id")
    return {v for e in document.element.iter() for k, v in e.attrib.items() if str(k).startswith(space)}


def marks(document: Any) -> set[int]:
    return {int(m.get(qn("w:id"))) for m in document.element.body.iter(qn("w:footnoteReference"))}


def settle(document: Any, notes: Footnotes, before: set[int], links: set[str]) -> set[str]:
    """Cleans up. `before`: notes that had a mark, `links`: links in use. Returns the names of removed parts."""
    _promoted(document, notes)
    notes.forget(before - marks(document))
    _numbered(document)
    _counted(document)
    for cell in document.element.body.iter(qn("w:tc")):
        if len(cell) == 0 or cell[-1].tag == qn("w:tbl"):
            cell.append(parse_xml(f"<w:p {nsdecls('w')}/>"))
    body = document.element.body
    last = next((e for e in reversed(body) if e.tag != qn("w:sectPr")), None)
    if last is None or last.tag == qn("w:tbl"):
        empty = parse_xml(f"<w:p {nsdecls('w')}/>")
        body.insert(0, empty) if last is None else last.addnext(empty)
    return _dropped(document, links - used_links(document))


def shown_numbers(document: Any) -> dict[str, int]:
    """Returns the number that readers see for each footnote's id."""
    found: dict[str, int] = {}
    for mark in document.element.body.iter(qn("w:footnoteReference")):
        if mark.get(qn("w:customMarkFollows")) in (None, "0", "false"):
            found.setdefault(mark.get(qn("w:id")), len(found) + 1)
    return found


def _again(document: Any) -> list[tuple[Any, int]]:
    fields = document.element.body.iter(qn("w:fldSimple"))
    return [(f, int(m[1])) for f in fields if (m := _AGAIN.search(f.get(qn("w:instr")) or ""))]


def _promoted(document: Any, notes: Footnotes) -> None:
    """If the place that carried a note is gone, the next one that cites it carries it."""
    for field, number in _again(document):
        if notes.anchor(number) is None:
            run: Any = parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="{number}"/></w:r>')
            look = field.find(f".//{qn('w:rPr')}")
            if look is not None:
                run.insert(0, look)
            field.addprevious(run)
            field.getparent().remove(field)
            for old in list(document.element.body.iter(qn("w:bookmarkStart"))):
                if old.get(qn("w:name")) == f"_RefNote{number}":
                    old.getparent().remove(old)
            notes.named(run, number)


def _numbered(document: Any) -> None:
    """Repeated marks show the note's current number."""
    numbers = shown_numbers(document)
    for field, number in _again(document):
        for text in list(field.iter(qn("w:t")))[:1]:
            if text.text != (now := str(numbers.get(str(number), number))):
                text.text = now


def _counted(document: Any) -> None:
    """Renumbers captions: Table 1, Table 2, after one was added or removed."""
    seen: dict[str, int] = {}
    for code, shown in _sequences(document):
        match = _SEQUENCE.match(code)
        if match and shown is not None and (plainly(shown.text or "").strip().isdigit()):
            seen[match[1]] = seen.get(match[1], 0) + 1
            if shown.text != str(seen[match[1]]):
                shown.text = str(seen[match[1]])


def _sequences(document: Any) -> list[tuple[str, Any]]:
    """Returns the code of each counting field, and the element that shows its number."""
    found: list[tuple[str, Any]] = []
    for paragraph in document.element.body.iter(qn("w:p")):
        code, shown, state = "", None, ""
        for element in paragraph.iter(qn("w:fldSimple"), qn("w:fldChar"), qn("w:instrText"), qn("w:t")):
            if element.tag == qn("w:fldSimple"):
                found.append((element.get(qn("w:instr")) or "", next(element.iter(qn("w:t")), None)))
            elif element.tag == qn("w:fldChar"):
                state = element.get(qn("w:fldCharType")) or ""
                if state == "begin":
                    code, shown = "", None
                elif state == "end":
                    found.append((code, shown))
            elif element.tag == qn("w:instrText"):
                code += element.text or ""
            elif state == "separate" and shown is None:
                shown = element
    return [(code, shown) for code, shown in found if code.strip().startswith("SEQ")]


def _dropped(document: Any, unused: set[str]) -> set[str]:
    """Removes relationships to pictures and pages that only deleted text had; returns the names of the removed
    parts."""
    gone: set[str] = set()
    for key in unused:
        relation = document.part.rels.get(key)
        if relation is None or relation.reltype not in _OURS_TO_DROP:
            continue
        if not relation.is_external:
            gone.add(str(relation.target_part.partname).lstrip("/"))
        del document.part.rels[key]
    others = {str(part.partname).lstrip("/") for part in document.part.package.iter_parts()}
    return gone - others
