"""Finds and creates rows and cells in a worksheet's part."""

from bisect import bisect_left, insort
from typing import Any

from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.utils import get_column_letter

from agents.tools.office.sheets.book_parts import child
from agents.tools.office.sheets.cell_storage import address
from orchestrator.errors import ToolFailed


class RawGrid:
    """A worksheet's rows and cells by number; missing ones are created in their places."""

    def __init__(self, tree: Any) -> None:
        self.names = str(tree.tag).rpartition("}")[0] + "}"
        self.tree = tree
        self._sheet = child(tree, "sheetData")
        self._rows: dict[int, Any] = {}
        self._cells: dict[int, dict[int, Any]] = {}
        number = 0
        for row in self._sheet.iterchildren(f"{self.names}row"):
            given = str(row.get("r") or "")
            number = int(given) if given.isdigit() else number + 1
            self._rows.setdefault(number, row)
        self._numbers = sorted(self._rows)

    @property
    def rows(self) -> list[int]:
        return self._numbers

    def known(self, row: int, column: int) -> Any:
        """Returns the cell; None if the sheet doesn't have it."""
        return self._line(row).get(column) if row in self._rows else None

    def line(self, row: int) -> dict[int, Any]:
        """Returns the row's cells by column."""
        return self._line(row) if row in self._rows else {}

    def row(self, number: int) -> Any:
        if number not in self._rows:
            made = self._sheet.makeelement(f"{self.names}row", {"r": str(number)})
            place = bisect_left(self._numbers, number)
            if place < len(self._numbers):
                self._rows[self._numbers[place]].addprevious(made)
            else:
                self._sheet.append(made)
            self._rows[number] = made
            insort(self._numbers, number)
        return self._rows[number]

    def cell(self, row: int, column: int) -> Any:
        """Returns the cell; a new one is formatted like the cell above it, its row, or its column."""
        if (found := self.known(row, column)) is not None:
            return found
        parent, line = self.row(row), self._line(row)
        parent.attrib.pop("spans", None)
        made = parent.makeelement(f"{self.names}c", {"r": f"{get_column_letter(column)}{row}"})
        after = min((c for c in line if c > column), default=None)
        if after is None:
            last = max(line, default=None)
            parent.insert(0, made) if last is None else line[last].addnext(made)
        else:
            line[after].addprevious(made)
        line[column] = made
        if style := self._inherited(row, column):
            made.set("s", style)
        return made

    def _line(self, row: int) -> dict[int, Any]:
        if row not in self._cells:
            found: dict[int, Any] = {}
            column = 0
            for cell in self._rows[row].iterchildren(f"{self.names}c"):
                given = str(cell.get("r") or "")
                column = address(given)[1] if given else column + 1
                if not given:
                    cell.set("r", f"{get_column_letter(column)}{row}")
                found.setdefault(column, cell)
            if not self._rows[row].get("r"):
                self._rows[row].set("r", str(row))
            self._cells[row] = found
        return self._cells[row]

    def _inherited(self, row: int, column: int) -> str:
        above = self.known(row - 1, column) if row > 2 else None
        if above is not None and above.get("s"):
            return str(above.get("s"))
        line = self._rows[row]
        if line.get("s") and line.get("customFormat") in ("1", "true"):
            return str(line.get("s"))
        for entry in self.tree.iterfind(f"{self.names}cols/{self.names}col"):
            if int(entry.get("min") or 0) <= column <= int(entry.get("max") or 0):
                return str(entry.get("style") or "")
        return ""


def write_out_shared(tree: Any, names: str, keys: dict[str, tuple[str, str]]) -> None:
    """Gives each cell of these shared formulas a formula of its own; `keys`: text and first cell by number."""
    for formula in tree.iter(f"{names}f"):
        if formula.get("t") != "shared" or str(formula.get("si")) not in keys:
            continue
        text, origin = keys[str(formula.get("si"))]
        translator: Any = Translator(f"={text}", origin=origin)
        try:
            formula.text = str(translator.translate_formula(str(formula.getparent().get("r"))))[1:]
        except (TranslatorError, ValueError, IndexError) as error:
            raise ToolFailed(
                f"{origin} can't be written out as formulas of single cells. Write to a new file instead."
            ) from error
        for name in ("t", "si", "ref"):
            formula.attrib.pop(name, None)
