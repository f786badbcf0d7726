"""What waits is found however many tasks came after it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from bot.cards.card_projection import waiting
from bot.chat_platform import Home, Summoned
from bot.inbox.inbox import Inbox
from bot.outbox.record_posted_messages import PostedMessages
from bot.terminal.approve import find
from bot.terminal.local_person import own_desk_of
from bot.web.takeover import Takeovers
from orchestrator.clock import MovedClock
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval
from orchestrator.domain.ids import ApprovalId, CallId, Key, SubtaskId, TaskId
from orchestrator.domain.people import Place, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.task_list import TaskQuery
from orchestrator.domain.tool_calls import Effect
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.memory import MemoryLedger
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.task_event_logs import Logs
from tests.memory_hub import ADA, NOON

MORE = 230
A = SubtaskId("a")
OLD = TaskId("old")
PLAN = Plan(title="P", subtasks=(Subtask(id=A, title="A", instructions="a", agent="browser"),))
APPROVAL = Approval(id=ApprovalId("p"), subtask=A, call=CallId("a.1.1.0"), tool="t", args={}, fingerprint="f",
                    effects=frozenset({Effect.NETWORK_READ}))  # fmt: skip


def opened() -> e.TaskOpened:
    return e.TaskOpened(request=Request(text="x", by=ADA, place=Place(platform="web", channel="c", thread="1")))


@pytest.fixture
async def desk(tmp_path: Path) -> LedgerDesk:
    """An old task that waits for an approval and whose page Ada takeovers, and many newer ones that have ended."""
    logs = Logs(MemoryLedger(MovedClock(NOON)))
    facts = (
        opened(), e.PlanDrafted(plan=PLAN, version=1, cost=1.0), e.PlanStarted(version=1, by=ADA),
        e.SubtaskStarted(subtask=A, attempt=1, leg=1, host="h"), e.ApprovalRequested(approval=APPROVAL),
        e.TakeoverStarted(subtask=A, by=ADA),
    )  # fmt: skip
    for number, fact in enumerate(facts):
        await (await logs.open(OLD)).record(Key(str(number)), fact)
    for number in range(MORE):
        log = await logs.open(TaskId(f"t{number}"))
        await log.record(Key("opened"), opened())
        await log.record(Key("said"), e.Replied(text="x", cost=0.5))
        await log.record(Key("closed"), e.TaskClosed(outcome="answered", words="Answered."))
    return LedgerDesk(logs, FolderShelf(tmp_path / "shelf"), MovedClock(NOON))


async def test_an_old_approval_is_found_from_the_terminal(desk: LedgerDesk) -> None:
    state, need = await find(own_desk_of(desk), APPROVAL.id)
    assert (state.id, need.kind) == (OLD, "approval")


async def test_a_page_that_was_taken_over_in_an_old_task_is_handed_back(desk: LedgerDesk) -> None:
    nobody: Any = None
    await Takeovers(desk, nobody, nobody).begin()
    assert (await desk.state(OLD)).of(A).takeover_by is None


async def test_a_home_shows_all_that_waits_and_all_that_was_spent(desk: LedgerDesk) -> None:
    nobody: Any = None
    inbox = Inbox(desk, "web", fetch=nobody, tell=nobody, posts=PostedMessages(desk, "web"))
    await inbox.begin()
    place = Place(platform="web", channel="c", thread="1")
    page = await inbox.take(Summoned(id="s", by=ADA, place=place, words="home"))
    await inbox.close()
    assert isinstance(page, Home)
    assert page.cards[0].task == OLD and waiting(page.cards[0].checkpoints)
    assert f"{MORE + 1} tasks, 1 open. 1 thing" in page.words
    assert page.costs.endswith(f"${MORE * 0.5 + 1:.2f} in total.")


async def test_without_a_query_the_newest_tasks_are_listed(desk: LedgerDesk) -> None:
    assert [state.id for state in (await desk.states())[:2]] == [f"t{MORE - 1}", f"t{MORE - 2}"]
    assert OLD not in {state.id for state in await desk.states()}
    both = await desk.states(TaskQuery(most=3), TaskQuery(unfinished=True, most=None))
    assert [state.id for state in both] == [f"t{MORE - 1}", f"t{MORE - 2}", f"t{MORE - 3}", OLD]


class Broken(MemoryLedger):
    """A ledger whose tail breaks."""

    async def tail(self, *, after: int) -> AsyncIterator[tuple[int, e.Record]]:  # type: ignore[override]
        for one in cast("list[tuple[int, e.Record]]", []):
            yield one
        raise RuntimeError("the tail broke")


async def test_who_watches_all_tasks_hears_that_the_watch_broke(tmp_path: Path) -> None:
    desk = LedgerDesk(Logs(Broken(MovedClock(NOON))), FolderShelf(tmp_path / "shelf"), MovedClock(NOON))
    with pytest.raises(RuntimeError, match="the tail broke"):
        async for _ in desk.watch_all():
            pass
