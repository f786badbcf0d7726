"""One small job on a Slack in trouble: nothing is lost, nothing is there twice, and what is shown is true."""

import asyncio
import math
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fast_clock import hurried
from tests.long_tests import sampled
from tests.memory_hub import stage
from tests.scenarios.slack_under_stress import AGAIN, DONE, PATIENCE, Hub, Team, at_work, settled, small_job, true
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import words
from tests.slack_server.faults import How
from tests.slack_server.world import Row

METHODS = (
    "apps.connections.open", "auth.test", "users.info", "users.conversations", "conversations.history",
    "conversations.replies", "chat.postMessage", "chat.update", "reactions.add", "files.getUploadURLExternal",
    "upload", "files.completeUploadExternal", "files.info",
)  # fmt: skip
POSTING = ("chat.postMessage", "conversations.replies", "chat.update")
HOW: tuple[How, ...] = ("500", "internal_error", "malformed", "dropped", "lost", "broken", "garbled")
HOW_POSTS_FAIL: tuple[How, ...] = ("dropped", "lost")
At = Callable[[SlackServer, Hub], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Trouble:
    """`before`: what is wrong from the start. `at`: what goes wrong around each action of a person. `gaps`: envelopes
    may find nobody."""

    name: str
    before: Callable[[SlackServer], object] = lambda server: None
    at: At = lambda server, hub: nullcontext()
    gaps: bool = False


def broken(how: How, *, times: int = 1, seconds: float = 0.0, methods: tuple[str, ...] = METHODS) -> Trouble:
    """Every method fails in this way, so many times."""

    def before(server: SlackServer) -> None:
        for method in methods:
            server.fail(method, how, times=times, seconds=seconds)

    return Trouble(f"{how} x{times}", before, gaps=True)


def shares(*delays: float) -> Callable[[SlackServer], object]:
    return lambda server: server.share_delays.extend(delays)


@asynccontextmanager
async def refreshed(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    await server.sockets.refresh()
    yield


@asynccontextmanager
async def warned(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    await server.sockets.refresh("warning")
    yield


@asynccontextmanager
async def disabled(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    server.fail("apps.connections.open", "503", times=3)
    await server.sockets.refresh("link_disabled")
    yield


@asynccontextmanager
async def cut(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    server.sockets.cut()
    yield


@asynccontextmanager
async def cut_and_lost(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    """The network fails, and Slack sends nothing again."""
    server.sockets.lossy = True
    server.sockets.cut()
    yield
    await asyncio.sleep(1)
    server.sockets.lossy = False


@asynccontextmanager
async def silent(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    server.sockets.fall_silent()
    yield


@asynccontextmanager
async def twice(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    server.sockets.twice = True
    yield


@asynccontextmanager
async def backwards(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    """What happens in a second arrives the other way round."""
    server.sockets.held = []
    yield
    await asyncio.sleep(1)
    server.sockets.reordered()


@asynccontextmanager
async def away(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    """Nothing at all is there for twenty seconds, and Slack sends nothing again."""
    server.faults.down = True
    server.sockets.lossy = True
    server.sockets.cut()
    yield
    await asyncio.sleep(20)
    server.faults.down = server.sockets.lossy = False


@asynccontextmanager
async def restarted(server: SlackServer, hub: Hub) -> AsyncGenerator[None]:
    """The hub ends in the middle, and begins again."""
    yield
    await asyncio.sleep(0.3)
    await hub.end()
    await asyncio.sleep(3)
    await hub.begin()


TROUBLES = (
    Trouble("none"),
    *[broken(how) for how in HOW],
    *[broken(how, times=3, methods=POSTING) for how in HOW_POSTS_FAIL],
    broken("limited", seconds=2.0),
    broken("slow", seconds=2.0),
    broken("late", seconds=40.0, methods=("chat.postMessage",)),
    Trouble("shares late", shares(8.0)),
    Trouble("shares later than we look", shares(25.0)),
    Trouble("shares never", shares(math.inf, 1.0)),
    Trouble("refreshed", at=refreshed, gaps=True),
    Trouble("warned", at=warned),
    Trouble("disabled", at=disabled, gaps=True),
    Trouble("cut", at=cut, gaps=True),
    Trouble("cut and lost", at=cut_and_lost, gaps=True),
    Trouble("silent", at=silent, gaps=True),
    Trouble("twice", at=twice),
    Trouble("backwards", at=backwards),
    Trouble("away", at=away, gaps=True),
    Trouble("restarted", at=restarted, gaps=True),
)


async def press(team: Team, hub: Hub, root: Row, verb: str, after: Callable[[], Any], at: At) -> None:
    """As people do it: again, when nothing happened."""
    while not after():
        if await true(lambda: after() or team.button(root, verb), 3 * PATIENCE) is True:
            return
        async with at(team.server, hub):
            await team.presses(root, verb)
        try:
            await true(after, AGAIN)
        except TimeoutError:
            at = lambda server, hub: nullcontext()  # noqa: E731


async def one_job(team: Team, hub: Hub, at: At) -> Row:
    """From mention to the end; returns the request."""
    async with at(team.server, hub):
        root = team.asks()
    await true(lambda: team.button(root, "start"), 3 * PATIENCE)
    await press(team, hub, root, "start", lambda: team.button(root, "start") is None, at)
    await press(team, hub, root, "accept", lambda: team.reads(root, DONE), at)
    return root


@pytest.mark.parametrize("trouble", sampled(TROUBLES, 3), ids=lambda t: t.name)
@hurried
async def test_the_job_ends_true_in_spite_of(trouble: Trouble, tmp_path: Path) -> None:
    now = asyncio.get_running_loop().time
    async with serving(now=now, redelivery=(0.1, 20, 60)) as server, stage(tmp_path, small_job()) as on:
        team = Team.of(server)
        server.says(team.ada, team.room, "Before.")
        trouble.before(server)
        async with at_work(on.desk, server) as hub:
            await true(lambda: server.sockets.open)
            root = await one_job(team, hub, trouble.at)
            await settled([(team, root)], on, hub)
        assert not [m for m, *_ in server.refusals if m not in ("reactions.add", "reactions.remove")]
        if not trouble.name.startswith("limited"):
            assert not server.limited
        if not trouble.gaps:
            assert not server.sockets.unacknowledged


Blow = Callable[[SlackServer, random.Random], object]
_WRONG: tuple[How, ...] = ("500", "internal_error", "malformed", "dropped", "lost", "broken", "garbled", "slow")


def wrong(server: SlackServer, chance: random.Random) -> None:
    server.fail(chance.choice(METHODS), chance.choice(_WRONG), times=chance.randint(1, 3), seconds=1.0)


STORM: tuple[Blow, ...] = (
    lambda s, r: s.sockets.cut(),
    lambda s, r: s.sockets.refresh(r.choice(("refresh_requested", "warning", "link_disabled"))),
    lambda s, r: setattr(s.sockets, "twice", r.random() < 0.5),
    lambda s, r: setattr(s.sockets, "jumble", r if r.random() < 0.5 else None),
    lambda s, r: s.share_delays.append(r.choice((8.0, 25.0, math.inf))),
    *[wrong] * 8,
)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
@hurried
async def test_jobs_end_true_in_a_storm(seed: int, tmp_path: Path) -> None:
    chance, now = random.Random(seed), asyncio.get_running_loop().time
    async with (
        serving(now=now, redelivery=(0.1, 20, 60)) as server,
        stage(tmp_path, small_job(4)) as on,
        at_work(on.desk, server) as hub,
    ):
        teams = [Team.of(server) for _ in range(4)]
        await true(lambda: server.sockets.open)

        async def storm() -> None:
            while True:
                await asyncio.sleep(chance.uniform(0.1, 0.8))
                if asyncio.iscoroutine(blow := chance.choice(STORM)(server, chance)):
                    await blow

        raging = asyncio.create_task(storm())
        jobs = [asyncio.create_task(one_job(team, hub, lambda server, hub: nullcontext())) for team in teams]
        await asyncio.sleep(20)
        raging.cancel()
        await asyncio.gather(raging, return_exceptions=True)
        server.faults.clear()
        server.sockets.twice, server.sockets.jumble = False, None
        await settled(list(zip(teams, [await job for job in jobs], strict=True)), on, hub)
        # Connections that end every second make us read the same threads again and again; that waits when told to.
        assert set(server.limited) <= {"conversations.history", "conversations.replies"}


@pytest.mark.parametrize("again", ["the connection", "the hub"])
@hurried
async def test_what_became_of_a_request_while_nobody_listened_counts(again: str, tmp_path: Path) -> None:
    async with (
        serving(now=asyncio.get_running_loop().time, redelivery=()) as server,
        stage(tmp_path, small_job(6)) as on,
        at_work(on.desk, server) as hub,
    ):
        edited, deleted, both, wrote = (Team.of(server) for _ in range(4))
        await true(lambda: server.sockets.open)
        asked = [(team, team.asks()) for team in (edited, deleted, wrote)]
        (_, first), (_, second), (_, fourth) = asked
        await true(lambda: all(team.button(root, "start") for team, root in asked))
        await hub.end() if again == "the hub" else server.sockets.cut()
        edited.server.edits(edited.room, first, f"{server.mention} write two notes")
        deleted.server.deletes(deleted.room, second)
        third = both.asks("something else")
        server.says(wrote.ada, wrote.room, "In English, please.", thread=fourth["ts"])
        server.edits(both.room, third, f"{server.mention} write a letter")
        if again == "the hub":
            await hub.begin()
        await true(lambda: both.button(third, "start"))
        await true(lambda: deleted.reads(second, "The request was deleted, so I stopped."))
        texts = {s.request.place.channel[-8:]: s for s in await on.desk.states() if s.request}
        assert [s.request.text for s in texts.values() if s.request and s.request.text == "write a letter"]
        said = texts[wrote.room.id].id
        await on.until(said, lambda s: [x for x in s.lines if x.text == "In English, please."], seconds=PATIENCE)
        changed = "The request was changed to: write two notes"
        await on.until(texts[edited.room.id].id, lambda s: [x for x in s.lines if x.text == changed], seconds=PATIENCE)
        await on.until(texts[deleted.room.id].id, lambda s: s.phase == "stopped", seconds=PATIENCE)


@pytest.mark.parametrize("how", ["lost", "dropped", "500", "limited"])
@hurried
async def test_a_command_becomes_one_request_in_spite_of(how: How, tmp_path: Path) -> None:
    async with (
        serving(now=asyncio.get_running_loop().time) as server,
        stage(tmp_path, small_job()) as on,
        at_work(on.desk, server) as hub,
    ):
        team = Team.of(server)
        await true(lambda: server.sockets.open)
        server.fail("chat.postMessage", how, seconds=2.0)
        await server.commands(team.ada, team.room, "write a note")
        root = await true(lambda: next((r for r in team.room.rows if "asks:" in words(r)), None))
        await true(lambda: team.button(root, "start"))
        await true(lambda: hub.outbox.idle)
        assert len([r for r in team.room.rows if not r.get("thread_ts") or r["ts"] == r["thread_ts"]]) == 1
        assert len(await on.desk.states()) == 1
