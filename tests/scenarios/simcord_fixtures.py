"""SimCord, somebody else's Discord in one process, as a `Network` for our clients; and what people see and do there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from simcord import Env, _dpy_internals
from simcord.http import FakeHTTPClient

from bot.discord.gateway import Network
from orchestrator.desk import Desk
from tests.scenarios import discord_under_stress

NO_SERVER: Any = SimpleNamespace(token="t", api_url="", gateway_url="")


class Simulated(Network):
    """One world for all clients that come, of which one listens at a time; `up` is set while it does."""

    env: Env

    def __init__(self) -> None:
        self._there = asyncio.Event()
        self.up = asyncio.Event()

    async def log_in(self, client: discord.Client, token: str) -> None:
        await self._there.wait()
        _dpy_internals.install_http(client, FakeHTTPClient(self.env.backend, asyncio.get_running_loop()))
        await client.login(token)

    async def listen(self, client: discord.Client, token: str) -> None:
        if self._there.is_set():
            await self.env.restart_bot(client)
        else:
            self.env = Env(client, shard_count=1)
            self._there.set()
            await self.env.start()
        self.up.set()
        try:
            while not client.is_closed():  # noqa: ASYNC110  (discord.py does not tell)
                await asyncio.sleep(0.01)
        finally:
            self.up.clear()


class House:
    """A server with one channel, and Ada."""

    def __init__(self, env: Env) -> None:
        self.env = env
        guild = env.create_guild()
        self.room = guild.create_text_channel("general")
        self.user = env.create_user("Ada")
        self.ada = guild.add_member(self.user)
        self.mention = f"<@{env.backend.bot_user.id}>"

    def ours(self, channel: Any) -> list[discord.Message]:
        return [m for m in channel.history() if m.author.id == self.env.backend.bot_user.id and m.components]

    def find(self, channel: Any, verb: str) -> tuple[discord.Message, str] | None:
        """A message with a button for this, and the button's custom id."""
        found = ((m, name) for m in self.ours(channel) for name in custom_ids(m) if name.startswith(f"{verb}|"))
        return next(found, None)

    def reads(self, channel: Any, words: str) -> bool:
        return any(words in text(m) for m in self.ours(channel))

    async def press(self, channel: Any, verb: str, by: Any = None) -> Any:
        message, name = await until(lambda: self.find(channel, verb))
        return await (by or self.ada).click(message, custom_id=name)


@asynccontextmanager
async def at_work(desk: Desk, network: Simulated) -> AsyncIterator[None]:
    """The account at work in that world; what it raised there is raised here."""
    async with discord_under_stress.at_work(desk, NO_SERVER, network=network):
        await asyncio.wait_for(network.up.wait(), 60)
        yield
        network.env.raise_errors()


@asynccontextmanager
async def simcord() -> AsyncIterator[Simulated]:
    """Without its virtual clock, which only what an event began would see, and not the outbox beside it."""
    network = Simulated()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_dpy_internals, "acquire_clocks", lambda env: None)
        try:
            yield network
        finally:
            await network.env.shutdown()


def parts(message: discord.Message) -> Iterator[Any]:
    """What the message is made of, as discord.py reads it."""
    yield from discord.ui.LayoutView.from_message(message).walk_children()


def text(message: discord.Message) -> str:
    return "\n".join(p.content for p in parts(message) if isinstance(p, discord.ui.TextDisplay))


def custom_ids(message: discord.Message) -> list[str]:
    return [p.custom_id for p in parts(message) if isinstance(p, discord.ui.Button | discord.ui.Select)]


def shown(form: Any) -> dict[str, str]:
    """What the fields of a modal hold when it opens."""
    fields = [row["component"] for row in form.modal["components"] if row["type"] == 18]
    return {f["custom_id"]: f["value"] for f in fields if f["type"] == 4 and "value" in f}


async def until(fact: Callable[[], Any]) -> Any:
    """What `fact` says as soon as it says something."""
    return await discord_under_stress.true(fact, 10)
