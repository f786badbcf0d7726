"""Data tools say what a workbook's values alone don't show."""

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents.tools.data.in_sandbox import read_tables
from agents.tools.data.in_sandbox.read_tables import read
from agents.tools.data.in_sandbox.refusal import CannotDo
from agents.tools.data.workbook_copies import copies
from agents.tools.office.libreoffice import convert
from tests.office_workspace import Desk
from tests.world.files.office_packages import line, workbook, zipped


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        ("<f>A2*2</f>", "2 formulas without a stored value, empty here"),
        ("<f>A2*2</f><v></v>", "2 formulas without a stored value, empty here"),
        ('<f t="shared" si="0"/><v/>', "2 formulas without a stored value, empty here"),
        ("<f>A2*2</f><v>4</v>", ""),
        ("<v>4</v>", ""),
    ],
)
def test_formulas_that_nobody_computed_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: str, note: str
) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}">{cells}</c></row>' for n in (2, 3))
    (tmp_path / "a.xlsx").write_bytes(workbook({"Plan": line(1, "Count", "Twice") + rows}))
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    assert [n.partition(":")[0] for n in read("a.xlsx").notes if "formula" in n] == ([note] if note else [])


def test_hidden_rows_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = line(1, "Name") + line(2, "Ada").replace("<row ", '<row hidden="1" ') + line(3, "Bob")
    (tmp_path / "a.xlsx").write_bytes(workbook({"Plan": rows}))
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    assert "1 hidden row included" in read("a.xlsx").notes


def test_an_xlsb_is_called_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsb").write_bytes(zipped({"xl/workbook.bin": b"\0"}))
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    with pytest.raises(CannotDo, match=r"is an \.xlsb file. Copy it to a name"):
        read("a.xlsb")


def _copies(book: bytes, notes: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    (folder / "code").mkdir()
    (folder / "code" / "book-0").write_bytes(book)
    monkeypatch.setattr(read_tables, "ROOT", folder)
    monkeypatch.setattr(read_tables, "CODE", folder / "code")
    return {"name": "book-0", "notes": notes}


def test_a_copy_is_read_in_the_place_of_a_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    made = workbook({"Plan": line(1, "Name") + line(2, "Ada")})
    copy = _copies(made, ["2 values computed"], tmp_path, monkeypatch)
    table = read("a.xls#Plan", copies={"a.xls#Plan": copy})
    assert table.rows == [["Ada"]] and table.notes[-1] == "2 values computed"


async def test_a_web_page_under_a_workbooks_name_becomes_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "<html><body><table><tr><td>Region</td><td>Sum</td></tr><tr><td>North</td><td>=5</td></tr></table></body>"
    desk = Desk(tmp_path)
    desk.workspace.write("a.xls", page.encode())
    made = await copies(desk.room("data_look", {}), ["a.xls", "none.xls", "b.csv"])
    ((spec, request),) = made.request.items()
    copy = _copies(made.code[request["name"]], request["notes"], tmp_path, monkeypatch)
    table = read("a.xls", copies={spec: copy})
    assert (table.columns, table.rows) == (["Region", "Sum"], [["North", "=5"]])


async def test_a_workbook_that_has_its_values_is_read_as_it_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", workbook({"Plan": line(1, "Name") + line(2, "Ada")}))
    assert await copies(desk.room("data_look", {}), ["a.xlsx", "a.xlsx#Plan"]) == ({}, {})


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xls", "ods"])
async def test_older_and_open_workbooks_keep_dates_booleans_and_percentages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made = openpyxl.Workbook()
    sheet: Any = made.active
    sheet.append(["Day", "Paid", "Share", "Sum"])
    sheet.append([date(2024, 3, 1), True, 0.25, 1234.5])
    sheet["C2"].number_format = "0%"
    made.save(tmp_path / "a.xlsx")
    subprocess.run(  # noqa: ASYNC221 LibreOffice makes the file that the test is about
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", kind,
         "--outdir", str(tmp_path), str(tmp_path / "a.xlsx")], check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    desk = Desk(tmp_path)
    copied = await copies(desk.room("data_look", {}), [f"a.{kind}"])
    copy = _copies(copied.code["book-0"], [], tmp_path, monkeypatch)
    table = read(f"a.{kind}", copies={f"a.{kind}": copy})
    assert table.rows == [[date(2024, 3, 1), True, 0.25, 1234.5]]
    await convert.close()
