"""Finds the formulas whose stored values no longer hold after cells were written."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from agents.tools.office.sheets.book_parts import BookParts
from agents.tools.office.sheets.cell_storage import address

Spot = tuple[str, int, int]
"""A sheet's name in small letters, row, column."""
_WORD = re.compile(
    r'"(?:[^"]|"")*"|'
    r"(?P<sheet>'(?:[^']|'')+'!|[\w.\[\]:\u0080-\uffff]+!)?"
    r"(?:(?P<c1>\$?[A-Za-z]{1,3})(?P<r1>\$?\d{1,7})(?::(?P<c2>\$?[A-Za-z]{1,3})(?P<r2>\$?\d{1,7}))?(?![\w(.])"
    r"|(?P<w1>\$?[A-Za-z]{1,3}):(?P<w2>\$?[A-Za-z]{1,3})(?![\w(.])"
    r"|(?P<h1>\$?\d{1,7}):(?P<h2>\$?\d{1,7})(?!\w)"
    r"|(?P<name>[A-Za-z_\\\u0080-\uffff][\w.\\?]*)(?P<call>\()?)"
)
_TEXT = re.compile(r'"(?:[^"]|"")*"')
_IN_ITS_TABLE = re.compile(r"(?:^|[=(,;:+*/^&<>{}\s-])\[(?!\d+\])")
"""A structured reference without the table's name, such as `[Units]` or `[@Price]` in that table's own cells."""
_MOVING = frozenset(("INDIRECT", "OFFSET"))
"""Functions that may read anything."""
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_MOST_ROUNDS = 40


class _Area(NamedTuple):
    """What a formula reads. `fixed`: which edges don't move when the formula is copied: left, top, right, bottom."""

    sheet: str
    left: int
    top: int
    right: int
    bottom: int
    fixed: tuple[bool, bool, bool, bool] = (True, True, True, True)

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def moved(self, down: int, over: int) -> "_Area":
        steps = (over, down, over, down)
        edges = [e if kept else e + s for e, s, kept in zip(self[1:5], steps, self.fixed, strict=True)]
        return self._replace(left=edges[0], top=edges[1], right=edges[2], bottom=edges[3])


_ANYWHERE = _Area("", 1, 1, _LAST_COLUMN, _LAST_ROW)


