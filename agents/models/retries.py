"""Retries when the provider is busy, down or silent: for a limited time, and never before its Retry-After."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agents.models.model_errors import Busy, Crashed, Down, Silent
from agents.models.resume_broken_reply import NOTHING_KEPT, KeptWords, continued, joined_words, kept, whole
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.errors import ModelBusy, ModelDown, ModelFailed, ModelSilent, Spent
from orchestrator.ports import Model, OnDraft


@dataclass(frozen=True)
class RetryLimits:
    """How long to retry, in seconds: waits grow from `first` to `most`; `total` bounds their sum."""

    tries: int = 6
    first: float = 0.5
    most: float = 30.0
    total: float = 180.0


@dataclass(frozen=True)
class World:
    """Randomness and sleep; tests pass their own."""

    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


class RetryingModel:
    """A Model that retries temporary errors of the inner one. Raises its last error when the time is up."""

    def __init__(self, inner: Model, *, world: World, patience: RetryLimits | None = None) -> None:
        self._inner = inner
        self._world = world
        self._patience = patience or RetryLimits()

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """One turn; see ports.Model. The words of a stream that broke off are kept, and the next try continues them."""
        waited, tries = 0.0, 0
        words, spent = NOTHING_KEPT, Spent()
        while True:
            tries += 1
            try:
                answer = await self._inner.complete(continued(prompt, words), on_draft=_after(words, on_draft))
                return whole(words, answer).with_lost(spent)
            except (ModelBusy, ModelDown) as error:
                spent = error.spent = spent.plus(error.spent)
                wait = self._wait(error, tries)
                if tries >= self._most_tries(error) or waited + wait > self._patience.total:
                    raise
                if isinstance(error, Down | Silent) and not prompt.must_call:
                    words = kept(words, error.came)
            except ModelFailed as error:
                error.spent = spent.plus(error.spent)
                raise
            waited += wait
            await self._world.sleep(wait)

    def _most_tries(self, error: ModelBusy | ModelDown) -> int:
        """After silence the server may still be generating, so the same generation is started once more at most. A
        server that is loading its model is asked until the time is up."""
        if isinstance(error, Down) and error.patient:
            return sys.maxsize
        silent = isinstance(error, ModelSilent) or (isinstance(error, Down) and error.silent)
        return min(2, self._patience.tries) if silent else self._patience.tries

    def _wait(self, error: ModelBusy | ModelDown, tries: int) -> float:
        """Full jitter below a growing bound; after a Retry-After, that time plus a little jitter."""
        bound = min(self._patience.most, self._patience.first * 2 ** (tries - 1))
        jitter = self._world.random() * bound
        asked = error.retry_after if isinstance(error, Busy | Crashed | Down) else None
        return jitter if asked is None else asked + jitter / 4


def _after(words: KeptWords, on_draft: OnDraft | None) -> OnDraft | None:
    """Returns what shows people the kept words in front of what comes."""
    if on_draft is None or not words.text:
        return on_draft
    return lambda look: on_draft(lambda: joined_words(words, look()))
