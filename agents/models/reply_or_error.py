"""Decides what a vendor's answer is worth: a reply, or the error that says why it is none. Pure."""

from collections.abc import Collection
from typing import NamedTuple

from agents.models import openai_format, round_trip_fields
from agents.models.classify_error_text import says_lost_call
from agents.models.detect_repetitive_reply import goes_round, only_repeats
from agents.models.model_errors import BROKEN_OFF, CutReply, Down, FullWindow, UnreadableReply
from agents.models.read_vendor_error import VendorFault, generation_in
from agents.models.stop_reasons import announces_a_call, only_declines, stop_of
from agents.models.vendor_answer import VendorAnswer
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.token_usage import Usage
from orchestrator.errors import ModelDeclined

UNREAD_CALL = "the tool call in it couldn't be read"
CIRCLES = "it repeated the same words over and over"


class Terms(NamedTuple):
    """Who answered, with which tools, and what is left to ask for after a reply that was cut off."""

    model: str
    vendor_name: str
    tools: Collection[str]
    more: int | None = None


def verdict(answer: VendorAnswer, terms: Terms, usage: Usage, cost: float) -> Reply:
    """Returns the reply. Raises ModelDeclined, Down, and UnreadableReply if asking again may help."""
    model = terms.model
    text = str(answer.message.get("content") or "")
    match stop_of(answer.finish):
        case "refused":
            raise ModelDeclined(
                f"The provider's content filter blocked the reply from {model!r}. Change the step's instructions, or "
                "choose another model."
            )
        case "broken":
            raise Down(BROKEN_OFF.format(model=repr(model)))
        case "window":
            raise FullWindow(model, usage, cost)
        case "cut" if goes_round(text):
            raise UnreadableReply(model, CIRCLES, usage, cost)
        case "cut":
            raise CutReply(model, usage, cost, more=terms.more)
        case "lost-call":
            raise UnreadableReply(model, UNREAD_CALL, usage, cost)
        case "whole" | "unknown":
            pass
    if answer.refusal or (not answer.message.get("tool_calls") and only_declines(str(answer.message.get("content")))):
        raise ModelDeclined(
            f"The model {model!r} refused this request. Change the step's instructions, or choose another model."
        )
    found = openai_format.read(answer.message, terms.tools)
    if not found.reply.calls and only_repeats(text):
        raise UnreadableReply(model, CIRCLES, usage, cost)
    if found.cut:
        raise CutReply(model, usage, cost, more=terms.more, problem=found.problem)
    if found.problem:
        raise UnreadableReply(model, found.problem, usage, cost)
    if announces_a_call(answer.finish) and not found.reply.calls:
        raise UnreadableReply(model, "it announced a tool call but didn't contain one", usage, cost)
    return found.reply.model_copy(update={"baggage": round_trip_fields.taken(answer.message, terms.vendor_name)})


UNKNOWN_END = (
    "The server for {model} ended this reply for a reason that threadwork doesn't recognize. Check that nothing is "
    "missing."
)


def doubt(answer: VendorAnswer, reply: Reply, model: str) -> str:
    """Returns what people should know about how this reply ended; empty if it surely is complete."""
    return UNKNOWN_END.format(model=repr(model)) if not reply.calls and stop_of(answer.finish) == "unknown" else ""


def lost_call(fault: VendorFault, tools: Collection[str]) -> VendorAnswer | None:
    """Returns the reply that a server refused because it couldn't read the call in it; None for other faults.

    One server sends the reply along; it counts if it is nothing but a call that can be read.
    """
    if not says_lost_call(fault.status, fault.words):
        return None
    message = {"content": generation_in(fault.body)}
    found = openai_format.read(message, tools)
    exact = not found.problem and found.reply.calls and not found.reply.text
    return VendorAnswer(message, "stop" if exact else "invalid_tool_call")
