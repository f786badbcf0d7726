"""Slack and Discord under a crowd: 100 mentions in 10 seconds over 20 channels, each task started and done.

Three processes: the hub (`threadwork up`, unmodified), the model server, and this one, which is the strict platform
with its real limits and real seconds, and 50 people who press *Start* when they see it. Times are of the machine's one
clock, so they compare.

- ack: the platform sends an envelope (Slack) or a press (Discord) until it has the acknowledgement. Discord messages
  have none. *kept*: mention said until it is on record in the ledger, on both.
- first card: mention said until its card stands at the platform. Mentions in one channel are two seconds apart, Slack
  takes a post a second there, and Discord's threads have limits of their own: the limits ask nobody to wait.
- edits: one for each card, for its end, is the least; Slack takes 50 a minute from the whole workspace.
- card lag: a fact that changes how the card looks is in the ledger, until the platform has a card that shows it or
  something newer. Counted for every such change, from the records' own times and what the platform was sent.
- untrue, lost, doubled, unmarked: messages and marks at the end, against `wanted` of the ledger's fold.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from bot.bootstrap.open_desk import open_desk
from bot.platforms import load
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.fold import apply
from orchestrator.domain.task import TaskState
from tests import discord_server, slack_server
from tests.bench.graphs import TEAM, plan_of
from tests.crowds import Crowd, DiscordCrowd, Shown, SlackCrowd, ask, card_look, settled, verdict
from tests.model_server import KEY

MENTIONS, SECONDS, ROOMS, PEOPLE = 100, 10.0, 20, 50
LOOKING = 0.5
"""Seconds between two looks of a person for the *Start* button."""
PATIENCE = 900.0


class Change(NamedTuple):
    """A fact at that time (Unix) changed how a card looks, and so it should look since."""

    at: float
    look: str


def report(url: str, home: Path) -> list[str]:
    """Prints the figures of both platforms, one after the other; what should not have been, as one phrase for each."""
    return [wrong for name in ("slack", "discord") if (wrong := asyncio.run(_measure(name, url, home / name)))]


async def _measure(name: str, url: str, home: Path) -> str:
    await asyncio.to_thread(home.mkdir)
    async with _platform(name) as (crowd, connected, environment):
        hub = _hub(url, home, environment)
        desk = await open_desk(load(home=home, environment={}))
        try:
            while not connected():
                assert hub.poll() is None, "the hub ended"
                await asyncio.sleep(0.1)
            began = time.time()
            said = await _crowded(crowd)
            states = await settled(crowd, lambda: _fresh(desk), MENTIONS, patience=PATIENCE, every=2)
            await _print(crowd, desk, said, states, began)
            return _wrong(crowd, states)
        finally:
            hub.terminate()
            await asyncio.to_thread(hub.wait)
            await desk.close()


@asynccontextmanager
async def _platform(name: str) -> AsyncGenerator[tuple[Crowd, Callable[[], bool], Mapping[str, str]]]:
    """The crowd, whether the hub listens, and the hub's settings for it."""
    async with AsyncExitStack() as stack:
        if name == "slack":
            one = await stack.enter_async_context(slack_server.serving())
            keys = {"BOT_TOKEN": one.bot_token, "APP_TOKEN": one.app_token, "API_URL": one.url}
            yield SlackCrowd(one, rooms=ROOMS, people=PEOPLE), lambda: one.sockets.open, keys
        else:
            two = await stack.enter_async_context(discord_server.serving())
            keys = {"TOKEN": two.token, "API_URL": two.api_url, "GATEWAY_URL": two.gateway_url}
            crowd = DiscordCrowd(two, rooms=ROOMS, people=PEOPLE)
            yield crowd, lambda: bool(two.gateway.sessions), keys


def _hub(url: str, home: Path, platform: Mapping[str, str]) -> subprocess.Popen[bytes]:
    models = {"MODELS__DEFAULT": "test-model", "MODELS__API_BASE": url, "MODELS__API_KEY": KEY}
    chat = {f"{home.name.upper()}__{name}": value for name, value in platform.items()}
    env = {**os.environ, **{f"THREADWORK_{name}": value for name, value in {**models, **chat}.items()}}
    command = [sys.executable, "-m", "bot", "--home", str(home), "up", "--port", "0"]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)


async def _crowded(crowd: Crowd) -> dict[str, float]:
    """Everybody asks, and presses *Start* when they can; when each request was said."""
    async with asyncio.timeout(PATIENCE):
        return await ask(crowd, MENTIONS, SECONDS, f"PLAN:{plan_of(TEAM).model_dump_json()}", every=LOOKING)


