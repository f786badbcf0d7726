"""A command that arrives twice is taken once."""

import asyncio

import pytest

from orchestrator.errors import Stale
from orchestrator.ledger_desk import Repeats


async def test_what_arrives_while_the_first_is_at_work_gets_its_answer() -> None:
    repeats, begun, go = Repeats[str](), 0, asyncio.Event()

    async def make() -> str:
        nonlocal begun
        begun += 1
        await go.wait()
        return "taken"

    both = [asyncio.create_task(repeats.once("a", make)) for _ in range(2)]
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(*both) == ["taken", "taken"]
    assert (await repeats.once("a", make), begun) == ("taken", 1)


async def test_what_was_refused_may_be_tried_again() -> None:
    repeats = Repeats[str]()

    async def refused() -> str:
        raise Stale("Not now.")

    async def taken() -> str:
        return "taken"

    with pytest.raises(Stale):
        await repeats.once("a", refused)
    assert await repeats.once("a", taken) == "taken"


async def test_whoever_waits_for_a_cancelled_one_does_it_themselves() -> None:
    repeats = Repeats[str]()

    async def never() -> str:
        await asyncio.Event().wait()
        return "never"

    async def taken() -> str:
        return "taken"

    first = asyncio.create_task(repeats.once("a", never))
    await asyncio.sleep(0)
    second = asyncio.create_task(repeats.once("a", taken))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "taken"


async def test_only_the_newest_are_remembered() -> None:
    repeats, made = Repeats[str](kept=2), list[str]()

    async def make() -> str:
        made.append("one")
        return "one"

    for name in ("a", "b", "c", "c", "a"):
        await repeats.once(name, make)
    assert len(made) == 4
