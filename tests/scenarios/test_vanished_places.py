"""A thread or channel that is removed while nothing is due there: whoever waits is told at once, and only once."""

from pathlib import Path

from bot.chat_platform import Vanished, WordsItem
from orchestrator.domain.people import Place
from tests.memory_hub import stage
from tests.scenarios.test_inbox import BOB, Room, mention, quiet

PLACE = mention().place


def told(it: Room) -> list[str]:
    """The sentences outside threads."""
    return [m.item.text for m in it.platform.messages.values() if isinstance(m.item, WordsItem) and m.place.private]


async def waits(it: Room, number: int) -> None:
    await it.take(mention(f"Write note {number}", number))
    for task in await it.tasks():
        await it.on.until(task.id, lambda s: s.phase == "review")
    await it.calm()


def removed(place: Place) -> Vanished:
    return Vanished(id="x", by=BOB, place=place)


async def test_a_removed_thread_is_told_to_the_person_whose_plan_waits_there(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        it = Room(on)
        async with it.open():
            await waits(it, 1)
            await waits(it, 2)
            for _ in range(2):
                await it.take(removed(PLACE))
                await it.calm()
            (words,) = told(it)
            assert "is gone or archived, so I can't post there anymore (people removed it)" in words


async def test_a_removed_channel_is_told_for_each_task_that_isnt_finished(tmp_path: Path) -> None:
    async with stage(tmp_path, quiet()) as on:
        it = Room(on)
        async with it.open():
            await waits(it, 1)
            await waits(it, 2)
            await it.take(removed(PLACE.model_copy(update={"thread": ""})))
            await it.calm()
            assert len(told(it)) == 2
            await it.take(removed(PLACE.model_copy(update={"channel": "T1/C9", "thread": ""})))
            await it.calm()
            assert len(told(it)) == 2
