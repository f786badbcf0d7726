"""Connectors when the hub ends in the middle of a call, and when a step is stopped while a person is asked."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from agents.connectors import pending_call
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import Stream
from tests.connector_stand import connectors, hostile
from tests.memory_hub import ADA, ScriptedModel, stage
from tests.scenarios.connector_story import DELETE, FIND, LOOK, last, told, use
from tests.small_hub import until


async def test_a_write_in_flight_when_the_hub_ended_is_unknown_and_never_repeated(tmp_path: Path) -> None:
    url, log = f"sqlite:///{tmp_path}/t.db", tmp_path / "log"

    def did() -> list[str]:
        return [line for line in log.read_text().splitlines() if line != "listed"] if log.exists() else []

    async with AsyncExitStack() as stack:
        story = await told(stack, "hangs", tmp_path, use(DELETE, text="all"), url=url)
        task = await story.begun()
        await story.decide(task, "approve")
        await until(lambda: "hangs" in did())
    assert did()[:2] == ["called delete", "hangs"]

    model = ScriptedModel({"find": [last]})
    async with AsyncExitStack() as stack:
        servers = {"hostile": lambda: hostile("works", log)}
        found = await stack.enter_async_context(connectors(tmp_path / "home", story.shelf, servers))
        on = await stack.enter_async_context(stage(tmp_path, model, url=url, limits={"source": found}))
        state = await on.until(task, lambda s: s.phase == "done")
        records = await on.ledger.read(Stream(task))
    assert "threadwork was restarted), so it's unknown whether it took effect" in state.of(FIND).summary
    assert did().count("called delete") == 1
    assert sum(isinstance(r.event, e.CallSent) for r in records) == 1
    (result,) = [r.event.result for r in records if isinstance(r.event, e.ToolReturned)]
    assert result.unknown


async def test_a_step_that_is_stopped_while_a_person_is_asked_cancels_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_call, "LOOK_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        story = await told(stack, "asks", tmp_path, use(LOOK), last)
        task = await story.begun()
        await story.on.until(task, lambda s: s.questions and s.of(FIND).status == "parked")
        await story.on.desk.submit(c.Stop(id="s", by=ADA, task=task))
        await until(lambda: story.did() == ['answered {"action": "cancel"}'])
