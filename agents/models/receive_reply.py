"""Takes one reply from the vendor: piece by piece, or whole where a server ignores that a stream was asked for."""

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from agents.models import openai_stream, stream_details_litellm_drops
from agents.models.endpoint import Route
from agents.models.native_stop_reasons import own_reason
from agents.models.read_vendor_error import NoAnswer, vendor_errors
from agents.models.response_watch import patience, watching
from agents.models.stream_assembly import StreamAssembly
from agents.models.token_usage_and_cost import report_in
from agents.models.vendor_answer import VendorAnswer, plain_answer

Follow = Callable[[StreamAssembly], Callable[[], None]]
"""Returns what to call after each piece of a reply."""


class ReceivedReply(NamedTuple):
    """What a vendor sent, and its report of the tokens."""

    answer: VendorAnswer
    usage: Any


class BrokenOff(Exception):
    """A stream ended in the middle of a reply. `why`: None if it just ended."""

    def __init__(self, part: StreamAssembly, why: Exception | None = None) -> None:
        super().__init__()
        self.part, self.why = part, why

    @property
    def reply(self) -> ReceivedReply:
        """Returns what came of it."""
        return ReceivedReply(VendorAnswer(self.part.message()), self.part.usage)


def plain(way: Route) -> ReceivedReply | None:
    """Returns the reply in a body that the library can't read. Raises NoAnswer if the body of a server that speaks
    OpenAI's protocol holds none: asking again wouldn't change that."""
    body = watching().whole
    try:
        answer = plain_answer(body)
    except NoAnswer:
        if way.compatible:
            raise
        return None
    return ReceivedReply(answer, report_in(body)) if answer is not None else None


async def streamed(
    lib: ModuleType,
    way: Route,
    request: dict[str, Any],
    begin: Follow | None,
    *,
    ends_well: bool,
) -> ReceivedReply | None:
    """Returns the reply; None if it may lack its end, or nothing came, as from a server that ignores streaming.

    `begin`: for those who read along. `ends_well`: this server's streams end with a reason. Raises TimeoutError after
    silence, and BrokenOff if a part of the reply had come.
    """
    assembly = StreamAssembly()
    grown = begin(assembly) if begin else None
    stream: Any
    try:
        async with patience(way.timeout) as waiting:
            if openai_stream.needs_no_translation(way):
                stream = raw = direct = stream_details_litellm_drops.RawStream(
                    await openai_stream.opened(lib, way, request)
                )
            else:
                stream = await lib.acompletion(**request)
                raw = stream_details_litellm_drops.opened(stream)
                direct = raw if raw is not None and raw.is_openai else None
            assembly.raw = raw
            gemini = (
                stream_details_litellm_drops.GeminiEnd(stream) if raw is None and "gemini" in way.vendor_name else None
            )
            try:
                async for chunk in direct or stream:
                    waiting.progress()
                    if assembly.take(chunk) and grown is not None:
                        grown()
            finally:
                await stream.aclose()
    except vendor_errors(lib) as error:
        if assembly.some:
            raise BrokenOff(assembly, error) from None
        raise
    # The library ends every stream as if the vendor had said so.
    reason = direct.finish if direct else stream.received_finish_reason or stream.intermittent_finish_reason
    finish = own_reason(reason)
    if gemini is not None and not gemini.came:
        finish = ""
    if not assembly.some and watching().whole is not None:
        return None
    if not finish and not (assembly.some and way.compatible and raw is not None and raw.ended):
        if assembly.some and ends_well:
            raise BrokenOff(assembly)
        return None
    return ReceivedReply(VendorAnswer(assembly.message(), finish, raw.refusal if raw else ""), assembly.usage)
