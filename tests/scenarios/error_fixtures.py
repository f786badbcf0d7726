"""What tests of errors share: a model over real HTTP behind the whole head, and proof that no key shows anywhere."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from agents.models.model_wrappers import layered
from agents.models.retries import World
from bot.cards.card import Card
from bot.cards.card_projection import project
from bot.cards.timeline import moments
from orchestrator.desk import Desk
from orchestrator.domain.events import EVENT
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Prompt, Reply, Returned
from orchestrator.ports import Model
from tests.memory_hub import say

MODEL = "test-model"


def plan(*rows: dict[str, object]) -> Reply:
    return say(propose_plan={"title": "A plan", "subtasks": list(rows)})


def row(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "title": name.capitalize(), "instructions": f"Do {name}.", "agent": "analyst", **more}


def brain(*rows: dict[str, object]):
    """Plans these subtasks; every agent looks around once and is done."""

    async def answer(prompt: Prompt) -> Reply:
        planning = any(tool.name == "propose_plan" for tool in prompt.tools)
        if planning:
            return plan(*(rows or [row("a")]))
        looked = any(isinstance(message, Returned) for message in prompt.messages)
        able = any(tool.name == "list_files" for tool in prompt.tools)
        return say(list_files={}) if able and not looked else Reply(text="Done.")

    return answer


async def no_time(_seconds: float) -> None:
    """A pause between two tries that takes none."""
    await asyncio.sleep(0)


class OverHttp:
    """A Model for the stage: litellm with all its layers; `others` are made ready to be closed."""

    def __init__(self, endpoint: Endpoint, name: str = MODEL) -> None:
        self._core = LiteLLM(endpoint)
        self._name = name
        self._model: Model = layered(self._core, endpoint, world=World(random=lambda: 1.0, sleep=no_time))

    async def complete(self, prompt: Prompt, **more: object):
        named = prompt if prompt.model != "scripted" else prompt.model_copy(update={"model": self._name})
        return await self._model.complete(named, **more)  # pyright: ignore

    async def close(self) -> None:
        await self._core.close()


def card_of(state: object) -> Card:
    return project(state)  # pyright: ignore


async def nowhere(secret: str, desk: Desk, task: TaskId, caplog: pytest.LogCaptureFixture, *folders: Path) -> None:
    """Neither the ledger's rows, the card, the timeline, the log nor a file holds the secret."""
    records = await desk.records(task)
    assert records
    assert not any(secret.encode() in EVENT.dump_json(r.event) for r in records)
    assert secret not in project(await desk.state(task)).model_dump_json()
    assert not any(secret in m.text for m in moments(records))
    assert secret not in caplog.text
    assert not [f for folder in folders for f in holding(secret, folder)]


def holding(secret: str, folder: Path) -> Sequence[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]
