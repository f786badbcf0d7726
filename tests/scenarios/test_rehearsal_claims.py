"""The rehearsal's report job and its variants: every claim of both files is right and leads to all its findings."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents.models.rehearsal.model import Rehearsal
from agents.models.rehearsal.replies import STANDARD
from agents.models.rehearsal.sample_sites import copy_sites
from agents.tools.office import provenance_file
from agents.tools.office.inspect.check_and_trace import Examined
from orchestrator.domain.deliverables import Claim
from orchestrator.domain.findings import Finding
from orchestrator.domain.plan import Plan
from orchestrator.domain.tool_calls import Call
from orchestrator.errors import ToolFailed
from tests.claims.build import looked
from tests.office_workspace import BY_NAME
from tests.office_workspace import Desk as OfficeDesk
from tests.scenarios.test_rehearsal_tools import planned
from tests.scripted_agents import BASE, Player, Stage

SHEET, SUMMARY = "competitor-comparison.xlsx", "executive-summary.docx"
_OFFICE = ("sheet_write", "sheet_chart", "document_write")


@dataclass
class FileStage(Stage):
    """A stage whose files are real and are examined when they are handed in."""

    folder: Path = Path()
    found: dict[str, Examined] = field(default_factory=dict[str, Examined])

    @property
    def desk(self) -> OfficeDesk:
        gone = {f.supersedes for f in self.board}
        return OfficeDesk(self.folder, tuple(f for f in self.board if f.id not in gone))

    async def call(self, player: Player, call: Call) -> tuple[bool, str]:
        try:
            if call.tool in _OFFICE:
                result = await BY_NAME[call.tool](self.desk.room(call.tool, call.args))
                await super().call(player, call)
                return result.ok, result.text
        except ToolFailed as error:
            return False, str(error)
        if call.tool == "deliver":
            path = str(call.args["path"])
            self.found[path] = await looked(self.desk, path)
            wrong = [c.words for c in self.found[path].checks if not c.ok]
            if wrong:
                return False, "; ".join(wrong)
        return await super().call(player, call)

    def claims(self, path: str) -> dict[str, Claim]:
        """The claims of a file by their words and what is around them."""
        return {f"{c.place}: {c.words}": c for c in self.found[path].claims}


@pytest.fixture
def stage(tmp_path: Path) -> FileStage:
    (tmp_path / "files").mkdir()
    return FileStage(Rehearsal(BASE), copy_sites(tmp_path / "sites"), STANDARD, folder=tmp_path / "files")


def text_of(found: Examined) -> str:
    return "\n".join(str(s.shows) for part in found.parts for row in part.rows for s in row)


def assert_every_claim_holds(stage: FileStage, companies: int) -> None:
    board = {f.id: f for f in stage.desk.findings}
    for path in (SHEET, SUMMARY):
        found = stage.found[path]
        assert [c.words for c in found.checks if not c.ok] == []
        assert [c.words for c in found.claims if not c.findings] == []
        assert {i for c in found.claims for i in c.findings} <= board.keys()
        assert found.traced[1] == ()
    cited = {p.place: p.findings for p in provenance_file.load(stage.desk.workspace, SUMMARY).places}
    derived = [c for c in stage.found[SUMMARY].claims if c.how != "as found" and not c.how.startswith("count of")]
    assert {c.how: len(c.findings) for c in derived} == {c.how: 2 if "divided" in c.how else companies for c in derived}
    assert all({*c.findings} <= {*cited[c.place]} for c in derived), "footnotes lead to all of it"
    assert len(derived) >= 6


async def test_every_claim_of_the_standard_job_rests_on_all_its_findings(stage: FileStage) -> None:
    await stage.play(await planned(Rehearsal(BASE)))
    assert_every_claim_holds(stage, 5)
    words = text_of(stage.found[SUMMARY])
    assert "below the median of $6.50" in words and "Fenwhistle, the fastest grower" in words
    middle = next(c for c in stage.found[SUMMARY].claims if c.how == "median of 5")
    assert {board_kind(stage, i) for i in middle.findings} == {"price per seat"}


@pytest.mark.slow
async def test_a_company_taken_out_changes_the_count_and_the_median(stage: FileStage) -> None:
    plan = await planned(Rehearsal(BASE))
    rows = [s for s in plan.subtasks if s.id != "fenwhistle"]
    kept = [s.model_copy(update={"fed_by": tuple(f for f in s.fed_by if f != "fenwhistle")}) for s in rows]
    await stage.play(Plan(title="four", subtasks=tuple(kept)))
    assert_every_claim_holds(stage, 4)
    assert stage.documents[-1]["title"] == "Four competitors at a glance"
    assert "below the median of $7.25" in text_of(stage.found[SUMMARY])


@pytest.mark.slow
async def test_a_number_changed_on_a_page_reaches_both_files(stage: FileStage) -> None:
    page = stage.sites / "quillmoor" / "costs.html"
    page.write_text(page.read_text(encoding="utf-8").replace("$11.50", "$3.75"), encoding="utf-8")
    await stage.play(await planned(Rehearsal(BASE)))
    assert_every_claim_holds(stage, 5)
    assert "Quillmoor is the cheapest at $3.75" in text_of(stage.found[SUMMARY])
    assert "below the median of $5.75" in text_of(stage.found[SUMMARY])


@pytest.mark.slow
async def test_a_retried_step_corrects_both_files_when_they_are_revised(stage: FileStage) -> None:
    plan = await planned(Rehearsal(BASE))
    await stage.play(plan)
    page = stage.sites / "bramblehour" / "pricing.html"
    page.write_text(page.read_text(encoding="utf-8").replace("$6.50", "$7.50"), encoding="utf-8")
    await stage.retry("bramblehour")
    assert [f.value for f in stage.board if f.supersedes] == [7.5]
    for name, path in (("sheet", SHEET), ("summary", SUMMARY)):
        await stage.say(
            name, f"Ada asks for changes to {path}: use the corrected price\nRevise it and hand it in again."
        )
    assert_every_claim_holds(stage, 5)
    assert "below the median of $7.50" in text_of(stage.found[SUMMARY])


@pytest.mark.slow
async def test_planted_mistakes_in_the_summary_are_refused_with_what_is_right(stage: FileStage) -> None:
    await stage.play(await planned(Rehearsal(BASE)))
    args: dict[str, Any] = stage.documents[-1]
    blocks = args["blocks"]
    for old, new, right in (
        ("median of $6.50", "median of $8.00", "it should be $6.50, the median of 5"),
        ("Watch Fenwhistle", "Watch Ostrello", "it should be Fenwhistle (41"),
    ):
        wrong = [{**b, "text": str(b.get("text", "")).replace(old, new)} if "text" in b else b for b in blocks]
        assert wrong != blocks
        await BY_NAME["document_write"](stage.desk.room("document_write", args | {"blocks": wrong}))
        found = await looked(stage.desk, SUMMARY)
        assert right in next(c.words for c in found.checks if c.name == "claims" and not c.ok)
    five = args | {"title": "Six competitors at a glance"}
    await BY_NAME["document_write"](stage.desk.room("document_write", five))
    found = await looked(stage.desk, SUMMARY)
    assert re.search(r"it should be 5: ", next(c.words for c in found.checks if not c.ok))


def board_kind(stage: FileStage, name: str) -> str:
    found: Finding = next(f for f in stage.board if f.id == name)
    return found.kind.partition(": ")[2]
