"""Checks pictures of a Word document: alternative text, proportions, and print resolution."""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

from docx.oxml.ns import qn
from PIL import Image, UnidentifiedImageError

_EMU_PER_INCH, _EMU_PER_CM = 914_400, 360_000
_STRETCHED, _BLURRED = 1.05, 100
_SMALL = 2.5
"""Centimetres up to which a picture counts as an icon or logo."""


class Placed(NamedTuple):
    """A picture in the text: its number, size on the page in EMU, and visible pixels."""

    number: int
    words: str
    wide: int
    high: int
    pixels: tuple[float, float] | None


def undescribed(document: Any) -> list[str]:
    return [f"picture {p.number} has no alternative text" for p in _placed(document) if not p.words]


def stretched(document: Any) -> list[str]:
    """Finds stretched pictures."""
    found: list[str] = []
    for one in _placed(document):
        if one.pixels and one.wide and one.high:
            ratio = (one.wide / one.high) / (one.pixels[0] / one.pixels[1])
            if max(ratio, 1 / ratio) > _STRETCHED:
                way = f"{ratio:.2f} times too wide" if ratio > 1 else f"{1 / ratio:.2f} times too tall"
                found.append(f"picture {one.number} is {way}")
    return found


def blurred(document: Any) -> list[str]:
    """Finds pictures with too few pixels for their size."""
    found: list[str] = []
    for one in _placed(document):
        if one.pixels and one.wide > _SMALL * _EMU_PER_CM:
            density = one.pixels[0] / (one.wide / _EMU_PER_INCH)
            if density < _BLURRED:
                wide = one.wide / _EMU_PER_CM
                found.append(
                    f"picture {one.number} has {density:.0f} pixels per inch at {wide:.1f} cm; make it smaller"
                )
    return found


def _placed(document: Any) -> Iterator[Placed]:
    for number, drawing in enumerate(document.element.body.iter(qn("w:drawing")), 1):
        words, size = drawing.find(f".//{qn('wp:docPr')}"), drawing.find(f".//{qn('wp:extent')}")
        said = "" if words is None else (words.get("descr") or "").strip()
        wide, high = (0, 0) if size is None else (int(size.get("cx")), int(size.get("cy")))
        yield Placed(number, said, wide, high, _pixels(document, drawing))


def _pixels(document: Any, drawing: Any) -> tuple[float, float] | None:
    """Returns the visible pixels after cropping; None for charts, shapes and rotated pictures."""
    blip, turn = drawing.find(f".//{qn('a:blip')}"), drawing.find(f".//{qn('a:xfrm')}")
    if blip is None or (turn is not None and int(turn.get("rot") or 0) % 10_800_000):
        return None
    part = document.part.related_parts.get(blip.get(qn("r:embed")))
    if part is None:
        return None
    try:
        with Image.open(io.BytesIO(part.blob)) as image:
            wide, high = image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    crop = drawing.find(f".//{qn('a:srcRect')}")
    sides = {s: int(crop.get(s) or 0) / 100_000 if crop is not None else 0.0 for s in "ltrb"}
    shown = wide * (1 - sides["l"] - sides["r"]), high * (1 - sides["t"] - sides["b"])
    return shown if min(shown) > 0 else None
