"""Slow models: what ends a turn is silence, not length, and silence doesn't start the same generation many times."""

from typing import Literal

import pytest

from agents.models.endpoint import Endpoint, EndpointModel
from agents.models.model_wrappers import layered
from agents.models.retries import World
from orchestrator.domain.model_messages import Prompt, Reply, Said
from orchestrator.errors import ModelSilent
from orchestrator.flows.subtask import worth_another_attempt
from tests.litellm_cores import Make
from tests.model_server import KEY, Server, listed, scripted, serving
from tests.scenarios.test_litellm import ASK_TOOLS, TWO_CALLS

LONG = Reply(text=" ".join(f"word{n}" for n in range(40)))
ASK = Prompt(model="test-model", messages=(Said(role="user", text="Tell me all of it."),))


def at(server: Server) -> Endpoint:
    return Endpoint(api_base=server.url, api_key=KEY, rows=(EndpointModel("test-model", timeout=60),))


async def no_time(_seconds: float) -> None:
    """A sleep that takes none."""


async def test_a_reply_that_takes_longer_than_the_limit_arrives_while_its_pieces_keep_coming(core: Make) -> None:
    async with serving(scripted([LONG])) as server:
        server.pace = 59
        assert (await core(at(server), server.clock).complete(ASK)).reply == LONG
        assert len(server.log) == 1


async def test_silence_starts_the_same_generation_once_more_and_no_new_attempt(core: Make) -> None:
    async with serving(scripted([LONG]), faults=listed(*["hang"] * 9)) as server:
        endpoint = at(server)
        model = layered(core(endpoint, server.clock), endpoint, world=World(random=lambda: 0.0, sleep=no_time))
        with pytest.raises(ModelSilent, match="'test-model' didn't send anything") as caught:
            await model.complete(ASK)
        assert server.begun == 2
        assert not worth_another_attempt(caught.value, attempt=1)


@pytest.mark.parametrize(("streams", "asked"), [("ignored", [True, False]), ("refused", [True, False, False])])
async def test_a_server_that_cannot_stream_is_asked_without_it_from_then_on(
    streams: Literal["ignored", "refused"], asked: list[bool], core: Make
) -> None:
    async with serving(scripted([TWO_CALLS])) as server:
        server.streams = streams
        model = core(at(server), server.clock)
        for _ in range(2):
            answer = await model.complete(ASK_TOOLS)
            assert [c.args for c in answer.reply.calls] == [c.args for c in TWO_CALLS.calls]
        assert [bool(seen.body.get("stream")) for seen in server.log] == asked
