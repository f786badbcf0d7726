"""Every chat platform that the common stories run on, one row each: how its strict server and its people are opened."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from tests.scenarios.chat_people import Chat
from tests.scenarios.discord_people import at_discord
from tests.scenarios.slack_people import at_slack

Opens = Callable[..., AbstractAsyncContextManager[Any]]
CHATS: Mapping[str, Opens] = {
    "slack": at_slack,
    "discord": at_discord,
}

IN_CHATS = pytest.mark.parametrize("name", [*CHATS])
EVERYWHERE = pytest.mark.parametrize("name", ["web", *CHATS])


def chat(name: str, *, faster: float = 1) -> AbstractAsyncContextManager[Chat]:
    """The strict server of that name, with its people. `faster`: minutes pass so many times as fast."""
    return CHATS[name](faster=faster)
