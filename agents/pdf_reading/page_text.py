"""Reads a page as text: lines in reading order, tables with borders as rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from agents.pdf_reading.drawn_lines import DrawnLine, edges
from agents.pdf_reading.letters import UNREADABLE, Box, Letter, letters, turned
from agents.pdf_reading.letters_to_lines import pieces
from agents.pdf_reading.reading_order import in_reading_order
from agents.pdf_reading.ruled_table_rows import is_frame, table_rows
from agents.pdf_reading.ruled_tables import RuledTable, tables
from agents.pdf_reading.superscripts_and_subscripts import with_powers
from agents.pdf_reading.unruled_tables import row_texts

_FILLED, _CROSSED = 0.2, 0.1
"""A grid with fewer cells that hold text, or whose lines cross more words, is a drawing, not a table."""


class PageText(NamedTuple):
    """The text of a page, and how many of its letters no font gives a code."""

    text: str
    unreadable: int


class _Place(NamedTuple):
    grid: int
    cell: tuple[int, int]


class _Word(NamedTuple):
    """Letters without a gap, the spaces after them, the table that they are in, and whether a border crosses them."""

    letters: list[Letter]
    place: _Place | None
    crossed: bool


def page_text(page: Any, *, as_copied: bool = False) -> PageText:
    """Returns the text of an open page of PDFium's.

    `as_copied`: what people get who search the page or copy from it: lines instead of table rows, no guesses.
    """
    found = letters(page, guess=not as_copied)
    angle = _main_angle(found)
    if page.get_rotation() != -angle % 360:
        # PDFium finds lines as the page is shown, and this one is shown with its text on its side.
        page.set_rotation(-angle % 360)
        found = letters(page, guess=not as_copied)
    found = found if as_copied else with_powers(found)
    grids = tables([_turned_edge(edge, angle) for edge in edges(page)]) if found and not as_copied else []
    if grids:
        text = "\n\n".join(filter(str.strip, _parts(list(_words(found, grids, angle)), grids)))
    else:
        text = _lines(found, as_copied=as_copied)
    return PageText(text, text.count(UNREADABLE))


def _lines(found: Sequence[Letter], *, as_copied: bool = False) -> str:
    """Returns letters as lines; what is far apart on one line is separated by a tab or as the cells of a table."""
    rows = in_reading_order(pieces(found))
    texts = [row.text for row in rows] if as_copied else row_texts(rows)
    return "\n".join(filter(str.strip, texts))


def _main_angle(found: Sequence[Letter]) -> int:
    """Returns how far most of the text is turned: 0, 90, 180, or 270 degrees."""
    angles = Counter(letter.angle for letter in found if not letter.text.isspace())
    angle = angles.most_common(1)[0][0] if angles else 0
    return angle if angle in (90, 180, 270) else 0


def _turned_edge(edge: DrawnLine, angle: int) -> DrawnLine:
    if angle == 0:
        return edge
    at, start, end = edge.at, edge.start, edge.end
    box = turned(Box(start, at, end, at) if edge.horizontal else Box(at, start, at, end), angle)
    if edge.horizontal == (angle == 180):
        return DrawnLine(True, box.bottom, box.left, box.right)
    return DrawnLine(False, box.left, box.bottom, box.top)


def _words(found: Sequence[Letter], grids: Sequence[RuledTable], angle: int) -> Iterator[_Word]:
    held: list[Letter] = []
    for space, group in groupby(found, key=lambda letter: letter.text.isspace()):
        held += group
        if space:
            yield _word(held, grids, angle)
            held = []
    if held:
        yield _word(held, grids, angle)


def _word(held: list[Letter], grids: Sequence[RuledTable], angle: int) -> _Word:
    places = Counter(_place(one, grids, angle) for one in held if not one.text.isspace())
    best = places.most_common(1)[0][0] if places else None
    return _Word(held, best, len(places) > 1)


def _place(letter: Letter, grids: Sequence[RuledTable], angle: int) -> _Place | None:
    box = turned(letter.drawn, angle)
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    return next((_Place(n, cell) for n, grid in enumerate(grids) if (cell := grid.cell(x, y))), None)


def _parts(words: Sequence[_Word], grids: Sequence[RuledTable]) -> Iterator[str]:
    """Yields the text around the tables, and each table where its first letter is."""
    kept = {n for n, grid in enumerate(grids) if _is_table(grid, [w for w in words if w.place and w.place.grid == n])}
    inside: dict[int, dict[tuple[int, int], list[Letter]]] = {}
    run: list[Letter] = []
    order: list[list[Letter] | int] = []
    for word in words:
        if word.place is None or word.place.grid not in kept:
            run += word.letters
            continue
        grid, cell = word.place
        if grid not in inside:
            order += [run, grid]
            run, inside[grid] = [], {}
        inside[grid].setdefault(cell, []).extend(word.letters)
    for part in (*order, run):
        yield _lines(part) if isinstance(part, list) else table_rows(inside[part])


def _is_table(grid: RuledTable, words: Sequence[_Word]) -> bool:
    filled: dict[tuple[int, int], list[Letter]] = {}
    for word in words:
        if word.place is not None:
            filled.setdefault(word.place.cell, []).extend(word.letters)
    crossed = sum(word.crossed for word in words)
    return (
        len(filled) >= max(2, len(set(grid.cells.values())) * _FILLED)
        and len({column for _, column in filled}) > 1
        and crossed <= max(1, len(words) * _CROSSED)
        and not is_frame(filled.values())
    )
