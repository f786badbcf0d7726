"""What goes wrong with tools and their host, told to the agent or on the card; and what people are never shown."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.host.call_timeout import TimedHost
from agents.host.child_process_host import dial_child
from agents.host.config import HostConfig
from agents.host.connection_keeper import Connection, Timing
from agents.host.hub_side_host_link import LinkedHost
from bot.cards.card_projection import project
from bot.cards.timeline import moments
from bot.cards.tool_call_wording import DOTS
from bot.web.parse_form import arguments
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.tool_calls import Effect, HostCall
from orchestrator.errors import ToolFailed
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ports import Shelf
from tests.host_fixtures import open_folder
from tests.memory_hub import ADA, ScriptedModel, ToyHost, say, stage
from tests.scenarios.error_fixtures import plan, row

A = SubtaskId("a")


class Mortal:
    """A real host that dies at every start while `dying`."""

    def __init__(self, home: Path) -> None:
        self.dying = True
        self._child = dial_child(HostConfig(home=str(home), name="mortal"))

    async def dial(self) -> Connection:
        found = await self._child()
        if self.dying:
            os.kill(found.process.pid, signal.SIGKILL)  # pyright: ignore
        return found

    def link(self, shelf: Shelf) -> LinkedHost:
        self.host = LinkedHost("mortal", self.dial, shelf, timing=Timing(failures=2, pause=0.01))
        return self.host


@pytest.fixture
async def mortal() -> AsyncIterator[Mortal]:
    with open_folder() as home:
        found = Mortal(home)
        yield found
        await found.host.close()


async def test_a_host_that_dies_at_every_start_is_told_and_retry_goes_on_when_it_lives(
    mortal: Mortal, tmp_path: Path
) -> None:
    model = ScriptedModel({"plan": [plan(row("a"))], "a": [say(list_files={}), say("Done.")]})
    async with stage(tmp_path, model, link=mortal.link) as on:
        task = await on.ask("Do a")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(A).status == "failed" and s.of(A).attempt == 3, seconds=40)
        problem = project(state).rows[0].problem
        assert problem.startswith("The host 'mortal' can't be started (")
        assert problem.endswith(". Run `threadwork doctor`, then press Retry.")
        mortal.dying = False
        await on.desk.submit(c.RetrySubtask(id="t", by=ADA, task=task, subtask=A, attempt=3))
        state = await on.until(task, lambda s: s.phase == "done", seconds=40)
        assert len(model.prompts) == 3  # the plan and two turns: no failed attempt cost one


async def test_a_call_that_takes_too_long_is_cancelled_and_the_agent_goes_on(tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def for_ever(_call: HostCall) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError("unreachable")

    host = ToyHost(FolderShelf(tmp_path / "shelf"))
    host.tool("list_files", for_ever, Effect.READ)
    model = ScriptedModel({"plan": [plan(row("a"))], "a": [say(list_files={}), _echo]})
    async with stage(tmp_path, model, link=lambda _: TimedHost(host, 0.1)) as on:
        task = await on.ask("Do a")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.phase == "done")
        assert state.of(A).summary == ("list_files took longer than 0.1 seconds and was canceled. Do less in one call.")
        assert ended.is_set()


async def test_time_that_people_take_to_decide_does_not_count_as_the_calls(tmp_path: Path) -> None:
    async def quick(_call: HostCall) -> str:
        return "opened"

    host = ToyHost(FolderShelf(tmp_path / "shelf"))
    host.tool("browser_open", quick, Effect.NETWORK_SEND, target="url")
    asked = say(browser_open={"url": "http://far.test/"})
    model = ScriptedModel({"plan": [plan(row("a", agent="browser"))], "a": [asked, _echo]})
    async with stage(tmp_path, model, link=lambda _: TimedHost(host, 0.1)) as on:
        task = await on.ask("Open it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals and s.of(A).status == "parked")
        (name,) = state.approvals
        await asyncio.sleep(0.2)  # longer than a call may take
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=Decision(verb="approve")))
        state = await on.until(task, lambda s: s.phase == "done")
        assert state.of(A).summary == "opened"


async def test_a_page_that_never_loads_is_told_to_the_agent_and_stands_in_the_timeline(tmp_path: Path) -> None:
    words = "'http://slow.test/' didn't load within 30 s. Try again, or use another page."

    async def never(_call: HostCall) -> str:
        raise ToolFailed(words)

    asked = say(browser_open={"url": "http://slow.test/"})
    model = ScriptedModel({"plan": [plan(row("a", agent="browser"))], "a": [asked, _echo]})
    async with stage(tmp_path, model) as on:
        on.host.tool("browser_open", never, Effect.NETWORK_READ, target="url")
        task = await on.ask("Look at http://slow.test/")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.phase == "done")
        assert state.of(A).summary == words
        problems = [m.text for m in moments(await on.desk.records(task)) if m.kind == "problem"]
        assert problems == [f"Reading: {words}"]


async def test_what_is_typed_into_a_page_is_shown_to_nobody_and_survives_an_edit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "hunter2-canary"

    async def typed(_call: HostCall) -> str:
        return "typed"

    asked = say(browser_type={"ref": "e1", "text": secret})
    model = ScriptedModel({"plan": [plan(row("a", agent="browser"))], "a": [asked, say("Done.")]})
    async with stage(tmp_path, model) as on:
        on.host.tool("browser_type", typed, Effect.NETWORK_SEND)
        task = await on.ask("Log in")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals)
        (name,) = state.approvals
        card = project(state)
        assert card.checkpoints[0].arguments == {"ref": "e1", "text": DOTS}
        form = {"a.ref": ["e2"], "a.text": [DOTS]}
        decision = Decision(verb="edit", args=arguments(form, state, name))
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=decision))
        state = await on.until(task, lambda s: s.phase == "done")
        assert on.host.calls[0].args == {"ref": "e2", "text": secret}
        told = [card.model_dump_json(), project(state).model_dump_json(), caplog.text]
        told += [m.text for m in moments(await on.desk.records(task))]
        assert not any(secret in words for words in told)


def _echo(prompt: Prompt) -> Reply:
    """Says what the last tool said."""
    return Reply(text=prompt.messages[-1].text)
