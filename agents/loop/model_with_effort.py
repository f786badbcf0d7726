"""A model that is asked for a role's thinking effort."""

from dataclasses import dataclass

from orchestrator.domain.model_messages import Answer, Effort, Prompt
from orchestrator.ports import Model, OnDraft


@dataclass(frozen=True)
class ModelWithEffort:
    """Implements the Model port. `effort`: None for the model's usual."""

    inner: Model
    effort: Effort | None

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """One turn; see ports.Model."""
        return await self.inner.complete(prompt.model_copy(update={"effort": self.effort}), on_draft=on_draft)
