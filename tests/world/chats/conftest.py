"""The room that every habit takes."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.world.chats.room import Room, opened


@pytest.fixture
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Room]:
    """One platform with its people, and the hub behind it."""
    async with opened(request.param, tmp_path) as it:
        yield it
