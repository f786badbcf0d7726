"""A file is made, handed in, checked, computed, pictured and traced."""

import asyncio
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image

from agents.tools.office.inspect.tool import inspected
from agents.tools.office.libreoffice import convert
from agents.tools.office.libreoffice.run_bound_child import run
from orchestrator.domain.deliverables import Check, Inspection
from tests.office_workspace import Desk

needs_office = pytest.mark.skipif(convert.soffice() is None, reason="LibreOffice is not installed")
needs_drawer = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def handed_in(desk: Desk, path: str) -> Inspection:
    return Inspection.model_validate_json((await desk.call("inspect_deliverable", path=path)).text)


def check(inspection: Inspection, name: str) -> Check:
    return next(c for c in inspection.checks if c.name == name)


async def a_comparison(desk: Desk, *more: list[Any]) -> None:
    rows: list[list[Any]] = [
        ["Company", "Price (USD)", "Seats", "Per year"],
        ["Acme", {"value": 49, "finding": "f1", "format": "currency"}, 100, "=B2*C2*12"],
        ["Borealis", {"value": 39.5, "finding": "f2", "format": "currency"}, 1200, "=B3*C3*12"],
        ["Total", None, "=SUM(C2:C3)", "=SUM(D2:D3)"],
    ]
    await desk.call("sheet_write", path="out/a.xlsx", sheet="Prices", cell="A1", rows=[*rows, *more])


@needs_office
@needs_drawer
async def test_a_workbook_is_computed_pictured_and_traced(desk: Desk) -> None:
    await a_comparison(desk)
    inspection = await handed_in(desk, "out/a.xlsx")
    assert all(c.ok for c in inspection.checks), inspection.checks
    assert inspection.file.name == "a.xlsx" and inspection.findings == ("f1", "f2")
    delivered = desk.shelf["a.xlsx"]
    assert desk.workspace.read("out/a.xlsx") == delivered
    values, formulas = (openpyxl.load_workbook(io.BytesIO(delivered), data_only=v)["Prices"] for v in (True, False))
    assert (values["D2"].value, values["D4"].value) == (58_800, 627_600)
    assert formulas["D4"].value == "=SUM(D2:D3)"
    with Image.open(io.BytesIO(desk.shelf[inspection.previews[0].name])) as page:
        assert page.width == 1000


@needs_office
async def test_a_formula_carries_the_findings_of_what_it_reads_and_typed_numbers_are_named(desk: Desk) -> None:
    await a_comparison(desk)
    await handed_in(desk, "out/a.xlsx")
    traced = json.loads(desk.shelf["a.provenance.json"])
    places = {p["place"]: (p["shows"], p["findings"]) for p in traced["places"]}
    assert places["Prices!B2"] == (49, ["f1"])
    assert places["Prices!D4"] == (627_600, ["f1", "f2"])
    assert "Prices!C4" not in places
    assert [u["place"] for u in traced["unsourced"]] == ["Prices!C2", "Prices!C3"]
    assert [f["id"] for f in traced["findings"]] == ["f1", "f2"]
    assert traced["file"] == "out/a.xlsx" and len(traced["sha256"]) == 64


@needs_office
async def test_formula_errors_and_left_over_text_are_named_by_cell(desk: Desk) -> None:
    await a_comparison(desk, ["TODO: check", "=B2/0", None, "=NOSUCH(1)"])
    inspection = await handed_in(desk, "out/a.xlsx")
    words = check(inspection, "formulas").words
    assert "Prices!B5 is #DIV/0!" in words and "Prices!D5 is #NAME?" in words
    assert "Prices!A5: 'TODO'" in check(inspection, "placeholders").words
    assert not check(inspection, "formulas").ok and not check(inspection, "placeholders").ok


@needs_office
async def test_a_function_libreoffice_lacks_is_not_called_an_error(desk: Desk) -> None:
    await a_comparison(desk, ["x", '=XLOOKUP("Acme",A2:A3,B2:B3)', "=B5*2", None])
    formulas = check(await handed_in(desk, "out/a.xlsx"), "formulas")
    assert formulas.ok and "2 not computed here" in formulas.words


