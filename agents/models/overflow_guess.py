"""Takes a request that is refused without a known reason, after others were accepted, to be too long: once a turn."""

from collections import deque

from agents.models.model_errors import UnexplainedRefusal
from orchestrator.domain.model_messages import Answer, Prompt, Reply
from orchestrator.errors import ModelTooLong
from orchestrator.ports import Model, OnDraft

_REMEMBERED = 1000
"""Turns."""


class OverflowGuess:
    """A Model that raises a ModelTooLong that isn't sure for the first such refusal of a turn.

    Earlier turns of the conversation were accepted, so what is new is mostly its length; servers word that in more ways
    than anybody knows.
    """

    def __init__(self, inner: Model) -> None:
        self._inner = inner
        self._guessed: deque[str] = deque(maxlen=_REMEMBERED)

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """One turn; see ports.Model."""
        try:
            return await self._inner.complete(prompt, on_draft=on_draft)
        except UnexplainedRefusal as error:
            begun = any(isinstance(message, Reply) for message in prompt.messages)
            if not begun or not prompt.topic or prompt.topic in self._guessed:
                raise
            self._guessed.append(prompt.topic)
            guess = ModelTooLong(str(error), sure=False)
            guess.spent = error.spent
            raise guess from None
