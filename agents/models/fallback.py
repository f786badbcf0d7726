"""Falls back to the next model on the list when a model fails for good, and tells people."""

from collections.abc import Callable

from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.errors import ModelFailed, ModelTooLong, Spent
from orchestrator.ports import Model, OnDraft


class FallbackModel:
    """Tries other models in order: `fallbacks(name)` are the names to try after `name`.

    Raises the first model's error when all have failed, naming the others. A conversation that is too long isn't tried
    elsewhere: it has to be shortened.
    """

    def __init__(self, inner: Model, *, fallbacks: Callable[[str], tuple[str, ...]]) -> None:
        self._inner = inner
        self._fallbacks = fallbacks

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """One turn; see ports.Model. `note` says which model answered instead, and why."""
        first: ModelFailed | None = None
        spent = Spent()
        others = self._fallbacks(prompt.model)
        for name in (prompt.model, *others):
            ask = prompt if name == prompt.model else prompt.model_copy(update={"model": name})
            try:
                answer = await self._inner.complete(ask, on_draft=on_draft)
            except ModelFailed as error:
                if first is None and isinstance(error, ModelTooLong):
                    raise
                first, spent = first or error, spent.plus(error.spent)
            else:
                return answer if first is None else _noted(answer.with_lost(spent), prompt.model, first)
        if first is None:
            raise ModelFailed(f"The model {prompt.model!r} wasn't called.")
        if others:
            first.args = (f"{first} Its fallbacks failed too: {', '.join(map(repr, others))}.",)
        first.spent = spent
        raise first


def _noted(answer: Answer, wanted: str, why: ModelFailed) -> Answer:
    note = f"{answer.model!r} answered instead of {wanted!r}: {why}"
    return answer.model_copy(update={"note": f"{note} {answer.note}".strip()})