class _Dirty:
    """The cells whose values have changed."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        self._by_sheet: dict[str, dict[int, set[int]]] = {}
        for spot in spots:
            self.add(spot)

    def add(self, spot: Spot) -> None:
        self._by_sheet.setdefault(spot[0], {}).setdefault(spot[1], set()).add(spot[2])

    def touches(self, area: _Area) -> bool:
        if area is _ANYWHERE:
            return True
        rows = self._by_sheet.get(area.sheet)
        if not rows:
            return False
        span = range(area.top, area.bottom + 1)
        near = (r for r in span if r in rows) if len(span) < len(rows) else (r for r in rows if r in span)
        return any(area.left <= c <= area.right for r in near for c in rows[r])


def stale(book: BookParts, written: Collection[Spot]) -> dict[str, set[tuple[int, int]]]:
    """Returns the formulas that rest on the written cells, by their sheet's part, with the written ones.

    A formula that may read anything (INDIRECT, OFFSET, …) counts as resting on them.
    """
    known = _known_words(book)
    parts = {s.title.lower(): s.part for s in book.grids}
    waiting = {spot: areas for s in book.grids for spot, areas in _reading(book, s.part, s.title.lower(), known)}
    dirty = _Dirty(written)
    found: set[Spot] = {spot for spot in written if spot in waiting}
    for spot in found:
        del waiting[spot]
    for round_ in range(_MOST_ROUNDS + 1):
        last = round_ == _MOST_ROUNDS  # a chain that runs backwards: what is left is computed again, to be safe
        new = [spot for spot, areas in waiting.items() if last or _hit(dirty, spot, areas)]
        if not new:
            break
        for spot in new:
            del waiting[spot]
        found.update(new)
    by_part: dict[str, set[tuple[int, int]]] = {}
    for name, row, column in found:
        by_part.setdefault(parts[name], set()).add((row, column))
    return by_part


def _hit(dirty: _Dirty, spot: Spot, areas: Iterable[_Area]) -> bool:
    if not any(map(dirty.touches, areas)):
        return False
    dirty.add(spot)
    return True


def _known_words(book: BookParts) -> Mapping[str, tuple[_Area, ...]]:
    """Returns what defined names and tables mean, by their names in small letters."""
    tables: dict[str, tuple[_Area, ...]] = {}
    for sheet in book.grids:
        for link in book.links(sheet.part):
            if link.kind == "table" and book.has(link.target):
                table = book.tree(link.target)
                areas = tuple(_areas(str(table.get("ref") or ""), sheet.title.lower(), {}))
                for key in ("name", "displayName"):
                    tables[str(table.get(key) or "").lower()] = areas
    known = dict(tables)
    names = [e for e in book.book.iter(f"{book.names}definedName") if e.text]
    for _ in range(3):  # names may use names
        for entry in names:
            known[str(entry.get("name")).lower()] = tuple(_areas(str(entry.text), "", known))
    return known


def _reading(
    book: BookParts, part: str, title: str, known: Mapping[str, tuple[_Area, ...]]
) -> Iterator[tuple[Spot, tuple[_Area, ...]]]:
    """Yields each formula cell of a sheet with what it reads."""
    shared: dict[str, tuple[tuple[int, int], tuple[_Area, ...]]] = {}
    tables = {area for areas in known.values() for area in areas if area.sheet == title}
    if b"<f" not in (content := book.parts[part]) and b":f" not in content and part not in book.edited:
        return
    for element in book.tree(part).iter(f"{book.names}f"):
        at = address(str(element.getparent().get("r") or ""))
        key, text = str(element.get("si") or ""), str(element.text or "")
        if element.get("t") == "shared" and not text:
            origin, areas = shared.get(key, (at, (_ANYWHERE,)))
            moved = tuple(a.moved(at[0] - origin[0], at[1] - origin[1]) for a in areas)
            yield (title, *at), moved
            continue
        areas = tuple(_areas(text, title, known))
        if _IN_ITS_TABLE.search(_TEXT.sub("", text)):
            areas += tuple(area for area in tables if area.holds(*at))
        if element.get("t") == "shared":
            shared[key] = (at, areas)
        if element.get("t") == "dataTable":
            areas = (_ANYWHERE,)
        for spot in _filled(element, at):
            yield (title, *spot), areas


def _filled(element: Any, at: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yields the cells that a formula fills: its own, and for an array all of the array's."""
    if element.get("t") not in ("array", "dataTable") or not (ref := str(element.get("ref") or "")):
        yield at
        return
    for area in _areas(ref, "", {}):
        for row in range(area.top, min(area.bottom, area.top + 5000) + 1):
            for column in range(area.left, min(area.right, area.left + 500) + 1):
                yield row, column


def _areas(text: str, home: str, known: Mapping[str, tuple[_Area, ...]]) -> Iterator[_Area]:
    for word in _WORD.finditer(text):
        place = word["sheet"]
        name = place[:-1].strip("'").replace("''", "'").lower() if place else home
        if "[" in name:
            continue  # another file
        if ":" in name:
            yield _ANYWHERE
        elif word["c1"]:
            yield _area(name, word["c1"], word["r1"], word["c2"] or word["c1"], word["r2"] or word["r1"])
        elif word["w1"]:
            yield _area(name, word["w1"], "$1", word["w2"], f"${_LAST_ROW}")
        elif word["h1"]:
            yield _area(name, "$A", word["h1"], "$XFD", word["h2"])
        elif word["call"] and word["name"].upper().rpartition(".")[2] in _MOVING:
            yield _ANYWHERE
        elif word["name"] and not word["call"]:
            yield from known.get(word["name"].lower(), ())


def _area(sheet: str, c1: str, r1: str, c2: str, r2: str) -> _Area:
    corners = [(address(f"{c.strip('$').upper()}1")[1], c.startswith("$")) for c in (c1, c2)]
    rows = [(int(r.strip("$")), r.startswith("$")) for r in (r1, r2)]
    (left, left_kept), (right, right_kept) = sorted(corners)
    (top, top_kept), (bottom, bottom_kept) = sorted(rows)
    return _Area(sheet, left, top, right, bottom, (left_kept, top_kept, right_kept, bottom_kept))
