"""One press, followed through the log files of a hub and of a real agent host to the tool's effect and back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.host.child_process_host import StdioHost
from agents.host.config import HostConfig
from bot.bootstrap.open_desk import ledger_desk
from bot.config.settings import Settings
from bot.terminal import task_press_log
from bot.terminal.run_command import log_file, write_log
from orchestrator.desk import PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.audience import Viewer
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place, Request
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.errors import NotFound
from orchestrator.policy_gate import Gate
from orchestrator.ports import HostLink, Shelf
from orchestrator.press_log import STATIONS, journey, passing
from tests.memory_hub import ADA, ScriptedModel, say, stage
from tests.scenarios.test_request_to_files import plan, row

SECRET = "hunter2-was-here"


@contextmanager
def logged(settings: Settings) -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    write_log(settings)
    try:
        yield
    finally:
        root.setLevel(level)
        for handler in [h for h in root.handlers if h not in before]:
            root.removeHandler(handler)
            handler.close()


async def test_one_approval_passes_the_eight_stations_in_order(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert settings.log.level != "debug"
    hosts: list[StdioHost] = []

    def link(shelf: Shelf) -> HostLink:
        hosts.append(StdioHost(HostConfig(home=str(tmp_path / "host")), shelf))
        return hosts[0]

    gate = Gate((Rule(verdict=Verdict.ASK, tool="write_file", why="try it"),))
    turns = [say(write_file={"path": "a.txt", "content": SECRET}), say("Written.")]
    model = ScriptedModel({"plan": [plan(row("a", "developer"))], "a": turns})
    try:
        with logged(settings):
            async with stage(tmp_path, model, gate=gate, link=link) as on:
                task = await on.ask("Write it")
                await on.press_start(task)
                state = await on.until(task, lambda s: s.approvals)
                ((name, asked),) = state.approvals.items()
                yes = c.Decide(id="y", by=ADA, task=task, approval=name, decision=Decision(verb="approve"))
                await PersonalDesk(on.desk, Viewer(ADA)).submit(yes)
                await on.until(task, lambda s: s.phase == "done")
    finally:
        for host in hosts:
            await host.close()

    lines = [
        line for file in (tmp_path / "host/logs/host.log", log_file(tmp_path)) for line in file.read_text().splitlines()
    ]
    passed = [it for it in journey(lines, task) if it.call == asked.approval.call]
    after = passed[[it.station for it in passed].index("received") :]
    assert [it.station for it in after] == list(STATIONS)
    assert [it.station for it in passed[: -len(after)]] == ["gate"]  # it asked
    assert next(it.more for it in after if it.station == "effect") == "write_file"
    assert SECRET not in "\n".join(lines)


async def test_the_command_prints_a_tasks_journey_and_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(home=tmp_path)
    place = Place(platform="web", channel="general", thread="1")
    async with ledger_desk(settings) as desk:
        request = Request(text="Write it", by=ADA, place=place)
        task = (await desk.submit(c.OpenTask(id="m", by=ADA, request=request))).task
    assert await task_press_log.log(settings, task) == 1
    with logged(settings):
        passing("received", task, "a-call", more="Decide")
        passing("received", "another", "b-call", more="Decide")
    capsys.readouterr()
    assert await task_press_log.log(settings, task) == 0
    shown = capsys.readouterr().out
    assert "received   a-call  Decide" in shown
    assert "b-call" not in shown
    with pytest.raises(NotFound):
        await task_press_log.log(settings, TaskId("nosuch"))
