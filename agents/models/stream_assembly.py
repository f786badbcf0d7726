"""Assembles a streamed reply from its pieces.

The library's builder drops calls without ids and costs several times as much.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.models.glued_arguments import whole_arguments
from agents.models.stream_details_litellm_drops import RawStream
from agents.models.thought_fields import joined
from agents.models.visible_text import OpenCall

_THOUGHTS = ("reasoning_content", "reasoning_details", "thinking_blocks", "provider_specific_fields")


@dataclass
class _Part:
    id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the vendor sent with the call and wants back."""


@dataclass(frozen=True)
class _OlderCall:
    """A piece of the one call that the older form of the protocol allows."""

    function: Any
    index: int = 0
    id: str = ""
    model_extra: None = None


def _longer_name(before: str, piece: str) -> str:
    """Some servers send a name in pieces, and some send it whole with every piece of the call."""
    if piece.startswith(before):
        return piece
    return before if before.endswith(piece) else before + piece


def _starts_another(part: _Part, given: str, function: Any) -> bool:
    if function is None or not function.name or not part.name or not part.arguments or (given and given == part.id):
        return False
    try:
        json.loads("".join(part.arguments))
    except ValueError:
        return False
    return True


@dataclass
class StreamAssembly:
    """Takes chunks one by one; `message` is then what an unstreamed reply would have been."""

    usage: Any = None
    raw: RawStream | None = None
    """Knows what the library drops of the reply."""
    _words: list[str] = field(default_factory=list[str])
    _parts: list[_Part] = field(default_factory=list[_Part])
    _latest: dict[int, _Part] = field(default_factory=dict[int, _Part])
    """Returns the call that pieces with this index belong to."""
    _thoughts: dict[str, Any] = field(default_factory=dict[str, Any])

    def take(self, chunk: Any) -> bool:
        """Adds a chunk. Returns whether it had words or a part of a call."""
        self.usage = getattr(chunk, "usage", None) or self.usage
        choices = getattr(chunk, "choices", None)
        delta = getattr(choices[0], "delta", None) if choices else None
        if delta is None:
            return False
        content, calls = getattr(delta, "content", None), getattr(delta, "tool_calls", None)
        if isinstance(content, str):
            self._words.append(content)
        for name in _THOUGHTS:
            if piece := getattr(delta, name, None):
                self._thoughts[name] = joined(self._thoughts.get(name), piece)
        for piece in calls or ():
            self._take_call(piece)
        if (older := getattr(delta, "function_call", None)) is not None:
            self._take_call(_OlderCall(older))
        return bool(content or calls or older)

    @property
    def text(self) -> str:
        """Returns the text so far, with whatever a server leaves in it."""
        return "".join(self._words)

    @property
    def first_call(self) -> OpenCall | None:
        """Returns the first call as far as it has come."""
        return OpenCall(self._parts[0].name, "".join(self._parts[0].arguments)) if self._parts else None

    @property
    def some(self) -> bool:
        """Returns whether any part of a reply came; the library ends even an empty stream as if one had."""
        return bool(self.text or self._parts or self._thoughts)

    def message(self) -> dict[str, Any]:
        """Returns the message so far."""
        calls = [
            {**p.more, "id": p.id, "function": {"name": p.name, "arguments": whole_arguments(p.arguments)}}
            for p in self._parts
        ]
        own = self.raw.thoughts if self.raw is not None else {}
        renamed = {"reasoning_content"} if "reasoning" in own else set[str]()
        thoughts = {name: value for name, value in self._thoughts.items() if name not in renamed} | own
        return {**thoughts, "content": self.text, "tool_calls": calls}

    def _take_call(self, piece: Any) -> None:
        index, given = getattr(piece, "index", None) or 0, getattr(piece, "id", None) or ""
        part = self._latest.get(index)
        function = getattr(piece, "function", None)
        # Some servers give every call the index 0; a new id, or a name after whole arguments, starts another call.
        if part is None or (given and part.id and given != part.id) or _starts_another(part, given, function):
            part = _Part(given)
            self._parts.append(part)
            self._latest[index] = part
        part.id = part.id or given
        extra: Mapping[str, Any] = piece.model_extra or {}
        part.more |= {name: value for name, value in extra.items() if value}
        if function is None:
            return
        part.name = _longer_name(part.name, function.name or "")
        if function.arguments:
            part.arguments.append(function.arguments)
