"""Every chat platform that the common stories run on, one row each: the product's row, its server, its people."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple

import pytest

from bot.platform_registration import Platform
from bot.platforms import PLATFORMS
from tests.sample_platform.platform import LARGEST, LIMITS, SERVICE, Lines
from tests.sample_platform.server.people import in_lines
from tests.scenarios.chat_people import Chat
from tests.scenarios.discord_people import at_discord
from tests.scenarios.slack_people import at_slack


class Stand(NamedTuple):
    """`opens` takes `faster`: minutes pass so many times as fast."""

    row: Platform[Any]
    opens: Callable[..., AbstractAsyncContextManager[Any]]


_OURS = {row.name: row for row in PLATFORMS}
STANDS = (
    Stand(_OURS["slack"], at_slack),
    Stand(_OURS["discord"], at_discord),
    Stand(Platform("lines", "Lines", Lines, "[a-z]+", LIMITS, lambda: SERVICE, largest=LARGEST), in_lines),
)
BY_NAME = {stand.row.name: stand for stand in STANDS}
ROWS = tuple(stand.row for stand in STANDS)

IN_CHATS = pytest.mark.parametrize("name", list(BY_NAME))
EVERYWHERE = pytest.mark.parametrize("name", ["web", *BY_NAME])


@asynccontextmanager
async def chat(name: str, *, faster: float = 1) -> AsyncGenerator[Chat]:
    """The strict server of that platform, with its people. `faster`: minutes pass so many times as fast."""
    stand = BY_NAME[name]
    async with stand.opens(faster=faster) as it:
        it.row = stand.row
        yield it
