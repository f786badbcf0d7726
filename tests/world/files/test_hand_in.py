"""At hand-in, right values stay right, and only what an agent changed is an agent's to repair."""

from pathlib import Path
from typing import Any

import pytest

from agents.tools.office import zip_package
from agents.tools.office.inspect import preexisting_faults
from agents.tools.office.libreoffice import convert
from agents.tools.office.sheets import copy_computed_values
from agents.tools.office.sheets.open_and_save_workbook import read_book
from orchestrator.domain.deliverables import Check, Inspection, Provenance
from tests.office_workspace import Desk
from tests.world.files.office_packages import workbook

_OFFICE = pytest.mark.skipif(convert.soffice() is None, reason="LibreOffice is not installed")
_EXCEL = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Microsoft Excel</Application><AppVersion>16.0300</AppVersion></Properties>"
)
_ROW = (
    '<row r="1"><c r="A1"><v>2</v></c><c r="B1"><f>_xll.RATE(A1)</f><v>7</v></c><c r="C1"><f>B1*3</f><v>21</v></c>'
    '<c r="D1"><f>SUM(Data[#All])</f><v>5</v></c><c r="E1"><f>1/0</f></c><c r="F1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    '<c r="G1"><f>IFERROR(D1,0)</f></c></row>'
)


def _values(content: bytes, sheet: str = "Plan") -> dict[str, Any]:
    return {c.coordinate: c.value for row in read_book(content, "it", values=True)[sheet] for c in row}


async def _handed_in(desk: Desk) -> Inspection:
    return Inspection.model_validate_json((await desk.call("inspect_deliverable", path="a.xlsx")).text)


def _failing(found: Inspection) -> dict[str, str]:
    return {c.name: c.words for c in found.checks if not c.ok}


def _book(*, app: str = _EXCEL) -> bytes:
    parts = zip_package.parts(workbook({"Plan": _ROW, "Empty": ""}, {"docProps/app.xml": app}), "it")
    link = b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    link += b'extended-properties" Target="docProps/app.xml"/></Relationships>'
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"</Relationships>", link)
    return zip_package.pack(parts)


@_OFFICE
async def test_a_value_that_libreoffice_cannot_compute_stays(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", _book())
    await desk.call("sheet_write", path="a.xlsx", sheet="Plan", cell="A3", rows=[["=C1+1", "=1+1"]])
    found = await _handed_in(desk)
    values = _values(desk.workspace.read("a.xlsx"))
    assert [values[c] for c in ("B1", "C1", "D1", "F1", "A3", "B3")] == [7, 21, 5, "#DIV/0!", 22, 2]
    assert _failing(found) == {}


@_OFFICE
async def test_a_file_whose_values_are_all_there_keeps_its_bytes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    whole = _book().replace(b"x", b"x")
    parts = zip_package.parts(whole, "it")
    first = "xl/worksheets/sheet1.xml"
    parts[first] = (
        parts[first]
        .replace(b"<f>1/0</f></c>", b"<f>1+0</f><v>1</v></c>")
        .replace(b"<f>IFERROR(D1,0)</f>", b"<f>IFERROR(D1,0)</f><v>5</v>")
    )
    desk.workspace.write("a.xlsx", before := zip_package.pack(parts))
    await _handed_in(desk)
    assert desk.workspace.read("a.xlsx") == before


@_OFFICE
async def test_what_the_agent_wrote_is_still_the_agents_to_repair(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", _book())
    await desk.call("sheet_write", path="a.xlsx", sheet="Plan", cell="A3", rows=[["=1/0", "TODO"]])
    failing = _failing(await _handed_in(desk))
    assert failing == {"formulas": "formula errors: Plan!A3 is #DIV/0!", "placeholders": "Plan!B3: 'TODO'"}


@_OFFICE
async def test_people_are_told_once_about_their_own_faults(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", _book())
    await desk.call("sheet_write", path="a.xlsx", sheet="Plan", cell="A3", rows=[["Note"]])
    first = [c.words for c in (await _handed_in(desk)).checks if c.told]
    assert "also in the original: empty sheets: Empty" in first
    await desk.call("sheet_write", path="a.xlsx", sheet="Plan", cell="A4", rows=[["Another"]])
    assert [c.words for c in (await _handed_in(desk)).checks if c.told] == []


@_OFFICE
async def test_dummy_values_are_computed_but_never_into_errors(tmp_path: Path) -> None:
    """Some programs store 0 for every formula and ask for a calculation."""
    parts = zip_package.parts(_book(), "it")
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"</workbook>", b'<calcPr calcId="1" fullCalcOnLoad="1"/></workbook>'
    )
    first = "xl/worksheets/sheet1.xml"
    parts[first] = parts[first].replace(b"</row>", b'<c r="H1"><f>A1*5</f><v>0</v></c></row>')
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", zip_package.pack(parts))
    await _handed_in(desk)
    values = _values(desk.workspace.read("a.xlsx"))
    assert [values[c] for c in ("B1", "D1", "H1")] == [7, 5, 10]


def test_a_formula_that_reads_what_libreoffice_lacks_has_no_value() -> None:
    original = read_book(_book(), "it")
    copy = workbook({"Plan": '<row r="1"><c r="A1"><v>2</v></c>' + "".join(
        f'<c r="{c}1" t="e"><v>#NAME?</v></c>' for c in "BCDG") + "</row>"})  # fmt: skip
    made = copy_computed_values.computed(copy, original, {("Plan", 1, 4): 5})
    assert made.values[("Plan", 1, 4)] == 5
    assert made.unknown == {("Plan", 1, 2), ("Plan", 1, 3), ("Plan", 1, 7)}


def test_an_arrays_cells_get_their_values() -> None:
    body = '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2*2</f></c></row><row r="2"><c r="A2"/></row>'
    content = workbook({"Plan": body})
    copy = workbook({"Plan": '<row r="1"><c r="A1"><v>2</v></c></row><row r="2"><c r="A2"><v>4</v></c></row>'})
    made = copy_computed_values.computed(copy, read_book(content, "it"), {})
    assert _values(copy_computed_values.inject(content, made.new)) == {"A1": 2, "A2": 4}


@pytest.mark.parametrize(
    ("now", "before", "ok", "words"),
    [
        ("empty sheets: A, B", "empty sheets: A, B", True, "also in the original: empty sheets: A, B"),
        ("empty sheets: A, B", "empty sheets: B", False, "empty sheets: A"),
        ("Slide 4 > x: 'TBD'", "Slide 3 > x: 'TBD'", True, "also in the original: Slide 4 > x: 'TBD'"),
        ("a: b1, b2, b3", "a: b7", False, "a: b2, b3"),
        ("a: b, c and 9 more", "a: b, d and 9 more", True, "also in the original: a: b, c and 9 more"),
        ("a: b, c and 9 more", "a: b, d and 8 more", False, "a: c"),
    ],
)
def test_faults_of_the_original_are_spared(now: str, before: str, ok: bool, words: str) -> None:
    check, old = Check(name="x", ok=False, words=now), Check(name="x", ok=False, words=before)
    (spared,) = preexisting_faults.spared([check], [old])
    assert (spared.ok, spared.told, spared.words) == (ok, ok, words)


def test_figures_of_the_original_need_no_source() -> None:
    figures = [Provenance(place=f"A{n}", shows=shows, findings=()) for n, shows in enumerate((5, 5, 7), 1)]
    assert [p.place for p in preexisting_faults.new_figures(figures, figures[:1])] == ["A2", "A3"]
