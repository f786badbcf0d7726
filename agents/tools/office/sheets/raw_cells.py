"""Writes cells directly into a workbook's parts; everything else in it stays the same."""

import re
from collections.abc import Sequence
from copy import deepcopy
from datetime import date, datetime
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from agents.tools.office import xml, zip_package
from agents.tools.office.cell_input import CellInput
from agents.tools.office.formulas import is_formula
from agents.tools.office.sheets.recalculate import address, serial, sheet_parts
from orchestrator.errors import ToolFailed

_M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FIRST_OWN_FORMAT = 164
_CHAIN = re.compile(rb"<(Override|Relationship)\b[^>]*calcChain[^>]*?(/>|>\s*</\1>)")


def patched(content: bytes, sheet: str, at: tuple[int, int], block: Sequence[Sequence[CellInput]]) -> bytes:
    """Returns the workbook with the block at (row, column) of its sheet. Formulas lose their values until they are
    computed.

    Raises ToolFailed for a cell in merged cells, an array, a shared formula or a table's header.
    """
    parts = zip_package.parts(content, "the workbook")
    part = next(p for name, p in sheet_parts(parts).items() if name.lower() == sheet.lower())
    tree: Any = xml.parsed(parts[part])
    wanted = {(r, c): e for r, line in enumerate(block, at[0]) for c, e in enumerate(line, at[1])}
    _refuse(tree, parts, part, wanted)
    styles: Any = xml.parsed(parts["xl/styles.xml"])
    rows: dict[int, Any] = {int(row.get("r") or 0): row for row in tree.find(f"{_M}sheetData")}
    for place, given in wanted.items():
        _put(_cell(tree, rows, *place), styles, given)
    for gone in tree.findall(f"{_M}dimension"):
        tree.remove(gone)
    parts[part], parts["xl/styles.xml"] = xml.written(tree), xml.written(styles)
    return zip_package.pack(_uncomputed(parts))


def _refuse(tree: Any, parts: dict[str, bytes], part: str, wanted: dict[tuple[int, int], CellInput]) -> None:
    words = "inside merged cells; write to their first cell instead"
    taken = [(CellRange(merged.get("ref")), words) for merged in tree.iter(f"{_M}mergeCell")]
    for formula in tree.iter(f"{_M}f"):
        if formula.get("ref") and formula.get("t") in ("array", "shared", "dataTable"):
            words = "part of a formula that fills several cells; write next to it, or to a new file"
            taken.append((CellRange(formula.get("ref")), words))
    taken += [(head, "the header of a table; write below it") for head in _table_heads(parts, part)]
    for row, column in wanted:
        for area, words in taken:
            first = (area.min_row, area.min_col) == (row, column) and "merged" in words
            if not first and area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
                raise ToolFailed(f"{get_column_letter(column)}{row} is {words}.")


def _table_heads(parts: dict[str, bytes], part: str) -> list[CellRange]:
    folder, _, file = part.rpartition("/")
    links = parts.get(f"{folder}/_rels/{file}.rels", b"")
    heads: list[CellRange] = []
    for name in re.findall(rb'tables/([^"/]+\.xml)"', links):
        table: Any = xml.parsed(parts[f"xl/tables/{name.decode()}"])
        area = CellRange(table.get("ref"))
        if table.get("headerRowCount") != "0":
            heads.append(CellRange(f"{area.coord.partition(':')[0]}:{get_column_letter(area.max_col)}{area.min_row}"))
    return heads


def _put(cell: Any, styles: Any, given: CellInput) -> None:
    shape = given.format or ("yyyy-mm-dd" if isinstance(given.value, date) else None)
    for child in list(cell):
        cell.remove(child)
    for name in ("t", "cm", "vm"):
        cell.attrib.pop(name, None)
    if shape and (given.format or not _formatted(styles, int(cell.get("s") or 0))):
        cell.set("s", str(_style(styles, int(cell.get("s") or 0), shape)))
    value = given.value
    if isinstance(value, str) and is_formula(value):
        xml.add(cell, f"{_M}f", value[1:])
    elif isinstance(value, str):
        cell.set("t", "inlineStr")
        inline = cell.makeelement(f"{_M}is", {})
        cell.append(inline)
        xml.add(inline, f"{_M}t", value)
        inline[0].set(_SPACE, "preserve")
    elif isinstance(value, bool):
        cell.set("t", "b")
        xml.add(cell, f"{_M}v", str(int(value)))
    elif value is not None:
        xml.add(cell, f"{_M}v", repr(serial(value) if isinstance(value, date | datetime) else value))


