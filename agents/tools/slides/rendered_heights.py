"""Measures how high LibreOffice draws the boxes of a deck, using a copy in which every box grows with its text.

Measures only boxes: a growing placeholder always gets the height of its layout.
"""

import io
from collections.abc import Mapping
from typing import Any

from pptx.oxml.ns import qn

from agents.tools.slides.deck import open_deck
from orchestrator.errors import ToolFailed

Heights = Mapping[tuple[int, int], float]
"""Points, by the slide's number and the shape's id."""
_POINT = 12_700
_FITS = tuple(qn(f"a:{name}") for name in ("noAutofit", "normAutofit", "spAutoFit"))


def loosened(content: bytes, path: str) -> bytes | None:
    """Returns the deck with growing boxes; None if it has none, or can't be opened."""
    try:
        deck = open_deck(content, path)
    except ToolFailed:
        return None
    boxes = [shape for slide in deck.slides for shape in slide.shapes if _box(shape)]
    for shape in boxes:
        _loosen(shape.text_frame._txBody.find(qn("a:bodyPr")))
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue() if boxes else None


def heights(deck: Any, laid: bytes | None) -> Heights:
    """Returns the height of each box in `laid`, LibreOffice's version of the copy; boxes it has changed are missing."""
    try:
        grown = open_deck(laid, "the copy") if laid else None
    except ToolFailed:
        grown = None
    found: dict[tuple[int, int], float] = {}
    if grown is None or len(grown.slides) != len(deck.slides):
        return found
    for number, (before, after) in enumerate(zip(deck.slides, grown.slides, strict=True), 1):
        shapes = list(before.shapes), list(after.shapes)
        if len(shapes[0]) == len(shapes[1]):
            pairs = ((one, other) for one, other in zip(*shapes, strict=True) if _box(one) and _same(one, other))
            found |= {(number, one.shape_id): int(other.height) / _POINT for one, other in pairs}
    return found


def _box(shape: Any) -> bool:
    """Returns whether a text box can be measured: not a placeholder, upright, with its own size and wrapping."""
    if shape.is_placeholder or not shape.has_text_frame or not shape.text_frame.text.strip():
        return False
    body = shape.text_frame._txBody.find(qn("a:bodyPr"))
    return shape.height is not None and not shape.rotation and body.get("vert", "horz") == "horz"


def _loosen(body: Any) -> None:
    for element in [e for e in body if e.tag in _FITS]:
        body.remove(element)
    # the only elements that may follow it
    last = next((e for e in body if e.tag in (qn("a:scene3d"), qn("a:sp3d"), qn("a:flatTx"), qn("a:extLst"))), None)
    grows = body.makeelement(qn("a:spAutoFit"), {})
    if last is None:
        body.append(grows)
    else:
        last.addprevious(grows)


def _same(one: Any, other: Any) -> bool:
    return bool(other.has_text_frame) and other.text_frame.text.split() == one.text_frame.text.split()
