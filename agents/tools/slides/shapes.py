"""Lists the shapes of a slide with groups expanded, at their real positions."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pptx.enum.shapes import PP_PLACEHOLDER as PH
from pptx.oxml.ns import qn

from agents.tools.slides.layout_match import Area


class PlacedShape(NamedTuple):
    """One shape and its place on the slide, in EMU; `area` is None if it has none."""

    shape: Any
    area: Area | None
    grouped: bool = False


def flat(shapes: Any) -> Iterator[PlacedShape]:
    """Every shape from back to front."""
    for shape in shapes:
        yield from _opened(shape, (0.0, 0.0, 1.0, 1.0), grouped=False)


def _opened(shape: Any, frame: tuple[float, float, float, float], *, grouped: bool) -> Iterator[PlacedShape]:
    left, top, wide, high = frame
    own = _own(shape)
    area = own and Area(
        round(left + own.left * wide), round(top + own.top * high), round(own.width * wide), round(own.height * high)
    )
    if not hasattr(shape, "shapes"):
        yield PlacedShape(shape, area, grouped)
        return
    inner = shape._element.grpSpPr.find(qn("a:xfrm"))
    offset, extent = (inner.find(qn(f"a:{n}")) if inner is not None else None for n in ("chOff", "chExt"))
    if area is not None and offset is not None and extent is not None:
        across = area.width / max(1, int(extent.get("cx")))
        down = area.height / max(1, int(extent.get("cy")))
        frame = (area.left - int(offset.get("x")) * across, area.top - int(offset.get("y")) * down, across, down)
    for child in shape.shapes:
        yield from _opened(child, frame, grouped=True)


def _own(shape: Any) -> Area | None:
    sides = shape.left, shape.top, shape.width, shape.height
    return None if any(s is None for s in sides) else Area(*(int(s) for s in sides))


def furniture(shape: Any) -> bool:
    """Returns whether it is a footer, date or page number: the template's, not the writer's."""
    return shape.is_placeholder and shape.placeholder_format.type in (PH.FOOTER, PH.SLIDE_NUMBER, PH.DATE)


def said(paragraph: Any, *, marks: bool = False) -> str:
    """Returns a paragraph's text; the raised numbers of sources are left out, or appear as `[2]` with `marks`."""
    words = ""
    for element in paragraph._p.iter(qn("a:r"), qn("a:fld"), qn("a:br")):
        text = "\n" if element.tag == qn("a:br") else "".join(t.text or "" for t in element.findall(qn("a:t")))
        look = element.find(qn("a:rPr"))
        raised = look is not None and int(look.get("baseline") or 0) > 0 and text.replace(",", "").isdigit()
        words += text if not raised else f"[{text}]" if marks else ""
    return words.strip()
