"""Measures the shapes of a deck for the checks, with text formatting and backgrounds."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pptx.oxml.ns import qn

from agents.tools.slides import text_styles
from agents.tools.slides.background_colour import ground
from agents.tools.slides.layout_match import EMU, Area
from agents.tools.slides.shapes import PlacedShape, flat
from agents.tools.slides.text_measurement import Size, text_size
from agents.tools.slides.theme import Theme, theme_of

_POINT = 12_700


class Text(NamedTuple):
    """Text of a shape or a table cell, with its formatting and the background if that is one color."""

    runs: list[text_styles.SlideRun]
    behind: str | None


class MeasuredShape(NamedTuple):
    """One measured shape of a slide. `ink` is where it really shows something; `size`: of its text."""

    name: str
    piece: PlacedShape
    ink: Area | None
    texts: list[Text]
    size: Size | None
    opaque: bool


class SlideView(NamedTuple):
    """A slide as the checks see it."""

    number: int
    slide: Any
    seen: list[MeasuredShape]


def pages(deck: Any) -> list[SlideView]:
    """Returns every visible slide, measured once."""
    return [
        SlideView(n, slide, _measured(deck, slide))
        for n, slide in enumerate(deck.slides, 1)
        if slide._element.get("show") != "0"
    ]


def graphic(one: MeasuredShape) -> bool:
    """A picture, chart or other drawing without text."""
    tag = one.piece.shape._element.tag
    return tag == qn("p:pic") or (tag == qn("p:graphicFrame") and not getattr(one.piece.shape, "has_table", False))


def _measured(deck: Any, slide: Any) -> list[MeasuredShape]:
    theme = theme_of(slide)
    base = ground(slide, theme)
    found: list[MeasuredShape] = []
    behind: list[tuple[Area, str | None]] = list(_decoration(slide, theme))
    for piece in flat(slide.shapes):
        one = _one(deck, piece, theme, base, behind)
        found.append(one)
        if piece.area is not None and one.opaque:
            behind.append((piece.area, _fill(piece.shape, theme) if not graphic(one) else None))
    return found


def _decoration(slide: Any, theme: Theme) -> Iterator[tuple[Area, str | None]]:
    """Returns what layout and master draw behind the slide."""
    owners = [slide.slide_layout]
    if slide.slide_layout._element.get("showMasterSp") != "0":
        owners.insert(0, slide.slide_layout.slide_master)
    for owner in owners:
        for piece in flat(owner.shapes):
            if not piece.shape.is_placeholder and piece.area is not None:
                colour = _fill(piece.shape, theme)
                if colour or piece.shape._element.tag == qn("p:pic"):
                    yield piece.area, colour


def _one(
    deck: Any, piece: PlacedShape, theme: Theme, base: str | None, behind: list[tuple[Area, str | None]]
) -> MeasuredShape:
    shape, area = piece.shape, piece.area
    fill = _fill(shape, theme)
    if getattr(shape, "has_table", False) and area is not None:
        cells = _cells(deck, shape, theme, fill or _at(area, behind, base))
        high = sum(int(row.height) for row in shape.table.rows)
        return MeasuredShape(shape.name, piece, area._replace(height=max(area.height, high)), cells, None, opaque=True)
    if not shape.has_text_frame or area is None:
        drawn = shape._element.tag in (qn("p:pic"), qn("p:graphicFrame"))
        return MeasuredShape(shape.name, piece, area if drawn else None, [], None, opaque=drawn)
    looks = text_styles.paragraphs(shape.text_frame._txBody, text_styles.chain_of(shape, deck), theme)
    runs = [r for p in looks for r in p.runs]
    if not any(r.text.strip() for r in runs):
        return MeasuredShape(shape.name, piece, area if fill else None, [], None, opaque=bool(fill))
    left, top, right, bottom = text_styles.inset(shape)
    room = area.width / _POINT - left - right
    size = text_size(looks, room if text_styles.wraps(shape) else 1e6)
    ink = area if fill else _ink(area, size, text_styles.anchor(shape), (left, top, right, bottom))
    return MeasuredShape(shape.name, piece, ink, [Text(runs, fill or _at(ink, behind, base))], size, opaque=bool(fill))


def _ink(area: Area, size: Size, anchor: str, inset: tuple[float, float, float, float]) -> Area:
    """Returns where the text is in its box, over its whole width, whatever the alignment."""
    left, top, right, bottom = (round(v * _POINT) for v in inset)
    high = round(size.height * _POINT)
    room = area.height - top - bottom
    start = {"ctr": (room - high) // 2, "b": room - high}.get(anchor, 0)
    wide = max(1, area.width - left - right)
    return Area(area.left + left, area.top + top + start, wide, max(1, high))


def _at(ink: Area, behind: list[tuple[Area, str | None]], base: str | None) -> str | None:
    """Returns the color of the topmost thing under most of the text."""
    x, y = ink.left + min(ink.width // 2, EMU), ink.top + ink.height // 2
    for area, colour in reversed(behind):
        if area.left <= x <= area.right and area.top <= y <= area.bottom:
            return colour
    return base


def _fill(shape: Any, theme: Theme) -> str | None:
    """Returns a shape's own solid color, including that of its style."""
    properties = shape._element.find(qn("p:spPr"))
    if properties is None:
        return None
    for kind in ("noFill", "gradFill", "blipFill", "pattFill", "grpFill"):
        if properties.find(qn(f"a:{kind}")) is not None:
            return None
    if (solid := properties.find(qn("a:solidFill"))) is not None:
        return theme.colour(solid)
    style = shape._element.find(f"{qn('p:style')}/{qn('a:fillRef')}")
    return theme.colour(style) if style is not None and style.get("idx") not in (None, "0") else None


def _cells(deck: Any, shape: Any, theme: Theme, behind: str | None) -> list[Text]:
    chain = [c for c in (deck.part._element.find(qn("p:defaultTextStyle")),) if c is not None]
    plain = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}" in (shape.table._tbl.tblPr.xpath("a:tableStyleId/text()") or [""])
    found: list[Text] = []
    for row in shape.table.rows:
        for cell in row.cells:
            properties = cell._tc.tcPr
            solid = properties.find(qn("a:solidFill")) if properties is not None else None
            empty = properties is not None and properties.find(qn("a:noFill")) is not None
            # A table's style may colour cells; without its definition, we say nothing about them.
            under = theme.colour(solid) if solid is not None else behind if plain or empty else None
            looks = text_styles.paragraphs(cell._tc.txBody, chain, theme)
            found.append(Text([r for p in looks for r in p.runs], under))
    return found
