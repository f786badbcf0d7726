"""Reads workbooks of any program as small tables with addresses, with all that stands beside the cells."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter, range_boundaries

from agents.tools.office.file_kind import FileKind, file_kind
from agents.tools.office.package_reader import PackageReader, odd_content
from agents.tools.office.sheets.content_outside_cells import beside, joined
from agents.tools.office.sheets.misnamed_xls import sheets_of
from agents.tools.office.sheets.sheet_rows import CellArea, SheetWindow, window
from agents.tools.office.sheets.text_grid import one_line, table
from agents.tools.office.sheets.xlsx_reader import ListedSheet, XlsxReader
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import MOST_TEXT
from orchestrator.errors import ToolFailed

_MOST_ROWS, _MOST_COLUMNS = 300, 40
_MOST_BESIDE, _MOST_LISTED, _MOST_NAMED = 10_000, 60, 8
_LONG, _WHOLE = 240, 1 << 30


class OpenedBook(NamedTuple):
    """A workbook that can be read: its sheets, and its parts unless it's a table under a workbook's name.

    `computed`: rows and columns of values that the file doesn't hold, by sheet.
    """

    path: str
    sheets: Sequence[ListedSheet]
    reader: XlsxReader | None = None
    note: str = ""
    computed: Mapping[str, Set[tuple[int, int]]] = MappingProxyType({})

    def window(self, sheet: ListedSheet, area: CellArea, most: int) -> SheetWindow:
        return window(self.reader, sheet, area, most)

    def beside(self, sheet: ListedSheet, found: SheetWindow) -> Iterator[str]:
        return beside(self.reader, sheet, found.tail) if self.reader else iter(())

    def notes(self) -> list[str]:
        return self.reader.package.notes() if self.reader else []


def opened(content: bytes, path: str) -> OpenedBook:
    """Opens a workbook by its content. Raises ToolFailed if it isn't one; a pre-2007 one has to be converted first."""
    with odd_content(path):
        return _opened(content, path, file_kind(content))


def _opened(content: bytes, path: str, kind: FileKind) -> OpenedBook:
    if kind in ("html", "xml sheets") or (kind == "text" and path.lower().endswith((".xls", ".xlt"))):
        words = {"html": "a web page with tables", "xml sheets": "an Excel 2003 XML file"}.get(kind, "plain text")
        return OpenedBook(path, sheets_of(content, path, kind), note=f" It's {words} with a workbook's file name.")
    package = PackageReader(content, path, streamed=True)
    if "workbook" not in package.kind and package.kind != "a zip archive":
        raise ToolFailed(f"{path!r} isn't a workbook; it's {package.kind}. Use the tool for that file type.")
    book = XlsxReader(package)
    return OpenedBook(path, book.sheets, book)


def read_workbook(book: OpenedBook, name: str | None, area: str | None) -> str:
    """Returns one sheet as a table with what stands beside its cells, and names the other sheets."""
    with odd_content(book.path):
        return _read(book, name, area)


def _read(book: OpenedBook, name: str | None, area: str | None) -> str:
    wanted = _area(area)
    sheet, found, skipped = _chosen(book, name, wanted)
    more = joined(book.beside(sheet, found), _MOST_BESIDE)
    listed = ", ".join(_listed(book, sheet, found, s) for s in book.sheets[:_MOST_LISTED])
    left = len(book.sheets) - _MOST_LISTED
    others = f" and {left} more" if left > 0 else ""
    head = f"{book.path}: sheets {listed}{others}.{book.note}{skipped} This is {sheet.title!r}:"
    below = [*_computed(book, sheet, found), *_hidden(found), more, *book.notes()]
    room = MOST_TEXT - len(head) - sum(map(len, below)) - 1000
    return "\n".join(part for part in [head, *_table(found, wanted, area, room), *below] if part)


def whole_workbook(book: OpenedBook) -> str:
    """Returns every sheet as rows of values, for readers of any kind of file."""
    with odd_content(book.path):
        return _whole(book)


