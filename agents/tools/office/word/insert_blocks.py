"""Inserts blocks in an open Word document, formatted like their surroundings."""

from copy import deepcopy
from functools import partial
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section

from agents.tools.office.word import change_schema, refresh_table_of_contents, table_of_contents
from agents.tools.office.word.blocks import Block, checked, stretches
from agents.tools.office.word.find_blocks import Numbered, blocks, level, style_name
from agents.tools.office.word.lists import Lists
from agents.tools.office.word.runs import said
from agents.tools.office.word.tables import TableLook
from agents.tools.office.word.template import borrow, look_of
from agents.tools.office.word.text_writer import WordTextWriter
from agents.tools.office.word.write_blocks import Writer
from orchestrator.domain.plural import by_kind
from orchestrator.errors import ToolFailed

_OWN = ("w:sectPr", "w:pageBreakBefore", "w:keepNext", "w:pPrChange", "w:framePr", "w:rPr", "w:numPr")
_LOUD = ("w:b", "w:bCs", "w:i", "w:iCs", "w:u", "w:highlight", "w:vertAlign", "w:rStyle", "w:caps", "w:strike")
_ITEMS = ("bullets", "numbers")
_LONG = 40
"""A paragraph with so many letters is body text."""


def insert(pen: WordTextWriter, block: Numbered, one: change_schema.Insert) -> str:
    """Inserts the blocks beside `block` and describes them. Raises ToolFailed for one that isn't allowed there."""
    wanted = checked(one.blocks)
    if any(b.wide for b in wanted):
        raise ToolFailed("Only document_write can make a landscape page; omit 'wide'.")
    if any(b.type == "contents" for b in wanted) and refresh_table_of_contents.contents_of(pen.document) is not None:
        raise ToolFailed("The document already has a table of contents, which follows its headings automatically.")
    borrow(pen.document, _needed(wanted))
    place = _outer(block.element)
    body = pen.document.element.body
    writer = Writer(
        pen.document, pen.workspace, pen.notes, _look(pen.document), Lists(pen.document),
        section=_section(pen.document, block.element),
    )  # fmt: skip
    writer.started["heading"] = refresh_table_of_contents.last_bookmark(pen.document)
    made: list[Any] = []
    for given in wanted:
        before = set(body)
        writer.add(given)
        new = [e for e in body if e not in before]
        for element in new:
            _alike(pen.document, element, given, block)
        made += new
    if writer.breaking:
        made.append(parse_xml(f'<w:p {nsdecls("w")}><w:r><w:br w:type="page"/></w:r></w:p>'))
    _put(pen.last.get(place, place) if one.where == "after" else place, made, one.where)
    if writer.contents is not None:
        _contents(pen.document, writer.contents)
    standing = [element for element in made if element.getparent() is not None]
    if one.where == "after" and standing:
        pen.last[place] = standing[-1]
    if pen.revisions is not None:
        for element in made:
            if body in element.iterancestors():
                pen.revisions.came(element)
    return by_kind(block.type for block in wanted)


def _needed(wanted: list[Block]) -> tuple[str, ...]:
    """Returns the styles that these blocks use."""
    by_type = {
        "callout": ("Callout",), "quote": ("Quote",), "bullets": ("List Bullet",), "numbers": ("List Number",),
        "table": ("Caption",), "picture": ("Caption",), "contents": ("TOC Heading", "toc 1", "toc 2", "toc 3"),
    }  # fmt: skip
    names = [n for b in wanted for n in (by_type.get(b.type, ()) if b.type != "heading" else (f"Heading {b.level}",))]
    said_of = [*stretches(wanted), *(b for b in wanted if b.findings)]
    if any(s.findings for s in said_of):
        names += ["footnote text", "footnote reference", "Hyperlink"]
    if any("](" in b.text or any("](" in i.text for i in b.lines()) for b in wanted):
        names.append("Hyperlink")
    return tuple(dict.fromkeys(names))


def _put(place: Any, made: list[Any], where: str) -> None:
    if where == "before":
        for element in made:
            place.addprevious(element)
    else:
        for element in reversed(made):
            place.addnext(element)
    for element in (made[0], made[-1].getnext()):
        # Two tables that touch would become one.
        before = None if element is None else element.getprevious()
        if element is not None and before is not None and element.tag == before.tag == qn("w:tbl"):
            element.addprevious(parse_xml(f"<w:p {nsdecls('w')}/>"))


def _outer(element: Any) -> Any:
    """Next to a table of contents, new blocks go outside of it."""
    around = [e for e in element.iterancestors(qn("w:sdt")) if e.find(f".//{qn('w:docPartGallery')}") is not None]
    return around[-1] if around else element


