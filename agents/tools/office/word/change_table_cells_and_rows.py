"""Changes cells and rows of a table in an open Word document."""

import re
from copy import deepcopy
from typing import Any

from docx.oxml.ns import qn
from docx.table import Table

from agents.tools.office.cell_input import Cell
from agents.tools.office.word import change_schema
from agents.tools.office.word.blocks import cell_findings, cell_text, numeric
from agents.tools.office.word.find_blocks import Numbered
from agents.tools.office.word.runs import said
from agents.tools.office.word.text_writer import WordTextWriter
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,2})\$?([1-9]\d{0,3})")
_DECIMALS = re.compile(r"\d\.(\d+)\b")


def change(
    pen: WordTextWriter, block: Numbered, one: change_schema.SetCell | change_schema.AddRow | change_schema.DeleteRow
) -> str:
    """Makes the change, and says what was done. Raises ToolFailed for a place that doesn't exist."""
    if not block.table:
        raise ToolFailed(f"[{block.number}] isn't a table; use a table's number.")
    table: Any = Table(block.element, pen.document)
    pen.rows.setdefault(block.element, [row._tr for row in table.rows])
    match one:
        case change_schema.SetCell():
            return _set(pen, block, table, one)
        case change_schema.AddRow():
            return _add(pen, block, table, one)
        case change_schema.DeleteRow():
            row = _row(pen, one.row, block)
            if len(table.rows) < 2:
                raise ToolFailed(f"This is the only row of [{block.number}]; delete the table instead.")
            if pen.revisions is not None:
                pen.revisions.row(row, "w:del")
            else:
                block.element.remove(row)
            return f"row {one.row} of [{block.number}] deleted"


def _set(pen: WordTextWriter, block: Numbered, table: Any, one: change_schema.SetCell) -> str:
    match = _ADDRESS.fullmatch(one.cell.strip())
    if match is None:
        raise ToolFailed(f"{one.cell!r} isn't a cell; use a format like B3.")
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    rows = {row._tr: [cell._tc for cell in row.cells] for row in table.rows}
    count, wide = len(pen.rows[block.element]), max(map(len, rows.values()))
    line = rows[_row(pen, int(match[2]), block)] if int(match[2]) <= count else []
    if column > len(line):
        raise ToolFailed(
            f"[{block.number}] has {counted(count, 'row')} and {counted(wide, 'column')}, so there's no cell "
            f"{one.cell!r}."
        )
    _fill(pen, line[column - 1], one.value, _column(table, column - 1))
    return f"{one.cell.upper()} in [{block.number}] set"


def _add(pen: WordTextWriter, block: Numbered, table: Any, one: change_schema.AddRow) -> str:
    count = len(pen.rows[block.element])
    above = _row(pen, one.after or count, block)
    if any(m.get(qn("w:val")) != "restart" for m in above.iter(qn("w:vMerge"))):
        raise ToolFailed(
            f"Row {one.after or count} of [{block.number}] has merged cells; add the row after another one."
        )
    row = deepcopy(above)
    for name in ("w:tblHeader", "w:ins", "w:del"):
        for mark in list(row.iter(qn(name))) if name == "w:tblHeader" else row.xpath(f"./w:trPr/{name}"):
            mark.getparent().remove(mark)
    cells = list(row.iterchildren(qn("w:tc")))
    if len(one.row) > len(cells):
        raise ToolFailed(
            f"The row has {counted(len(one.row), 'cell')}, but [{block.number}] has {counted(len(cells), 'column')}; "
            "it can't have more."
        )
    for cell in cells:
        _emptied(cell)
    pen.last.get(above, above).addnext(row)
    pen.last[above] = row
    revisions, pen.revisions = pen.revisions, None  # the row is marked as a whole
    for n, (cell, value) in enumerate(zip(cells, [*one.row, *[None] * len(cells)], strict=False)):
        _fill(pen, cell, value, _column(table, n))
    pen.revisions = revisions
    if revisions is not None:
        revisions.row(row, "w:ins")
        for paragraph in row.iter(qn("w:p")):
            revisions.added(list(paragraph))
    return f"a row added to [{block.number}] after row {one.after or count}"


def _row(pen: WordTextWriter, number: int, block: Numbered) -> Any:
    """Returns the row that had this number when the document was read."""
    rows = pen.rows[block.element]
    if number > len(rows):
        raise ToolFailed(f"[{block.number}] has {counted(len(rows), 'row')}, so there's no row {number}.")
    if rows[number - 1].getparent() is None:
        raise ToolFailed(f"Row {number} of [{block.number}] was deleted by an earlier change; omit one of the two.")
    return rows[number - 1]


def _column(table: Any, number: int) -> list[str]:
    rows = [[cell._tc for cell in row.cells] for row in table.rows]
    return [" ".join(said(p) for p in row[number].iterchildren(qn("w:p"))) for row in rows[1:] if number < len(row)]


def _fill(pen: WordTextWriter, cell: Any, value: Cell, column: list[str]) -> None:
    """Writes the value into the cell's first paragraph, with as many decimals as its column shows."""
    shown = [len(m[1]) for text in column if (m := _DECIMALS.search(text))]
    text = cell_text(value, max(shown, default=0)) if numeric(value) else cell_text(value)
    first, *others = list(cell.iterchildren(qn("w:p")))
    pen.write(first, text)
    for paragraph in others:
        if pen.revisions is not None:
            pen.revisions.went(paragraph)
        else:
            cell.remove(paragraph)
    pen.source(first, cell_findings(value))


def _emptied(cell: Any) -> None:
    """Returns a paragraph with one run formatted like the cell's text."""
    first, *others = list(cell.iterchildren(qn("w:p")))
    look = next((r.find(qn("w:rPr")) for r in first.iter(qn("w:r")) if said(first)), None)
    for element in [*others, *(e for e in first if e.tag != qn("w:pPr")), *cell.iterchildren(qn("w:tbl"))]:
        element.getparent().remove(element)
    if look is not None:
        run = first.add_r()
        run.append(deepcopy(look))
