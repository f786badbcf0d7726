"""What `doctor` says of the server behind the default model, and of servers that nobody has chosen yet."""

from pathlib import Path

import pytest

from bot.config.settings import Settings
from bot.platforms import load
from bot.terminal.doctor import model_server
from tests.local_servers.base import LocalServer, Weights, serving
from tests.local_servers.llama_cpp import LlamaCpp
from tests.local_servers.lm_studio import LMStudio
from tests.local_servers.ollama import Ollama
from tests.local_servers.other import Other
from tests.local_servers.vllm import VLLM


def settings(tmp_path: Path, **models: str) -> Settings:
    return load(environment={}, home=tmp_path, models=models)


@pytest.mark.parametrize(
    ("server", "name", "level", "words"),
    [
        (Ollama([Weights("qwen3:8b", loaded=True)], window=40_960), "openai/qwen3:8b", "ok", "qwen3:8b, 40,960 tokens"),
        (Ollama([Weights("qwen3:8b", loaded=True)]), "ollama_chat/qwen3:8b", "warn", "qwen3:8b, 4,096 tokens"),
        (Ollama([Weights("qwen3:latest")]), "openai/qwen3", "ok", "qwen3, not loaded, up to 131,072 tokens"),
        (LMStudio([Weights("a/b", loaded=True)], window=20_000), "openai/a/b", "ok", "a/b, 20,000 tokens"),
        (LlamaCpp([Weights("c", loaded=True)], window=20_000), "openai/c", "ok", "c, 20,000 tokens"),
        (VLLM([Weights("a/b")], window=20_000), "a/b", "ok", "a/b, 20,000 tokens"),
        (VLLM([Weights("a/b")]), "openai/other", "fail", "doesn't serve 'other'."),
    ],
)
async def test_doctor_names_the_server_and_its_window(
    tmp_path: Path, server: LocalServer, name: str, level: str, words: str
) -> None:
    async with serving(server):
        (row,) = await model_server(settings(tmp_path, default=name, api_base=f"{server.url}/v1"))
    assert (row.name, row.level) == ("server", level)
    assert server.url in row.words and row.words.endswith(words)
    assert bool(row.next) == (level != "ok")
    assert server.loads == [] and server.chats == []


async def test_doctor_says_nothing_of_a_server_that_it_does_not_know(tmp_path: Path) -> None:
    async with serving(Other(kind="a list of other things")) as server:
        assert await model_server(settings(tmp_path, default="openai/m", api_base=server.url)) == []
    assert await model_server(settings(tmp_path, default="openai/m", api_base=server.url)) == []
    assert await model_server(settings(tmp_path, default="anthropic/claude-sonnet-4-5")) == []


async def test_doctor_finds_what_nobody_has_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(Ollama([Weights("qwen3:8b", loaded=True)])) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        (row,) = await model_server(settings(tmp_path))
    assert row.words.startswith(f"qwen3:8b (Ollama at {server.url})") and "init" in row.next
    assert server.chats == []
