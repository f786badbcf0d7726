"""Adds footer and page number to a slide."""

import copy
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER as PH
from pptx.oxml.ns import qn

from agents.tools.office.inline_markup import plain


def footing(slide: Any, title: str) -> None:
    """Adds footer and page number if the layout has them; new slides don't get them automatically."""
    for shape in slide.slide_layout.placeholders:
        kind = shape.placeholder_format.type
        if kind not in (PH.FOOTER, PH.SLIDE_NUMBER) or (kind == PH.FOOTER and not title):
            continue
        element = copy.deepcopy(shape._element)
        element.spPr.clear()
        element.nvSpPr.cNvPr.set("id", str(max(int(i) for i in slide.shapes._spTree.xpath(".//p:cNvPr/@id")) + 1))
        slide.shapes._spTree.append(element)
        _styled(element, shape)
        if kind == PH.FOOTER:
            new = slide.shapes[-1]
            new.text_frame.text = plain(title)


def _styled(element: Any, shape: Any) -> None:
    """Copies the formatting of the layout's or master's footer to the slide, because LibreOffice doesn't inherit it."""
    for base in (shape, shape._base_placeholder):
        style = base._element.find(f"{qn('p:txBody')}/{qn('a:lstStyle')}") if base is not None else None
        if style is not None and len(style):
            body = element.find(qn("p:txBody"))
            body.replace(body.find(qn("a:lstStyle")), copy.deepcopy(style))
            return
