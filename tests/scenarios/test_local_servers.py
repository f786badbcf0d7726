"""Finding Ollama, LM Studio, llama.cpp and vLLM: what is recognized, what is said of it, and what is left alone."""

import socket

import pytest

from bot.bootstrap.find_local_model_servers import FoundModels, found_models
from bot.terminal.local_models import NONE, advice, best, chosen, line, listed
from tests.blocking_calls import refused
from tests.local_servers.base import LocalServer, Weights, port_of, serving
from tests.local_servers.llama_cpp import LlamaCpp
from tests.local_servers.lm_studio import LMStudio
from tests.local_servers.ollama import Ollama
from tests.local_servers.other import Other
from tests.local_servers.vllm import VLLM


async def found_at(*servers: LocalServer, key: str | None = None) -> FoundModels:
    """What is found at these addresses, without blocking."""
    with refused():
        return await found_models([server.url for server in servers], key)


def lines(found: FoundModels) -> dict[str, str]:
    """Each model's line, without the address."""
    return {model.name: line(model).partition("): ")[2] for model in found.models}


async def test_ollama_is_asked_for_what_is_loaded_and_believed_for_the_rest() -> None:
    disk = [
        Weights("hf.co/bartowski/Big-GGUF:Q4_K_M", most=40_960),
        Weights("qwen3:8b", loaded=True),
        Weights("gemma:2b", loaded=True, tools=False),
        Weights("mute:latest", loaded=True, calls=False),
        Weights("tuned:latest", num_ctx=32_768),
        Weights("nomic-embed-text:latest", chats=False, loaded=True),
        Weights("gpt-oss:120b-cloud", remote=True),
    ]
    async with serving(Ollama(disk, window=4_096)) as server:
        found = await found_at(server)
    assert lines(found) == {
        "qwen3:8b": "4,096 tokens, can call tools",
        "gemma:2b": "4,096 tokens, can't call tools",
        "mute:latest": "4,096 tokens, accepts tools, but didn't call one when asked",
        "hf.co/bartowski/Big-GGUF:Q4_K_M": "not loaded, up to 40,960 tokens, can call tools",
        "tuned:latest": "not loaded, 32,768 tokens, can call tools",
        "gpt-oss:120b-cloud": "131,072 tokens, can call tools",
    }
    assert server.loads == []
    assert [body["model"] for body in server.chats] == ["qwen3:8b", "mute:latest"]
    assert "runs in Ollama's cloud" in line(found.models[-1])
    assert (taken := best(found)) is not None and taken.name == "qwen3:8b"
    assert advice(taken) == ["4,096 tokens are too few for most steps. Start Ollama with OLLAMA_CONTEXT_LENGTH=32768."]
    assert advice(found.models[3])[0].startswith("Ollama may give it only 4,096 tokens")


@pytest.mark.parametrize("older", [False, True])
async def test_lm_studio_is_asked_only_for_what_is_loaded(older: bool) -> None:
    disk = [
        Weights("google/gemma-4-26b-a4b", most=262_144),
        Weights("qwen/qwen3-8b", loaded=True),
        Weights("text-embedding-nomic-embed-text-v1.5", chats=False, loaded=True),
    ]
    async with serving(LMStudio(disk, window=16_384, older=older)) as server:
        found = await found_at(server)
    assert lines(found) == {
        "qwen/qwen3-8b": "16,384 tokens, can call tools",
        "google/gemma-4-26b-a4b": "not loaded, up to 262,144 tokens, tool calling not checked (the model isn't loaded)",
    }
    assert server.loads == []
    assert {model.kind for model in found.models} == {"LM Studio"}


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (LlamaCpp([Weights("m.gguf", loaded=True)], window=8_192), "8,192 tokens, can call tools"),
        (
            LlamaCpp([Weights("m.gguf", loaded=True)], window=8_192, jinja=False),
            "8,192 tokens, can't call tools: start it with --jinja",
        ),
        (
            LlamaCpp([Weights("m.gguf", loaded=False)], window=8_192),
            "not loaded, 8,192 tokens, tool calling not checked (the model isn't loaded)",
        ),
        (
            LlamaCpp([Weights("m.gguf", loaded=True)], window=8_192, key="sesame"),
            "window unknown, tool calling not checked (the server requires a key)",
        ),
        (VLLM([Weights("Qwen/Qwen3-8B")], window=32_768), "32,768 tokens, can call tools"),
        (
            VLLM([Weights("Qwen/QwQ-32B", thinks=True)], window=32_768),
            "32,768 tokens, accepts tools, but was still thinking when it hit the token limit",
        ),
        (
            VLLM([Weights("Qwen/Qwen3-8B")], window=32_768, parser=False),
            "32,768 tokens, can't call tools: start it with --enable-auto-tool-choice and the --tool-call-parser for "
            "this model",
        ),
    ],
)
async def test_one_that_was_started_without_tools_says_which_option_is_missing(server: LocalServer, words: str) -> None:
    server.models[0].most = 0
    async with serving(server):
        found = await found_at(server)
    assert list(lines(found).values()) == [words]
    assert server.loads == []