async def _fresh(desk: Desk) -> Sequence[TaskState]:
    """All tasks as another process has left them."""
    return [await desk.state(state.id) for state in await desk.states()]


async def _print(
    crowd: Crowd, desk: Desk, said: Mapping[str, float], states: Sequence[TaskState], began: float
) -> None:
    shown = crowd.shown()
    by_root: dict[str, list[Shown]] = {root: [x for x in shown if x.root == root] for root in said}
    firsts = [rows[0].at - said[root] for root, rows in by_root.items() if rows]
    lags: list[float] = []
    ends: list[float] = []
    for state in states:
        assert state.request is not None
        changes = await _changes(crowd, desk, state)
        cards = _cards(changes, by_root[state.request.place.thread])
        ends += [at for at, number in cards if number == len(changes) - 1][:1]
        lags += _lags(changes, cards)
    kept = [r.at.timestamp() - said[str(r.event.inbound["message"])] for r in await desk.room(crowd.name)
            if isinstance(r.event, e.Heard) and r.event.kind == "mentioned"]  # fmt: skip
    minutes = (max(ends, default=began) - began) / 60
    edits = sum(1 for x in shown if x.edit)
    print(f"{crowd.name}: {MENTIONS} mentions in {SECONDS:.0f} s over {ROOMS} channels, {len(states)} tasks")
    for what, seconds in crowd.acks().items():
        print(f"  {what} acknowledged: p50 {part(seconds, 50):.3f} s, p99 {part(seconds, 99):.3f} s ({len(seconds)})")
    print(f"  mention kept: p50 {part(kept, 50):.3f} s, p99 {part(kept, 99):.3f} s ({len(kept)})")
    print(f"  first card: p50 {part(firsts, 50):.2f} s, p95 {part(firsts, 95):.2f} s, last {max(firsts):.2f} s")
    print(f"  card lag over {len(lags)} changes: p50 {part(lags, 50):.2f} s, p95 {part(lags, 95):.2f} s")
    print(f"  every card true after {minutes * 60:.0f} s; {edits} edits, {edits / minutes:.0f} a minute")
    busiest = crowd.busiest()
    print(f"  at most {busiest.number} {busiest.what}, {busiest.number / busiest.most:.2f} of the limit")
    print("  " + ", ".join(f"{what} {number}" for what, number in _counts(crowd, states).items()))
    for words, times in Counter(crowd.trouble().refused).items():
        print(f"    refused {times} times: {words}")


def _wrong(crowd: Crowd, states: Sequence[TaskState]) -> str:
    """What is more than none of what should not be, as one phrase; empty when all is well."""
    found = [f"{what} {number}" for what, number in _counts(crowd, states).items() if number]
    missing = MENTIONS - sum(1 for state in states if state.final)
    found += [f"not ended {missing}"] if missing else []
    return f"{crowd.name}: {', '.join(found)}" if found else ""


def _counts(crowd: Crowd, states: Sequence[TaskState]) -> dict[str, int]:
    trouble, end = crowd.trouble(), verdict(crowd, states)
    return {
        "refused": len(trouble.refused), "not acknowledged in time": trouble.unanswered, "429": trouble.limited,
        **end._asdict(),
    }  # fmt: skip


async def _changes(crowd: Crowd, desk: Desk, of: TaskState) -> list[Change]:
    """Each fact after which the card looks different."""
    state, found = TaskState(of.id), list[Change]()
    for record in await desk.records(of.id):
        state = apply(state, record)
        look = card_look(crowd, state)
        if not found or found[-1].look != look:
            found.append(Change(record.at.timestamp(), look))
    return found


def _cards(changes: Sequence[Change], shown: Sequence[Shown]) -> list[tuple[float, int]]:
    """When the thread's card was shown, and up to which change: the newest of that look by then."""
    found: list[tuple[float, int]] = []
    for at, _, look, _ in shown:
        numbers = [n for n, change in enumerate(changes) if change.look == look and change.at <= at]
        found += [(at, numbers[-1])] if numbers else []
    return found


def _lags(changes: Sequence[Change], cards: Sequence[tuple[float, int]]) -> list[float]:
    """Seconds from each change until a card showed it or something newer; never: infinite."""
    return [
        min((at - change.at for at, upto in cards if upto >= number), default=float("inf"))
        for number, change in enumerate(changes)
    ]


def part(values: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("nan")
