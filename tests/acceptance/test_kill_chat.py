"""`kill -9` of a hub with a chat account, again and again: the request is served once, all is posted once and true.

The platform stays where it is, in the test; what people do while nobody hears them waits for the next life.
"""

import asyncio
import itertools
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.bootstrap.open_desk import open_desk
from bot.outbox.posted_thread import PostedThread
from bot.outbox.record_posted_messages import PostedMessages
from bot.platforms import load
from orchestrator.domain.task import TaskState
from tests.acceptance.test_kill import free_port
from tests.discord_server import DiscordServer
from tests.discord_server import serving as discord_serving
from tests.killable_chat import Life
from tests.scenarios import discord_under_stress, slack_under_stress
from tests.slack_server import serving as slack_serving

REPEATED = {
    "discord": ("400 160004", "400 40060", "404 10014", "404 10003"),
    "slack": ("already_reacted", "no_reaction"),
}
"""Answers to what was done before, a thread made, an interaction answered, a reaction put or taken away, and to the
look for a first message whose thread was not made either."""
STRIDE = 9
"""Facts of each life."""
DONE = "Done, 1 file: note.md."


class Chat(Protocol):
    """A platform with Ada in it. `press` is whether there was a button to press."""

    accounts: dict[str, dict[str, str]]

    def ask(self) -> Any: ...
    async def press(self, verb: str) -> bool: ...
    def done(self) -> bool: ...
    def audit(self, state: TaskState, standing: PostedThread, link: str) -> None: ...


class OnDiscord:
    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        keys = {"token": server.token, "api_url": server.api_url, "gateway_url": server.gateway_url}
        self.accounts = {"discord": keys}

    async def ask(self) -> None:
        server = self.server
        self.root = await server.says(server.person(), server.channel, f"{server.mention} write a note")

    async def press(self, verb: str) -> bool:
        found = discord_under_stress.button(self.server, self.root, verb)
        if found is not None:
            await self.server.presses(self.server.person(), *found)
        return found is not None

    def done(self) -> bool:
        return discord_under_stress.reads(self.server, self.root, DONE)

    def audit(self, state: TaskState, standing: PostedThread, link: str) -> None:
        discord_under_stress.audit(self.server, self.root, state, standing, link)
        assert not [r for r in self.server.refusals if not any(code in r for code in REPEATED["discord"])]


class OnSlack:
    def __init__(self, server: Any) -> None:
        self.server = server
        self.team = slack_under_stress.Team.of(server)
        self.accounts = {"slack": {"bot_token": server.bot_token, "app_token": server.app_token, "api_url": server.url}}

    async def ask(self) -> None:
        self.root = self.team.asks()

    async def press(self, verb: str) -> bool:
        there = self.team.button(self.root, verb) is not None
        return there and await self.team.presses(self.root, verb)

    def done(self) -> bool:
        return self.team.reads(self.root, DONE)

    def audit(self, state: TaskState, standing: PostedThread, link: str) -> None:
        slack_under_stress.audit(self.team, self.root, state, standing, "white_check_mark")
        assert not [r for r in self.server.refusals if r[1] not in REPEATED["slack"]]


@asynccontextmanager
async def on(platform: str) -> AsyncIterator[Chat]:
    if platform == "discord":
        async with discord_serving() as server:
            yield OnDiscord(server)
    else:
        async with slack_serving() as server:
            yield OnSlack(server)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the unprivileged host can reach."""
    folder = Path(tempfile.mkdtemp(prefix="threadwork-chat-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Lives:
    """One hub after the other on one home, each dying after some facts."""

    def __init__(self, home: Path, accounts: dict[str, dict[str, str]], stride: int) -> None:
        self.life = {
            "home": home, "database": f"sqlite:///{home}/threadwork.db", "who": "hub", "count": stride,
            "port": free_port(), "accounts": accounts,
        }  # fmt: skip
        self.deaths = 0

    async def run(self) -> None:
        for when in itertools.cycle(["after", "before"]):
            told = Life.model_validate({**self.life, "when": when}).model_dump_json()
            hub = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.killable_chat", told)
            try:
                code = await hub.wait()
            finally:
                if hub.returncode is None:
                    hub.kill()
                    await hub.wait()
            assert code == -9, f"life {self.deaths} of the hub ended with {code}"
            self.deaths += 1


async def job(chat: Chat) -> None:
    """As people do it: pressing again, when nothing happened."""
    while not chat.done():
        for verb in ("start", "accept"):
            await chat.press(verb)
        await _soon(chat.done, 2)


async def _soon(fact: Callable[[], Any], seconds: float) -> None:
    for _ in range(int(seconds / 0.05)):
        if fact():
            return
        await asyncio.sleep(0.05)


async def audited(chat: Chat, home: Path, link: str) -> None:
    """What the ledger says stands there; tried until it holds."""
    problem: AssertionError | None = None
    for _ in range(400):  # a life that ends at its first fact brings this one nearer
        desk = await open_desk(load(home=home, environment={}))
        try:
            states = await desk.states()
            assert len(states) == 1, "asked once"
            (name,) = chat.accounts
            chat.audit(states[0], await PostedMessages(desk, name).of(states[0].id), f"{link}/t/{states[0].id}")
            return
        except AssertionError as error:
            problem = error
        finally:
            await desk.close()
        await asyncio.sleep(0.5)
    assert problem is not None
    raise problem


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_a_hub_that_is_killed_at_its_steps_serves_a_request_in_chat_once(
    platform: str, home: Path, everything: bool
) -> None:
    stride = 1 if everything else STRIDE
    async with on(platform) as chat:
        lives = Lives(home, chat.accounts, stride)
        living = asyncio.create_task(lives.run())
        try:
            async with asyncio.timeout(5900 if everything else 280):
                await chat.ask()
                working = asyncio.create_task(job(chat))
                await asyncio.wait({working, living}, return_when=asyncio.FIRST_COMPLETED)
                assert not living.done(), living.exception()
                await working
                await audited(chat, home, f"http://127.0.0.1:{lives.life['port']}")
        finally:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
        assert lives.deaths > 2