@needs_office
async def test_inspecting_twice_gives_the_same_file(desk: Desk) -> None:
    await a_comparison(desk)
    assert (await handed_in(desk, "out/a.xlsx")).file == (await handed_in(desk, "out/a.xlsx")).file


@needs_office
@needs_drawer
async def test_a_document_is_pictured_and_its_untraced_figures_are_named(desk: Desk) -> None:
    blocks = [
        {"type": "heading", "text": "Costs"},
        {"type": "paragraph", "text": "Acme asks 49 dollars.", "findings": ["f1"]},
        {"type": "paragraph", "text": "We guess 12 percent."},
    ]
    await desk.call("document_write", path="a.docx", title="Costs", blocks=blocks)
    inspection = await handed_in(desk, "a.docx")
    assert all(c.ok for c in inspection.checks) and len(inspection.previews) == 1
    assert "1 footnote" in check(inspection, "content").words
    traced = json.loads(desk.shelf["a.provenance.json"])
    assert [u["place"] for u in traced["unsourced"]] == ["Costs > paragraph 2"]


async def test_without_libreoffice_it_says_so_and_goes_on(desk: Desk) -> None:
    await a_comparison(desk)
    room = desk.room("inspect_deliverable", {"path": "out/a.xlsx"})
    inspection = Inspection.model_validate_json((await inspected(room, "out/a.xlsx", office=None, drawer=None)).text)
    assert check(inspection, "preview") == Check(
        name="preview", ok=True, words="not previewed: LibreOffice Calc isn't installed (package libreoffice-calc)"
    )
    assert "4 formulas not computed" in check(inspection, "formulas").words


@pytest.mark.parametrize("path", ["a.docx", "a.xlsx", "a.pdf", "a.png", "a.json", "a.py"])
async def test_a_file_that_is_not_what_it_says_fails_its_check(desk: Desk, path: str) -> None:
    desk.workspace.write(path, b"<html>certainly (not</html>")
    room = desk.room("inspect_deliverable", {"path": path})
    inspection = Inspection.model_validate_json((await inspected(room, path, office=None, drawer=None)).text)
    assert not check(inspection, "opens").ok


async def test_a_csv_with_uneven_rows_is_told(desk: Desk) -> None:
    desk.workspace.write("a.csv", b"a,b\n1,2\n3\n")
    assert check(await handed_in(desk, "a.csv"), "rows").words == "rows with a different number of fields: 3"


@needs_office
async def test_two_documents_are_converted_side_by_side(desk: Desk) -> None:
    program = convert.soffice() or ""
    made = await asyncio.gather(*(convert.convert(b"hello", ".txt", "pdf", program=program) for _ in range(3)))
    assert all(m is not None and m.startswith(b"%PDF") for m in made)


async def until(holds: Callable[[], bool]) -> None:
    """Waits for a fact that another process makes."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 no event tells of it
            await asyncio.sleep(0.01)


async def test_a_cancelled_conversion_leaves_no_process(tmp_path: Path) -> None:
    script, note = tmp_path / "slow", tmp_path / "child"
    script.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {note}\nwait\n")
    script.chmod(0o755)
    running = asyncio.create_task(run(str(script), limit=60))
    await until(lambda: note.exists() and bool(note.read_text().strip()))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    child = Path("/proc") / note.read_text().strip() / "stat"
    await until(lambda: not child.exists() or child.read_text().rsplit(")", 1)[1].split()[0] == "Z")


async def test_a_conversion_cancelled_while_it_starts_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, note = tmp_path / "slow", tmp_path / "child"
    script.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {note}\nwait\n")
    script.chmod(0o755)
    start = asyncio.create_subprocess_exec

    async def started_late(*command: Any, **more: Any) -> asyncio.subprocess.Process:
        process = await start(*command, **more)
        await until(lambda: note.exists() and bool(note.read_text().strip()))
        running.cancel()
        await asyncio.sleep(0)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started_late)
    running = asyncio.create_task(run(str(script), limit=60))
    with pytest.raises(asyncio.CancelledError):
        await running
    child = Path("/proc") / note.read_text().strip() / "stat"
    await until(lambda: not child.exists() or child.read_text().rsplit(")", 1)[1].split()[0] == "Z")
