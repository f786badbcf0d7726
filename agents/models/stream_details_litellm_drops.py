"""Reads along a vendor's stream for what litellm can't read of it: refusals, text in parts, the names of thoughts."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import httpx

from agents.models.json_attribute_access import fields
from agents.models.thinking_text import parts_text
from agents.models.thought_fields import SENT, joined


class RawStream:
    """Passes a vendor's chunks through, those with text in parts as text: others break the library."""

    def __init__(self, chunks: Any) -> None:
        self._chunks = chunks
        self.refusal = ""
        self.ended = False
        """Whether the usage came alone, or once and last: that ends a stream of OpenAI's protocol even without a
        reason."""
        self.finish = ""
        """The vendor's reason for the end, unchanged."""
        self._reports, self._alone = 0, False
        self.thoughts: dict[str, Any] = {}
        """Fields with thoughts, under the names they came with."""

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._read()

    async def _read(self) -> AsyncIterator[Any]:
        async for chunk in self._connected():
            choices = getattr(chunk, "choices", None) or ()
            reports = bool(getattr(chunk, "usage", None))
            self._reports += reports
            self._alone = self._alone or (reports and not choices)
            self.ended = self._alone or (reports and self._reports == 1)
            for choice in choices:
                self._note(getattr(choice, "delta", None))
                self.finish = getattr(choice, "finish_reason", None) or self.finish
            yield chunk

    async def _connected(self) -> AsyncIterator[Any]:
        """Yields the chunks. A connection that breaks after the reason for the end has broken off nothing."""
        try:
            async for chunk in self._chunks:
                yield fields(chunk)
        except RecursionError as error:
            raise ValueError("A piece of the reply is nested too deeply.") from error
        except httpx.TimeoutException as error:
            raise TimeoutError from error
        except httpx.TransportError as error:
            if not self.finish:
                raise ConnectionError(str(error)) from error

    def _note(self, delta: Any) -> None:
        refusal, content = getattr(delta, "refusal", None), getattr(delta, "content", None)
        if isinstance(refusal, str):
            self.refusal += refusal
        if content is not None and not isinstance(content, str):
            delta.content = parts_text(cast("list[Any]", content if isinstance(content, list) else [content]))
        for name in SENT:
            if piece := getattr(delta, name, None):
                self.thoughts[name] = joined(self.thoughts.get(name), piece)

    @property
    def is_openai(self) -> bool:
        """Returns whether these chunks are OpenAI's own, which need no translation by litellm: for a short reply its
        translation costs as much as the rest of the request."""
        return type(self._chunks).__module__.partition(".")[0] == "openai"

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


class GeminiEnd:
    """Watches for Gemini's reason at the end of a stream; litellm reports one for every piece, whether or not it came.

    Before the stream has begun, it counts as ended.
    """

    def __init__(self, stream: Any) -> None:
        self._open = stream.make_call
        self._parse: Any = None
        self.came = True
        stream.make_call = self._opened

    async def _opened(self, **client: Any) -> Any:
        chunks = await self._open(**client)
        self._parse = getattr(chunks, "chunk_parser", None)
        if self._parse is not None:
            self.came = False
            chunks.chunk_parser = self._read
        return chunks

    def _read(self, chunk: Any) -> Any:
        found = cast("Mapping[str, Any]", chunk if isinstance(chunk, Mapping) else {})
        reasons = [one.get("finishReason") for one in found.get("candidates") or ()]
        self.came = self.came or any(reasons) or bool(found.get("promptFeedback"))
        return self._parse(chunk)