def _cell(tree: Any, rows: dict[int, Any], row: int, column: int) -> Any:
    """Returns the cell's element; a new one is formatted like the cell above it."""
    if row not in rows:
        rows[row] = _between(tree.find(f"{_M}sheetData"), f"{_M}row", row, _row_number, str(row))
    line, letter = rows[row], get_column_letter(column)
    line.attrib.pop("spans", None)
    known = next((c for c in line if c.get("r") == f"{letter}{row}"), None)
    if known is not None:
        return known
    cell = _between(line, f"{_M}c", column, _column_number, f"{letter}{row}")
    above = next((c for c in rows.get(row - 1, ()) if c.get("r") == f"{letter}{row - 1}"), None)
    if above is not None and row > 2 and above.get("s"):
        cell.set("s", above.get("s"))
    return cell


def _row_number(element: Any) -> int:
    return int(element.get("r") or 0)


def _column_number(element: Any) -> int:
    return address(element.get("r") or "")[1]


def _between(parent: Any, tag: str, number: int, number_of: Any, name: str) -> Any:
    """Returns the child with that number, created in its place if missing."""
    position = len(parent)
    for n, child in enumerate(parent):
        if number_of(child) == number:
            return child
        if number_of(child) > number:
            position = n
            break
    made = parent.makeelement(tag, {"r": name})
    parent.insert(position, made)
    return made


def _formatted(styles: Any, style: int) -> bool:
    return styles.find(f"{_M}cellXfs")[style].get("numFmtId", "0") != "0"


def _style(styles: Any, style: int, shape: str) -> int:
    """Returns the number of a style that is `style` with this number format."""
    formats = styles.find(f"{_M}numFmts")
    if formats is None:
        formats = styles.makeelement(f"{_M}numFmts", {})
        styles.insert(0, formats)
    known = {f.get("formatCode"): f.get("numFmtId") for f in formats}
    if shape not in known:
        known[shape] = str(max([_FIRST_OWN_FORMAT - 1, *(int(f.get("numFmtId")) for f in formats)]) + 1)
        formats.append(formats.makeelement(f"{_M}numFmt", {"numFmtId": known[shape], "formatCode": shape}))
        formats.set("count", str(len(formats)))
    looks = styles.find(f"{_M}cellXfs")
    wanted = deepcopy(looks[style])
    wanted.set("numFmtId", known[shape])
    wanted.set("applyNumberFormat", "1")
    same = next((n for n, look in enumerate(looks) if xml.written(look) == xml.written(wanted)), None)
    if same is not None:
        return same
    looks.append(wanted)
    looks.set("count", str(len(looks)))
    return len(looks) - 1


def _uncomputed(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Removes values computed before the change, and has Excel compute everything when it opens the file."""
    for part in sheet_parts(parts).values():
        if b"<f" not in parts.get(part, b""):
            continue
        tree: Any = xml.parsed(parts[part])
        for cell in tree.iter(f"{_M}c"):
            if cell.find(f"{_M}f") is not None:
                cell.attrib.pop("t", None)
                for value in cell.findall(f"{_M}v"):
                    cell.remove(value)
        parts[part] = xml.written(tree)
    book: Any = xml.parsed(parts["xl/workbook.xml"])
    if (settings := book.find(f"{_M}calcPr")) is not None:
        settings.set("fullCalcOnLoad", "1")
        parts["xl/workbook.xml"] = xml.written(book)
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        parts[name] = _CHAIN.sub(b"", parts[name])
    parts.pop("xl/calcChain.xml", None)
    return parts
