"""Checks of a deck at hand-in. Each answers with a Check that names slides and shapes."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from pptx.oxml.ns import qn

from agents.tools.office.checks import listed
from agents.tools.office.contrast import contrast
from agents.tools.slides import styles
from agents.tools.slides.faces import face
from agents.tools.slides.ground import ground
from agents.tools.slides.measure import Size, text_size
from agents.tools.slides.shapes import Piece, flat, furniture
from agents.tools.slides.stage import EMU, Area
from agents.tools.slides.theme import Theme, theme_of
from orchestrator.domain.deliverables import Check

_POINT = 12_700
_EDGE = EMU // 50
_TOUCH = EMU // 12
_PROMPTS = "click to add", "click to edit", "klicken sie"
_SMALL, _LARGE = 10.0, 18.0


class Text(NamedTuple):
    """Words of a shape or of a table's cell, with their looks and what stands behind them when that is one colour."""

    runs: list[styles.Run]
    behind: str | None


class Seen(NamedTuple):
    """One shape of a slide, measured. `ink` is where it really shows something; `size` that of its words."""

    name: str
    piece: Piece
    ink: Area | None
    texts: list[Text]
    size: Size | None
    opaque: bool


class Page(NamedTuple):
    """A slide as the checks see it."""

    number: int
    slide: Any
    seen: list[Seen]


def pages(deck: Any) -> list[Page]:
    """Every slide that is shown, measured once."""
    return [
        Page(n, slide, _measured(deck, slide))
        for n, slide in enumerate(deck.slides, 1)
        if slide._element.get("show") != "0"
    ]


def every(deck: Any) -> list[Check]:
    """All checks of a deck but those of its package and its words."""
    seen = pages(deck)
    wide, high = int(deck.slide_width), int(deck.slide_height)
    rows = (
        ("content", "shows nothing", "every slide shows something", _empty(seen)),
        ("placeholders left empty", "empty placeholders", "no empty placeholder", _unfilled(seen)),
        ("off slide", "beyond the edge of the slide", "everything is on the slides", _outside(seen, wide, high)),
        ("overlap", "on top of each other", "nothing covers anything else", _overlaps(seen)),
        ("text fits", "more text than fits", "all text fits its place", _overflows(seen)),
        ("contrast", "hard to read on their background", "all text stands out", _pale(seen)),
        ("text size", f"smaller than {_SMALL:g} pt", f"no text below {_SMALL:g} pt", _tiny(seen)),
        ("alt text", "no description for people who cannot see it", "every picture is described", _undescribed(seen)),
    )
    found = [_check(name, bad, good, faults) for name, bad, good, faults in rows]
    return [*found, _fonts(seen)]


def _check(name: str, bad: str, good: str, faults: Iterable[str]) -> Check:
    all_of = list(faults)
    return Check(name=name, ok=not all_of, words=f"{bad}: {listed(all_of)}" if all_of else good)


def _fonts(seen: list[Page]) -> Check:
    """Substituted fonts are told, not refused: the reader's computer may have them."""
    asked = sorted({r.family for p in seen for s in p.seen for t in s.texts for r in t.runs if r.text.strip()})
    other = [f"{name} (drawn here as {face(name).family})" for name in asked if not face(name).same]
    words = f"not on this computer: {listed(other)}; line breaks may differ" if other else f"fonts: {listed(asked)}"
    return Check(name="fonts", ok=not other, words=words)


def _empty(seen: list[Page]) -> Iterator[str]:
    return (f"slide {p.number}" for p in seen if not any(s.ink for s in p.seen if not furniture(s.piece.shape)))


