"""Turns text with simple markup into runs of a Word paragraph."""

from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from agents.tools.office.inline_markup import Span, spans


def words(paragraph: Any, text: str) -> Any:
    """Adds the text to the paragraph and returns the paragraph."""
    for span in spans(text):
        _link(paragraph, span) if span.url else _look(paragraph.add_run(span.text), span)
    return paragraph


def field(paragraph: Any, code: str, shown: str = "1", look: str = "") -> None:
    """Adds a field that Word computes; until then it shows `shown`, with the run properties of `look`."""
    made = f'<w:fldSimple {nsdecls("w")} w:instr=" {code} "><w:r>{look}<w:t>{shown}</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(made))


def _look(run: Any, span: Span) -> None:
    run.bold, run.italic = span.bold or None, span.italic or None
    if span.code:
        run.font.name, run.font.size = "Consolas", Pt(9.5)


def _link(paragraph: Any, span: Span) -> None:
    number = paragraph.part.relate_to(span.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link: Any = parse_xml(f'<w:hyperlink {nsdecls("w", "r")} r:id="{number}"/>')
    run = paragraph.add_run(span.text)
    run.style = "Hyperlink"
    _look(run, span)
    link.append(run._r)
    paragraph._p.append(link)
