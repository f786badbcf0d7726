"""A place where people ask, the web workspace or a chat, and the head behind it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.bootstrap.run_chat_accounts import chats
from bot.inbox.parse_connect_command import Connect, no_connectors
from bot.platforms import load
from bot.web.asgi_app import web_app
from bot.web.sign_in import invite, person_named
from tests.memory_hub import ScriptedModel, Stage, stage
from tests.scenarios.chat_people import Chat
from tests.scenarios.chat_platforms import chat
from tests.scenarios.web_people import OnWeb
from tests.scenarios.web_workspace import HOST, SECRET, House

FASTER = 20
"""The platforms' minutes and ours can pass so many times as fast."""


@asynccontextmanager
async def at_work(
    tmp_path: Path,
    name: str,
    model: ScriptedModel,
    *,
    faster: float = 1,
    limits: Mapping[str, object] | None = None,
    connect: Connect = no_connectors,
    near: Sequence[str] = (),
    **rules: object,
) -> AsyncGenerator[tuple[Any, Stage]]:
    """The platform and the stage. `rules`: the settings of who may ask. `limits`: see `stage`."""
    async with (
        chat(name, faster=faster) as it,
        stage(tmp_path, model, limits=limits, near=near) as on,
        listening(it, on, tmp_path, faster=faster, connect=connect, **rules),
    ):
        yield it, on


@asynccontextmanager
async def listening(
    it: Chat, on: Stage, tmp_path: Path, *, faster: float = 1, connect: Connect = no_connectors, **rules: object
) -> AsyncGenerator[None]:  # fmt: skip
    """As a hub wires the platform."""
    limits = tuple(one.model_copy(update={"seconds": one.seconds / faster}) for one in it.row.limits)
    rows = (replace(it.row, limits=limits),)
    settings = load(environment={}, home=tmp_path, rows=rows, chats=rules, **{it.row.name: it.keys})
    (work,) = chats(settings, on.desk, "http://hub.test", rows=rows, connect=connect)
    running = asyncio.ensure_future(work())
    try:
        await it.joined()
        yield
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def anywhere(
    tmp_path: Path,
    name: str,
    model: ScriptedModel,
    *,
    limits: Mapping[str, object] | None = None,
    near: Sequence[str] = (),
    **rules: object,
) -> AsyncGenerator[tuple[Any, Stage]]:
    """The web workspace too, which has no such rules. Minutes pass quickly."""
    if name != "web":
        async with at_work(tmp_path, name, model, faster=FASTER, limits=limits, near=near, **rules) as both:
            yield both
        return
    async with stage(tmp_path, model, limits=limits, near=near) as on:
        app = web_app(on.desk, secret=SECRET, clock=on.clock, public_hosts={HOST})
        house = House(on.desk, app)
        it = OnWeb(house.stranger, lambda who: invite(on.desk, person_named(who), on.clock))
        yield it, on
        await it.leave()