def _whole(book: OpenedBook) -> str:
    parts: list[str] = []
    for sheet in book.sheets:
        found = book.window(sheet, CellArea(), 5000)
        rows = [
            "| " + " | ".join(one_line(text, _WHOLE) for text in cells.values()) + " |" for _, cells in _full(found)
        ]
        cut = [f"[more rows from {found.next_row} on; use sheet_read]"] if found.next_row else []
        kind = f", {sheet.kind}" if sheet.kind else ""
        head = f"[sheet {sheet.title!r}{kind}{', hidden' if sheet.hidden else ''}]"
        computed = _computed(book, sheet, found)
        parts.append("\n".join([head, *rows, *cut, *computed, *_hidden(found), *book.beside(sheet, found)]))
    return "\n\n".join([*parts, *book.notes()])


def _full(found: SheetWindow) -> Iterator[tuple[int, dict[int, str]]]:
    """Yields the rows with their empty cells up to the last filled column, unless there are too many."""
    for number, cells in found.rows:
        last = max(cells, default=0)
        yield number, {c: cells.get(c, "") for c in range(1, last + 1)} if last <= 200 else cells


def _chosen(book: OpenedBook, name: str | None, area: CellArea) -> tuple[ListedSheet, SheetWindow, str]:
    """Returns the sheet with that name; without a name, the first one that holds something."""
    if name:
        target = next((s for s in book.sheets if s.title.lower() == name.strip().lower()), None)
        if target is None:
            raise ToolFailed(f"{book.path!r} has no sheet {name!r}. It has {_named(book.sheets)}.")
        return target, book.window(target, area, _MOST_ROWS), ""
    visible = [s for s in book.sheets if not s.hidden] or list(book.sheets)
    first: tuple[ListedSheet, SheetWindow] | None = None
    for n, sheet in enumerate(visible):
        found = book.window(sheet, area, _MOST_ROWS)
        if found.rows or any(True for _ in book.beside(sheet, found)):
            return sheet, found, f" Empty: {_named(visible[:n])}." if n else ""
        first = first or (sheet, found)
    if first is None:
        raise ToolFailed(f"{book.path!r} has no sheets. Check the file or create it again.")
    return *first, ""


def _named(sheets: Sequence[ListedSheet]) -> str:
    names = ", ".join(repr(s.title) for s in sheets[:_MOST_LISTED])
    return f"{names} and {len(sheets) - _MOST_LISTED} more" if len(sheets) > _MOST_LISTED else names


def _listed(book: OpenedBook, this: ListedSheet, found: SheetWindow, sheet: ListedSheet) -> str:
    if sheet is this and not sheet.kind:
        size = f"{found.last_row} x {found.last_column}" if found.last_row else "empty"
    else:
        size = book.reader.size(sheet) if book.reader else f"{len(sheet.grid or ())} rows"
    words = ", ".join(word for word in (size, "hidden" if sheet.hidden else "") if word)
    return f"{sheet.title!r} ({words})" if words else repr(sheet.title)


def _area(text: str | None) -> CellArea:
    if not text:
        return CellArea()
    try:
        edges: tuple[Any, ...] = range_boundaries(text.rpartition("!")[2].replace("$", "").upper())
    except (ValueError, TypeError) as error:
        raise ToolFailed(f"{text!r} isn't a range. Use a format like 'A1:F20'.") from error
    left, top, right, bottom = (int(e) if e else None for e in edges)
    return CellArea(left or 1, top or 1, right, bottom)


