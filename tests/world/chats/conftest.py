"""The room that every habit takes."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.inbox import join_wordless_messages
from bot.outbox import reminders
from bot.slack import add_message_details
from tests.world.chats.room import Room, opened


@pytest.fixture
async def room(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Room]:  # fmt: skip
    """One platform with its people, and the hub behind it. Reminders are looked for all the time."""
    monkeypatch.setattr(reminders, "EVERY", 0.05)
    monkeypatch.setattr(join_wordless_messages, "WAIT", 0.05)
    monkeypatch.setattr(add_message_details, "PATIENCE", 60.0)  # on a busy machine names come late
    async with opened(request.param, tmp_path, **getattr(request.function, "rules", {})) as it:
        yield it
