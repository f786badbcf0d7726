"""A finding from a page that nobody opened: its agent hears it, and people see it wherever the figure is shown."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents.host.config import HostConfig
from agents.host.in_process_host import InProcessHost
from bot.web.provenance import sources
from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ports import Shelf
from tests.memory_hub import ScriptedModel, say, stage
from tests.scenarios.test_request_to_files import plan, row

PAGE = "https://acme.test/pricing"
DOUBT = f"no one on this task opened {PAGE}"
ROWS: list[list[Any]] = [["Company", "Price"], ["Acme", {"value": 49, "finding": "look.1"}]]


@pytest.mark.slow
async def test_a_figure_of_a_page_that_nobody_opened_is_shown_as_not_checked(tmp_path: Path) -> None:
    found: dict[str, object] = {"kind": "price", "value": 49, "source_url": PAGE, "quote": "Team: $49"}
    script: dict[str, list[Any]] = {
        "plan": [plan(row("look", "document", deliverables=["prices.xlsx"]))],
        "look": [
            say(share_finding=found),
            say(sheet_write={"path": "prices.xlsx", "sheet": "Prices", "cell": "A1", "rows": ROWS}),
            say(deliver={"path": "prices.xlsx", "words": "Prices."}),
            say("Done."),
        ],
    }
    hosts: list[InProcessHost] = []

    def link(shelf: Shelf) -> InProcessHost:
        hosts.append(InProcessHost(HostConfig(home=str(tmp_path / "host")), shelf))
        return hosts[-1]

    async with stage(tmp_path, ScriptedModel(script), link=link) as on:
        task = await on.ask("Prices, please")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.deliverables, seconds=60)
        one = next(iter(state.deliverables.values())).deliverable
        assert one.provenance
        state = await on.until(task, lambda s: s.of(SubtaskId("look")).status == "review", seconds=60)
        records = await on.desk.records(task)
        panel = sources(await FolderShelf(tmp_path / "shelf").get(one.provenance.sha), one, state, records)
        await hosts[0].close()
    told = [r.event.result.text for r in records if isinstance(r.event, e.ToolReturned)]
    assert told[0].startswith(f"Shared as [look.1]. But {DOUBT}, so people see it as unchecked")
    assert "People will see: traced figures that match their findings: 1" in told[2] and f"look.1 ({DOUBT})" in told[2]
    assert [t.seen.unchecked for t in panel.traces] == [DOUBT]
    book = openpyxl.load_workbook(next((tmp_path / "host").rglob("prices.xlsx")))
    assert "not checked" in str(book["Sources"]["G2"].value)
    comment = book["Prices"]["B2"].comment
    assert comment is not None and f"not checked: {DOUBT}" in comment.text
