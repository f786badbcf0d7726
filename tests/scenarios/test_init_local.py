"""`init` on a machine that serves models: what it lists, what is chosen, and what the file then says."""

import asyncio
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agents.models.endpoint import route
from bot.bootstrap.models import endpoint_of
from bot.cli import cli
from bot.platforms import load
from bot.terminal.init import InitOptions, init
from bot.terminal.local_models import NONE
from orchestrator.errors import Refused
from tests.local_servers.base import LocalServer, Weights, serving
from tests.local_servers.llama_cpp import LlamaCpp
from tests.local_servers.lm_studio import LMStudio
from tests.local_servers.ollama import Ollama
from tests.local_servers.other import Other
from tests.local_servers.vllm import VLLM


class AtTerminal:
    """A person at a terminal, who types these lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self._lines.pop(0)}\n"


def options(**given: Any) -> InitOptions:
    """All that wasn't given is asked, or not done."""
    none: dict[str, Any] = dict.fromkeys(("model", "api_base", "port"))
    off: dict[str, Any] = dict.fromkeys(("api_key_stdin", "local", "force", "non_interactive"), False)
    return InitOptions(**(none | off | given))


class Desk:
    """Where `init` runs, beside the servers."""

    def __init__(self, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.file, self._monkeypatch, self._capsys = file, monkeypatch, capsys

    async def types(self, *lines: str, at: Sequence[LocalServer] = (), **given: Any) -> str:
        """What a person reads who types these lines."""
        self._monkeypatch.setattr(sys, "stdin", AtTerminal(lines))
        await asyncio.to_thread(init, self.file, options(**given), [server.url for server in at])
        return self._capsys.readouterr().out

    async def takes(self, at: Sequence[LocalServer], **given: Any) -> str:
        """What is said when nobody is asked."""
        return await self.types(at=at, local=True, non_interactive=True, force=True, **given)

    @property
    def models(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text())["models"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path / "threadwork.toml", monkeypatch, capsys)


async def test_a_person_picks_a_number_and_is_asked_neither_for_an_address_nor_for_a_key(desk: Desk) -> None:
    async with (
        serving(Ollama([Weights("qwen3:8b", loaded=True)], window=40_960)) as ollama,
        serving(LMStudio([Weights("google/gemma-4-26b-a4b")])) as studio,
    ):
        said = await desk.types("2", "8765", at=[ollama, studio])
    assert f"  1  qwen3:8b (Ollama at {ollama.url}): 40,960 tokens, can call tools\n" in said
    assert f"  2  google/gemma-4-26b-a4b (LM Studio at {studio.url}): not loaded" in said
    assert desk.models == {
        "default": "openai/google/gemma-4-26b-a4b",
        "api_base": f"{studio.url}/v1",
        "api_key": "none-needed",
    }
    assert studio.loads == []


async def test_a_key_of_another_provider_never_reaches_the_chosen_server(desk: Desk) -> None:
    async with serving(VLLM([Weights("Qwen/Qwen3-8B")], window=32_768)) as server:
        await desk.takes([server])
    settings = load(desk.file, environment={"OPENAI_API_KEY": "sk-somebody"})
    way = route(endpoint_of(settings), "openai/Qwen/Qwen3-8B", frozenset({"openai"}))
    assert (way.vendor_name, way.api_base) == ("openai/Qwen/Qwen3-8B", f"{server.url}/v1")
    assert way.api_key == "none-needed"


async def test_nothing_found_is_one_sentence_and_the_usual_questions(desk: Desk) -> None:
    async with serving(Other(kind="html")) as server:
        said = await desk.types("", "0", at=[server])
    assert NONE in said
    assert desk.models == {}


async def test_a_name_that_is_not_listed_is_taken_as_before(desk: Desk) -> None:
    async with serving(Ollama([Weights("qwen3:8b", loaded=True)])) as server:
        await desk.types("sesame", "own/x", "https://models.example/v1", "0", at=[server], api_key_stdin=True)
    assert desk.models == {"default": "own/x", "api_base": "https://models.example/v1", "api_key": "sesame"}


async def test_a_named_model_is_looked_for_nowhere(desk: Desk) -> None:
    async with serving(Ollama([Weights("qwen3:8b", loaded=True)])) as server:
        await desk.types(at=[server], model="own/x", non_interactive=True)
    assert desk.models == {"default": "own/x"}
    assert server.asked == []


async def test_without_a_person_the_first_that_calls_tools_is_taken(desk: Desk) -> None:
    async with (
        serving(VLLM([Weights("a/b")], parser=False)) as off,
        serving(LlamaCpp([Weights("c.gguf", loaded=True)], window=32_768)) as on,
    ):
        await desk.takes([off, on])
        assert desk.models["default"] == "openai/c.gguf"
        said = await desk.takes([off, on], model="a/b")
    assert desk.models["default"] == "openai/a/b"
    assert "a/b can't call tools: start it with --enable-auto-tool-choice" in said


@pytest.mark.parametrize(
    ("server", "model", "words"),
    [
        (VLLM([Weights("a/b")], parser=False), None, "No model server here has a model that can call tools."),
        (VLLM([Weights("a/b")]), "other", "No model server here serves 'other'."),
        (Other(kind="404"), None, "No model server here has a model that can call tools."),
    ],
)
async def test_without_a_person_and_a_fitting_model_nothing_is_written(
    desk: Desk, server: LocalServer, model: str | None, words: str
) -> None:
    async with serving(server):
        with pytest.raises(Refused, match=words):
            await desk.takes([server], model=model)
    assert not desk.file.exists()


async def test_a_named_address_is_asked_instead_of_the_usual_ones(tmp_path: Path) -> None:
    file = tmp_path / "threadwork.toml"
    words = ["init", "--file", str(file), "--non-interactive", "--local", "--api-key-stdin", "--port", "0"]
    async with serving(VLLM([Weights("Qwen/Qwen3-8B")], window=32_768, key="sesame")) as server:
        for base in (server.url, f"{server.url}/v1/"):
            given = [*words, "--api-base", base, "--force"]
            ended = await asyncio.to_thread(CliRunner().invoke, cli, given, input="sesame\n")
            assert ended.exit_code == 0, ended.output
            assert "32,768 tokens, can call tools" in ended.output
            assert tomllib.loads(file.read_text())["models"] == {
                "default": "openai/Qwen/Qwen3-8B", "api_base": f"{server.url}/v1", "api_key": "sesame",
            }  # fmt: skip
