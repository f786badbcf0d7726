"""The window of a model on a server of one's own: what the server holds now, not what the model was made for."""

import asyncio
from pathlib import Path

import pytest

from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from agents.models.model_windows import UNKNOWN, ModelWindows
from bot.bootstrap.models import brain_of
from bot.platforms import load
from orchestrator.domain.model_messages import Prompt, Said
from orchestrator.errors import ModelTooLong
from tests.blocking_calls import refused
from tests.local_servers.base import LocalServer, Weights, serving
from tests.local_servers.llama_cpp import LlamaCpp
from tests.local_servers.lm_studio import LMStudio
from tests.local_servers.ollama import Ollama
from tests.local_servers.other import Other
from tests.local_servers.vllm import VLLM
from tests.scenarios.test_litellm import ADD

HALF = 32_768
LOADED = [Weights("m", loaded=True)]


def room(window: int) -> int:
    """What a prompt may have of the window."""
    return window - min(8_192, window // 4)


@pytest.mark.parametrize(
    "server",
    [
        Ollama(LOADED, window=HALF),
        Ollama([Weights("m", loaded=True, num_ctx=HALF)]),
        Ollama([Weights("m:latest", loaded=True)], window=HALF),
        Ollama([Weights("m", loaded=True, lent=65_536)], window=HALF),
        LMStudio(LOADED, window=HALF),
        LMStudio(LOADED, window=HALF, older=True),
        LlamaCpp(LOADED, window=HALF),
        LlamaCpp([Weights("models/another-name.gguf", loaded=True)], window=HALF),
        LlamaCpp([Weights("m", loaded=True), Weights("other")], window=HALF, router=True),
        VLLM(LOADED, window=HALF),
    ],
    ids=lambda server: type(server).__name__,
)
async def test_the_window_is_what_the_server_holds_now(server: LocalServer) -> None:
    async with serving(server):
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        with refused():
            assert await windows.room("openai/m") == room(HALF)
        assert await windows.room("openai/m") == room(HALF)
        assert server.loads == [] and server.chats == []


async def test_ollama_loads_a_model_whose_turn_it_is_and_says_what_it_got() -> None:
    async with serving(Ollama([Weights("m"), Weights("other")], window=4_096)) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        assert await windows.room("openai/m") == room(4_096)
        assert server.loads == ["m"]
        assert [one.body for one in server.asked if one.path == "/api/show"] == [{"model": "m"}]
        asked = len(server.asked)
        assert await windows.room("openai/m") == room(4_096)
        assert len(server.asked) == asked


async def test_ollama_that_keeps_nothing_loaded_is_not_made_to_load_before_each_turn() -> None:
    async with serving(Ollama([Weights("m")], window=4_096, keeps=False)) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        for _ in range(3):
            assert await windows.room("openai/m") == room(UNKNOWN)
        assert server.loads == ["m"]


def long(words: int) -> Prompt:
    """A prompt of about so many tokens."""
    return Prompt(model="openai/m", messages=(Said(role="user", text="word " * words),))


async def test_a_prompt_that_ollama_would_cut_is_never_sent(tmp_path: Path) -> None:
    async with serving(Ollama([Weights("m")], window=4_096)) as server:
        models = brain_of(load(environment={}, home=tmp_path, models=chosen(server)), "http://127.0.0.1:9")
        with pytest.raises(ModelTooLong, match="more than the 4,096 tokens that Ollama gave 'openai/m'"):
            await models.model.complete(long(5_000))
        assert server.chats == []
        assert (await models.model.complete(long(3_000))).reply.text
        assert models.windows is not None
        models.windows.too_long("openai/m", 5_000, 4_096)
        server.window, server.models[0].loaded = HALF, False  # started again with OLLAMA_CONTEXT_LENGTH
        assert (await models.model.complete(long(5_000))).reply.text
        assert await models.windows.room("openai/m") == room(HALF)
        assert models.close is not None
        await models.close()


@pytest.mark.parametrize("older", [False, True])
async def test_a_prompt_that_lm_studio_may_cut_is_never_sent(older: bool, tmp_path: Path) -> None:
    async with serving(LMStudio([Weights("m", loaded=True)], window=4_096, older=older)) as server:
        models = brain_of(load(environment={}, home=tmp_path, models=chosen(server)), "http://127.0.0.1:9")
        with pytest.raises(ModelTooLong, match="4,096 tokens that LM Studio gave 'openai/m'"):
            await models.model.complete(long(5_000))
        assert server.chats == []


@pytest.mark.parametrize("kind", [VLLM, LlamaCpp])
async def test_a_server_that_refuses_long_prompts_itself_gets_them(kind: type[LocalServer], tmp_path: Path) -> None:
    async with serving(kind([Weights("m", loaded=True)], window=4_096)) as server:
        models = brain_of(load(environment={}, home=tmp_path, models=chosen(server)), "http://127.0.0.1:9")
        assert (await models.model.complete(long(5_000))).reply.text
        assert models.close is not None
        await models.close()


def chosen(server: LocalServer) -> dict[str, str]:
    """The settings that `init` writes."""
    return {"default": "openai/m", "api_base": f"{server.url}/v1", "api_key": "none-needed"}


@pytest.mark.parametrize("older", [False, True])
async def test_lm_studio_is_asked_again_once_the_model_is_loaded(older: bool) -> None:
    async with serving(LMStudio([Weights("a/m", most=60_000)], window=8_192, older=older)) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        assert await windows.room("openai/a/m") == room(60_000)
        assert server.loads == []
        server.models[0].loaded = True
        assert await windows.room("openai/a/m") == room(8_192)


async def test_a_router_of_llamacpp_loads_nothing_for_the_question() -> None:
    async with serving(LlamaCpp([Weights("a/m:Q4"), Weights("b")], window=8_192, router=True)) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        assert await windows.room("openai/a/m:Q4") == room(UNKNOWN)
        assert server.loads == []
        server.models[0].loaded = True
        assert await windows.room("openai/a/m:Q4") == room(8_192)


@pytest.mark.parametrize("kind", ["html", "half", "another JSON", "a list of other things", "404", "redirect"])
async def test_what_is_no_model_server_says_nothing(kind: str) -> None:
    async with serving(Other(kind=kind)) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        assert await windows.room("openai/m") == room(UNKNOWN)
        asked = len(server.asked)
        assert await windows.room("openai/m") == room(UNKNOWN)
        assert len(server.asked) == asked, "a server without a list is asked at every turn"


@pytest.mark.parametrize(("status", "again"), [(405, 0), (403, 0), (501, 0), (503, 1), (429, 1), (408, 1)])
async def test_a_server_without_a_list_is_asked_again_if_that_may_pass(status: int, again: int) -> None:
    async with serving(Other(kind="404", status=status)) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        await windows.room("openai/m")
        await windows.room("openai/m")
        assert len(server.asked) == 1 + again


async def test_turns_side_by_side_share_one_question_and_outlive_one_that_is_stopped() -> None:
    async with serving(VLLM(LOADED, window=HALF)) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1"))
        turns = [asyncio.create_task(windows.room("openai/m")) for _ in range(10)]
        await asyncio.sleep(0)
        turns[0].cancel()
        assert await asyncio.gather(*turns[1:]) == [room(HALF)] * 9
        assert len(server.asked) == 1


async def test_a_key_goes_along() -> None:
    async with serving(VLLM(LOADED, window=HALF, key="secret")) as server:
        windows = ModelWindows(Endpoint(api_base=f"{server.url}/v1", api_key="secret"))
        assert await windows.room("openai/m") == room(HALF)


@pytest.mark.parametrize("name", ["ollama_chat/m", "ollama/m", "lm_studio/m", "hosted_vllm/m", "llamafile/m"])
@pytest.mark.parametrize("tail", ["", "/", "/v1"])
async def test_other_spellings_use_the_same_side_and_never_block(name: str, tail: str) -> None:
    async with serving(Ollama(LOADED, window=HALF)) as server:
        endpoint = Endpoint(api_base=f"{server.url}{tail}", keys={"openai": "not for this server"})
        model = LiteLLM(endpoint)
        await model.warm()
        prompt = Prompt(model=name, messages=(Said(role="user", text="Add."),), tools=(ADD,), must_call=True)
        with refused():
            answer = await asyncio.wait_for(model.complete(prompt), 60)
            assert await ModelWindows(endpoint).room(name) == room(HALF)
        await model.close()
        assert [call.tool for call in answer.reply.calls] == ["add"]
        assert {body["model"] for body in server.chats} == {"m"}
        assert not any(one.path == "/api/chat" for one in server.asked)
