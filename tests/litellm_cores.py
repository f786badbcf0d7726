"""Models that ask a vendor through litellm, closed at the end of a test."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from agents.models.response_watch import LOOP_CLOCK, SilenceClock


class Make(Protocol):
    def __call__(self, endpoint: Endpoint, clock: SilenceClock = LOOP_CLOCK) -> LiteLLM: ...


@pytest.fixture
async def core() -> AsyncIterator[Make]:
    made: list[LiteLLM] = []

    def make(endpoint: Endpoint, clock: SilenceClock = LOOP_CLOCK) -> LiteLLM:
        made.append(LiteLLM(endpoint, clock=clock))
        return made[-1]

    yield make
    for model in made:
        await model.close()