def _table(found: SheetWindow, area: CellArea, asked: str | None, room: int) -> Iterator[str]:
    """Yields the rows under their columns' letters, then what was left out and how to read it."""
    if not found.rows:
        yield f"[nothing in {asked}]" if asked else "[no cells with content]"
        return
    filled = sorted({c for _, cells in found.rows for c in cells})
    last = min(area.right or filled[-1], max(filled[-1], area.left))
    near = list(range(area.left, last + 1))
    columns = near if len(near) <= _MOST_COLUMNS else filled[:_MOST_COLUMNS]
    rows = [(n, [cells.get(c, "") for c in columns]) for n, cells in found.rows]
    long = _LONG if sum(len(text) for _, cells in rows for text in cells) > room * 0.8 else _WHOLE
    kept = _fitting(rows, room, long)
    yield table(kept, columns=columns, longest=long)
    cut = [
        f"{get_column_letter(c)}{n}" for n, cells in kept for c, t in zip(columns, cells, strict=True) if len(t) > long
    ]
    if cut:
        more = ", …" if len(cut) > _MOST_NAMED else ""
        yield f"[cut at {_LONG} characters: {', '.join(cut[:_MOST_NAMED])}{more}; read them one at a time with range]"
    if hidden := filled[len(columns) :] if columns != near else [c for c in filled if c > columns[-1]]:
        first, final = get_column_letter(hidden[0]), get_column_letter(hidden[-1])
        yield f"[{counted(len(hidden), 'more filled column')}, from {first} to {final}; read them with range]"
    following = rows[len(kept)][0] if len(kept) < len(rows) else found.next_row
    if following:
        right, bottom = get_column_letter(columns[-1]), area.bottom or found.last_row
        rest = f"{get_column_letter(area.left)}{following}:{right}{bottom}"
        yield f"[more rows, up to {found.last_row}; continue with range='{rest}']"


def _computed(book: OpenedBook, sheet: ListedSheet, found: SheetWindow) -> Iterator[str]:
    """Yields which values aren't from the file, and how many formulas have none."""
    ours = book.computed.get(sheet.title, frozenset())
    if places := [(c, n) for n, cells in found.rows for c in cells if (n, c) in ours]:
        named = _columns_of(places)
        more = ", …" if len(named) > _MOST_NAMED else ""
        yield (
            f"[{counted(len(places), 'value')} not stored in the file, computed by LibreOffice for this reading: "
            f"{', '.join(named[:_MOST_NAMED])}{more}]"
        )
    if found.uncomputed:
        yield f"[{counted(found.uncomputed, 'formula')} without a stored value]"


def _columns_of(places: Sequence[tuple[int, int]]) -> list[str]:
    """Returns cells, given as column and row, as ranges of each column: B2:B9, C4."""
    names: list[str] = []
    for column, cells in groupby(sorted(places), lambda place: place[0]):
        letter = get_column_letter(column)
        for _, run in groupby(enumerate(row for _, row in cells), lambda pair: pair[1] - pair[0]):
            rows = [row for _, row in run]
            names.append(f"{letter}{rows[0]}" if len(rows) == 1 else f"{letter}{rows[0]}:{letter}{rows[-1]}")
    return names


def _fitting(rows: Sequence[tuple[int, list[str]]], room: int, longest: int) -> list[tuple[int, list[str]]]:
    kept: list[tuple[int, list[str]]] = []
    size = 0
    for number, cells in rows:
        size += sum(min(len(text), longest) + 3 for text in cells) + 5
        if size > room and kept:
            break
        kept.append((number, cells))
    return kept


def _hidden(found: SheetWindow) -> list[str]:
    rows = _runs(found.hidden_rows, str)
    columns = _runs([c for c in found.hidden_columns if c <= found.last_column], get_column_letter)
    words = [*([f"rows {rows}"] if rows else []), *([f"columns {columns}"] if columns else [])]
    return [f"[hidden in Excel: {'; '.join(words)}]"] if words else []


def _runs(numbers: Sequence[int], name: Callable[[int], str]) -> str:
    """Returns numbers as ranges: 3-5, 8."""
    words: list[str] = []
    for _, group in groupby(enumerate(sorted(set(numbers))), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        words.append(name(run[0]) if len(run) == 1 else f"{name(run[0])}-{name(run[-1])}")
    return ", ".join(words[:20]) + (", …" if len(words) > 20 else "")
