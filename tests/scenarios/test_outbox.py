"""What is posted, when, and how often: the outbox on the real ledger's fold, against a strict platform."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.cards.card_projection import project
from bot.chat_platform import CardItem, FileItem, PointItem, WordsItem
from bot.discord.rate_limits import LIMITS as DISCORD
from bot.outbox.outbox import Outbox
from bot.outbox.rate_limits import Limit
from bot.outbox.record_posted_messages import PostedMessages
from bot.slack.rate_limits import LIMITS as SLACK
from orchestrator.clock import MovedClock
from orchestrator.desk import PlanChoices
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import ApprovalId, Key, SubtaskId, TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.errors import PlatformFailed, PlatformRefused, RateLimited
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.memory import MemoryLedger
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.ports import AgentRow
from orchestrator.task_event_logs import Logs
from tests.scenarios.fake_platform import FakePlatform, HandTicks
from tests.scenarios.memory_desk import always
from tests.unit.task_facts import READ, a_plan, approval, offered

ADA = Person(id="fake:ada", name="Ada")


@dataclass
class House:
    """A desk on memory, a platform, and an outbox that can die."""

    folder: Path
    rules: tuple[Limit, ...] = SLACK
    ticks: HandTicks = field(default_factory=HandTicks)
    count: int = 0

    def __post_init__(self) -> None:
        clock = MovedClock()
        agents = [AgentRow(name=n, description=n) for n in ("browser", "document")]
        ledger = MemoryLedger(clock)
        self.logs = Logs(ledger)
        self.desk = LedgerDesk(self.logs, FolderShelf(self.folder / "shelf"), clock, PlanChoices(agents=always(agents)))
        self.platform = FakePlatform(self.ticks, rules=tuple(r for r in self.rules if not r.ordinary))
        self.outbox = self.new_outbox()

    def new_outbox(self) -> Outbox:
        """As after a restart: it knows nothing but the ledger."""
        return Outbox(self.desk, self.platform, PostedMessages(self.desk, "fake"), self.rules, ticks=self.ticks)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        self.outbox = self.new_outbox()
        task = asyncio.create_task(self.outbox.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def ask(self, channel: str = "T1/C1") -> TaskId:
        self.count += 1
        place = Place(platform="fake", channel=channel, thread=f"{self.count}.0")
        request = Request(text="Compare", by=ADA, place=place)
        return (await self.desk.submit(c.OpenTask(id=f"{self.count}.0", by=ADA, request=request))).task

    async def fact(self, task: TaskId, *events: e.Event) -> None:
        for event in events:
            log = await self.logs.open(task)
            await log.record(Key(f"k{log.state.seq}"), event)

    async def calm(self, seconds: float = 600) -> None:
        """Until everything is shown."""
        assert await self.ticks.run(seconds, lambda: self.outbox.idle), self.platform.calls[-5:]

    async def true(self, task: TaskId) -> None:
        """The card equals the fold, once."""
        state = await self.desk.state(task)
        assert state.request is not None
        cards = [m.item.card for m in self.platform.of(state.request.place.thread) if isinstance(m.item, CardItem)]
        assert [c.model_copy(update={"seq": 0}) for c in cards] == [project(state).model_copy(update={"seq": 0})]

    def nonces_are_unique(self) -> bool:
        nonces = [m.nonce for m in self.platform.messages.values()]
        return len(nonces) == len(set(nonces))


async def started(house: House, channel: str = "T1/C1") -> TaskId:
    task = await house.ask(channel)
    await house.fact(task, e.PlanDrafted(plan=a_plan(), version=1), e.PlanStarted(version=1, by=ADA))
    await house.fact(task, e.SubtaskStarted(subtask=READ, attempt=1, leg=1, host="h"))
    return task


async def test_a_task_becomes_one_card_that_ends_as_the_fold(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.calm()
        await house.fact(task, e.SubtaskFinished(subtask=READ, attempt=1, leg=1, summary="Read it."))
        await house.calm()
        await house.true(task)
        assert house.platform.marks == [("1.0", "seen")]
        await house.desk.submit(c.Stop(id="s", by=ADA, task=task))
        await house.calm()
        await house.true(task)
        assert house.platform.marks == [("1.0", "seen"), ("1.0", "failed")]
        assert not house.platform.refused


async def test_an_approval_is_a_message_that_is_signed_when_decided(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.fact(task, approval("a1"))
        await house.calm()
        (point,) = [m for m in house.platform.of("1.0") if isinstance(m.item, PointItem)]
        assert isinstance(point.item, PointItem)
        assert point.item.point.buttons
        await house.fact(task, e.ApprovalDecided(approval=ApprovalId("a1"), decision=Decision(verb="approve"), by=ADA))
        await house.calm()
        assert point.item.point.decided == "Approved once by Ada"
        assert not point.item.point.buttons


async def test_what_was_decided_while_the_outbox_was_down_is_not_asked_any_more(tmp_path: Path) -> None:
    house = House(tmp_path)
    task = await started(house)
    await house.fact(task, approval("a1"))
    await house.fact(task, e.ApprovalDecided(approval=ApprovalId("a1"), decision=Decision(verb="approve"), by=ADA))
    async with house.running():
        await house.calm()
        assert not [m for m in house.platform.of("1.0") if isinstance(m.item, PointItem)]
        await house.true(task)


async def test_a_file_is_posted_before_the_question_about_it_and_once_per_content(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.fact(task, offered())
        await house.calm()
        kinds = [type(m.item) for m in house.platform.of("1.0")]
        assert kinds == [CardItem, FileItem, PointItem]
        newer = offered("D2").deliverable.model_copy(update={"version": 2})
        newer = newer.model_copy(update={"file": newer.file.model_copy(update={"sha": "f" * 64})})
        await house.fact(task, e.DeliverableOffered(deliverable=newer))
        await house.calm()
        first = next(m for m in house.platform.of("1.0") if isinstance(m.item, PointItem))
        assert isinstance(first.item, PointItem)
        assert first.item.point.decided == "Replaced by a newer version"
        assert house.nonces_are_unique()


async def test_a_failure_that_is_retried_at_once_is_not_told(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.fact(task, e.SubtaskFailed(subtask=READ, attempt=1, problem="The model is down.", again=True))
        await house.ticks.run(1)
        await house.fact(task, e.SubtaskRetried(subtask=READ, attempt=2))
        await house.calm()
        assert not [m for m in house.platform.of("1.0") if isinstance(m.item, WordsItem)]
        await house.fact(task, e.SubtaskFailed(subtask=READ, attempt=2, problem="No page opens.", again=False))
        await house.calm()
        (told,) = [m.item for m in house.platform.of("1.0") if isinstance(m.item, WordsItem)]
        assert told.level == "error"
        assert "No page opens." in told.text
        await house.true(task)


async def test_a_lost_answer_is_looked_up_and_never_posted_twice(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.platform.break_next("post", "lost-after", "lost-before", "lost-after")
    async with house.running():
        task = await started(house)
        await house.fact(task, approval("a1"))
        await house.calm()
        await house.true(task)
        assert house.nonces_are_unique()
        assert len(house.platform.messages) == 2


async def test_an_edit_whose_answer_was_lost_and_a_platform_that_is_down_end_true(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.calm()
        house.platform.break_next("edit", "lost-after", "down", "lost-before", "down", "down", "down")
        await house.fact(task, e.SubtaskFinished(subtask=READ, attempt=1, leg=1, summary="Read it."))
        await house.calm()
        await house.true(task)
        assert not house.platform.faults["edit"], "it went through all of them"


async def test_a_bug_in_one_thread_does_not_stop_the_others(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.platform.break_next("post", RuntimeError("a bug"))
    async with house.running():
        tasks = [await started(house, f"T1/C{n}") for n in range(3)]
        await house.calm()
        for task in tasks:
            await house.true(task)
        assert house.nonces_are_unique()


@pytest.mark.slow
async def test_a_refusal_lowers_the_pace_until_there_are_none(tmp_path: Path) -> None:
    house = House(tmp_path)
    # The platform is twice as strict as we were told.
    strict = [r.model_copy(update={"seconds": r.seconds * 2}) for r in SLACK if "edit" in r.of and not r.ordinary]
    house.platform.rules = strict
    async with house.running():
        tasks = [await started(house, f"T1/C{n}") for n in range(40)]
        for turn in range(200):
            for task in tasks[turn % 2 :: 2]:
                await house.fact(task, e.Noted(text=f"{turn}", level="info"))
            await house.ticks.run(2)
        assert len(house.platform.refused) <= 8
        late = [when for when, _ in house.platform.refused if when > 300]
        assert len(late) <= 2
        await house.calm(4000)
        for task in tasks:
            await house.true(task)


async def test_a_told_time_is_waited(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.platform.break_next("post", RateLimited("429", seconds=30))
    async with house.running():
        task = await started(house)
        await house.calm()
        posts = [when for when, operation in house.platform.calls if operation == "post"]
        assert posts[1] - posts[0] >= 30
        await house.true(task)


async def test_the_last_state_arrives_though_most_are_left_out(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        for turn in range(300):
            await house.fact(task, e.Noted(text=f"{turn}"))
            await house.ticks.run(0.1)
        await house.calm()
        await house.true(task)
        edits = [when for when, operation in house.platform.calls if operation == "edit"]
        assert 15 <= len(edits) <= 26
        assert not house.platform.refused


async def test_an_urgent_edit_does_not_wait_behind_ordinary_ones(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        tasks = [await started(house, f"T1/C{n}") for n in range(30)]
        await house.calm()
        await house.ticks.run(61)
        for turn in range(40):
            for task in tasks:
                await house.fact(task, e.Noted(text=f"{turn}"))
            await house.ticks.run(1)
        before = house.ticks.now()
        await house.desk.submit(c.Stop(id="s", by=ADA, task=tasks[7]))
        stopped = house.platform.of("8.0")[0]
        assert await house.ticks.run(60, lambda: _stopped(stopped.item))
        assert house.ticks.now() - before <= 1
        await house.calm()


def _stopped(item: object) -> bool:
    return isinstance(item, CardItem) and item.card.state == "stopped"


async def _busy(house: House) -> list[TaskId]:
    """A hundred mentions in ten seconds over twenty channels, each a little story."""
    tasks: list[TaskId] = []
    for number in range(100):
        tasks.append(await started(house, f"T1/C{number % 20}"))
        await house.ticks.run(0.1)
    for number, task in enumerate(tasks):
        if number % 3 == 0:
            await house.fact(task, approval("a1"))
        await house.fact(task, e.SubtaskFinished(subtask=READ, attempt=1, leg=1, summary="Read it."))
        await house.ticks.run(0.2)
    for task in tasks:
        await house.fact(task, e.TaskStopped(by=ADA))
    return tasks


async def test_a_hundred_mentions_in_ten_seconds_on_slack_end_true_without_a_refusal(tmp_path: Path) -> None:
    house = House(tmp_path, rules=SLACK)
    async with house.running():
        tasks = await _busy(house)
        await house.calm(1200)
        for task in tasks:
            await house.true(task)
    assert not house.platform.refused
    assert house.nonces_are_unique()
    assert len({m.place.thread for m in house.platform.messages.values()}) == 100


async def test_a_hundred_mentions_in_ten_seconds_on_discord_end_true_without_a_refusal(tmp_path: Path) -> None:
    house = House(tmp_path, rules=DISCORD)
    async with house.running():
        tasks = await _busy(house)
        await house.calm(1200)
        for task in tasks:
            await house.true(task)
    assert not house.platform.refused
    assert house.nonces_are_unique()


async def test_a_crash_at_any_moment_doubles_and_loses_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    tasks: list[TaskId] = []
    for cut in range(12):
        async with house.running():
            task = await started(house, f"T1/C{cut}")
            tasks.append(task)
            await house.fact(task, approval("a1"))
            await house.fact(task, e.Replied(text=f"Hello {cut}"))
            await house.ticks.run(0.04 * cut)
    async with house.running():
        await house.calm()
        for task in tasks:
            await house.true(task)
    assert house.nonces_are_unique()
    assert len(house.platform.messages) == 12 * 3


async def test_after_a_quiet_restart_nothing_at_all_is_sent(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        await house.fact(task, e.TaskStopped(by=ADA))
        await house.calm()
    sent = len(house.platform.calls)
    async with house.running():
        await house.ticks.run(60)
        assert house.outbox.idle
    assert len(house.platform.calls) == sent


async def test_marks_are_given_up_but_messages_never(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.platform.break_next("react", *[PlatformRefused("gone")] * 20)
    house.platform.break_next("post", *[PlatformFailed("503")] * 9)
    async with house.running():
        task = await started(house)
        await house.calm(3000)
        await house.true(task)
        assert not house.platform.marks


async def test_soon_after_a_long_outage_everything_is_shown_marks_too(tmp_path: Path) -> None:
    house = House(tmp_path)
    for operation in ("react", "post"):
        house.platform.break_next(operation, *[PlatformFailed("503")] * 20)
    async with house.running():
        task = await started(house)
        await house.calm(20 * 31)
        await house.true(task)
        assert house.platform.marks


async def test_a_told_sentence_comes_once_also_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)
    place = Place(platform="fake", channel="T1/C1", thread="9.9")
    async with house.running():
        await house.outbox.tell("late", place, "The file is too large.")
    async with house.running():
        await house.outbox.tell("late", place, "The file is too large.")
        await house.calm()
    async with house.running():
        await house.calm()
    assert [m.item for m in house.platform.of("9.9")] == [WordsItem(text="The file is too large.")]


async def test_only_words_from_elsewhere_are_repeated_in_the_thread(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        task = await started(house)
        bob = Person(id="web:bob", name="Bob")
        await house.fact(task, e.PersonSaid(by=ADA, text="Here"), e.PersonSaid(by=bob, text="Elsewhere"))
        await house.fact(task, e.PersonSaid(by=bob, text="Faster", subtask=SubtaskId("read")))
        await house.calm()
        said = [m.item.text for m in house.platform.of("1.0") if isinstance(m.item, WordsItem)]
        assert said == ["Bob: Elsewhere", "Bob (to Read): Faster"]
