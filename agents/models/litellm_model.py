"""Calls any vendor's model through litellm: one call, one answer. Retries, repairs and fallbacks wrap it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from agents.models import litellm_import, openai_format, translate_errors
from agents.models.endpoint import Endpoint, Route, route
from agents.models.max_output_tokens import more_room, most_room
from agents.models.model_errors import BROKEN_OFF, Down, Silent, UnreadableReply
from agents.models.pick_live_draft_text import ReadAlong, nothing
from agents.models.picture_data_urls import PictureCache
from agents.models.prompt_cache_marks import marked, wants_marks
from agents.models.read_vendor_error import NoAnswer, VendorFault, behind, fault_of, fault_of_body, vendor_errors
from agents.models.receive_reply import BrokenOff, ReceivedReply, plain, streamed
from agents.models.reply_or_error import (
    UNREAD_CALL,
    Terms,
    doubt,
    lost_call,
    verdict,
)
from agents.models.request_building import (
    can_see,
    knows_effort,
    listed_row,
    reply_room,
    streaming,
    vendor_messages,
    vendor_request,
)
from agents.models.response_watch import LOOP_CLOCK, QUEUE, SilenceClock, patience, watch_from_here, watching
from agents.models.server_quirks import ServerHabits, after_reply, learned
from agents.models.thinking_effort import effort_to_send
from agents.models.token_count import TokenCounter
from agents.models.token_usage_and_cost import TurnBill, billed, in_library_form, reported
from agents.models.vendor_answer import whole_answer
from agents.models.visible_text import shown
from orchestrator.domain.ids import Sha
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.domain.token_usage import Usage
from orchestrator.errors import ModelFailed
from orchestrator.ports import OnDraft

_REFUSALS = (400, 404, 422, 500)
"""Statuses that may be caused by the form of our request; one vendor says *not found* if no model takes pictures, and
local servers call it an internal error."""


class _Refused(Exception):
    """The server refused the request, which may be due to its form."""

    def __init__(self, fault: VendorFault) -> None:
        super().__init__()
        self.fault = fault


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
        clock: SilenceClock = LOOP_CLOCK,
    ) -> None:
        self._endpoint = endpoint
        self._unknown = ServerHabits(thinks_aloud=False if shows_first else None)
        self._pictures = pictures
        self._now = now
        self._clock = clock
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
        said = vendor_messages(prompt, way, seen, habits)
        if habits.takes_marks and wants_marks(way.provider, way.vendor_name, listed_row(lib, way)):
            said = marked(said)
        effort = await self._effort(lib, way, prompt, said)
        request = vendor_request(prompt, way, said, habits, effort)
        if room := reply_room(lib, way, prompt, habits):
            request[habits.room_field] = room
        reader = ReadAlong(on_draft, prompt, habits) if on_draft is not None else None
        try:
            return await self._ask(lib, way, request, prompt, reader)
        except ModelFailed:
            if reader is not None:
                reader.on_draft(nothing)
            raise
        except _Refused as refused:
            fault = refused.fault
        better = learned(habits, fault, request, pictures=bool(seen))
        if better == habits:
            raise translate_errors.translated(fault, prompt.model, self._now, address=way.address)
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
        sees = can_see(lib, way) if way.sees is None else way.sees
        return await self._pictures.urls(prompt) if sees else None

    async def _ask(
        self, lib: ModuleType, way: Route, request: dict[str, Any], prompt: Prompt, reader: ReadAlong | None
    ) -> Answer:
        watch_from_here(self._clock)
        try:
            said = await self._respond(lib, way, request, reader)
        except NoAnswer as problem:
            fault = fault_of_body(problem.body, request["messages"])
            raise translate_errors.translated_body(fault, way.name, self._now, address=way.address) from None
        except BrokenOff as broken:
            raise await self._broken_off(lib, way, prompt, broken) from None
        except vendor_errors(lib) as error:
            fault = fault_of(error, request["messages"])
            answer = lost_call(fault, prompt.names)
            if answer is None and fault.status in _REFUSALS and not translate_errors.is_silence(lib, behind(error)):
                raise _Refused(fault) from None
            if answer is None:
                raise self._told(lib, way, error, fault) from None  # the vendor's own text may quote the key
            said = ReceivedReply(answer, None)
        usage, cost = await self._bill(lib, way, prompt, said)
        tools = prompt.names
        terms = Terms(way.name, way.vendor_name, tools, more=self._more(lib, way, request, usage))
        try:
            reply = verdict(said.answer, terms, usage, cost)
        except ModelFailed as problem:
            problem.spent = usage.spent(cost)
            raise
        self._habits[way.name] = after_reply(self._habits_of(way.name), str(said.answer.message.get("content") or ""))
        note = doubt(said.answer, reply, way.name)
        return Answer(reply=reply, model=way.name, usage=usage, cost=cost, note=note)

    def _told(self, lib: ModuleType, way: Route, error: Exception, fault: VendorFault) -> ModelFailed:
        if translate_errors.is_silence(lib, behind(error)):
            if watching().queued:
                return translate_errors.queueing(way.name, QUEUE * way.timeout)
            return translate_errors.silent(way.name, way.timeout, own=way.api_base is not None)
        return translate_errors.translated(fault, way.name, self._now, address=way.address)

    async def _broken_off(self, lib: ModuleType, way: Route, prompt: Prompt, broken: BrokenOff) -> ModelFailed:
        """Returns the error for a stream that broke off, with what came of it and what that has used."""
        problem: ModelFailed = Down(BROKEN_OFF.format(model=repr(way.name)))
        usage, cost = await self._bill(lib, way, prompt, broken.reply)
        if broken.why is not None:
            fault = fault_of(broken.why)
            if lost_call(fault, ()) is not None:
                return UnreadableReply(way.name, UNREAD_CALL, usage, cost)
            problem = self._told(lib, way, broken.why, fault)
        problem.spent = usage.spent(cost)
        aloud = self._habits_of(way.name).thinks_aloud
        if isinstance(problem, Down | Silent) and (aloud is not None or not way.compatible):
            tools = prompt.names
            problem.came = shown(broken.part.text, tools, thinks_aloud=bool(aloud))
        return problem

    async def _bill(self, lib: ModuleType, way: Route, prompt: Prompt, said: ReceivedReply) -> TurnBill:
        """Returns what the call has used; counted here if the server doesn't report it."""
        report = in_library_form(lib, said.usage)
        usage = reported(report)
        if usage.tokens:
            return billed(lib, way, usage, report)
        counter = TokenCounter(lib.litellm_core_utils.default_encoding.encoding)
        read = sum(await counter.sizes(prompt.messages)) + await counter.tools_size(prompt.tools)
        return billed(lib, way, Usage(prompt=read, completion=await counter.message_size(said.answer.message)))

    def _more(self, lib: ModuleType, way: Route, request: Mapping[str, Any], usage: Usage) -> int | None:
        habits = self._habits_of(way.name)
        most = habits.most_room or most_room(listed_row(lib, way))
        return more_room(request.get(habits.room_field), usage.completion, most)

    async def _respond(
        self, lib: ModuleType, way: Route, request: dict[str, Any], reader: ReadAlong | None
    ) -> ReceivedReply:
        """Streams whether or not anybody reads along, so that only silence ends a turn, however long it takes."""
        if self._habits_of(way.name).streams:
            habits = self._habits_of(way.name)
            ends_well = habits.ends_well or not way.compatible
            try:
                said = await streamed(
                    lib, way, streaming(request, habits), reader.follow if reader else None, ends_well=ends_well
                )
            except vendor_errors(lib):
                if watching().whole is None:
                    raise
                said = None
            if said is not None:
                self._habits[way.name] = replace(habits, ends_well=habits.ends_well or bool(said.answer.finish))
                return said
            if (found := plain(way)) is not None:  # a whole reply, which needn't be made again
                self._habits[way.name] = replace(self._habits_of(way.name), streams=False)
                return found
        async with patience(way.timeout):
            try:
                response = await lib.acompletion(**request)
            except vendor_errors(lib):
                if (found := plain(way)) is None:
                    raise
                return found
        self._habits[way.name] = replace(self._habits_of(way.name), streams=False)
        return ReceivedReply(whole_answer(response), getattr(response, "usage", None))

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
