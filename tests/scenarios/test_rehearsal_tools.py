"""The rehearsal with the real browser on served pages, and with the real spreadsheet and document tools."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from openpyxl import load_workbook

from agents.host.task_workspace import TaskFolder
from agents.models.rehearsal.model import Rehearsal
from agents.models.rehearsal.replies import STANDARD
from agents.models.rehearsal.sample_sites import copy_sites, sites_app
from agents.tool import CallContext
from agents.tools.browser import Browser
from agents.tools.office.sheets.tools import sheet_chart, sheet_read, sheet_write
from agents.tools.office.word.document_and_csv_write_tools import document_write
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Prompt, Said
from orchestrator.domain.people import FileRef
from orchestrator.domain.plan import Plan
from orchestrator.domain.tool_calls import Call, HostCall
from orchestrator.errors import ToolFailed
from orchestrator.planning.planner_tools import SPECS, parse
from tests.browser_fixtures import Desk, a_browser
from tests.scripted_agents import Player, Stage

_OFFICE = {t.spec.name: t for t in (sheet_write, sheet_chart, sheet_read, document_write)}


@dataclass
class RealStage(Stage):
    """A stage whose pages and files are real."""

    browser: Browser | None = None
    folder: Path = Path()
    domain: str = ""
    desks: dict[str, Desk] = field(default_factory=dict[str, Desk])

    async def call(self, player: Player, call: Call) -> tuple[bool, str]:
        name = str(player.subtask.id)
        try:
            if call.tool.startswith("browser_"):
                assert self.browser is not None
                desk = self.desks.setdefault(name, Desk(self.browser, self.folder, (self.domain,), subtask=name))
                result = await desk.do(call.tool, **call.args)
                return result.ok, result.text
            if call.tool in _OFFICE:
                result = await _OFFICE[call.tool](self._room(player, call))
                return result.ok, result.text
        except ToolFailed as error:
            return False, str(error)
        return await super().call(player, call)

    def _room(self, player: Player, call: Call) -> CallContext:
        host_call = HostCall(
            id=call.id,
            task=TaskId("task"),
            subtask=player.subtask.id,
            tool=call.tool,
            args=call.args,
            findings=tuple(self.board),
        )

        def keep(content: bytes, name: str) -> FileRef:
            raise AssertionError(f"{name} of {len(content)} bytes was not expected")

        return CallContext(host_call, TaskFolder(self.folder), keep, lambda words: None)


@asynccontextmanager
async def served(sites: Path) -> AsyncIterator[str]:
    """The company sites over HTTP; gives their address."""
    server = uvicorn.Server(uvicorn.Config(sites_app(sites), port=0, log_level="error", lifespan="off"))
    config = server.config
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    loop = asyncio.create_task(server.main_loop())
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await loop
        await server.shutdown()


async def planned(model: Rehearsal) -> Plan:
    said = (Said(role="system", text="- browser: b\n- document: d"), Said(role="user", text=STANDARD))
    answer = await model.complete(Prompt(model="m", messages=said, tools=SPECS, must_call=True))
    plan = parse("propose_plan", answer.reply.calls[0].args)
    assert isinstance(plan, Plan)
    return plan


@pytest.mark.slow
async def test_real_pages_become_a_real_sheet_with_formulas_charts_and_sources(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    (folder / "attachments").mkdir(parents=True)
    (folder / "attachments" / "ours.csv").write_text("Plan;Price\nSmall;5,25\nLarge;9\n", encoding="utf-8")
    browser = a_browser(tmp_path / "browser")
    async with served(copy_sites(tmp_path / "sites")) as url:
        model = Rehearsal(url)
        stage = RealStage(
            model,
            tmp_path / "sites",
            STANDARD,
            attached={"ours.csv": ""},
            browser=browser,
            folder=folder,
            domain=urlsplit(url).netloc,
        )
        try:
            await stage.play(await planned(model))
        finally:
            await browser.close()

    failed = [m for p in stage.players.values() for m in p.messages if getattr(m, "ok", True) is False]
    assert failed == []
    assert len(stage.board) == 45
    with closing(load_workbook(folder / "competitor-comparison.xlsx")) as book:
        sheet: Any = book["Comparison"]
        assert [sheet.cell(r, 1).value for r in range(2, 9)] == [
            "Bramblehour", "Tidewick", "Ostrello", "Quillmoor", "Fenwhistle", "Average", "Best",
        ]  # fmt: skip
        assert [sheet.cell(r, 2).value for r in range(2, 7)] == [6.5, 5.75, 8, 11.5, 4.2]
        assert re.search(r"AVERAGE\(B\$2:B\$6\)", sheet["B7"].value)
        assert len(sheet._charts) == 2
        assert {"Comparison", "Attached", "Sources"} <= set(book.sheetnames)
        assert book["Attached"]["A2"].value == "Small"
    assert (folder / "executive-summary.docx").stat().st_size > 10_000
