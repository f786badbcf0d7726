"""Calls any vendor's model through litellm: one call, one answer. Retries, repairs and fallbacks wrap it."""

import asyncio
import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, NamedTuple

from agents.models import litellm_import, openai_format, raw_stream, translate_errors
from agents.models.cache_marks import marked, wants_marks
from agents.models.endpoint import Endpoint, Route, route
from agents.models.max_output_tokens import more_room, most_room, usual_room
from agents.models.picture_data_urls import PictureCache
from agents.models.reply_verdict import Terms, VendorAnswer, verdict
from agents.models.server_habits import ServerHabits, after_reply, learned
from agents.models.spending import TurnBill, billed, reported
from agents.models.stream_assembly import StreamAssembly
from agents.models.thinking_effort import effort_to_send
from agents.models.token_count import TokenCounter
from agents.models.visible_text import argument_so_far, shown
from orchestrator.domain.ids import Sha
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.domain.usage import Usage
from orchestrator.errors import ModelFailed
from orchestrator.ports import Look, OnDraft


class _Said(NamedTuple):
    answer: VendorAnswer
    usage: Any


class _ReadAlong(NamedTuple):
    """Who reads a reply while it is written, and what they may read of it."""

    on_draft: OnDraft
    prompt: Prompt
    habits: ServerHabits

    def look(self, assembly: StreamAssembly) -> Look:
        spoken, tools = self.prompt.spoken, [spec.name for spec in self.prompt.tools]
        if spoken is not None:
            return lambda: argument_so_far(assembly.first_call, spoken.tool, spoken.argument)
        if (aloud := self.habits.thinks_aloud) is None:
            return _nothing
        return lambda: shown(assembly.text, tools, thinks_aloud=aloud)


