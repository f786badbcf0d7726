"""Tries a model with graded tasks: the twenty of `threadwork try-model`, or the three of `threadwork doctor --live`."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agents.model_trial.run_trial import Bill, ReplyWatch, run_tasks
from agents.model_trial.tasks.all_tasks import THREE, TWENTY
from agents.model_trial.trial_task import TrialTask
from agents.model_trial.verdict import ModelVerdict, TaskResult, verdict
from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from agents.models.model_windows import ModelWindows
from agents.models.model_wrappers import layered
from agents.models.retries import RetryLimits, World
from agents.models.truncation_guard import WholePrompts
from bot.bootstrap.models import endpoint_of
from bot.config.settings import Settings

PATIENCE = RetryLimits(tries=3, total=60.0)
"""A person is watching, so a model that is down is reported soon."""


@dataclass(frozen=True)
class ModelTrial:
    """A model's results. `tokens` and `cost` (US dollars, 0 if the price isn't known) are what the trial has used."""

    model: str
    verdict: ModelVerdict
    results: Sequence[TaskResult]
    tokens: int
    cost: float


async def whole_trial(
    settings: Settings, name: str, *, api_base: str | None = None, on_result: Callable[[TaskResult], None]
) -> ModelTrial:
    """Runs all tasks. `api_base`: a server that isn't in the settings; it is sent no key. Raises ModelFailed if the
    model can't be reached."""
    endpoint = Endpoint(api_base=api_base, timeout=settings.models.seconds) if api_base else endpoint_of(settings)
    return await _trial(endpoint, name, TWENTY, on_result)


async def quick_trial(settings: Settings, name: str) -> ModelTrial:
    """Runs three of the tasks. Raises ModelFailed if the model can't be reached."""
    return await _trial(endpoint_of(settings), name, THREE, lambda _: None)


async def _trial(
    endpoint: Endpoint, name: str, tasks: Sequence[TrialTask], on_result: Callable[[TaskResult], None]
) -> ModelTrial:
    alone = replace(endpoint, fallbacks=(), rows=tuple(replace(row, fallbacks=()) for row in endpoint.rows))
    vendor = LiteLLM(alone, shows_first=True)
    watch, bill = ReplyWatch(WholePrompts(vendor, ModelWindows(alone).refuse_what_would_be_cut)), Bill()
    model = layered(watch, alone, world=World(random=random.random, sleep=asyncio.sleep), patience=PATIENCE)
    try:
        results = await run_tasks(tasks, model, name, watch, bill, on_result)
    finally:
        await vendor.close()
    return ModelTrial(name, verdict(name, results), results, bill.tokens, bill.cost)
