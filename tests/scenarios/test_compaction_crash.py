"""The hub dies in the middle of a compaction: one note stays, and nothing that was recorded is asked for twice."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import pytest

from agents.conversation.compaction_notes import ASK_FOR_NOTES
from agents.loop.context_window import RoughWindow
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Answer, Prompt, Said
from orchestrator.ports import OnDraft
from tests.long_step import INSTRUCTIONS, STEP, SUMMARY, InProcess, LongStep, furnish
from tests.memory_hub import ADA, Stage, stage

CORRECTION = "Count in euros, not dollars."
Point = Literal["notes asked for", "before the fact", "after the fact"]


class Counted(InProcess):
    """Counts what was answered, by topic; stops for ever where it is told to."""

    def __init__(self, brain: LongStep, *, stops: bool = False) -> None:
        super().__init__(brain)
        self.stops, self.reached = stops, asyncio.Event()
        self.answered: Counter[str] = Counter()

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        if self.stops and prompt.messages[-1] == Said(role="user", text=ASK_FOR_NOTES):
            self.reached.set()
            await asyncio.Event().wait()
        answer = await super().complete(prompt, on_draft=on_draft)
        self.answered[prompt.topic] += 1
        return answer


def dying(on: Stage, when: Point, reached: asyncio.Event) -> None:
    """Stops the hub for ever at its first compaction, just before or after the fact is there."""
    inner = on.ledger.record

    async def record(stream: Any, key: Any, event: e.Event, **more: Any) -> Any:
        if not isinstance(event, e.ConversationCompacted):
            return await inner(stream, key, event, **more)
        if when == "after the fact":
            await inner(stream, key, event, **more)
        reached.set()
        return await asyncio.Event().wait()

    on.ledger.record = record  # pyright: ignore


@pytest.mark.parametrize("when", ["notes asked for", "before the fact", "after the fact"])
async def test_a_death_in_a_compaction_leaves_one_note_and_asks_for_nothing_twice(tmp_path: Path, when: Point) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    brain = LongStep(40)
    task: list[TaskId] = []
    first = Counted(brain, stops=when == "notes asked for")
    limits = {"turns": 60, "window": RoughWindow(9_000)}

    async def corrected(turn: int) -> None:
        if turn == 3 and len(task) == 1:
            await on.desk.submit(c.Say(id="say", by=ADA, task=task[0], text=CORRECTION))

    brain.before = corrected
    async with stage(tmp_path, first, url=url, limits=limits) as on:  # pyright: ignore[reportArgumentType]
        furnish(on.host)
        if when != "notes asked for":
            dying(on, when, first.reached)
        task.append(await on.ask("Read the tables"))
        await on.press_start(task[0])
        await asyncio.wait_for(first.reached.wait(), 60)
        died = list(await on.desk.records(task[0]))
    second = Counted(brain)
    limits = {"turns": 60, "window": RoughWindow(9_000)}
    async with stage(tmp_path, second, url=url, limits=limits) as on:  # pyright: ignore[reportArgumentType]
        furnish(on.host)
        await on.until(task[0], lambda s: s.phase == "done", seconds=100)
        records = list(await on.desk.records(task[0]))
    kept = [r for r in died if isinstance(r.event, e.TurnTaken | e.ConversationCompacted)]
    assert [r for r in records if r in kept] == kept
    turns = [r.event.turn for r in records if isinstance(r.event, e.TurnTaken)]
    assert turns == list(range(1, 41))
    notes = [r.event for r in records if isinstance(r.event, e.ConversationCompacted)]
    assert len({note.through for note in notes}) == len(notes) >= 2
    answered = first.answered + second.answered
    done = {r.event.turn for r in died if isinstance(r.event, e.TurnTaken)}
    assert not [topic for topic in second.answered if any(topic.endswith(f".{turn}") for turn in done)]
    twice = [topic for topic, times in answered.items() if times > 1]
    assert len(twice) == (1 if when == "before the fact" else 0)
    assert all(topic.endswith("/notes") for topic in twice)
    text = "\n".join(m.model_dump_json() for m in brain.prompts[-1].messages)
    assert text.count("Notes on turns 1 to") == 1
    for words in (INSTRUCTIONS, CORRECTION, SUMMARY, *(f"[{STEP}.{n}]" for n in range(1, 5))):
        assert words in text
