"""Harmonises titles over a deck: no single word on the last line, one size for all, and smaller body text."""

from collections.abc import Sequence
from typing import Any

from agents.tools.slides.text_measurement import line_widths
from agents.tools.slides.text_styles import Paragraph
from agents.tools.slides.text_writer import SlideWriting, measured, resize, room_of

_LONE, _LITTLE = 0.19, 80
"""The share of a line that a lone word takes, and how small text may get to avoid it, in percent."""
_TEXT, _SMALLEST_TEXT = 0.76, 18
"""The share of its title's size that text may have, and the points below which that doesn't matter."""
_LEAST = 0.7
"""Relative to the largest title; a smaller one is different on purpose."""


def unbroken(pen: SlideWriting, shape: Any) -> None:
    """Shrinks text slightly if that avoids a single word on the last line."""
    looks, room = measured(pen, shape), room_of(shape)[0]
    if not _lone(looks[0], room):
        return
    for percent in range(97, _LITTLE, -3):
        resize(shape, looks, percent / 100)
        if not _lone(measured(pen, shape)[0], room):
            return
    resize(shape, looks, 1)


def _lone(look: Paragraph, room: float) -> bool:
    lines = line_widths(look, room)
    return len(lines) > 1 and lines[-1] < _LONE * room


def even(pen: SlideWriting, slides: Sequence[Any], others: Sequence[Any] = ()) -> None:
    """Gives the titles of `slides` the smallest size among them and those of `others`."""
    sizes = {id(s): _size(pen, s) for s in (*slides, *others) if _title(s) is not None}
    if not sizes:
        return
    smallest = min(size for size in sizes.values() if size >= _LEAST * max(sizes.values()))
    for slide in (s for s in slides if id(s) in sizes):
        if sizes[id(slide)] > smallest:
            shape = _title(slide)
            resize(shape, measured(pen, shape), smallest / sizes[id(slide)])
        _below(pen, slide, max(_SMALLEST_TEXT, _TEXT * smallest))


def _below(pen: SlideWriting, slide: Any, most: float) -> None:
    """Shrinks text that would be as large as the title."""
    for shape in slide.placeholders:
        if shape != slide.shapes.title and shape.has_text_frame and shape.text_frame.text.strip():
            looks = measured(pen, shape)
            if (size := max(run.size for look in looks for run in look.runs)) > most:
                resize(shape, looks, most / size)


def _title(slide: Any) -> Any:
    shape = slide.shapes.title
    return shape if shape is not None and shape.text_frame.text.strip() else None


def _size(pen: SlideWriting, slide: Any) -> float:
    return max(run.size for look in measured(pen, _title(slide)) for run in look.runs)
