"""One small job on a Discord in trouble: nothing is lost, nothing is there twice, and what is shown is true."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.discord.parse import PLATFORM
from bot.outbox.record_posted_messages import PostedMessages
from tests.discord_server import DiscordServer, Payload, serving
from tests.discord_server.rest import Fault, Kind
from tests.fast_clock import hurried
from tests.long_tests import sampled
from tests.memory_hub import Stage, stage
from tests.scenarios.discord_under_stress import AGAIN, PATIENCE, at_work, audit, button, reads, small_job, true

pytestmark = pytest.mark.filterwarnings("ignore:.*Connection.__del__:pytest.PytestUnraisableExceptionWarning")
"""discord.py leaves a socket behind when it breaks right after the gateway's hello."""
DONE = "Done, 1 file: note.md."
ROUTES = (
    ("GET", "/users/@me$"), ("GET", "/gateway/bot$"), ("GET", "/commands$"), ("PUT", "/commands$"),
    ("POST", "/threads$"), ("POST", "/messages$"), ("PATCH", "/messages/"), ("PUT", "/reactions/"),
    ("POST", "/callback$"),
)  # fmt: skip
"""What the job asks of Discord. Looking up a lost post is broken by a story of its own."""
REPEATED = ("400 160004", "400 40060")
"""Discord's answers to a thread made, or an interaction answered, a second time: the first answer was lost."""
At = Callable[[DiscordServer], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Trouble:
    """`before`: what is wrong from the start. `at`: what goes wrong around each action of a person."""

    name: str
    before: Callable[[DiscordServer], object] = lambda server: None
    at: At = lambda server: nullcontext()
    http: bool = False
    """Whether requests are lost on the way: then the client cannot know what counted against its limits."""
    first: bool = False
    """Whether the mention, too, falls into the time before the first connection."""


def broken(kind: Kind, *, times: int = 1, seconds: float = 0.0) -> Trouble:
    """Every route fails in this way, so many times."""

    def before(server: DiscordServer) -> None:
        for method, path in ROUTES:
            server.fails(method, path, kind, times=times, seconds=seconds)

    return Trouble(f"{kind} {times}", before, http=True)


def lost_twice(server: DiscordServer) -> None:
    """The answer to a post is lost, and so is the first answer about it."""
    server.fails("POST", "/messages$", "drop-after", times=3)
    server.fails("GET", r"/messages$", "503", times=2)


@asynccontextmanager
async def missed(server: DiscordServer) -> AsyncIterator[None]:
    await server.gateway.disconnect()
    yield


@asynccontextmanager
async def forgotten(server: DiscordServer) -> AsyncIterator[None]:
    await server.gateway.disconnect(forget=True)
    yield


@asynccontextmanager
async def asked_to_reconnect(server: DiscordServer) -> AsyncIterator[None]:
    await server.gateway.ask_to_reconnect()
    yield


@asynccontextmanager
async def shut(server: DiscordServer) -> AsyncIterator[None]:
    """The gateway ends the session and lets nobody in for a while."""
    server.gateway.refuse_connections = 2
    await server.gateway.disconnect(forget=True)
    yield


@asynccontextmanager
async def silent(server: DiscordServer) -> AsyncIterator[None]:
    """Once: it takes a while to be noticed."""
    if "resume" not in server.gateway.trips:
        server.gateway.fall_silent()
    yield


@asynccontextmanager
async def garbled(server: DiscordServer) -> AsyncIterator[None]:
    server.gateway.garble_next_ready = True
    await server.gateway.disconnect(forget=True)
    yield


@asynccontextmanager
async def duplicated(server: DiscordServer) -> AsyncIterator[None]:
    server.gateway.duplicate = True
    yield


@asynccontextmanager
async def reordered(server: DiscordServer) -> AsyncIterator[None]:
    """What happens in a second arrives the other way round."""
    server.gateway.held = []
    yield
    await asyncio.sleep(1)
    await server.gateway.release(backwards=True)


@asynccontextmanager
async def away(server: DiscordServer) -> AsyncIterator[None]:
    """Nothing at all is there for half a minute."""
    if server.rest.faults:
        yield
        return
    server.fails("", "", "503", times=10**6)
    server.gateway.refuse_connections = 10**6
    await server.gateway.disconnect(forget=True)
    yield
    await asyncio.sleep(30)
    server.gateway.refuse_connections = 0
    server.rest.faults[:] = [Fault("", "", "503", times=0)]


def not_yet(server: DiscordServer) -> None:
    server.gateway.refuse_connections = 2
    server.fails("GET", "/users/@me$", "503", times=2)
    server.fails("GET", "/gateway/bot$", "drop-before", times=1)


TROUBLES = (
    Trouble("none"),
    broken("429", seconds=2.0), broken("500"), broken("502", times=2), broken("503"), broken("503", times=2),
    broken("504"), broken("502-after"), broken("drop-before"), broken("drop-before", times=3), broken("drop-after"),
    broken("drop-after", times=3), broken("slow", seconds=5.0), Trouble("lost and not found", lost_twice, http=True),
    Trouble("missed and resumed", at=missed), Trouble("invalid session", at=forgotten),
    Trouble("asked to reconnect", at=asked_to_reconnect), Trouble("shut", at=shut), Trouble("silent", at=silent),
    Trouble("garbled", at=garbled), Trouble("duplicated", at=duplicated), Trouble("reordered", at=reordered),
    Trouble("away", at=away), Trouble("not there at first", not_yet),
    Trouble("asked before it was ever there", not_yet, first=True),
)  # fmt: skip


async def press(server: DiscordServer, root: Payload, verb: str, after: Callable[[], Any], at: At) -> None:
    """As people do it: again, when nothing happened."""
    while not after():
        found = await true(lambda: after() or button(server, root, verb))
        if found is True:
            return
        async with at(server):
            await server.presses(server.person(), *found)
        try:
            await true(after, AGAIN)
        except TimeoutError:
            at = lambda server: nullcontext()  # noqa: E731


async def one_job(server: DiscordServer, at: At, root: Payload | None = None) -> Payload:
    """From mention to the end; returns the request."""
    if root is None:
        async with at(server):
            root = await server.says(server.person(), server.channel, f"{server.mention} write a note")
    await true(lambda: button(server, root, "start"))
    await press(server, root, "start", lambda: button(server, root, "start") is None, at)
    await press(server, root, "accept", lambda: reads(server, root, DONE), at)
    return root


async def settled(server: DiscordServer, on: Stage, outbox: Any, roots: list[Payload]) -> None:
    """Within a minute of the end all is shown; then the auditor looks."""
    try:
        await true(lambda: outbox.idle)
    except TimeoutError:
        raise AssertionError(f"not idle: {[t.dues for t in outbox._threads.values()]}") from None
    states = {s.request.place.thread: s for s in await on.desk.states() if s.request}
    assert sorted(states) == sorted(r["id"] for r in roots)
    for root in roots:
        state = states[root["id"]]
        audit(server, root, state, await PostedMessages(on.desk, PLATFORM).of(state.id))
    assert not [r for r in server.refusals if not r.partition(": ")[2].startswith(REPEATED)]
    assert not server.handlers.pings


@pytest.mark.parametrize("trouble", sampled(TROUBLES, 3), ids=lambda t: t.name)
@hurried
async def test_the_job_ends_true_in_spite_of(trouble: Trouble, tmp_path: Path) -> None:
    async with serving() as server, stage(tmp_path, small_job(1)) as on:
        trouble.before(server)
        root = None
        if trouble.first:
            root = await server.says(server.person(), server.channel, f"{server.mention} write a note")
        async with at_work(on.desk, server) as outbox:
            if not trouble.first:
                await true(lambda: server.gateway.connected and server.gateway.sessions)
            root = await one_job(server, trouble.at, root)
            await settled(server, on, outbox, [root])
        assert trouble.http or not server.limited


STORM: tuple[Callable[[DiscordServer, random.Random], Any], ...] = (
    lambda s, r: s.gateway.disconnect(),
    lambda s, r: s.gateway.disconnect(forget=True),
    lambda s, r: s.gateway.disconnect(4000),
    lambda s, r: s.gateway.ask_to_reconnect(),
    lambda s, r: setattr(s.gateway, "refuse_connections", r.randint(1, 3)),
    lambda s, r: setattr(s.gateway, "duplicate", r.random() < 0.5),
    *[lambda s, r: s.fails(*r.choice(ROUTES), r.choice(_KINDS), times=r.randint(1, 3), seconds=1.0)] * 8,  # type: ignore[list-item]
)  # fmt: skip
_KINDS: tuple[Kind, ...] = ("500", "502", "503", "504", "502-after", "drop-before", "drop-after", "slow")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
@hurried
async def test_jobs_end_true_in_a_storm(seed: int, tmp_path: Path) -> None:
    chance, blows = random.Random(seed), list[Any]()
    async with serving() as server, stage(tmp_path, small_job(4)) as on, at_work(on.desk, server) as outbox:
        await true(lambda: server.gateway.connected)

        async def storm() -> None:
            while True:
                await asyncio.sleep(chance.uniform(0.2, 2))
                blows.append(chance.choice(STORM)(server, chance))
                if asyncio.iscoroutine(blows[-1]):
                    await blows[-1]

        raging = asyncio.create_task(storm())
        jobs = [asyncio.create_task(one_job(server, lambda server: nullcontext())) for _ in range(4)]
        await asyncio.sleep(40)
        raging.cancel()
        await asyncio.gather(raging, return_exceptions=True)
        server.rest.faults.clear()
        async with asyncio.timeout(PATIENCE * 3):
            roots = [await job for job in jobs]
        await settled(server, on, outbox, roots)
        assert len(blows) > 5
