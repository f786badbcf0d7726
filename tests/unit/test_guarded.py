"""Work that goes on until it is cancelled."""

import asyncio

import pytest

from bot.bootstrap.troubles import watched
from orchestrator.engine.guarded import kept_going
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
    async with asyncio.timeout(5):
        await asyncio.wait({going})
    assert going.cancelled()
    assert count == 1


async def test_each_new_reason_is_told_once_and_the_work_begins_again() -> None:
    reasons, told, ended = ["a", "a", "b"], list[str](), asyncio.Event()

    async def work() -> None:
        if not reasons:
            ended.set()
            await asyncio.Event().wait()
        raise ExceptionGroup("", [ExceptionGroup("", [PlatformFailed(f"{reasons.pop(0)}.")])])

    going = asyncio.ensure_future(kept_going(watched(work, told.append), pause=0))
    async with asyncio.timeout(5):
        await ended.wait()
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    assert [words[:2] for words in told] == ["a.", "b."]
