"""Tracks files that a data tool made from others: a record beside the file, and which cells are still unchanged."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from agents.tool import Workspace
from agents.tools.office import provenance_file
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.provenance.check_figures import number
from agents.tools.office.provenance.read_traced_places import of_csv
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets.open_and_save_workbook import read_book
from agents.tools.office.zip_package import tidy
from orchestrator.domain.deliverables import Made
from orchestrator.errors import ToolFailed

_FOLDER = ".threadwork/made"
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class MadeInFile:
    """`places`: cells that show what the data tool wrote. `made`: how it did, None if nothing of it is left."""

    places: frozenset[str] = frozenset()
    made: Made | None = None


def keep(workspace: Workspace, path: str, made: Made) -> None:
    """Stores the record and the file's current content beside the file, replacing those of an older one."""
    path = tidy(path)
    try:
        workspace.write(_copy(path), zlib.compress(workspace.read(path), 1))
    except ToolFailed:
        # Too large to be compared later, so we don't vouch for anything in it.
        provenance_file.save(workspace, Sidecar(file=path))
    else:
        provenance_file.save(workspace, Sidecar(file=path, made=made))


def load(workspace: Workspace, path: str) -> Sidecar:
    """Returns the file's sidecar and its content when a data tool made it."""
    sidecar, place = provenance_file.load(workspace, path), _copy(path)
    if sidecar.made is None or not workspace.exists(place):
        return sidecar
    try:
        return sidecar.model_copy(update={"original": zlib.decompress(workspace.read(place))})
    except (ToolFailed, zlib.error):
        return sidecar


def in_book(book: Any, sidecar: Sidecar) -> MadeInFile:
    """Returns a workbook's unchanged cells; sheets may be renamed, and rows and columns may be added or removed."""
    if sidecar.made is None or not sidecar.original:
        return MadeInFile()
    old = {s.title: _rows(s) for s in read_book(sidecar.original, sidecar.file).worksheets}
    new = {s.title: _rows(s) for s in book.worksheets}
    lost = [rows for title, rows in old.items() if title not in new]
    found: set[str] = set()
    for title, rows in new.items():
        before = old[title] if title in old else max(lost, key=lambda was: _alike(was, rows), default=())
        found.update(f"{title}!{place}" for place in _same(before, rows))
    return _standing(sidecar.made, found, sum(_figure(v) for rows in old.values() for row in rows for v in row))


def in_csv(text: str, sidecar: Sidecar) -> MadeInFile:
    """Returns a CSV file's unchanged cells."""
    if sidecar.made is None or not sidecar.original:
        return MadeInFile()
    old, new = (
        [[cell.text for cell in row] for row in of_csv(t)] for t in (decoded(sidecar.original, sidecar.file).text, text)
    )
    return _standing(sidecar.made, set(_same(old, new)), sum(_figure(v) for row in old for v in row))


def _standing(made: Made, places: set[str], figures: int) -> MadeInFile:
    if figures and not places:
        return MadeInFile()
    return MadeInFile(frozenset(places), made.model_copy(update={"changed": max(0, figures - len(places))}))


def _same(old: Rows, new: Rows) -> Iterator[str]:
    """Returns addresses of figures in `new` that are also in `old`: in the same row or at the same place."""
    if not old or not new:
        return
    columns = _columns(old[0], new[0])
    whole = {tuple(_at(row, o) for o, _ in columns) for row in old}
    for r, row in enumerate(new):
        kept = tuple(_at(row, n) for _, n in columns) in whole
        for o, n in columns:
            value = _at(row, n)
            if _figure(value) and (kept or (r < len(old) and _at(old[r], o) == value)):
                yield f"{get_column_letter(n + 1)}{r + 1}"


def _columns(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[int, int]]:
    """Returns pairs of columns that are the same, by their header or else by their position."""
    names = {name: n for n, name in reversed([*enumerate(old)]) if isinstance(name, str)}
    here = {name for name in new if isinstance(name, str)}
    return [
        (names.get(name, n) if isinstance(name, str) else n, n)
        for n, name in enumerate(new)
        if name in names or (n < len(old) and old[n] not in here)
    ]


def _alike(old: Rows, new: Rows) -> int:
    """Returns how many words their headers share."""
    return len({*old[0]} & {*new[0]} - {None}) if old and new else 0


def _rows(sheet: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


def _at(row: Sequence[Any], n: int) -> Any:
    return row[n] if n < len(row) else None


def _figure(value: Any) -> bool:
    if isinstance(value, str):
        return number(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _copy(path: str) -> str:
    return f"{_FOLDER}/{path}.z"
