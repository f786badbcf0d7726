"""Copies cached values that LibreOffice computed to each formula of the original file."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from agents.tools.office import formulas, xml, zip_package
from agents.tools.office.formulas import At, formula_text, is_error
from agents.tools.office.sheets.workbook import read_book

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 Excel knows no time zones


def computed(recalculated: bytes, original: Any) -> tuple[dict[At, Any], set[At]]:
    """Every formula's value, and the formulas that LibreOffice can't compute, with all that read them."""
    values = read_book(recalculated, "the recalculated file", values=True)
    found: dict[At, Any] = {}
    unknown: set[At] = set()
    reading = {
        (s.title, c.row, c.column): text
        for s in original.worksheets
        for row in s.iter_rows()
        for c in row
        if (text := formula_text(c.value))
    }
    for at, formula in reading.items():
        name, row, column = at
        found[at] = values[name].cell(row, column).value if name in values.sheetnames else None
        if found[at] == "#NAME?" and formulas.functions(formula) & formulas.NOT_IN_LIBREOFFICE:
            unknown.add(at)
    direct = {at: set(formulas.reads(formula, at[0])) for at, formula in reading.items()} if unknown else {}
    grown = bool(unknown)
    while grown:
        more = {at for at, read in direct.items() if at not in unknown and read & unknown}
        unknown |= more
        grown = bool(more)
    return {at: value for at, value in found.items() if at not in unknown}, unknown


def inject(content: bytes, values: Mapping[At, Any]) -> bytes:
    """Returns the same file with a cached value for every formula in `values`; everything else stays byte for byte."""
    parts = zip_package.parts(content, "the workbook")
    for name, part in sheet_parts(parts).items():
        wanted = {(row, column): v for (sheet, row, column), v in values.items() if sheet == name}
        if not wanted or part not in parts:
            continue
        tree: Any = xml.parsed(parts[part])
        for cell in tree.iter(f"{{{_MAIN}}}c"):
            at = address(cell.get("r") or "")
            if cell.find(f"{{{_MAIN}}}f") is not None and at in wanted:
                _set(cell, wanted[at])
        parts[part] = xml.written(tree)
    return zip_package.pack(parts)


def _set(cell: Any, value: Any) -> None:
    for old in cell.findall(f"{{{_MAIN}}}v"):
        cell.remove(old)
    cell.attrib.pop("t", None)
    if value is None:
        return
    kind, text = _stored(value)
    if kind:
        cell.set("t", kind)
    xml.add(cell, f"{{{_MAIN}}}v", text)


def _stored(value: Any) -> tuple[str | None, str]:
    if isinstance(value, bool):
        return "b", "1" if value else "0"
    if isinstance(value, int | float):
        return None, repr(value)
    if isinstance(value, datetime | date | time | timedelta):
        return None, repr(serial(value))
    return ("e" if is_error(value) else "str"), str(value)


def serial(value: datetime | date | time | timedelta) -> float:
    """Returns a date as Excel counts days."""
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    elif isinstance(value, datetime):
        value = value.replace(tzinfo=None) - _DAY_ZERO
    elif isinstance(value, date):
        value = datetime(value.year, value.month, value.day) - _DAY_ZERO  # noqa: DTZ001 Excel knows no time zones
    return value / timedelta(days=1)


def sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Returns each sheet's part by the sheet's name."""
    book: Any = xml.parsed(parts["xl/workbook.xml"])
    relations: Any = xml.parsed(parts["xl/_rels/workbook.xml.rels"])
    targets = {r.get("Id"): str(r.get("Target")) for r in relations}
    return {
        s.get("name"): (t.lstrip("/") if (t := targets[s.get(_RELATION)]).startswith("/") else f"xl/{t}")
        for s in book.iter(f"{{{_MAIN}}}sheet")
    }


def address(text: str) -> tuple[int, int]:
    letters = text.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(text[len(letters) :] or 0), column
