"""A change of the cells that a pivot table is made of says that the table shows old figures."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents.tools.office import zip_package
from agents.tools.office.sheets.book_parts import BookParts, child
from tests.office_workspace import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def pivoted(source: str, cells: dict[str, Any]) -> bytes:
    """Returns a workbook with a sheet Data, and a pivot table at Report!A1:B3 that is made of `source`."""
    book: Any = openpyxl.Workbook()
    book.active.title = "Data"
    for place, value in cells.items():
        book.active[place] = value
    book.create_sheet("Report")["A1"] = "Total"
    out = io.BytesIO()
    book.save(out)
    parts = dict(zip_package.parts(out.getvalue(), "a.xlsx"))
    of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def link(kind: str, target: str) -> bytes:
        return (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{of}/{kind}" Target="{target}"/></Relationships>'
        ).encode()

    return zip_package.pack(
        parts
        | {
            "xl/worksheets/_rels/sheet2.xml.rels": link("pivotTable", "../pivotTables/pivotTable1.xml"),
            "xl/pivotTables/pivotTable1.xml": f'<pivotTableDefinition xmlns="{main}" name="P"><location ref="A1:B3"/>'
            "</pivotTableDefinition>".encode(),
            "xl/pivotTables/_rels/pivotTable1.xml.rels": link("pivotCacheDefinition", "../pivotCache/c1.xml"),
            "xl/pivotCache/c1.xml": f'<pivotCacheDefinition xmlns="{main}"><cacheSource type="worksheet">'
            f"<worksheetSource {source}/></cacheSource></pivotCacheDefinition>".encode(),
        }
    )


@pytest.mark.parametrize(
    ("source", "cell", "words"),
    [
        ('ref="A1:B3" sheet="Data"', "B2", "Pivot table Report!A1:B3 shows the old figures until Excel refreshes it."),
        ('ref="A:B" sheet="data"', "B2", "shows the old figures"),
        ('name="Orders"', "B2", "shows the old figures"),
        ('ref="A1:B3" sheet="Data"', "A4", "doesn't include the rows added below its source"),
        ('ref="A1:C3" sheet="Data"', "E1", "shows the old figures"),
        ('ref="A1:B3" sheet="Data"', "F9", ""),
        ('ref="A1:B3" sheet="Report"', "B2", ""),
    ],
    ids=["its cells", "whole columns", "a name", "below", "through a formula", "elsewhere", "another sheet"],
)
async def test_a_pivot_table_that_shows_old_figures_is_told(desk: Desk, source: str, cell: str, words: str) -> None:
    made = pivoted(source, {"A1": "x", "B1": "y", "A2": "a", "B2": 1, "A3": "b", "B3": 2, "C2": "=E1*2"})
    book = BookParts(made, "a.xlsx")
    listed = child(book.changing(book.main), "definedNames")
    entry = listed.makeelement(f"{book.names}definedName", {"name": "Orders"})
    entry.text = "Data!$A$1:$B$3"
    listed.append(entry)
    desk.workspace.write("a.xlsx", book.packed())
    text = (await desk.call("sheet_write", path="a.xlsx", sheet="Data", cell=cell, rows=[[7]])).text
    assert words in text if words else "Pivot" not in text


async def test_a_pivot_table_is_told_after_rows_were_inserted(desk: Desk) -> None:
    desk.workspace.write("a.xlsx", pivoted('ref="A1:B3" sheet="Data"', {"A1": "x", "B1": "y", "A2": 1, "B3": 2}))
    changes = [{"do": "insert", "what": "rows", "at": 3, "count": 1}]
    told = (await desk.call("sheet_change", path="a.xlsx", sheet="Data", changes=changes)).text
    assert "Pivot table Report!A1:B3 shows the old figures" in told
