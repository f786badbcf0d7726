"""Reading along in a chat: the live card is edited at the pace the platform allows, and facts always go first."""

import itertools
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from bot.cards.card import Card
from bot.chat_platform import CardItem, WordsItem
from bot.discord.rate_limits import LIMITS as DISCORD
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.errors import PlatformFailed
from tests.scenarios.test_outbox import House, started
from tests.unit.task_facts import READ

DONE = e.SubtaskFinished(subtask=READ, attempt=1, leg=1, summary="Northwind costs 49.")
TURN = e.TurnTaken(subtask=READ, attempt=1, turn=1, saw=0, reply=Reply(text="Northwind costs 49."), model="m")


@contextmanager
def writing(house: House, task: TaskId, *, turn: int = 1, step: bool = True) -> Generator[Callable[[str], None]]:
    """A model's turn: each call is the text so far."""
    with house.logs.drafts.begin(task, turn, subtask=READ if step else None) as grown:
        yield lambda text: grown(partial(str, text))


async def written(house: House, says: Callable[[str], None], seconds: int) -> None:
    """Ten words a second."""
    for n in range(seconds * 10):
        says(" ".join(f"word{i}" for i in range(n + 1)))
        await house.ticks.run(0.1)


def history(house: House, thread: str = "1.0") -> list[tuple[float, Card]]:
    """What the live card has shown, and since when."""
    (message,) = [m for m in house.platform.of(thread) if isinstance(m.item, CardItem)]
    return [(when, item.card) for when, item in message.history if isinstance(item, CardItem)]


def drafts(house: House, thread: str = "1.0") -> list[str]:
    return [card.drafts[0].text for _, card in history(house, thread) if card.drafts]


async def test_words_appear_on_the_card_while_they_are_written_and_are_replaced_once(tmp_path: Path) -> None:
    house = House(tmp_path, rules=DISCORD)
    async with house.running():
        task = await started(house)
        await house.calm()
        with writing(house, task) as says:
            await written(house, says, 20)
            await house.fact(task, TURN, DONE)
        await house.calm()
        await house.true(task)
    seen = drafts(house)
    assert 5 <= len(seen) <= 20
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))
    flags = [bool(card.drafts) for _, card in history(house)]
    assert flags[flags.index(True) :] == [True] * len(seen) + [False]
    assert not house.platform.refused


async def test_a_text_that_is_written_within_a_moment_costs_no_edit(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.calm()
        before = len(history(house))
        with writing(house, task) as says:
            says("Northwind")
            await house.ticks.run(0.5)
            await house.fact(task, TURN, DONE)
        await house.calm()
        await house.true(task)
    assert drafts(house) == []
    assert len(history(house)) <= before + 2


async def test_a_fact_does_not_wait_for_as_long_as_a_draft(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.calm()
        await house.ticks.run(120)
        with writing(house, task) as says:
            says("Northwind")
            await house.ticks.run(0.1)
            at = house.ticks.now()
            await house.fact(task, TURN, DONE)
            await house.ticks.run(0.5)
    assert 0 <= history(house)[-1][0] - at < 0.3
    assert not history(house)[-1][1].drafts


async def test_drafts_leave_half_of_the_edits_to_facts(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        tasks = [await started(house, f"T1/C{n}") for n in range(6)]
        await house.calm()
        await house.ticks.run(120)
        before = len(house.platform.calls)
        with ExitStack() as held:
            says = [held.enter_context(writing(house, task)) for task in tasks]
            for n in range(122):
                for one in says:
                    one(f"word {n}")
                await house.ticks.run(1)
            spent = [when for when, operation in house.platform.calls[before:] if operation == "edit"]
            assert 20 <= len(spent) <= 52
            assert all(len(drafts(house, f"{n + 1}.0")) >= 3 for n in range(6)), "each has its turn"
            at = house.ticks.now()
            for task in tasks[:4]:
                await house.fact(task, e.Noted(text="news"))
            await house.ticks.run(2)
            for n in range(4):
                assert any(when >= at and "news" in str(card) for when, card in history(house, f"{n + 1}.0"))
        await house.calm()
        for task in tasks:
            await house.true(task)
    assert not house.platform.refused


async def test_where_facts_need_all_edits_drafts_wait(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        tasks = [await started(house, f"T1/C{n}") for n in range(20)]
        await house.calm()
        with writing(house, tasks[0]) as says:
            for n in range(60):
                says(f"word {n}")
                for task in tasks[1:]:
                    await house.fact(task, e.Noted(text=f"{n}"))
                await house.ticks.run(1)
        await house.calm()
        for task in tasks:
            await house.true(task)
    assert len(drafts(house)) <= 3
    assert not house.platform.refused


async def test_a_platform_that_is_down_gets_the_newest_state_and_no_queue_of_drafts(tmp_path: Path) -> None:
    house = House(tmp_path, rules=DISCORD)
    async with house.running():
        task = await started(house)
        await house.calm()
        house.platform.break_next("edit", *[PlatformFailed("away")] * 6)
        with writing(house, task) as says:
            await written(house, says, 30)
            await house.fact(task, TURN, DONE)
        await house.calm()
        await house.true(task)
    assert len(drafts(house)) <= 8


async def test_a_draft_that_is_given_up_is_taken_off_the_card(tmp_path: Path) -> None:
    house = House(tmp_path, rules=DISCORD)
    async with house.running():
        task = await started(house)
        await house.calm()
        with writing(house, task) as says:
            await written(house, says, 5)
            says("")
            await house.calm()
            await house.true(task)
            says("Second try")
            await house.ticks.run(5)
            assert drafts(house)[-1] == "Second try"
        await house.calm()
        await house.true(task)


async def test_an_answer_is_written_on_the_card_and_then_said_once(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await house.ask()
        await house.calm()
        with writing(house, task, step=False) as says:
            await written(house, says, 10)
            await house.fact(task, e.Replied(text="It is noon."), e.TaskClosed(outcome="answered", words="Answered."))
        await house.calm()
        await house.true(task)
    assert drafts(house)
    assert [m.item.text for m in house.platform.of("1.0") if isinstance(m.item, WordsItem)] == ["It is noon."]


async def test_after_a_crash_the_draft_is_gone_and_the_next_one_starts_again(tmp_path: Path) -> None:
    house = House(tmp_path, rules=DISCORD)
    async with house.running():
        task = await started(house)
        await house.calm()
        with writing(house, task) as says:
            await written(house, says, 5)
    assert drafts(house)
    facts = len(await house.desk.records(task))
    async with house.running():
        await house.fact(task, e.SubtaskStarted(subtask=READ, attempt=1, leg=2, host="h"))
        await house.calm()
        await house.true(task)
        with writing(house, task) as says:
            says("Again from the start")
            await house.ticks.run(5)
            await house.fact(task, TURN, e.SubtaskFinished(subtask=READ, attempt=1, leg=2, summary="Done."))
        await house.calm()
        await house.true(task)
    assert drafts(house)[-1] == "Again from the start"
    assert not any("word" in r.event.model_dump_json() for r in await house.desk.records(task))
    assert len(await house.desk.records(task)) == facts + 3