def _unfilled(seen: list[Page]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            shape = one.piece.shape
            if shape.is_placeholder and shape.has_text_frame and not furniture(one.piece.shape):
                text = shape.text_frame.text.strip().lower()
                if not text or text.startswith(_PROMPTS):
                    yield f"slide {page.number}: {one.name}"


def _outside(seen: list[Page], wide: int, high: int) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            a = one.piece.area
            if a and (a.left < -_EDGE or a.top < -_EDGE or a.right > wide + _EDGE or a.bottom > high + _EDGE):
                yield f"slide {page.number}: {one.name}"


def _overlaps(seen: list[Page]) -> Iterator[str]:
    for page in seen:
        for below, above in combinations([s for s in page.seen if s.ink], 2):
            if below.ink and above.ink and _clash(below, above):
                yield f"slide {page.number}: {above.name} over {below.name}"


def _clash(below: Seen, above: Seen) -> bool:
    """Does something hide or cross something else that people should see?"""
    one, other = below.ink, above.ink
    if one is None or other is None:
        return False
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= _TOUCH or down <= _TOUCH:
        return False
    if _within(other, one):  # a card behind words, words on a picture
        return bool(below.texts)
    if _within(one, other):
        return above.opaque
    return bool(below.texts or above.texts or (_graphic(below) and _graphic(above)))


def _within(inner: Area, outer: Area) -> bool:
    slack = _TOUCH
    return (
        inner.left >= outer.left - slack
        and inner.top >= outer.top - slack
        and inner.right <= outer.right + slack
        and inner.bottom <= outer.bottom + slack
    )


def _overflows(seen: list[Page]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            if one.size is None or one.piece.area is None or one.piece.grouped:
                continue
            shape = one.piece.shape
            left, top, right, bottom = styles.inset(shape)
            high = one.piece.area.height / _POINT - top - bottom
            wide = one.piece.area.width / _POINT - left - right
            over = one.size.height - high
            if over > max(3.0, high * 0.04):
                yield f"slide {page.number}: {one.name} by {over / 72:.1f} in"
            elif not styles.wraps(shape) and one.size.width > wide * 1.04 and shape.is_placeholder:
                yield f"slide {page.number}: {one.name} is too wide"


def _pale(seen: list[Page]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            if not furniture(one.piece.shape) and (worst := _worst(one)) is not None:
                yield f"slide {page.number}: {one.name} ({worst:.1f} to 1)"


def _worst(one: Seen) -> float | None:
    """The lowest ratio of a shape's words that is too low for their size; None when all can be read."""
    low: list[float] = []
    for text in one.texts:
        for run in text.runs:
            if run.text.strip() and run.colour and text.behind:
                large = run.size >= _LARGE or (run.bold and run.size >= 14)
                if (ratio := contrast(run.colour, text.behind)) < (3.0 if large else 4.5) - 0.05:
                    low.append(ratio)
    return min(low, default=None)


def _tiny(seen: list[Page]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            sizes = [r.size for t in one.texts for r in t.runs if r.text.strip()]
            if sizes and min(sizes) < _SMALL - 0.05 and not furniture(one.piece.shape):
                yield f"slide {page.number}: {one.name} ({min(sizes):g} pt)"


def _undescribed(seen: list[Page]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            if _graphic(one) and not (one.piece.shape._element.xpath(".//p:cNvPr/@descr") or [""])[0].strip():
                yield f"slide {page.number}: {one.name}"


def _graphic(one: Seen) -> bool:
    """A picture, chart or other drawing that has no words of its own."""
    tag = one.piece.shape._element.tag
    return tag == qn("p:pic") or (tag == qn("p:graphicFrame") and not getattr(one.piece.shape, "has_table", False))


def _measured(deck: Any, slide: Any) -> list[Seen]:
    theme = theme_of(slide)
    base = ground(slide, theme)
    found: list[Seen] = []
    behind: list[tuple[Area, str | None]] = list(_decoration(slide, theme))
    for piece in flat(slide.shapes):
        one = _one(deck, piece, theme, base, behind)
        found.append(one)
        if piece.area is not None and one.opaque:
            behind.append((piece.area, _fill(piece.shape, theme) if not _graphic(one) else None))
    return found


def _decoration(slide: Any, theme: Theme) -> Iterator[tuple[Area, str | None]]:
    """What layout and master draw behind the slide."""
    owners = [slide.slide_layout]
    if slide.slide_layout._element.get("showMasterSp") != "0":
        owners.insert(0, slide.slide_layout.slide_master)
    for owner in owners:
        for piece in flat(owner.shapes):
            if not piece.shape.is_placeholder and piece.area is not None:
                colour = _fill(piece.shape, theme)
                if colour or piece.shape._element.tag == qn("p:pic"):
                    yield piece.area, colour


def _one(deck: Any, piece: Piece, theme: Theme, base: str | None, behind: list[tuple[Area, str | None]]) -> Seen:
    shape, area = piece.shape, piece.area
    fill = _fill(shape, theme)
    if getattr(shape, "has_table", False) and area is not None:
        cells = _cells(deck, shape, theme, fill or _at(area, behind, base))
        high = sum(int(row.height) for row in shape.table.rows)
        return Seen(shape.name, piece, area._replace(height=max(area.height, high)), cells, None, opaque=True)
    if not shape.has_text_frame or area is None:
        drawn = shape._element.tag in (qn("p:pic"), qn("p:graphicFrame"))
        return Seen(shape.name, piece, area if drawn else None, [], None, opaque=drawn)
    looks = styles.paragraphs(shape.text_frame._txBody, styles.chain_of(shape, deck), theme)
    runs = [r for p in looks for r in p.runs]
    if not any(r.text.strip() for r in runs):
        return Seen(shape.name, piece, area if fill else None, [], None, opaque=bool(fill))
    left, top, right, bottom = styles.inset(shape)
    room = area.width / _POINT - left - right
    size = text_size(looks, room if styles.wraps(shape) else 1e6)
    ink = area if fill else _ink(area, size, styles.anchor(shape), (left, top, right, bottom))
    return Seen(shape.name, piece, ink, [Text(runs, fill or _at(ink, behind, base))], size, opaque=bool(fill))


def _ink(area: Area, size: Size, anchor: str, inset: tuple[float, float, float, float]) -> Area:
    """Where the words stand in their box; over its whole width, whatever the alignment."""
    left, top, right, bottom = (round(v * _POINT) for v in inset)
    high = round(size.height * _POINT)
    room = area.height - top - bottom
    start = {"ctr": (room - high) // 2, "b": room - high}.get(anchor, 0)
    wide = max(1, area.width - left - right)
    return Area(area.left + left, area.top + top + start, wide, max(1, high))


def _at(ink: Area, behind: list[tuple[Area, str | None]], base: str | None) -> str | None:
    """The colour of the topmost thing that lies under most of the words."""
    x, y = ink.left + min(ink.width // 2, EMU), ink.top + ink.height // 2
    for area, colour in reversed(behind):
        if area.left <= x <= area.right and area.top <= y <= area.bottom:
            return colour
    return base


def _fill(shape: Any, theme: Theme) -> str | None:
    """A shape's own solid colour, also that of its style."""
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
            # A table's style may colour cells; without its definition at hand nothing is said about them.
            under = theme.colour(solid) if solid is not None else behind if plain or empty else None
            looks = styles.paragraphs(cell._tc.txBody, chain, theme)
            found.append(Text([r for p in looks for r in p.runs], under))
    return found
