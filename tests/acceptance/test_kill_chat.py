"""`kill -9` of a hub with a chat account, again and again: the request is served once, all is posted once and true.

The platform stays where it is, in the test; what people do while nobody hears them waits for the next life.
"""

import asyncio
import itertools
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap.hub import close_desk, open_desk
from bot.posts import Posts, Standing
from bot.settings import load
from orchestrator.domain.task import TaskState
from tests.acceptance.test_kill import free_port
from tests.discord_server import DiscordServer, serving
from tests.killable_chat import Life
from tests.scenarios import discord_stage

REPEATED = ("400 160004", "400 40060", "404 10014")
"""Discord's answers to what was done before: a thread made, an interaction answered, a reaction taken away."""
STRIDE = 6
"""Facts of each life."""
DONE = "Done, 1 file: note.md."


class OnDiscord:
    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        keys = {"token": server.token, "api_url": server.api_url, "gateway_url": server.gateway_url}
        self.accounts = {"discord": keys}

    async def ask(self) -> None:
        server = self.server
        self.root = await server.says(server.person(), server.channel, f"{server.mention} write a note")

    async def press(self, verb: str) -> bool:
        found = discord_stage.button(self.server, self.root, verb)
        if found is not None:
            await self.server.presses(self.server.person(), *found)
        return found is not None

    def done(self) -> bool:
        return discord_stage.reads(self.server, self.root, DONE)

    def audit(self, state: TaskState, standing: Standing, link: str) -> None:
        discord_stage.audit(self.server, self.root, state, standing, link)
        assert not [r for r in self.server.refusals if not any(code in r for code in REPEATED)]


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


async def job(chat: OnDiscord) -> None:
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


async def audited(chat: OnDiscord, home: Path, link: str) -> None:
    """What the ledger says stands there; tried until it holds."""
    problem: AssertionError | None = None
    for _ in range(60):
        desk = await open_desk(load(home=home, environment={}))
        try:
            states = await desk.states()
            assert len(states) == 1, "asked once"
            (name,) = chat.accounts
            chat.audit(states[0], await Posts(desk, name).of(states[0].id), f"{link}/t/{states[0].id}")
            return
        except AssertionError as error:
            problem = error
        finally:
            await close_desk(desk)
        await asyncio.sleep(0.5)
    assert problem is not None
    raise problem


@pytest.mark.timeout(600)
async def test_a_hub_that_is_killed_at_its_steps_serves_a_request_in_chat_once(
    home: Path, request: pytest.FixtureRequest
) -> None:
    stride = 1 if request.config.getoption("--every-step") else STRIDE
    async with serving() as server:
        chat = OnDiscord(server)
        lives = Lives(home, chat.accounts, stride)
        living = asyncio.create_task(lives.run())
        try:
            async with asyncio.timeout(500):
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
