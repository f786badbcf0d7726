"""Any vendor's model through litellm: one call, one answer. Retries, repairs and fallbacks are wrapped around it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from agents.models import errors, library, wire
from agents.models.endpoint import Endpoint, Route, route
from agents.models.pieces import OnText
from orchestrator.domain.talk import Answer, Prompt, Usage


class LiteLLM:
    """A Model that asks the vendor once. Raises ModelFailed and its kinds; the first call waits for the import."""

    def __init__(self, endpoint: Endpoint, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._endpoint = endpoint
        self._now = now
        self._loading: asyncio.Task[ModuleType] | None = None
        self._routes: dict[str, Route] = {}
        self._unforced: set[str] = set()
        """Models whose server minds `tool_choice`; they are asked without it."""

    async def warm(self) -> None:
        """Imports the library in a thread; returns when it is there. Own it in a task that starts after start-up."""
        await self._library()

    async def close(self) -> None:
        """Closes the connections. Other instances in this process open theirs again when they need them."""
        if self._loading is not None:
            await library.unload(await self._loading)

    async def complete(self, prompt: Prompt, *, on_text: OnText | None = None) -> Answer:
        """One turn, asked once. Raises `errors.Unreadable` for a reply that cannot be read."""
        lib = await self._library()
        way = self._route(lib, prompt.model)
        request = _request(prompt, way, force=prompt.must_call and prompt.model not in self._unforced)
        try:
            return await self._ask(lib, way, request, on_text)
        except lib.exceptions.BadRequestError as error:
            if "tool_choice" not in request or not errors.rejects_tool_choice(lib, error):
                raise errors.translated(lib, error, prompt.model, self._now) from None
            self._unforced.add(prompt.model)
            return await self.complete(prompt, on_text=on_text)

    async def _ask(self, lib: ModuleType, way: Route, request: dict[str, Any], on_text: OnText | None) -> Answer:
        try:
            async with asyncio.timeout(way.timeout):
                response = await _respond(lib, request, on_text)
        except lib.exceptions.BadRequestError:
            raise
        except _vendor_errors(lib) as error:
            # `from None`: the vendor's own text may quote the key.
            raise errors.translated(lib, error, way.name, self._now) from None
        return _answer(lib, way, response)

    def _route(self, lib: ModuleType, name: str) -> Route:
        if name not in self._routes:
            providers = frozenset(str(p.value) for p in lib.LlmProviders)
            self._routes[name] = route(self._endpoint, name, providers)
        return self._routes[name]

    async def _library(self) -> ModuleType:
        if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
            self._loading = asyncio.create_task(library.load())
        return await asyncio.shield(self._loading)


def _vendor_errors(lib: ModuleType) -> tuple[type[Exception], ...]:
    return (lib.exceptions.openai.OpenAIError, TimeoutError, OSError, ValueError)


def _request(prompt: Prompt, way: Route, *, force: bool) -> dict[str, Any]:
    request: dict[str, Any] = {
        "model": way.vendor_name,
        "messages": wire.messages(prompt),
        "timeout": way.timeout,
        "max_retries": 0,
        "num_retries": 0,
    }
    if way.api_base:
        request["api_base"] = way.api_base
    if way.api_key:
        request["api_key"] = way.api_key
    if prompt.tools:
        request["tools"] = wire.tools(prompt.tools)
        if force:
            request["tool_choice"] = "required"
    return request


async def _respond(lib: ModuleType, request: dict[str, Any], on_text: OnText | None) -> Any:
    if on_text is None:
        return await lib.acompletion(**request)
    stream = await lib.acompletion(**request, stream=True, stream_options={"include_usage": True})
    chunks: list[Any] = []
    try:
        async for chunk in stream:
            chunks.append(chunk)
            if chunk.choices and (piece := chunk.choices[0].delta.content):
                on_text(piece)
    finally:
        await stream.aclose()
    return lib.stream_chunk_builder(chunks, messages=request["messages"])


def _answer(lib: ModuleType, way: Route, response: Any) -> Answer:
    usage = _usage(response)
    cost = _cost(lib, way, response, usage)
    choices = getattr(response, "choices", None) or ()
    said = wire.read(choices[0].message.model_dump()) if choices else wire.Read(wire.Reply(), "it was empty")
    if said.problem:
        raise errors.Unreadable(way.name, said.problem, usage, cost)
    return Answer(reply=said.reply, model=way.name, usage=usage, cost=cost)


def _usage(response: Any) -> Usage:
    usage = getattr(response, "usage", None)
    return Usage(
        prompt=getattr(usage, "prompt_tokens", 0) or 0,
        completion=getattr(usage, "completion_tokens", 0) or 0,
    )


def _cost(lib: ModuleType, way: Route, response: Any, usage: Usage) -> float:
    """US dollars by the row's price or the library's own table; 0 when neither knows the model."""
    if way.prices is not None:
        return usage.prompt * way.prices[0] + usage.completion * way.prices[1]
    bare = way.vendor_name.partition("/")[2] or way.vendor_name
    if way.vendor_name not in lib.model_cost and bare not in lib.model_cost:
        return 0.0
    try:
        return float(lib.completion_cost(completion_response=response, model=way.vendor_name))
    except (ValueError, KeyError, lib.exceptions.openai.OpenAIError):
        return 0.0
