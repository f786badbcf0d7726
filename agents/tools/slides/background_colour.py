"""Finds the background color of a slide."""

from typing import Any

from pptx.oxml.ns import qn

from agents.tools.slides.theme import Theme

_SOLID = "1001"


def ground(slide: Any, theme: Theme) -> str | None:
    """Returns the slide's own color, its layout's or its master's; None for a picture or a gradient."""
    for owner in (slide, slide.slide_layout, slide.slide_layout.slide_master):
        found = owner._element.find(f"{qn('p:cSld')}/{qn('p:bg')}")
        if found is None:
            continue
        if (direct := found.find(qn("p:bgPr"))) is not None:
            return theme.colour(direct.find(qn("a:solidFill")))
        listed = found.find(qn("p:bgRef"))
        return theme.colour(listed) if listed is not None and listed.get("idx") == _SOLID else None
    return theme.named("bg1")
