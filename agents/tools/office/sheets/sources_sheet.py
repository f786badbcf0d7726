"""Writes the Sources sheet: one row per finding used, linked to its page and cells."""

import json
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from agents.tools.office import house_style
from agents.tools.office.cell_input import Scalar
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets.finishing_touches import fitted, polish
from agents.tools.office.sheets.source_comments import note
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId

_COLUMNS = {"Id": 16, "What": 22, "Value": 20, "Source": 60, "Where": 16, "Quote": 48, "Seen": 19, "Used in": 22}
_AT = {name: n for n, name in enumerate(_COLUMNS, 1)}
_MOST_LINKS = 4
_BODY = Font(house_style.FONT, size=10, color=house_style.INK)
_LINKED = Font(house_style.FONT, size=10, color=house_style.LINK, underline="single")
_HAIR = Border(bottom=Side("thin", color=house_style.LINE))


def write_sources(book: Any, sidecar: Sidecar) -> Sidecar:
    """Rebuilds the sheet from the sidecar and puts it last; removes it if nothing is traced."""
    name = sidecar.sources_sheet
    if name and name in book.sheetnames:
        book.remove(book[name])
    if not sidecar.places:
        return sidecar.model_copy(update={"sources_sheet": None})
    name = name or _free_name(book)
    sheet = book.create_sheet(name)
    used = {
        i: [p.place for p in sidecar.places if i in p.findings]
        for i in sorted({i for p in sidecar.places for i in p.findings})
    }
    extra = min(_MOST_LINKS, max(len(places) for places in used.values())) - 1
    headers = [*_COLUMNS, *[""] * extra]
    for column, words in enumerate(headers, 1):
        _header(sheet.cell(1, column, words or None))
    findings = {f.id: f for f in sidecar.findings}
    order = {f.id: n for n, f in enumerate(sidecar.findings)}
    rows: dict[FindingId, str] = {}
    for row, i in enumerate(sorted(used, key=lambda i: order[i]), 2):
        _row(sheet, row, findings[i], used[i])
        rows[i] = f"{name}, row {row}"
    _say_rows(book, sidecar, findings, rows)
    room = {_AT["Source"]: 3.0}  # LibreOffice cuts off the end of a link that hardly fits
    widths = {
        get_column_letter(n): min(float(w), fitted(sheet, n) + room.get(n, 0.0))
        for n, w in enumerate(_COLUMNS.values(), 1)
    }
    polish(sheet, widths | {get_column_letter(len(_COLUMNS) + n): 22.0 for n in range(1, extra + 1)}, freeze="A2")
    for row in range(2, sheet.max_row + 1):
        for column in range(1, len(headers) + 1):
            sheet.cell(row, column).alignment = Alignment(
                vertical="center", horizontal="left", wrap_text=True, indent=1
            )
    for cell in sheet[1]:
        cell.alignment = Alignment(vertical="center", horizontal="left", indent=1)
    sheet.sheet_properties.tabColor = house_style.LINE
    return sidecar.model_copy(update={"sources_sheet": name})


def _say_rows(book: Any, sidecar: Sidecar, findings: dict[FindingId, Finding], rows: dict[FindingId, str]) -> None:
    """The comment of each traced cell names the row with its source."""
    for place in sidecar.places:
        sheet, _, address = place.place.rpartition("!")
        if sheet in book.sheetnames and book[sheet][address].comment is not None:
            note(book[sheet][address], tuple(findings[i] for i in place.findings if i in findings), rows)


def value_words(value: Any) -> Scalar:
    """A finding's value as one cell."""
    return (
        value if isinstance(value, str | int | float | bool) or value is None else json.dumps(value, ensure_ascii=False)
    )


def _row(sheet: Any, row: int, finding: Finding, places: list[str]) -> None:
    source = finding.source
    seen = source.seen_at.strftime("%Y-%m-%d %H:%M") if source and source.seen_at else None
    cells = [finding.id, finding.kind, value_words(finding.value)]
    cells += (
        [source.where, source.locator, source.quote, f"{seen or ''} not checked".strip() if source.unchecked else seen]
        if source
        else ["The agent's own statement", None, None, None]
    )
    for column, value in enumerate(cells, 1):
        cell = sheet.cell(row, column, value or None if isinstance(value, str) else value)
        cell.font, cell.border = _BODY, _HAIR
        if isinstance(value, str):
            cell.data_type = "s"
        if isinstance(value, int | float) and not isinstance(value, bool):
            cell.number_format = "General"  # a price with a year beside it
    if source and source.url and source.url.lower().startswith(("http://", "https://")):
        sheet.cell(row, 4).hyperlink = source.url
        sheet.cell(row, 4).font = _LINKED
    for n, place in enumerate(places[:_MOST_LINKS]):
        more = len(places) - _MOST_LINKS
        cell = sheet.cell(row, len(_COLUMNS) + n, place)
        name, _, address = place.rpartition("!")
        if n == _MOST_LINKS - 1 and more > 0:
            cell.value = f"{place} and {more} more"
        target = f"'{name.replace(chr(39), chr(39) * 2)}'!{address}"
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target, display=place)
        cell.font, cell.border = _LINKED, _HAIR


def _header(cell: Any) -> None:
    cell.font = Font(house_style.FONT, size=11, bold=True, color=house_style.WHITE)
    cell.fill = PatternFill("solid", fgColor=house_style.ACCENT)


def _free_name(book: Any) -> str:
    taken = {s.lower() for s in book.sheetnames}
    return next(n for n in ("Sources", *(f"Sources {k}" for k in range(2, 1000))) if n.lower() not in taken)