def _contents(document: Any, place: Any) -> None:
    entries = [entry for entry, _ in refresh_table_of_contents.headings(document, 3)]
    if not entries:
        raise ToolFailed("There are no headings for a table of contents; add headings with 'level' first.")
    section = document.sections[0]
    right = (section.page_width - section.left_margin - section.right_margin) // 635
    table_of_contents.fill(place, entries, None, right=right, styles=document.styles)


def _section(document: Any, element: Any) -> Section:
    """Returns the section that the element is in, which is defined at its end."""
    top = next((e for e in [element, *element.iterancestors()] if e.getparent() is document.element.body), element)
    for later in [top, *top.itersiblings()]:
        found = later if later.tag == qn("w:sectPr") else later.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")
        if found is not None:
            return Section(found, document.part)
    return document.sections[-1]


def _look(document: Any) -> TableLook:
    """Formats tables like the existing ones."""
    styles = [t.style.name for t in document.tables if t.style is not None and t.style.name != "Normal Table"]
    if "House Table" in styles:
        return TableLook("House Table", ours=True)
    if styles:
        return TableLook(max(styles, key=styles.count), ours=False)
    return look_of(document)


def _alike(document: Any, element: Any, given: Block, block: Numbered) -> None:
    """Formats a new paragraph like the nearest one of its kind."""
    if element.tag != qn("w:p"):
        return
    model = None
    if given.type == "paragraph":
        model = _nearest(document, block, partial(_running, document))
    elif given.type == "heading":
        model = _nearest(document, block, partial(_headed, document, given.level))
    elif given.type in _ITEMS and not block.table and _kind(block.element, document) == given.type:
        model = block.element
    if model is None:
        return
    properties, old = model.find(qn("w:pPr")), element.find(qn("w:pPr"))
    if properties is not None:
        taken = deepcopy(properties)
        for name in _OWN[: None if given.type not in _ITEMS else -1]:
            for found in taken.findall(qn(name)):
                taken.remove(found)
        if old is not None:
            element.remove(old)
        element.insert(0, taken)
    _letters(element, model)


def _letters(element: Any, model: Any) -> None:
    spoken = next((r for r in model.iter(qn("w:r")) if r.find(qn("w:t")) is not None), None)
    look = None if spoken is None else spoken.find(qn("w:rPr"))
    if look is None:
        return
    for run in element.iterchildren(qn("w:r")):
        if run.find(qn("w:t")) is None:
            continue
        own = run.get_or_add_rPr()
        taken = deepcopy(look)
        for name in _LOUD:
            for found in taken.findall(qn(name)):
                taken.remove(found)
        have = {e.tag for e in own}
        order = [*(e for e in taken if e.tag not in have and e.tag == qn("w:rFonts")), *own]
        rest = [e for e in taken if e.tag not in have and e.tag != qn("w:rFonts")]
        for found in [*order, *rest]:
            own.append(found)


def _nearest(document: Any, block: Numbered, suits: Any) -> Any:
    """Returns the paragraph of that kind that is the fewest blocks away; earlier ones win."""
    near = sorted(blocks(document), key=lambda b: (abs(b.number - block.number), b.number > block.number))
    return next((b.element for b in near if not b.table and not b.contents and suits(b.element)), None)


def _headed(document: Any, height: int, paragraph: Any) -> bool:
    return level(paragraph, document) == height


def _running(document: Any, paragraph: Any) -> bool:
    style = style_name(paragraph, document)
    apart = style.startswith(("Heading", "List", "Title", "Subtitle", "Caption", "Quote", "Callout", "toc"))
    return not apart and paragraph.find(f".//{qn('w:numPr')}") is None and len(said(paragraph)) >= _LONG


def _kind(paragraph: Any, document: Any) -> str:
    """Returns `bullets` or `numbers` for a list item, else empty."""
    style = document.part.get_style(paragraph.style, WD_STYLE_TYPE.PARAGRAPH)
    number = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
    if number is None:
        number = style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
    if number is None:
        return ""
    root = next((r.target_part.element for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
    if root is None:
        return ""
    key = number.get(qn("w:val"))
    for one in root.xpath(f"./w:num[@w:numId='{key}']/w:abstractNumId/@w:val"):
        forms = root.xpath(f"./w:abstractNum[@w:abstractNumId='{one}']/w:lvl[@w:ilvl='0']/w:numFmt/@w:val")
        return "bullets" if forms and forms[0] == "bullet" else "numbers"
    return ""