async def test_a_router_of_llamacpp_is_not_made_to_load_anything() -> None:
    disk = [Weights("a/m:Q4_K_M"), Weights("b", loaded=True)]
    async with serving(LlamaCpp(disk, window=8_192, router=True)) as server:
        found = await found_at(server)
    assert lines(found) == {
        "b": "8,192 tokens, can call tools",
        "a/m:Q4_K_M": "not loaded, window unknown, tool calling not checked (the model isn't loaded)",
    }
    assert server.loads == []


@pytest.mark.parametrize(
    "server",
    [
        LlamaCpp([Weights("bge-m3", loaded=True, chats=False)]),
        VLLM([Weights("BAAI/bge-m3", chats=False)]),
        VLLM([Weights("BAAI/bge-m3", chats=False)], paths_by_task=True),
        Ollama([Weights("bge-m3:latest", chats=False)]),
        LMStudio([Weights("text-embedding-bge-m3", chats=False)]),
        Ollama([]),
        LMStudio([]),
    ],
    ids=lambda server: type(server).__name__,
)
async def test_what_cannot_chat_is_not_offered(server: LocalServer) -> None:
    async with serving(server):
        found = await found_at(server)
    assert found.models == ()
    assert [text.endswith("doesn't have any chat models.") for text in listed(found)] == [True]


@pytest.mark.parametrize(
    "kind",
    [
        "html",
        "html with the type of JSON",
        "half",
        "another JSON",
        "a list of other things",
        "404",
        "basic",
        "redirect",
    ],
)
async def test_another_program_on_such_a_port_is_left_alone(kind: str) -> None:
    async with serving(Other(kind=kind)) as server:
        found = await found_at(server)
    assert list(listed(found)) == [NONE]
    assert not server.chats
    if kind != "a list of other things":
        assert [one.path for one in server.asked] == ["/v1/models"]


async def test_a_server_that_hangs_does_not_keep_another_from_being_found() -> None:
    async with (
        serving(Other(kind="hang")) as stuck,
        serving(VLLM([Weights("Qwen/Qwen3-8B")])) as first,
        serving(Ollama([Weights("qwen3:8b", loaded=True)])) as second,
    ):
        found = await found_at(stuck, first, second)
    assert [model.kind for model in found.models] == ["vLLM", "Ollama"]


@pytest.mark.parametrize("kind", [VLLM, LMStudio])
async def test_one_that_wants_a_key_is_named_and_found_with_it(kind: type[LocalServer]) -> None:
    async with serving(kind([Weights("m", loaded=True)], key="sesame")) as server:
        without, given = await found_at(server), await found_at(server, key="sesame")
    assert without.models == ()
    (told,) = listed(without)
    assert told.startswith(f"{server.url} requires a key.") and "--api-key-stdin" in told
    assert lines(given) == {"m": "4,096 tokens, can call tools"}


async def test_one_on_ipv6_alone_is_found_at_the_usual_port() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    async with serving(Ollama([Weights("qwen3:8b", loaded=True)]), host="::1") as server:
        found = await found_models([f"http://127.0.0.1:{port_of(server.url)}"])
        again = await found_models([server.url, f"http://127.0.0.1:{port_of(server.url)}"])
    (model,) = found.models
    assert model.api_base == f"{server.url}/v1"
    assert again == found


async def test_a_model_is_chosen_by_number_or_name() -> None:
    async with serving(Ollama([Weights("a:1", loaded=True), Weights("b/c:2")])) as server:
        found = await found_at(server)
    picks = {typed: chosen(found, typed) for typed in ("1", "2", "b/c:2", "openai/a:1", "0", "3", "²", "gpt-5", "")}
    assert {typed: pick and pick.name for typed, pick in picks.items()} == {
        "1": "a:1", "2": "b/c:2", "b/c:2": "b/c:2", "openai/a:1": "a:1",
        "0": None, "3": None, "²": None, "gpt-5": None, "": None,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [Ollama, LMStudio, VLLM, LlamaCpp])
async def test_a_name_that_would_draw_on_the_terminal_is_left_out(kind: type[LocalServer]) -> None:
    names = ("good", "bad\x1b[2J", "two\nlines", "", "x" * 301)
    async with serving(kind([Weights(name, loaded=True, most=10**30) for name in names])) as server:
        found = await found_at(server)
    assert lines(found) == {"good": "4,096 tokens, can call tools"}
    assert found.models[0].most is None
