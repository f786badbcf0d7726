"""Writes into workbooks that other programs made: only the parts that have to change do."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from agents.tool import CallContext, Workspace
from agents.tools.office import original_file, provenance_file, save_keeping_unchanged_parts, zip_package
from agents.tools.office.cell_input import CellInput
from agents.tools.office.displayed_value import shown
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets import raw_charts, raw_sheets
from agents.tools.office.sheets.book_parts import BookParts, written_by_openpyxl
from agents.tools.office.sheets.open_and_save_workbook import lost, saved_parts
from agents.tools.office.sheets.raw_cells import forget_sheet, write_block
from agents.tools.office.sheets.raw_column_widths import set_width
from agents.tools.office.sheets.read_workbook import opened
from agents.tools.office.sheets.sheet_rows import CellArea
from agents.tools.office.sheets.stale_pivots import stale_pivots
from agents.tools.office.sheets.text_grid import table
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_ROWS_BELOW, _COLUMNS = 9, 12


class WantedBlock(NamedTuple):
    """A block of cells, where it goes, and the widths of its columns."""

    sheet: str
    top: int
    left: int
    rows: Sequence[Sequence[CellInput]]
    widths: Sequence[float]

    @property
    def area(self) -> CellArea:
        """The cells that it fills."""
        right, bottom = self.left + max(map(len, self.rows)) - 1, self.top + len(self.rows) - 1
        return CellArea(self.left, self.top, right, bottom)


def is_foreign(content: bytes, path: str) -> bool:
    """Returns whether openpyxl could lose something of the file."""
    return not written_by_openpyxl(content, path) or lost(content, path) is not None


def write_into(room: CallContext, path: str, content: bytes, wanted: WantedBlock, found: Sequence[Finding]) -> str:
    """Writes the block into a sheet that somebody else made. Raises ToolFailed for cells that can't be written."""
    book = BookParts(content, path)
    sheet = book.sheet(wanted.sheet)
    made = sheet is None
    if sheet is None:
        sheet = raw_sheets.add_sheet(book, wanted.sheet)
    written = write_block(book, sheet, (wanted.top, wanted.left), wanted.rows)
    for n, width in enumerate(wanted.widths):
        if width:
            set_width(book, sheet, wanted.left + n, min(width, 250.0))
    sidecar = _traced(provenance_file.load(room.workspace, path), sheet.title, wanted, found)
    save(room.workspace, path, content, book, sidecar)
    new = "added the sheet and " if made else ""
    told = (
        f"{path}, sheet {sheet.title!r}: {new}wrote {counted(len(wanted.rows), 'row')}; everything else is unchanged."
    )
    if any(e.findings for line in wanted.rows for e in line):
        told += " The figures' sources are stored next to the file, not in it."
    if written and (old := stale_pivots(book, sheet.title, wanted.area)):
        told += f" {old}"
    return f"{told}\n{picture(room.workspace.read(path), path, sheet.title, wanted.top)}" if written or made else told


def save(workspace: Workspace, path: str, before: bytes, book: BookParts, sidecar: Sidecar) -> None:
    after = book.packed()
    if after != before:
        save_keeping_unchanged_parts.refuse_signed(before, path)
        original_file.keep(workspace, path, before)
        workspace.write(path, after)
    provenance_file.save(workspace, sidecar)


def save_ours(workspace: Workspace, path: str, before: bytes, made: Any, sidecar: Sidecar, changed: str) -> None:
    """Saves the sheets that we made in somebody else's workbook, which openpyxl holds as `made`."""
    book = BookParts(before, path)
    ours = [t for t in made.sheetnames if t in sidecar.sheets or t == sidecar.sources_sheet]
    raw_sheets.graft(book, zip_package.pack(saved_parts(made, path)), ours)
    if book.packed() != before:
        forget_sheet(book, changed)
    save(workspace, path, before, book, sidecar)


def save_chart(
    workspace: Workspace, path: str, before: bytes, made: Any, sidecar: Sidecar, sheet: str, title: str
) -> None:
    """Adds the only chart that the sheet has in `made` to the sheet of somebody else's workbook."""
    book = BookParts(before, path)
    target = book.sheet(sheet)
    if target is None:
        raise ToolFailed(f"{path!r} has no sheet {sheet!r}. Use another one.")
    raw_charts.add_chart(book, target, zip_package.pack(saved_parts(made, path)), title)
    save(workspace, path, before, book, sidecar)


def picture(content: bytes, path: str, title: str, top: int) -> str:
    """Returns the sheet's first rows and the rows around what was written."""
    book = opened(content, path)
    sheet = next(s for s in book.sheets if s.title == title)
    near = book.window(sheet, CellArea(1, max(1, top - 1), _COLUMNS, top + _ROWS_BELOW), _ROWS_BELOW + 3)
    head = book.window(sheet, CellArea(1, 1, _COLUMNS, 2), 2) if top > 3 else None
    rows = [*(head.rows if head else ()), *near.rows]
    last = max(near.last_column, 1)
    listed = [(n, [cells.get(c, "") for c in range(1, min(last, _COLUMNS) + 1)]) for n, cells in rows]
    size = f"It now has {counted(near.last_row, 'row')} and {counted(last, 'column')}:"
    return f"{size}\n{table(listed)}"


def _traced(sidecar: Sidecar, title: str, wanted: WantedBlock, found: Sequence[Finding]) -> Sidecar:
    places: list[Provenance] = []
    written: set[str] = set()
    for r, line in enumerate(wanted.rows, wanted.top):
        for c, given in enumerate(line, wanted.left):
            written.add(place := f"{title}!{get_column_letter(c)}{r}")
            if given.findings:
                places.append(Provenance(place=place, shows=shown_value(given), findings=given.findings))
    last = f"{get_column_letter(wanted.left + max(map(len, wanted.rows)) - 1)}{wanted.top + len(wanted.rows) - 1}"
    area = f"{title}!{get_column_letter(wanted.left)}{wanted.top}:{last}"
    traced = provenance_file.retrace(sidecar, written.__contains__, places, found)
    return traced.model_copy(update={"edited": tuple(dict.fromkeys((*sidecar.edited, area)))})


def shown_value(given: CellInput, shape: str = "General") -> str | int | float | bool:
    return given.value if isinstance(given.value, str | int | float | bool) else shown(given.value, shape)
