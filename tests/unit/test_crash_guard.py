"""Work that goes on until it is cancelled."""

import asyncio

import pytest

from bot.bootstrap.chat_account_status import AccountStatus, News, watched
from orchestrator.engine.running_flows import kept_going
from orchestrator.errors import PlatformFailed


async def test_work_that_breaks_while_it_is_cancelled_is_not_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    begun, told = asyncio.Event(), list[str]()
    count = 0

    async def refused() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise PlatformFailed("refused")

    async def breaks() -> None:
        nonlocal count
        count += 1
        async with asyncio.TaskGroup() as group:
            group.create_task(refused())
            begun.set()

    going = asyncio.ensure_future(kept_going(watched(breaks, told.append), pause=0))
    await begun.wait()
    await asyncio.sleep(0)
    going.cancel()
    async with asyncio.timeout(60):
        await asyncio.wait({going})
    assert going.cancelled()
    assert count == 1


async def test_each_new_reason_is_told_once_and_the_work_begins_again() -> None:
    reasons, told, ended = ["a", "a", "b"], list[News](), asyncio.Event()

    async def work() -> None:
        if not reasons:
            ended.set()
            await asyncio.Event().wait()
        raise ExceptionGroup("", [ExceptionGroup("", [PlatformFailed(f"{reasons.pop(0)}.")])])

    going = asyncio.ensure_future(kept_going(watched(work, AccountStatus("Chat", told.append).trouble), pause=0))
    async with asyncio.timeout(60):
        await ended.wait()
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    assert [(news.words[:2], news.good) for news in told] == [("a.", False), ("b.", False)]


def test_an_account_that_is_connected_is_told_once_and_again_after_each_trouble() -> None:
    told = list[News]()
    it = AccountStatus("Chat", told.append)
    for _ in range(2):
        it.trouble("Away.")
    for _ in range(2):
        it.connected("a", "to 'A'")
        it.connected("b", "to 'B'")
    it.trouble("Away.")
    it.connected("a", "to 'A'")
    it.connected("a", "to 'A', which is larger now")
    assert [news.words.partition(" Nobody")[0] for news in told] == [
        "Away.", "Chat: connected to 'A'.", "Chat: connected to 'B'.", "Away.", "Chat: connected again to 'A'.",
    ]  # fmt: skip
    assert [news.good for news in told] == [False, True, True, False, True]
