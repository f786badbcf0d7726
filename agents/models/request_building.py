"""Builds the request for a model, from what the library's table and its server's habits say about it."""

import copy
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from agents.models import openai_format
from agents.models.endpoint import Route
from agents.models.max_output_tokens import usual_room
from agents.models.server_quirks import ServerHabits
from orchestrator.domain.ids import Sha
from orchestrator.domain.model_messages import Prompt


def listed_row(lib: ModuleType, way: Route) -> Mapping[str, Any] | None:
    """Looks the model up in the library's table; its own functions would ask some servers over the network, on our
    event loop."""
    provider, _, bare = way.vendor_name.partition("/")
    row: Mapping[str, Any] | None = lib.model_cost.get(way.vendor_name)
    if row is None and (other := lib.model_cost.get(bare)) and other.get("litellm_provider") == provider:
        row = other
    return row


def can_see(lib: ModuleType, way: Route) -> bool:
    return bool((listed_row(lib, way) or {}).get("supports_vision"))


def reply_room(lib: ModuleType, way: Route, prompt: Prompt, habits: ServerHabits) -> int | None:
    """Returns the limit of the reply to send, if any."""
    if habits.room_field in habits.left_out:
        return None
    room = prompt.room or usual_room(
        way.provider or way.vendor_name.partition("/")[0], way.vendor_name, listed_row(lib, way)
    )
    return room if room is None else min(room, habits.most_room or room)


def vendor_messages(
    prompt: Prompt, way: Route, seen: Mapping[Sha, str] | None, habits: ServerHabits
) -> list[dict[str, Any]]:
    reader = openai_format.Reader(
        way.vendor_name, way.provider, takes_thoughts=habits.takes_thoughts, wants_thoughts=habits.wants_thoughts
    )
    said = openai_format.messages(prompt, seen, reader=reader)
    said = said if habits.takes_system else openai_format.without_system(said)
    return openai_format.alternating(said) if habits.alternates else said


def knows_effort(lib: ModuleType, way: Route) -> bool:
    """Returns whether the library can ask this model for an effort; of a server of one's own it only tries."""
    bare = way.vendor_name.partition("/")[2] if way.provider else way.vendor_name
    provider = way.provider or str((listed_row(lib, way) or {}).get("litellm_provider") or "") or None
    return "reasoning_effort" in (lib.get_supported_openai_params(model=bare, custom_llm_provider=provider) or ())


def vendor_request(
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


def streaming(request: Mapping[str, Any], habits: ServerHabits) -> dict[str, Any]:
    """Returns the request for a stream, which reports its usage if the server can."""
    more = {} if "stream_options" in habits.left_out else {"stream_options": {"include_usage": True}}
    return {**request, "stream": True, **more}
