"""Files that the data tools made say of what; every figure in them is its source's, and a changed one is told of."""

import csv
import hashlib
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import pytest_asyncio

from bot.web.provenance import read
from orchestrator.domain.deliverables import Check, Inspection, Origins
from tests.scenarios.data_workspace import Bench, bench, messy
from tests.scenarios.test_data_tools import STEPS

pytestmark = pytest.mark.asyncio(loop_scope="module")

SQL = 'SELECT "Country", sum("Amount EUR") AS total FROM d GROUP BY ALL ORDER BY 1'
COUNTS = "65 rows read, 60 kept"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def desk() -> AsyncIterator[Bench]:
    async with bench() as one:
        one.put("sales.csv", messy())
        yield one


async def cleaned(desk: Bench, path: str) -> Path:
    await desk.told("data_clean", file="sales.csv", save_as=path, steps=list[Any](STEPS))
    return desk.folder / path


async def handed_in(desk: Bench, path: str) -> tuple[Check, Origins]:
    """What the check at hand-in says of the file's figures, and its provenance.json."""
    answer = Inspection.model_validate_json(await desk.told("inspect_deliverable", path=path))
    assert answer.provenance
    content = next(p for p in desk.shelf.rglob("*") if p.is_file() and digest(p) == answer.provenance.sha)
    return next(c for c in answer.checks if c.name == "provenance"), read(content.read_bytes())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def amount(line: int) -> float:
    """What the export itself says in that line, read by other means than the tools'."""
    text = messy().split(b"\r\n")[line - 1].decode("utf-8", "replace").split(";")[3].removeprefix("€ ")
    return float(text.replace(".", "").replace(",", ".") if "," in text else text)


async def test_a_cleaned_workbook_says_what_it_was_made_of_and_holds_what_the_source_says(desk: Bench) -> None:
    made = await cleaned(desk, "clean.xlsx")
    check, origins = await handed_in(desk, "clean.xlsx")
    assert check.words.startswith("made from sales.csv by: Rows dropped: ") and check.words.endswith(COUNTS)
    assert origins.unsourced_count == 0 and origins.made
    (source,) = origins.made.of
    assert source.sha256 == digest(desk.folder / "sales.csv") and (source.rows, origins.made.rows) == (65, 60)
    shown = {s.place: str(s.shows) for part in origins.parts for row in part.rows for s in row}
    for row in (2, 24, 61):
        assert float(shown[f"Data!D{row}"].replace(",", "")) == amount(int(shown[f"Data!F{row}"]))
    said = openpyxl.load_workbook(made)["What was changed"]
    assert source.sha256 in str(said["A3"].value) and "65 rows of sales.csv; 60 remain" in str(said["A2"].value)


async def test_a_number_changed_by_hand_afterwards_is_told_of(desk: Bench) -> None:
    made = await cleaned(desk, "planted.xlsx")
    book = openpyxl.load_workbook(made)
    book["Data"]["D7"] = 77_777.5
    book.save(made)
    check, origins = await handed_in(desk, "planted.xlsx")
    assert [(u.place, u.shows) for u in origins.unsourced] == [("Data!D7", 77_777.5)]
    assert f"{COUNTS}; 1 figure changed or removed since; 1 figure without a source: Data!D7 (77777.5)" in check.words

    plain = await cleaned(desk, "planted.csv")
    rows = list(csv.reader(io.StringIO(plain.read_text())))
    rows[6][3] = "77777.5"
    desk.put("planted.csv", "\n".join(",".join(row) for row in rows))
    check, origins = await handed_in(desk, "planted.csv")
    assert [(u.place, u.shows) for u in origins.unsourced] == [("D7", "77777.5")]
    assert COUNTS in check.words


async def test_rows_and_columns_may_go_and_what_is_added_is_the_agents_own(desk: Bench) -> None:
    changes: list[Any] = [
        {"do": "delete", "what": "rows", "at": 10},
        {"do": "delete", "what": "columns", "at": "B"},
        {"do": "rename_sheet", "to": "Orders"},
    ]
    await cleaned(desk, "changed.xlsx")
    await desk.told("sheet_change", path="changed.xlsx", sheet="Data", changes=changes)
    rows: list[Any] = [["Own", "Twice"], [5, "=C2*2"]]
    await desk.told("sheet_write", path="changed.xlsx", sheet="Orders", cell="G1", rows=rows)
    check, origins = await handed_in(desk, "changed.xlsx")
    assert [u.place for u in origins.unsourced] == ["Orders!G2"]
    assert re.search(COUNTS + r"; \d+ figures changed or removed since", check.words)


async def test_the_result_of_a_query_says_its_sql_also_in_the_file_and_in_a_pdf_of_it(desk: Bench) -> None:
    made = await cleaned(desk, "clean.xlsx")
    await desk.told("data_query", sql=SQL, files={"d": "clean.xlsx#Data"}, save_as="totals.xlsx")
    await desk.told("pdf_make", path="totals.pdf", source="totals.xlsx")
    for name in ("totals.xlsx", "totals.pdf"):
        check, origins = await handed_in(desk, name)
        assert check.words == f"made from clean.xlsx#Data by: {SQL}; 60 rows read, 2 in the result", name
        assert origins.unsourced_count == 0
    how = openpyxl.load_workbook(desk.folder / "totals.xlsx")["How it was made"]
    words = " ".join(str(v) for row in how.iter_rows(values_only=True) for v in row if v is not None)
    assert SQL in words and digest(made) in words


@pytest.mark.slow
async def test_what_is_written_over_such_a_file_has_its_own_sources(desk: Bench) -> None:
    await cleaned(desk, "again.csv")
    rows: list[Any] = [["a"], [1]]
    await desk.told("csv_write", path="again.csv", rows=rows)
    check, origins = await handed_in(desk, "again.csv")
    assert "made from" not in check.words and [u.place for u in origins.unsourced] == ["A2"]
