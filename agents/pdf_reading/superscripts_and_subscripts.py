"""Finds powers and indices among a page's letters by their size and height, so that m² isn't m2 (pure)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from agents.pdf_reading.letters import Box, Letter
from agents.superscript_text import lowered, raised

_SMALLER, _SMALLEST = 0.87, 0.45
"""Of the letter before it; what follows an initial of several lines is smaller still."""
_RAISED, _LOWERED, _BESIDE = 0.2, 0.08, 0.3
"""Of the height of the letter before it."""
_LONGEST = 12


class _Group(NamedTuple):
    """Letters that stand higher or lower than the letter before them."""

    letters: list[Letter]
    moved: Callable[[str], str]


def with_powers(letters: Sequence[Letter]) -> list[Letter]:
    """Returns the letters; a power or an index is one letter that says so, without breaks around it: PDFium takes a
    step up or down for a new line."""
    found, at = list[Letter](), 0
    base: Letter | None = None
    while at < len(letters):
        after = next((n for n in range(at, len(letters)) if letters[n].text != "\n"), at)
        if base is not None and (group := _group(base, letters, after, found[-1])) is not None:
            found.append(_joined(group))
            at = after + len(group.letters)
        elif base is not None and found[-1] is not base and after > at and _goes_on(base, found[-1], letters[after]):
            at = after
            base = None
        else:
            found.append(letters[at])
            base = None if letters[at].text.isspace() else letters[at]
            at += 1
    return found


def _group(base: Letter, letters: Sequence[Letter], at: int, before: Letter) -> _Group | None:
    moved = _moved(base, letters[at])
    if moved is None or not (_beside(base, letters[at], base) or _beside(before, letters[at], base)):
        return None
    group = [letters[at]]
    for letter in letters[at + 1 : at + 1 + _LONGEST]:
        if letter.text.isspace() or _moved(base, letter) is not moved or not _beside(group[-1], letter, base):
            break
        group.append(letter)
    return _Group(group, moved) if len(group) <= _LONGEST else None


def _moved(base: Letter, letter: Letter) -> Callable[[str], str] | None:
    """Returns how the letter is written if it stands higher or lower than the one before it."""
    if letter.text.isspace() or letter.angle != base.angle:
        return None
    if not base.size * _SMALLEST <= letter.size <= base.size * _SMALLER:
        return None
    height, up = base.box.top - base.box.bottom, letter.box.bottom - base.box.bottom
    if _RAISED * height < up < height and letter.box.top > base.box.top - 0.05 * height:
        return raised
    return lowered if _LOWERED * height < -up and letter.box.top > base.box.bottom + 0.2 * height else None


def _beside(one: Letter, other: Letter, base: Letter) -> bool:
    height = base.box.top - base.box.bottom
    return -_BESIDE * height < other.box.left - one.box.right < _BESIDE * height


def _joined(group: _Group) -> Letter:
    first, boxes = group.letters[0], [letter.box for letter in group.letters]
    box = Box(boxes[0].left, min(b.bottom for b in boxes), boxes[-1].right, max(b.top for b in boxes))
    return first._replace(text=group.moved("".join(letter.text for letter in group.letters)), box=box)


def _goes_on(base: Letter, power: Letter, after: Letter) -> bool:
    """Returns whether the line of the base goes on there."""
    height = base.box.top - base.box.bottom
    shared = min(base.box.top, after.box.top) - max(base.box.bottom, after.box.bottom)
    level = after.angle == base.angle and shared > 0.6 * min(height, after.box.top - after.box.bottom)
    return level and -_BESIDE * height < after.box.left - power.box.right < height
