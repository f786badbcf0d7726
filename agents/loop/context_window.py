"""What the loop wants to know about a model's window, and a rough answer for when nobody can count."""

from collections.abc import Sequence
from typing import Protocol

from orchestrator.domain.model_messages import Message
from orchestrator.domain.tool_calls import ToolSpec

_PER_TOKEN = 3
"""Characters; fewer than usual, so that the guess is rather too large."""


class Window(Protocol):
    """How much a model can read at once, in tokens."""

    async def room(self, model: str) -> int:
        """Returns what a prompt for the model may have, tools included."""
        ...

    async def sizes(self, messages: Sequence[Message]) -> Sequence[int]: ...

    async def tools_size(self, specs: Sequence[ToolSpec]) -> int: ...

    def too_long(self, model: str, size: int, named: int | None) -> None:
        """Learns that a prompt of `size` was too long. `named`: the window that the server named, if it did."""
        ...


class RoughWindow:
    """Counts characters, and takes every model to have the same window until one refuses a prompt."""

    def __init__(self, room: int = 100_000) -> None:
        self._room = room
        self._learnt: dict[str, int] = {}

    async def room(self, model: str) -> int:
        return self._learnt.get(model, self._room)

    async def sizes(self, messages: Sequence[Message]) -> Sequence[int]:
        return [len(message.model_dump_json()) // _PER_TOKEN for message in messages]

    async def tools_size(self, specs: Sequence[ToolSpec]) -> int:
        return sum(len(spec.description) + len(str(spec.parameters)) for spec in specs) // _PER_TOKEN

    def too_long(self, model: str, size: int, named: int | None) -> None:
        self._learnt[model] = min(self._learnt.get(model, self._room), size * 4 // 5, named or size)
