"""Never sends a prompt that its server would cut without saying so: a model that misses its instructions does harm."""

from collections.abc import Awaitable, Callable

from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.ports import Model, OnDraft


class WholePrompts:
    """A Model that asks `check` first, which raises ModelTooLong for such a prompt."""

    def __init__(self, model: Model, check: Callable[[Prompt], Awaitable[None]]) -> None:
        self._model = model
        self._check = check

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """Runs one turn."""
        await self._check(prompt)
        return await self._model.complete(prompt, on_draft=on_draft)
