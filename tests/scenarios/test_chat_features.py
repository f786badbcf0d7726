"""What everybody does every day, on Slack and on Discord alike: one story, two strict servers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.inbox import admission, edits_and_deletions
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.domain.task import TaskState
from tests.memory_hub import ScriptedModel, Stage, say
from tests.scenarios.any_surface import at_work
from tests.scenarios.test_request_to_files import plan, row

BOTH = pytest.mark.parametrize("name", ["slack", "discord"])


def plans(number: int = 9) -> ScriptedModel:
    return ScriptedModel({"plan": [plan(row("write")) for _ in range(number)], "write": [say("Written.")] * number})


async def tasks(on: Stage, number: int) -> list[TaskState]:
    async with asyncio.timeout(60):
        while True:
            states = list(await on.desk.states())
            if len(states) >= number and all(s.phase == "review" for s in states):
                return states
            await asyncio.sleep(0.01)


@BOTH
async def test_a_request_comes_by_mention_message_command_and_shortcut_with_its_files(
    tmp_path: Path, name: str
) -> None:
    async with at_work(tmp_path, name, plans()) as (it, on):
        ada, bob = it.person("Ada"), it.person("Bob")
        await it.says(ada, "by mention", prices=b"1,2")
        await it.says(ada, "by message", direct=True, named=False, mine=b"3")
        await it.commands(ada, "by command")
        other = await it.says(bob, "by shortcut", named=False, his=b"4,5,6")
        await it.works_on(ada, other)
        found = {s.request.text: s.request for s in await tasks(on, 4) if s.request}
        assert {text: [(f.name, f.size) for f in request.files] for text, request in found.items()} == {
            "by mention": [("prices.txt", 3)],
            "by message": [("mine.txt", 1)],
            "by command": [],
            "by shortcut": [("his.txt", 5)],
        }
        assert {request.by.name for request in found.values()} == {"Ada"}
        assert [text for text, request in found.items() if request.place.private] == ["by message"]


@BOTH
async def test_replies_steer_with_and_without_a_mention(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans()) as (it, on):
        ada, bob = it.person("Ada"), it.person("Bob")
        root = await it.says(ada, "write a note")
        await tasks(on, 1)
        await it.says(bob, "shorter please", to=root, named=False)
        await it.says(ada, "and kinder", to=root, more=b"x")
        (state,) = await on.desk.states()
        now = await on.until(state.id, lambda s: len([n for n in s.lines if n.by]) == 2)
        lines = {(n.by.name, n.text, len(n.files)) for n in now.lines if n.by}
        assert lines == {("Bob", "shorter please", 0), ("Ada", "and kinder", 1)}


@BOTH
async def test_an_edited_request_is_planned_anew_and_a_deleted_one_stops(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans()) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "write a note")
        (state,) = await tasks(on, 1)
        await it.rewrites(ada, root, "write two notes")
        changed = "The request was changed to: write two notes"
        await on.until(state.id, lambda s: changed in [n.text for n in s.lines] and s.phase == "review")
        await it.deletes(root)
        await on.until(state.id, lambda s: s.phase == "stopped")


@BOTH
async def test_a_request_deleted_after_the_start_is_spoken_of(tmp_path: Path, name: str) -> None:
    model = ScriptedModel({"plan": [plan(row("write"))], "write": [say(ask_person={"question": "Go on?"})]})
    async with at_work(tmp_path, name, model) as (it, on):
        ada = it.person("Ada")
        root = await it.says(ada, "write a note")
        (state,) = await tasks(on, 1)
        await it.presses(ada, root, "start")
        await on.until(state.id, lambda s: s.questions)
        await it.deletes(root)
        await it.until(lambda: edits_and_deletions.DELETED_LATE in it.thread(root))
        assert (await on.desk.state(state.id)).phase == "running"


@BOTH
async def test_guests_and_outsiders_are_turned_away_in_private(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans()) as (it, on):
        ada, gus = it.person("Ada"), it.person("Gus", "guest")
        refused = await it.says(gus, "do this for me")
        await it.until(lambda: admission.GUEST in it.private(gus))
        if name == "slack":  # on Discord nobody of another server is here
            stan = it.person("Stan", "stranger")
            await it.says(stan, "and this")
            await it.until(lambda: admission.OUTSIDER in it.private(stan))
        assert not await on.desk.states()
        assert not it.marks(refused)
        root = await it.says(ada, "write a note")
        await it.until(lambda: "is ready" in it.thread(root))
        await it.presses(gus, root, "stop")
        await it.until(lambda: it.private(gus).count(admission.GUEST) == 2)
        (state,) = await on.desk.states()
        assert state.phase == "review"
        assert admission.GUEST not in it.thread(root)


@BOTH
async def test_in_a_channel_that_is_not_named_only_private_requests_are_taken(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans(), channels=["C0000"]) as (it, on):
        ada = it.person("Ada")
        await it.says(ada, "in the channel")
        await it.until(lambda: admission.ELSEWHERE in it.private(ada))
        await it.says(ada, "in private", direct=True)
        (state,) = await tasks(on, 1)
        assert state.request
        assert state.request.text == "in private"


@BOTH
async def test_the_eyes_on_a_request_give_way_to_its_end(tmp_path: Path, name: str) -> None:
    async with at_work(tmp_path, name, plans()) as (it, _):
        ada = it.person("Ada")
        good = await it.says(ada, "write a note")
        await it.until(lambda: it.marks(good) == ["👀"])
        await it.presses(ada, good, "start")
        await it.until(lambda: it.marks(good) == ["✅"])
        bad = await it.says(ada, "write another")
        await it.until(lambda: it.marks(bad) == ["👀"])
        await it.presses(ada, bad, "stop")
        await it.until(lambda: it.marks(bad) == ["❌"])


@BOTH
async def test_ones_own_page_shows_costs_and_decides_what_waits(tmp_path: Path, name: str) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("write", deliverables=["note.md"]))],
            "write": [say(deliver={"path": "note.md", "words": "A note."}), say("Written.")],
        }
    )
    async with at_work(tmp_path, name, model) as (it, on):
        ada, bob = it.person("Ada"), it.person("Bob")
        root = await it.says(ada, "write a note")
        await it.presses(ada, root, "start")
        await it.until(lambda: "Review note.md" in it.thread(root))
        page = await it.presses_own(ada, "accept")
        await it.until(lambda: it.marks(root) == ["✅"])
        (state,) = await on.desk.states()
        assert [row.by.name for row in state.deliverables.values() if row.by] == ["Ada"]
        assert "1 thing to decide" in page
        assert "Cost: $0.0" in page
        assert "No model is set" in page
        await it.until(lambda: "0 things to decide" in it.private(ada))  # the page is fresh after the press
        await it.commands(bob, "tasks")
        await it.until(lambda: "You don't have any tasks here yet" in it.private(bob))
        await it.commands(bob, "settings")
        await it.until(lambda: "threadwork.toml" in it.private(bob))
        await it.commands(bob, "help")
        await it.until(lambda: "Mention me and say what you want done" in it.private(bob))


class Thinker(ScriptedModel):
    """Thinks until it is let go."""

    def __init__(self, lines: Any) -> None:
        super().__init__(lines)
        self.go = asyncio.Event()

    async def complete(self, prompt: Prompt, **more: Any) -> Answer:
        await self.go.wait()
        return await super().complete(prompt, **more)


@BOTH
async def test_thinking_is_shown_while_it_lasts(tmp_path: Path, name: str) -> None:
    model = Thinker({"plan": [plan(row("write"))], "write": []})
    async with at_work(tmp_path, name, model) as (it, on):
        root = await it.says(it.person("Ada"), "write a note")
        await it.until(it.thinks)
        model.go.set()
        await tasks(on, 1)
        if name == "slack":  # Discord takes it away by itself
            await it.until(lambda: it.thinks()[-1] == "")
            assert it.thinks()[0] == "is thinking…"
        else:
            assert it.thinks() == [root["id"]]
