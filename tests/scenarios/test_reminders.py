"""Reminders after a ledger that fails halfway: each thing is named in exactly one of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.outbox.reminders import Reminders
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.people import Place, Request
from orchestrator.errors import LedgerFailed
from tests.scenarios.fake_platform import FakePlatform, HandTicks
from tests.scenarios.memory_desk import MemoryDesk, memory_desk
from tests.unit.task_facts import ADA, RUNNING, question


class Failing:
    """The desk, whose ledger takes `left` more notes and then fails once."""

    def __init__(self, desk: MemoryDesk, left: int) -> None:
        self._desk, self._left = desk, left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    async def note(self, room: str, key: str, event: e.Event) -> e.Event:
        self._left -= 1
        if self._left == -1:
            raise LedgerFailed("the disk is gone")
        return await self._desk.note(room, key, event)


async def told(tmp_path: Path, left: int) -> list[str]:
    """What people read after a failure and three looks at two open questions."""
    desk = memory_desk(tmp_path)
    place = Place(platform="fake", channel="T1/C1", thread="1.0")
    request = Request(text="do it", by=ADA, place=place)
    task = (await desk.submit(c.OpenTask(id="m1", by=ADA, request=request))).task
    for fact in RUNNING[1:]:
        await desk.fact(task, fact)
    for name in ("Q1", "Q2"):
        asked = question(name).question.model_copy(update={"text": f"Which of {name}?"})
        await desk.fact(task, e.QuestionAsked(question=asked))
    desk.clock.move(timedelta(days=3).total_seconds())
    failing, said = Failing(desk, left), list[str]()

    async def tell(key: str, place: Place, text: str, *rest: Any, **more: Any) -> None:
        new = await desk.noted("fake/told", key) is None
        await failing.note("fake/told", key, e.Told(place=place, text=text))
        if new:
            said.append(text)

    reminders = Reminders(failing, FakePlatform(HandTicks()), tell)  # type: ignore[arg-type]
    for _ in range(3):
        try:
            await reminders.look()
        except LedgerFailed:
            continue
    return said


async def test_each_thing_is_named_once_wherever_the_ledger_fails(tmp_path: Path) -> None:
    for left in range(5):
        said = await told(tmp_path / str(left), left)
        named = [line for text in said for line in text.splitlines() if line.startswith("- ")]
        assert sorted(named) == ["- Which of Q1?", "- Which of Q2?"], (left, said)
