"""The world of each behaviour, once with a server that streams and once with one that doesn't."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.models import litellm_import
from tests.world.models.behaviours import WorldOfOne
from tests.world.models.vendor_server import vendor_serving

SERVERS = ("streamed", "whole")


@pytest.fixture(params=SERVERS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WorldOfOne]:
    await litellm_import.load()  # it takes longer than a step waits
    async with vendor_serving(streams=request.param == "streamed") as server:
        made = WorldOfOne(server, tmp_path)
        try:
            yield made
        finally:
            await made.close()
