"""What replies that came to nothing have used is counted: with the turn that came after them, or with the failure."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.models.fallback import FallbackModel
from agents.models.model_errors import Busy, CutReply, Down, UnreadableReply
from agents.models.reply_repair import RepairingModel
from agents.models.retries import RetryingModel, RetryLimits, World
from orchestrator.domain.model_messages import Answer, Prompt, Reply, Said
from orchestrator.domain.token_usage import Usage
from orchestrator.errors import ModelBusy, ModelCut, ModelDown, ModelFailed, ModelGarbled
from orchestrator.ports import Model, OnDraft
from tests.memory_hub import ScriptedModel, stage
from tests.recorded_tasks import planned, row

ASK = Prompt(model="m", messages=(Said(role="user", text="Go."),))
EACH = Usage(prompt=10, completion=2, cached=4, unpriced=12)
GOOD = Answer(reply=Reply(text="Done."), model="m", usage=EACH, cost=0.5)


class Lines:
    """Raises or answers in order."""

    def __init__(self, lines: Sequence[ModelFailed | Answer]) -> None:
        self.lines = list(lines)

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        line = self.lines.pop(0)
        if isinstance(line, ModelFailed):
            raise line
        return line


def lost(error: ModelFailed) -> ModelFailed:
    error.spent = EACH.spent(0.5)
    return error


def layers(lines: Sequence[ModelFailed | Answer]) -> Model:
    async def sleep(_seconds: float) -> None:
        pass

    world = World(random=lambda: 0.0, sleep=sleep)
    steady = RetryingModel(Lines(lines), world=world, patience=RetryLimits(tries=2))
    return FallbackModel(RepairingModel(steady), fallbacks=lambda name: ("n",) if name == "m" else ())


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        ([GOOD], 1),
        ([lost(Down("x")), GOOD], 2),
        ([UnreadableReply("m", "x", EACH, 0.5), GOOD], 2),
        ([lost(Down("x")), UnreadableReply("m", "x", EACH, 0.5), lost(Busy("x")), GOOD], 4),
        ([CutReply("m", EACH, 0.5, more=None)] * 3 + [lost(Down("x")), GOOD], 5),
        ([lost(Down("x")), lost(Down("x")), GOOD], 3),
    ],
)
async def test_the_turn_that_follows_carries_them(lines: list[ModelFailed | Answer], times: int) -> None:
    answer = await layers(lines).complete(ASK)
    assert (answer.cost, answer.usage.tokens, answer.usage.cached) == (0.5 * times, 12 * times, 4 * times)
    assert answer.usage.unpriced == 12 * times


@pytest.mark.parametrize(
    ("lines", "kind", "times"),
    [
        ([lost(Down("x"))] * 4, ModelDown, 4),
        ([lost(Busy("x")), lost(Busy("x")), *[UnreadableReply("n", "x", EACH, 0.5)] * 3], ModelBusy, 5),
        ([CutReply("m", EACH, 0.5, more=None)] * 3 + [lost(ModelFailed("x"))], ModelCut, 4),
        ([UnreadableReply("m", "x", EACH, 0.5)] * 6, ModelGarbled, 6),
    ],
)
async def test_the_failure_carries_them(lines: list[ModelFailed | Answer], kind: type[ModelFailed], times: int) -> None:
    copies = [_copy(line) for line in lines]
    with pytest.raises(kind) as caught:
        await layers(copies).complete(ASK)
    assert (caught.value.spent.cost, caught.value.spent.prompt) == (0.5 * times, 10 * times)


def _copy(line: ModelFailed | Answer) -> ModelFailed | Answer:
    """Each try raises an error of its own."""
    match line:
        case CutReply():
            return CutReply("m", EACH, 0.5, more=None)
        case UnreadableReply():
            return UnreadableReply("m", "x", EACH, 0.5)
        case ModelFailed():
            return lost(type(line)("x"))
        case Answer():
            return line


async def test_a_failed_step_has_cost_what_its_model_used_in_vain(tmp_path: Path) -> None:
    error = lost(ModelGarbled("It can't be used."))
    model = ScriptedModel({"plan": [planned(row("a"))], "a": [error] * 3})
    async with stage(tmp_path, model) as on:
        task = await on.ask("Do it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.subtasks and all(x.attempt == 3 for x in s.subtasks.values()))
        state = await on.until(
            task, lambda s: any(x.status == "failed" and x.attempt == 3 for x in s.subtasks.values())
        )
    step = next(iter(state.subtasks.values()))
    assert (step.cost, step.used.unpriced) == (1.5, 36)
    assert state.cost == pytest.approx(1.51)
