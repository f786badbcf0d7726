"""Creates bullets and numbers in a Word document, even from a template that has none."""

from typing import Any

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.numbering import NumberingPart

_FORMATS = {"bullets": ("bullet", "•"), "numbers": ("decimal", "%1.")}


class Lists:
    """One document's numberings; each numbered list starts at 1 again."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._abstract: dict[str, int] = {}
        self._bullets: int | None = None

    def number(self, kind: str) -> int:
        """Returns the numbering for a new list of this kind: `bullets` or `numbers`."""
        if kind == "bullets" and self._bullets is not None:
            return self._bullets
        numbering = _numbering(self._document)
        if kind not in self._abstract:
            self._abstract[kind] = _define(numbering, kind)
        made = numbering.add_num(self._abstract[kind])
        if kind == "bullets":
            self._bullets = int(made.numId)
        else:
            made.add_lvlOverride(0).add_startOverride(1)
        return int(made.numId)


def put(paragraph: Any, number: int) -> None:
    """Makes the paragraph an item of the list with this numbering."""
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number


def _numbering(document: Any) -> Any:
    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.NUMBERING:
            return relation.target_part.element
    root = parse_xml(f"<w:numbering {nsdecls('w')}/>")
    package = document.part.package
    part: Any = NumberingPart(PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, root, package)  # pyright: ignore[reportArgumentType]
    document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
    return root


def _define(numbering: Any, kind: str) -> int:
    used = [int(a.get(qn("w:abstractNumId"))) for a in numbering.findall(qn("w:abstractNum"))]
    number = max(used, default=-1) + 1
    form, text = _FORMATS[kind]
    level = (
        f'<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
        '<w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="397"/></w:tabs>'
        '<w:ind w:left="397" w:hanging="284"/></w:pPr></w:lvl>'
    )
    definition = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="singleLevel"/>'
        f"{level}</w:abstractNum>"
    )
    # The schema wants every definition before the first numbering that uses one.
    first = numbering.find(qn("w:num"))
    numbering.append(definition) if first is None else first.addprevious(definition)
    return number
