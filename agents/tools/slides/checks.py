"""Checks a deck at hand-in. Each function returns a Check that names slides and shapes."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from agents.tools.office.content_checks import listed
from agents.tools.office.inspect.contrast import contrast
from agents.tools.slides import text_styles
from agents.tools.slides.font_metrics import face
from agents.tools.slides.layout_match import EMU, Area
from agents.tools.slides.measured_shapes import MeasuredShape, SlideView, graphic, pages
from agents.tools.slides.rendered_heights import Heights
from agents.tools.slides.shapes import furniture
from orchestrator.domain.deliverables import Check

_POINT = 12_700
_EDGE = EMU // 50
_TOUCH = EMU // 12
_PROMPTS = "click to add", "click to edit", "klicken sie"
_SMALL, _LARGE = 10.0, 18.0


def every(deck: Any, heights: Heights) -> list[Check]:
    """Runs all checks of a deck except those of its package and its text; `heights`: its boxes as LibreOffice laid them
    out."""
    seen = pages(deck)
    wide, high = int(deck.slide_width), int(deck.slide_height)
    rows = (
        ("content", "is empty", "every slide has content", _empty(seen)),
        ("placeholders left empty", "empty placeholders", "no empty placeholders", _unfilled(seen)),
        ("off slide", "beyond the edge of the slide", "nothing runs off the slides", _outside(seen, wide, high)),
        ("overlap", "on top of each other", "nothing covers anything else", _overlaps(seen)),
        ("text fits", "more text than fits", "all text fits", _overflows(seen, heights)),
        ("contrast", "hard to read on their background", "all text is readable on its background", _pale(seen)),
        ("text size", f"smaller than {_SMALL:g} pt", f"no text below {_SMALL:g} pt", _tiny(seen)),
        ("alt text", "no alternative text", "every picture has alternative text", _undescribed(seen)),
    )
    found = [_check(name, bad, good, faults) for name, bad, good, faults in rows]
    return [*found, _fonts(seen)]


def _check(name: str, bad: str, good: str, faults: Iterable[str]) -> Check:
    all_of = list(faults)
    return Check(name=name, ok=not all_of, words=f"{bad}: {listed(all_of)}" if all_of else good)


def _fonts(seen: list[SlideView]) -> Check:
    """Reports substituted fonts without failing: the reader's computer may have them."""
    asked = sorted({r.family for p in seen for s in p.seen for t in s.texts for r in t.runs if r.text.strip()})
    other = [f"{name} (shown here as {face(name).family})" for name in asked if not face(name).same]
    words = f"not installed here: {listed(other)}; line breaks may differ" if other else f"fonts: {listed(asked)}"
    return Check(name="fonts", ok=not other, words=words)


def _empty(seen: list[SlideView]) -> Iterator[str]:
    return (f"slide {p.number}" for p in seen if not any(s.ink for s in p.seen if not furniture(s.piece.shape)))


def _unfilled(seen: list[SlideView]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            shape = one.piece.shape
            if shape.is_placeholder and shape.has_text_frame and not furniture(one.piece.shape):
                text = shape.text_frame.text.strip().lower()
                if not text or text.startswith(_PROMPTS):
                    yield f"slide {page.number}: {one.name}"


def _outside(seen: list[SlideView], wide: int, high: int) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            a = one.piece.area
            if a and (a.left < -_EDGE or a.top < -_EDGE or a.right > wide + _EDGE or a.bottom > high + _EDGE):
                yield f"slide {page.number}: {one.name}"


def _overlaps(seen: list[SlideView]) -> Iterator[str]:
    for page in seen:
        for below, above in combinations([s for s in page.seen if s.ink], 2):
            if below.ink and above.ink and _clash(below, above):
                yield f"slide {page.number}: {above.name} over {below.name}"


def _clash(below: MeasuredShape, above: MeasuredShape) -> bool:
    """Finds shapes that hide or cross something else that people should see."""
    one, other = below.ink, above.ink
    if one is None or other is None:
        return False
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= _TOUCH or down <= _TOUCH:
        return False
    if _within(other, one):  # a card behind text, text on a picture
        return bool(below.texts)
    if _within(one, other):
        return above.opaque
    return bool(below.texts or above.texts or (graphic(below) and graphic(above)))


def _within(inner: Area, outer: Area) -> bool:
    slack = _TOUCH
    return (
        inner.left >= outer.left - slack
        and inner.top >= outer.top - slack
        and inner.right <= outer.right + slack
        and inner.bottom <= outer.bottom + slack
    )


def _overflows(seen: list[SlideView], heights: Heights) -> Iterator[str]:
    """Measures boxes as LibreOffice lays them out; placeholders, and everything if it's missing, by our own measure."""
    for page in seen:
        for one in page.seen:
            if one.size is None or one.piece.area is None or one.piece.grouped:
                continue
            shape = one.piece.shape
            left, top, right, bottom = text_styles.inset(shape)
            high = one.piece.area.height / _POINT - top - bottom
            wide = one.piece.area.width / _POINT - left - right
            grown = heights.get((page.number, shape.shape_id))
            over = (one.size.height if grown is None else grown - top - bottom) - high
            if over > max(3.0, high * 0.04):
                yield f"slide {page.number}: {one.name} by {over / 72:.1f} in"
            elif not text_styles.wraps(shape) and one.size.width > wide * 1.04 and shape.is_placeholder:
                yield f"slide {page.number}: {one.name} is too wide"


def _pale(seen: list[SlideView]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            if not furniture(one.piece.shape) and (worst := _worst(one)) is not None:
                yield f"slide {page.number}: {one.name} ({worst:.1f} to 1)"


def _worst(one: MeasuredShape) -> float | None:
    """Returns the lowest contrast ratio of a shape's text that is too low for its size; None if all is readable."""
    low: list[float] = []
    for text in one.texts:
        for run in text.runs:
            if run.text.strip() and run.colour and text.behind:
                large = run.size >= _LARGE or (run.bold and run.size >= 14)
                if (ratio := contrast(run.colour, text.behind)) < (3.0 if large else 4.5) - 0.05:
                    low.append(ratio)
    return min(low, default=None)


def _tiny(seen: list[SlideView]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            sizes = [r.size for t in one.texts for r in t.runs if r.text.strip()]
            if sizes and min(sizes) < _SMALL - 0.05 and not furniture(one.piece.shape):
                yield f"slide {page.number}: {one.name} ({min(sizes):g} pt)"


def _undescribed(seen: list[SlideView]) -> Iterator[str]:
    for page in seen:
        for one in page.seen:
            if graphic(one) and not (one.piece.shape._element.xpath(".//p:cNvPr/@descr") or [""])[0].strip():
                yield f"slide {page.number}: {one.name}"
