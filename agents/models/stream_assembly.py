"""Assembles a streamed reply from its pieces.

The library's builder drops calls without ids and costs several times as much.
"""

from dataclasses import dataclass, field
from typing import Any

from agents.models.streamed_text import OnText


@dataclass
class _Part:
    id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])


@dataclass
class StreamAssembly:
    """Takes chunks one by one; `message` is then what an unstreamed reply would have been."""

    on_text: OnText
    usage: Any = None
    _words: list[str] = field(default_factory=list[str])
    _parts: list[_Part] = field(default_factory=list[_Part])
    _latest: dict[int, _Part] = field(default_factory=dict[int, _Part])
    """Returns the call that pieces with this index belong to."""

    def take(self, chunk: Any) -> None:
        """Adds a chunk and passes its text to `on_text` at once."""
        self.usage = getattr(chunk, "usage", None) or self.usage
        if not chunk.choices:
            return
        delta = chunk.choices[0].delta
        if delta.content:
            self._words.append(delta.content)
            self.on_text(delta.content)
        for piece in delta.tool_calls or ():
            self._take_call(piece)

    @property
    def some(self) -> bool:
        """Returns whether any part of a reply came; the library ends even an empty stream as if one had."""
        return bool(self._words or self._parts)

    def message(self) -> dict[str, Any]:
        """Returns the message so far."""
        calls = [{"id": p.id, "function": {"name": p.name, "arguments": "".join(p.arguments)}} for p in self._parts]
        return {"content": "".join(self._words), "tool_calls": calls}

    def _take_call(self, piece: Any) -> None:
        index, given = piece.index or 0, piece.id or ""
        part = self._latest.get(index)
        # Some servers give every call the index 0; a new id then shows that another call starts.
        if part is None or (given and part.id and given != part.id):
            part = _Part(given)
            self._parts.append(part)
            self._latest[index] = part
        part.id = part.id or given
        function = piece.function
        if function is None:
            return
        part.name = part.name or function.name or ""
        if function.arguments:
            part.arguments.append(function.arguments)
