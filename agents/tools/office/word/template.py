"""Starts a Word document from the house style, or from a team's template with its header, footer and theme."""

import copy
import io
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.styles import BabelFish

from agents.tools.office import house_style, zip_package
from agents.tools.office.word.house_styles import dress, table_style
from agents.tools.office.word.read_document import has_macros, open_docx
from agents.tools.office.word.tables import TableLook
from orchestrator.errors import ToolFailed

_NEEDED = (
    *("Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "Callout", "Quote", "Caption", "TOC Heading"),
    *("toc 1", "toc 2", "toc 3", "List Bullet", "List Number", "footnote text", "footnote reference", "Hyperlink"),
    *("Header", "Footer"),
)


class Base(NamedTuple):
    """An empty document, how its tables look, and whether it has its own header and footer."""

    document: Any
    look: TableLook
    edged: bool


def house_base() -> Base:
    document: Any = docx.Document()
    dress(document)
    return Base(document, TableLook("House Table", ours=True), edged=False)


def template_base(content: bytes, path: str) -> Base:
    """Returns the template without its text. Raises ToolFailed if it isn't one, or if it has macros."""
    if has_macros(content, path):
        raise ToolFailed(f"{path!r} has macros. Save a copy without them as .docx or .dotx and use that.")
    document = open_docx(content, path)
    body = document.element.body
    edges = any((s.header.paragraphs and _said(s.header)) or _said(s.footer) for s in document.sections)
    for element in list(body):
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    borrow(document)
    return Base(document, look_of(document), edged=edges)


def _said(edge: Any) -> bool:
    return any(p.text.strip() for p in edge.paragraphs) or bool(edge.tables) or b"<w:drawing" in edge.part.blob


def borrow(document: Any, names: tuple[str, ...] = _NEEDED) -> None:
    """Adds those of these styles that the document lacks, in the document's own font."""
    have = {s.name.lower() for s in document.styles}
    missing = [name for name in names if name.lower() not in have]
    ours: Any = house_base().document if missing else None
    for name in missing:
        style = ours.styles[name]
        made = copy.deepcopy(style.element)
        for fonts in made.iter(qn("w:rFonts")):
            fonts.getparent().remove(fonts)
        for old in [*made.iter(qn("w:numPr")), *made.iter(qn("w:link"))]:
            old.getparent().remove(old)
        base = made.find(qn("w:basedOn"))
        if base is not None:
            base.set(qn("w:val"), document.styles.default(WD_STYLE_TYPE.PARAGRAPH).style_id)
            if style.type == WD_STYLE_TYPE.CHARACTER:
                made.remove(base)
        document.styles.element.append(made)


@contextmanager
def names_of_word(document: Any) -> Generator[None]:
    """Inside this block, built-in styles have Word's names; other programs write `Heading 2` differently."""
    known = {name.lower(): BabelFish.ui2internal(name) for name in _NEEDED}
    elements = [s.element.find(qn("w:name")) for s in document.styles]
    here = [(e, e.get(qn("w:val"))) for e in elements if e is not None]
    have = {name for _, name in here}
    changed = [(e, name) for e, name in here if (word := known.get(name.lower(), name)) != name and word not in have]
    for element, name in changed:
        element.set(qn("w:val"), known[name.lower()])
    try:
        yield
    finally:
        for element, name in changed:
            element.set(qn("w:val"), name)


def look_of(document: Any) -> TableLook:
    """Returns how tables look: the template's own style, else ours in its accent color."""
    own = [s for s in document.styles if s.type == WD_STYLE_TYPE.TABLE and not s.builtin]
    if own:
        return TableLook(str(own[0].name), ours=False)
    if "TableNormal" not in {s.style_id for s in document.styles}:
        document.styles.element.append(parse_xml(_table_normal()))
    document.styles.element.append(parse_xml(table_style(_accent(document))))
    return TableLook("House Table", ours=True)


def _table_normal() -> str:
    return (
        f'<w:style {nsdecls("w")} w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    )


def _accent(document: Any) -> str:
    """Returns the theme's first accent color; ours if the template has no theme."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/theme"):
            found = re.search(rb'<a:accent1>\s*<a:srgbClr val="([0-9A-Fa-f]{6})"', relation.target_part.blob)
            return found[1].decode() if found else house_style.ACCENT
    return house_style.ACCENT


def saved(document: Any, name: str) -> bytes:
    """Returns the document's bytes; the same document gives the same bytes."""
    return zip_package.pack(zip_package.parts(plainly_saved(document), name))


def plainly_saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
