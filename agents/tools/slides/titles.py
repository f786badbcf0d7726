"""Titles over a whole deck: none ends in a line of one lone word, all have one size, and text stays smaller."""

from collections.abc import Sequence
from typing import Any

from agents.tools.slides.measure import text_size
from agents.tools.slides.words import Pen, measured, resize, room_of

_LONE = 1.19
"""A title this much wider than its line leaves a lone word in the second one."""
_TEXT, _SMALLEST_TEXT = 0.76, 18
"""What text may have of its title's size, and the points below which that does not matter."""
_LEAST = 0.7
"""Of the largest title; a smaller one is meant to be different."""


def unbroken(pen: Pen, shape: Any) -> None:
    """A title that would leave a lone word in its second line becomes a little smaller and stays on one."""
    looks, room = measured(pen, shape), room_of(shape)[0]
    wide = text_size(looks, 1e6).width
    if text_size(looks, room).lines == 2 and wide <= room * _LONE:
        resize(shape, looks, room / wide * 0.98)


def even(pen: Pen, slides: Sequence[Any], others: Sequence[Any] = ()) -> None:
    """Gives the titles of `slides` the size of the smallest among them and among those of `others`."""
    sizes = {id(s): _size(pen, s) for s in (*slides, *others) if _title(s) is not None}
    if not sizes:
        return
    smallest = min(size for size in sizes.values() if size >= _LEAST * max(sizes.values()))
    for slide in (s for s in slides if id(s) in sizes):
        if sizes[id(slide)] > smallest:
            shape = _title(slide)
            resize(shape, measured(pen, shape), smallest / sizes[id(slide)])
        _below(pen, slide, max(_SMALLEST_TEXT, _TEXT * smallest))


def _below(pen: Pen, slide: Any, most: float) -> None:
    """Text that would be as large as the title becomes smaller."""
    for shape in slide.placeholders:
        if shape != slide.shapes.title and shape.has_text_frame and shape.text_frame.text.strip():
            looks = measured(pen, shape)
            if (size := max(run.size for look in looks for run in look.runs)) > most:
                resize(shape, looks, most / size)


def _title(slide: Any) -> Any:
    shape = slide.shapes.title
    return shape if shape is not None and shape.text_frame.text.strip() else None


def _size(pen: Pen, slide: Any) -> float:
    return max(run.size for look in measured(pen, _title(slide)) for run in look.runs)
