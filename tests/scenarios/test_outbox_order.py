"""Who goes first when there is more to show than the platform takes, and who waits how long."""

from pathlib import Path

from bot.chat_platform import CardItem
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.task import TaskState
from orchestrator.errors import LedgerFailed
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.task_event_logs import Logs
from tests.scenarios.fake_platform import HandTicks, Message
from tests.scenarios.test_outbox import ADA, House, started
from tests.unit.task_facts import a_plan

OTHERS = 30


async def crowded(house: House, seconds: int) -> None:
    """Thirty tasks have news all the time."""
    tasks = [state.id for state in await house.desk.states()]
    for turn in range(seconds):
        for task in tasks:
            await house.fact(task, e.Noted(text=f"{turn}"))
        await house.ticks.run(1)


class SlowDesk(LedgerDesk):
    """Reads a task in a while, as from a disk under load."""

    def __init__(self, logs: Logs, desk: LedgerDesk, ticks: HandTicks, seconds: float) -> None:
        super().__init__(logs, desk.shelf, desk.clock, desk.choices)
        self._ticks, self.seconds = ticks, seconds
        self.failures = 0

    async def state(self, task: TaskId) -> TaskState:
        await self._ticks.sleep(self.seconds)
        if self.failures:
            self.failures -= 1
            raise LedgerFailed("the disk is away")
        return await super().state(task)


def card(message: Message) -> CardItem:
    assert isinstance(message.item, CardItem)
    return message.item


async def test_a_card_is_there_at_once_when_nothing_else_is_to_do(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        await house.ask()
        await house.ticks.run(0.2)
        assert len(house.platform.of("1.0")) == 1


async def test_where_edits_are_scarce_a_card_waits_a_moment_for_its_plan(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        for n in range(OTHERS):
            await started(house, f"T1/C{n}")
        await crowded(house, 20)
        task, other = await house.ask("T1/new"), await house.ask("T1/other")
        await house.ticks.run(1)
        assert [mark for mark in house.platform.marks if mark[0] == f"{OTHERS + 1}.0"]
        assert not house.platform.of(f"{OTHERS + 1}.0")
        await house.fact(task, e.PlanDrafted(plan=a_plan(), version=1))
        await house.ticks.run(0.5)
        (shown,) = house.platform.of(f"{OTHERS + 1}.0")
        assert card(shown).card.state == "needs-you"
        await house.ticks.run(1.5)
        assert len(house.platform.of(f"{OTHERS + 2}.0")) == 1
        await house.calm()
        await house.true(task)
        await house.true(other)


async def test_a_plan_that_waits_for_people_goes_before_work_that_has_begun(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        tasks = [await house.ask(f"T1/C{n}") for n in range(2 * OTHERS)]
        await house.calm()
        for task in tasks[:-1]:
            await house.fact(task, e.PlanDrafted(plan=a_plan(), version=1), e.PlanStarted(version=1, by=ADA))
        await house.ticks.run(20)
        await house.fact(tasks[-1], e.PlanDrafted(plan=a_plan(), version=1))
        await house.ticks.run(0.3)
        (last,) = house.platform.of(f"{2 * OTHERS}.0")
        assert card(last).card.state == "needs-you"


async def test_no_card_is_older_than_its_turn(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.running():
        for n in range(OTHERS):
            await started(house, f"T1/C{n}")
        await crowded(house, 120)
    for message in house.platform.messages.values():
        times = [when for when, _ in message.history]
        gaps = [later - when for when, later in zip(times, [*times[1:], house.ticks.now()], strict=True)]
        assert max(gaps) <= 1.65 * OTHERS


async def test_what_ends_while_other_threads_are_looked_at_is_not_done_again(tmp_path: Path) -> None:
    house = House(tmp_path, rules=())
    house.desk = slow = SlowDesk(house.logs, house.desk, house.ticks, 0.03)
    async with house.running():
        tasks = [await started(house, f"T1/C{n}") for n in range(8)]
        await house.calm()
        for task in tasks:
            await house.fact(task, e.TaskStopped(by=ADA))
        await house.calm()
        slow.seconds = 0.0
        assert len(house.platform.marks) == len({*house.platform.marks}) == 2 * len(tasks)
        assert len(house.platform.unmarked) == len(tasks)
        assert house.nonces_are_unique()
        for task in tasks:
            await house.true(task)


async def test_a_thread_that_could_not_be_read_is_shown_though_nothing_more_happens(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.desk = slow = SlowDesk(house.logs, house.desk, house.ticks, 0.0)
    async with house.running():
        task = await started(house)
        slow.failures = 3
        await house.calm()
        assert not slow.failures
        await house.true(task)