class LiteLLM:
    """A Model that asks the vendor once. Raises ModelFailed and its kinds; the first call waits for the import.

    `pictures` loads a prompt's pictures from the shelf; without it no model gets any. `shows_first`: a model's first
    reply can be read while it is written too, although its thoughts may not be recognized.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        pictures: PictureCache | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        shows_first: bool = False,
    ) -> None:
        self._endpoint = endpoint
        self._unknown = ServerHabits(thinks_aloud=False if shows_first else None)
        self._pictures = pictures
        self._now = now
        self._loading: asyncio.Task[ModuleType] | None = None
        self._routes: dict[str, Route] = {}
        self._habits: dict[str, ServerHabits] = {}
        self._thinks: dict[str, bool] = {}
        """Whether the library can ask a model for an effort."""

    async def warm(self) -> None:
        """Imports the library in a thread. Run it in a task after start-up."""
        await self._library()

    async def close(self) -> None:
        """Closes the connections. Other instances in this process reopen theirs as needed."""
        if self._loading is not None:
            await litellm_import.unload(await self._loading)

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """Runs one turn, one request. Raises `errors.UnreadableReply` for a reply that can't be read."""
        lib = await self._library()
        way = self._route(lib, prompt.model)
        habits = self._habits_of(prompt.model)
        seen = await self._seen(lib, way, prompt) if habits.sees else None
        said = _messages(prompt, way, seen, habits)
        if habits.takes_marks and wants_marks(way.provider, way.vendor_name, _row(lib, way)):
            said = marked(said)
        effort = await self._effort(lib, way, prompt, said)
        request = _request(prompt, way, said, habits, effort)
        if room := _room(lib, way, prompt, habits):
            request[habits.room_field] = room
        reader = _ReadAlong(on_draft, prompt, habits) if on_draft is not None else None
        try:
            return await self._ask(lib, way, request, prompt, reader)
        except ModelFailed:
            if reader is not None:
                reader.on_draft(_nothing)
            raise
        except _refusals(lib) as error:
            better = learned(habits, error, request, pictures=bool(seen))
            if better == habits:
                raise translate_errors.translated(error, prompt.model, self._now) from None
            self._habits[prompt.model] = better
            return await self.complete(prompt, on_draft=on_draft)

    async def _effort(self, lib: ModuleType, way: Route, prompt: Prompt, said: list[dict[str, Any]]) -> str | None:
        wanted = prompt.effort or way.effort
        if wanted is None:
            return None
        if way.name not in self._thinks:  # in a thread, because the library reads files for it
            self._thinks[way.name] = await asyncio.to_thread(knows_effort, lib, way)
        refused = self._habits_of(way.name).refused_efforts
        return effort_to_send(wanted, refused=refused, claude=way.claude, said=said) if self._thinks[way.name] else None

    async def _seen(self, lib: ModuleType, way: Route, prompt: Prompt) -> Mapping[Sha, str] | None:
        """Returns the prompt's pictures; None if the model can't see."""
        if self._pictures is None or not openai_format.shows(prompt):
            return None
        can_see = _can_see(lib, way) if way.sees is None else way.sees
        return await self._pictures.urls(prompt) if can_see else None

    async def _ask(
        self, lib: ModuleType, way: Route, request: dict[str, Any], prompt: Prompt, reader: _ReadAlong | None
    ) -> Answer:
        try:
            said = await self._respond(lib, way, request, reader)
        except _vendor_errors(lib) as wrapped:
            error = translate_errors.behind(wrapped)
            if isinstance(error, _refusals(lib)):
                raise error from None
            # `from None`: the vendor's own text may quote the key.
            if translate_errors.is_silence(lib, error):
                raise translate_errors.silent(way.name, way.timeout, own=way.api_base is not None) from None
            raise translate_errors.translated(error, way.name, self._now) from None
        usage, cost = await self._bill(lib, way, prompt, said)
        tools = [spec.name for spec in prompt.tools]
        terms = Terms(way.name, way.vendor_name, tools, more=self._more(lib, way, request, usage))
        reply = verdict(said.answer, terms, usage, cost)
        self._habits[way.name] = after_reply(self._habits_of(way.name), str(said.answer.message.get("content") or ""))
        return Answer(reply=reply, model=way.name, usage=usage, cost=cost)

    async def _bill(self, lib: ModuleType, way: Route, prompt: Prompt, said: _Said) -> TurnBill:
        """Returns what the call has used; counted here if the server doesn't report it."""
        usage = reported(said.usage)
        if usage.tokens:
            return billed(lib, way, usage, said.usage)
        counter = TokenCounter(lib.litellm_core_utils.default_encoding.encoding)
        read = sum(await counter.sizes(prompt.messages)) + await counter.tools_size(prompt.tools)
        return billed(lib, way, Usage(prompt=read, completion=await counter.message_size(said.answer.message)))

    def _more(self, lib: ModuleType, way: Route, request: Mapping[str, Any], usage: Usage) -> int | None:
        habits = self._habits_of(way.name)
        most = habits.most_room or most_room(_row(lib, way))
        return more_room(request.get(habits.room_field), usage.completion, most)

    async def _respond(self, lib: ModuleType, way: Route, request: dict[str, Any], reader: _ReadAlong | None) -> _Said:
        """Streams whether or not anybody reads along, so that only silence ends a turn, however long it takes."""
        if self._habits_of(way.name).streams:
            said = await _streamed(lib, way, request, reader)
            if said is not None:
                return said
        async with asyncio.timeout(way.timeout):
            response = await lib.acompletion(**request)
        self._habits[way.name] = replace(self._habits_of(way.name), streams=False)
        return _Said(_whole(response), getattr(response, "usage", None))

    def _habits_of(self, name: str) -> ServerHabits:
        return self._habits.get(name, self._unknown)

    def _route(self, lib: ModuleType, name: str) -> Route:
        if name not in self._routes:
            providers = frozenset(str(p.value) for p in lib.LlmProviders)
            self._routes[name] = route(self._endpoint, name, providers)
        return self._routes[name]

    async def _library(self) -> ModuleType:
        if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
            self._loading = asyncio.create_task(litellm_import.load())
        return await asyncio.shield(self._loading)


def _refusals(lib: ModuleType) -> tuple[type[Exception], ...]:
    """Errors that may be caused by the form of our request; one vendor says *not found* if no model takes pictures,
    and local servers call it an internal error."""
    kinds = lib.exceptions
    return (kinds.BadRequestError, kinds.NotFoundError, kinds.UnprocessableEntityError, kinds.InternalServerError)


def _row(lib: ModuleType, way: Route) -> Mapping[str, Any] | None:
    """Looks the model up in the library's table; its own functions would ask some servers over the network, on our
    event loop."""
    provider, _, bare = way.vendor_name.partition("/")
    row: Mapping[str, Any] | None = lib.model_cost.get(way.vendor_name)
    if row is None and (other := lib.model_cost.get(bare)) and other.get("litellm_provider") == provider:
        row = other
    return row


def _can_see(lib: ModuleType, way: Route) -> bool:
    return bool((_row(lib, way) or {}).get("supports_vision"))


