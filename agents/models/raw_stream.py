"""Reads along a vendor's stream for what litellm drops of it: refusals, text in parts, the names of thoughts."""

from collections.abc import AsyncIterator
from typing import Any, cast

from agents.models.thinking_text import parts_text
from agents.models.vendor_baggage import SENT, joined


class RawStream:
    """Passes a vendor's chunks through unchanged."""

    def __init__(self, chunks: Any) -> None:
        self._chunks = chunks
        self.refusal = ""
        self.text = ""
        """Text that came in parts, which the library leaves out."""
        self.ended = False
        """Whether the usage came, which ends a stream whether or not a reason did."""
        self.thoughts: dict[str, Any] = {}
        """Fields with thoughts, under the names they came with."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._read()

    async def _read(self) -> AsyncIterator[Any]:
        async for chunk in self._chunks:
            self.ended = self.ended or bool(getattr(chunk, "usage", None))
            for choice in getattr(chunk, "choices", None) or ():
                self._note(getattr(choice, "delta", None))
            yield chunk

    def _note(self, delta: Any) -> None:
        refusal, content = getattr(delta, "refusal", None), getattr(delta, "content", None)
        if isinstance(refusal, str):
            self.refusal += refusal
        if isinstance(content, list):
            self.text += parts_text(cast("list[Any]", content))
        for name in SENT:
            if piece := getattr(delta, name, None):
                self.thoughts[name] = joined(self.thoughts.get(name), piece)

    async def aclose(self) -> None:
        """Closes the vendor's stream."""
        close = getattr(self._chunks, "aclose", None) or getattr(self._chunks, "close", None)
        if close is not None:
            await close()


def opened(stream: Any) -> RawStream | None:
    """Starts reading along; None for vendors whose stream the library opens later, and drops nothing of."""
    if getattr(stream, "completion_stream", None) is None:
        return None
    stream.completion_stream = RawStream(stream.completion_stream)
    return stream.completion_stream
