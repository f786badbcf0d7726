"""A real small model behind a real endpoint: what it is graded, and that work given to it ends in honest failure."""

import json
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from agents.models.model_windows import ModelWindows
from agents.models.model_wrappers import layered
from agents.models.rehearsal.model import Rehearsal
from agents.models.rehearsal.replies import STANDARD
from agents.models.retries import World
from bot.bootstrap.model_trial import whole_trial
from bot.cards.card_projection import project
from bot.config.settings import Settings
from bot.platforms import load
from bot.terminal import doctor
from bot.terminal.init import InitOptions, init
from orchestrator.domain.model_messages import Answer, Prompt, Said
from orchestrator.domain.tool_calls import HostCall
from orchestrator.errors import ModelTooLong
from orchestrator.ports import Model, OnDraft
from tests.draft_reader import ReadAlong
from tests.memory_hub import stage
from tests.real_model import NAME, WINDOW

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def settings(tmp_path: Path, url: str) -> Settings:
    return load(environment={}, home=tmp_path / "home", models={"default": NAME, "api_base": url})


@pytest.fixture
async def vendor(smollm: str) -> AsyncIterator[LiteLLM]:
    model = LiteLLM(Endpoint(api_base=smollm))
    yield model
    await model.close()


@pytest.mark.slow
async def test_doctor_says_that_it_is_not_for_tools(smollm: str, tmp_path: Path) -> None:
    row = await doctor.model(settings(tmp_path, smollm))
    assert row.level == "fail"
    assert f"{NAME!r} can't be trusted with tools" in row.words


@pytest.mark.slow
async def test_twenty_tasks_say_that_it_is_not_for_tools(smollm: str, tmp_path: Path) -> None:
    trial = await whole_trial(settings(tmp_path, smollm), NAME, on_result=lambda _: None)
    assert trial.verdict.grade == "not for tools", trial.verdict
    assert "of the 15 that need tools" in trial.verdict.sentence
    assert len(trial.results) == 20
    assert not any(row.passed for row in trial.results if row.uses_tools)
    assert trial.tokens > 0


@pytest.mark.slow
def test_init_finds_it_and_says_what_it_is_worth(
    smollm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, url = tmp_path / "threadwork.toml", smollm.removesuffix("/v1")
    options = InitOptions(None, smollm, False, local=True, port=0, force=False, non_interactive=True)
    init(file, options)
    said = capsys.readouterr().out
    assert f"{NAME} (llama.cpp at {url}): 2,048 tokens, accepts tools, but didn't call one when asked" in said
    assert "2,048 tokens are too few for most steps." in said
    assert tomllib.loads(file.read_text())["models"] == {
        "default": f"openai/{NAME}", "api_base": smollm, "api_key": "none-needed",
    }  # fmt: skip


@pytest.mark.slow
async def test_its_window_is_asked_from_its_server(smollm: str, tmp_path: Path) -> None:
    (row,) = await doctor.model_server(settings(tmp_path, smollm))
    assert row.level == "warn" and f"{NAME}, 2,048 tokens" in row.words
    assert await ModelWindows(Endpoint(api_base=smollm)).room(f"openai/{NAME}") == WINDOW - WINDOW // 4


async def test_real_tokens_stream_and_are_counted(vendor: LiteLLM) -> None:
    reader = ReadAlong()
    ask = Prompt(model=NAME, messages=(Said(role="user", text="Name three colours."),))
    await vendor.complete(ask)  # until its first reply, nobody knows whether it thinks aloud
    answer = await vendor.complete(ask, on_draft=reader)
    assert len(reader.texts) > 3
    assert reader.texts[-1] == answer.reply.text
    assert answer.usage.prompt > 10
    assert answer.usage.completion >= len(reader.texts) - 1


@pytest.mark.slow
async def test_a_conversation_beyond_its_window_is_told_as_too_long(vendor: LiteLLM) -> None:
    ask = Prompt(model=NAME, messages=(Said(role="user", text="word " * 2 * WINDOW),))
    with pytest.raises(ModelTooLong):
        await vendor.complete(ask)


@pytest.mark.slow
async def test_its_server_binds_an_answer_to_a_schema(smollm: str) -> None:
    bound = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON, "strict": True}}
    asked = {"messages": [{"role": "user", "content": "Make up a person."}], "response_format": bound}
    async with httpx.AsyncClient(timeout=120) as client:
        said = (await client.post(f"{smollm}/chat/completions", json={"model": NAME, **asked})).json()
    assert json.loads(said["choices"][0]["message"]["content"]).keys() == {"name", "age"}


class PlannedByRehearsal:
    """A Model that lets the rehearsal plan and the real one do the work."""

    def __init__(self, worker: Model) -> None:
        self._planner, self._worker = Rehearsal("http://127.0.0.1:9/rehearsal"), worker

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        planning = "/plan:" in prompt.topic
        asked = prompt if planning else prompt.model_copy(update={"model": NAME})
        return await (self._planner if planning else self._worker).complete(asked)


async def no_wait(seconds: float) -> None:
    """Retries at once."""


def worker(vendor: LiteLLM, smollm: str) -> Model:
    return layered(vendor, Endpoint(api_base=smollm), world=World(random=lambda: 0.5, sleep=no_wait))


@pytest.mark.slow
async def test_a_job_that_it_plans_ends_in_a_plain_failure_and_nothing_starts(
    vendor: LiteLLM, smollm: str, tmp_path: Path
) -> None:
    model = worker(vendor, smollm)

    class Named:
        async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
            return await model.complete(prompt.model_copy(update={"model": NAME}))

    async with stage(tmp_path, Named()) as on:  # pyright: ignore[reportArgumentType]
        task = await on.ask(STANDARD)
        state = await on.until(task, lambda s: any(line.level == "error" for line in s.lines), seconds=240)
        assert state.plan is None and not state.deliverables
        assert "done" not in project(state).headline.lower()
        (line,) = [line for line in state.lines if line.level == "error"]
        assert NAME in line.text


async def never(call: HostCall) -> str:
    raise AssertionError(call.tool)


@pytest.mark.slow
async def test_a_planned_job_given_to_it_fails_step_by_step_and_never_says_done(
    vendor: LiteLLM, smollm: str, tmp_path: Path
) -> None:
    async with stage(tmp_path, PlannedByRehearsal(worker(vendor, smollm))) as on:  # pyright: ignore[reportArgumentType]
        for name in ("browser_open", "sheet_write", "document_write"):
            on.host.tool(name, never)
        task = await on.ask(STANDARD)
        await on.press_start(task)
        state = await on.until(
            task,
            lambda s: s.plan and sum(s.of(row.id).status == "failed" for row in s.plan.subtasks) == 6,
            seconds=240,
        )
        assert state.plan is not None and not state.deliverables
        assert state.phase not in ("done", "answered")
        told = {row.id: (state.of(row.id).status, state.of(row.id).problem) for row in state.plan.subtasks}
        assert {status for status, _ in told.values()} == {"failed", "planned"}, told
        problems = [problem for status, problem in told.values() if status == "failed"]
        assert all("didn't call any tools" in one or "not handed in" in one for one in problems), told
        assert not on.host.calls