def _room(lib: ModuleType, way: Route, prompt: Prompt, habits: ServerHabits) -> int | None:
    """Returns the limit of the reply to send, if any."""
    room = prompt.room or usual_room(way.provider or way.vendor_name.partition("/")[0], way.vendor_name, _row(lib, way))
    return room if room is None else min(room, habits.most_room or room)


def _vendor_errors(lib: ModuleType) -> tuple[type[Exception], ...]:
    return (lib.exceptions.openai.OpenAIError, TimeoutError, OSError, ValueError)


def _messages(prompt: Prompt, way: Route, seen: Mapping[Sha, str] | None, habits: ServerHabits) -> list[dict[str, Any]]:
    reader = openai_format.Reader(
        way.vendor_name, way.provider, takes_thoughts=habits.takes_thoughts, wants_thoughts=habits.wants_thoughts
    )
    said = openai_format.messages(prompt, seen, reader=reader)
    return openai_format.alternating(said) if habits.alternates else said


def knows_effort(lib: ModuleType, way: Route) -> bool:
    """Returns whether the library can ask this model for an effort; of a server of one's own it only tries."""
    bare = way.vendor_name.partition("/")[2] if way.provider else way.vendor_name
    provider = way.provider or str((_row(lib, way) or {}).get("litellm_provider") or "") or None
    return "reasoning_effort" in (lib.get_supported_openai_params(model=bare, custom_llm_provider=provider) or ())


def _request(
    prompt: Prompt, way: Route, said: list[dict[str, Any]], habits: ServerHabits, effort: str | None
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "model": way.vendor_name,
        "messages": said,
        "timeout": way.timeout + 10,  # ours ends first, and tells silence from other trouble
        "max_retries": 0,
        "num_retries": 0,
    }
    if effort:
        request["reasoning_effort"] = effort
    if way.api_base:
        request["api_base"] = way.api_base
    if way.api_key:
        request["api_key"] = way.api_key
    if prompt.tools:
        thinks = way.claude and effort not in (None, "none")  # Claude refuses to think when it must call
        force = prompt.must_call and habits.forces and not thinks
        tools = {"tools": openai_format.tools(prompt.tools)} | ({"tool_choice": "required"} if force else {})
        # A compatible server gets our schemas as they are. Taken through the library's own parameter, each turn would
        # copy and walk them several times, which costs more CPU than all the rest of the turn.
        # For the others it is a copy, because the library rewrites schemas in place.
        request |= {"extra_body": tools} if way.compatible else copy.deepcopy(tools)
    return request


async def _streamed(lib: ModuleType, way: Route, request: dict[str, Any], reader: _ReadAlong | None) -> _Said | None:
    """Returns the reply; None if it may lack its end, or nothing came, as from a server that ignores streaming.

    Raises TimeoutError after silence.
    """
    assembly, clock = StreamAssembly(), asyncio.get_running_loop()
    look = reader.look(assembly) if reader else _nothing
    async with asyncio.timeout(way.timeout) as silence:
        stream = await lib.acompletion(**request, stream=True, stream_options={"include_usage": True})
        raw = raw_stream.opened(stream)
        try:
            async for chunk in stream:
                silence.reschedule(clock.time() + way.timeout)
                if assembly.take(chunk) and reader is not None:
                    reader.on_draft(look)
        finally:
            await stream.aclose()
    # The library ends every stream as if the vendor had said so.
    finish = str(stream.received_finish_reason or stream.intermittent_finish_reason or "")
    if not finish and not (assembly.some and raw is not None and raw.ended):
        return None
    return _Said(VendorAnswer(assembly.message(raw), finish, raw.refusal if raw else ""), assembly.usage)


def _nothing() -> str:
    """A `Look` at a reply of which people may read nothing."""
    return ""


def _whole(response: Any) -> VendorAnswer:
    """Returns an answer that wasn't streamed; the library keeps a vendor's own reason beside its translation."""
    if not response.choices:
        return VendorAnswer({})
    choice = response.choices[0]
    message: dict[str, Any] = choice.message.model_dump(warnings=False)
    own: Mapping[str, Any] = getattr(choice, "provider_specific_fields", None) or {}
    more: Mapping[str, Any] = message.get("provider_specific_fields") or {}
    finish = str(own.get("native_finish_reason") or choice.finish_reason or "")
    return VendorAnswer(message, finish, str(more.get("refusal") or ""))
