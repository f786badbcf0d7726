"""Counts the tokens of conversations without asking a vendor, in a thread unless they are short.

The table of merges is `cl100k_base`. litellm ships it and has it in memory anyway, so it needs no download.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents.models import openai_format
from orchestrator.domain.model_messages import Message, Reply, Returned, Said
from orchestrator.domain.tool_calls import Call, ToolSpec

FRAME = 6
"""Tokens around each message: its role and the marks between messages."""
PICTURE = 1_600
"""Tokens of a picture at our largest size, at the vendor that counts the most."""
_PIECE = 2_000
"""Characters encoded at once: the time for a long run of the same character grows with its square."""
_SHORT = 2_000
"""Characters that are counted sooner than a thread would begin to."""


class TokenCounter:
    """Counts with litellm's own `encoding`."""

    def __init__(self, encoding: Any) -> None:
        self._encoding = encoding
        self._tools: dict[tuple[str, ...], int] = {}
        """Sizes of sets of tools, by their names and descriptions, which say what a tool is as long as this process
        lives."""

    async def sizes(self, messages: Sequence[Message]) -> Sequence[int]:
        """Returns the tokens of each message, with its calls' arguments and its pictures."""
        if sum(map(_length, messages)) <= _SHORT:
            return [self._message(one) for one in messages]
        return await asyncio.to_thread(lambda: [self._message(one) for one in messages])

    async def tools_size(self, specs: Sequence[ToolSpec]) -> int:
        """Returns the tokens of the tools' schemas as vendors get them."""
        names = tuple(text for spec in specs for text in (spec.name, spec.description))
        if names not in self._tools:
            text = json.dumps(openai_format.tools(specs), ensure_ascii=False)
            self._tools[names] = await asyncio.to_thread(self._text, text)
        return self._tools[names]

    async def message_size(self, message: Mapping[str, Any]) -> int:
        """Returns the tokens of a vendor's own message, with its thoughts and calls."""
        return await asyncio.to_thread(self._text, json.dumps(message, ensure_ascii=False, default=str))

    def _message(self, message: Message) -> int:
        match message:
            case Said(text=text, pictures=pictures):
                return FRAME + self._text(text) + PICTURE * len(pictures)
            case Returned(text=text):
                return FRAME + self._text(text)
            case Reply(text=text, calls=calls):
                return FRAME + self._text(text) + sum(FRAME + self._text(part) for part in _call_texts(calls))

    def _text(self, text: str) -> int:
        encode = self._encoding.encode_ordinary
        return sum(len(encode(text[at : at + _PIECE])) for at in range(0, len(text), _PIECE))


def _length(message: Message) -> int:
    """Returns about how many characters a message has."""
    calls = message.calls if isinstance(message, Reply) else ()
    return len(message.text) + sum(len(str(call.args)) for call in calls)


def _call_texts(calls: Iterable[Call]) -> Iterable[str]:
    return (f"{call.tool} {json.dumps(call.args, ensure_ascii=False)}" for call in calls)
