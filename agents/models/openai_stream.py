"""Opens the stream of a server that speaks OpenAI's protocol, with OpenAI's own client.

The request and the pieces need no translation there, and litellm's way costs three times as much CPU. Errors become
what litellm makes of them.
"""

import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from types import ModuleType
from typing import Any

from agents.models.endpoint import Route

_LIBRARY_ONLY = ("model", "timeout", "max_retries", "num_retries", "api_base", "api_key", "extra_body")
_OTHER_API = "responses/"
"""Names that start with it are asked for through another API, which litellm knows."""


_WRITTEN: deque[tuple[Any, bytes]] = deque(maxlen=16)
"""The newest sets of tools with their JSON: one that is the same turn after turn is written once."""


def needs_no_translation(way: Route) -> bool:
    return way.compatible and not _bare_name(way).startswith(_OTHER_API)


async def opened(lib: ModuleType, way: Route, request: Mapping[str, Any]) -> Any:
    """Returns the pieces of the reply as they come, undecoded beyond JSON. Raises the library's errors."""
    openai = lib.exceptions.openai
    client = lib.llms.openai.openai.OpenAIChatCompletion().get_openai_client(
        is_async=True, api_key=way.api_key, api_base=way.api_base, timeout=request["timeout"], max_retries=0
    )
    body = {name: value for name, value in request.items() if name not in _LIBRARY_ONLY}
    body |= {"model": _bare_name(way), **request.get("extra_body", {})}
    try:
        return await client.post(
            "/chat/completions",
            content=written(body),
            cast_to=object,
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )
    except openai.OpenAIError as error:
        shared = lib.llms.openai.common_utils
        if isinstance(error, openai.BadRequestError) and shared.is_output_token_limit_error(error):
            return _no_room()
        wrapped = shared.OpenAIError(
            status_code=getattr(error, "status_code", 500),
            message=str(error),
            headers=getattr(getattr(error, "response", None), "headers", None),
            body=getattr(error, "body", None),
        )
        raise lib.exception_type(
            model=way.vendor_name, original_exception=wrapped, custom_llm_provider=way.provider
        ) from error


def written(body: Mapping[str, Any]) -> bytes:
    """Returns the request's JSON."""
    rest, tools = _json({name: value for name, value in body.items() if name != "tools"}), body.get("tools")
    return rest if tools is None else b'%s,"tools":%s}' % (rest[:-1], _tools(tools))


def _tools(tools: Any) -> bytes:
    # Comparing is quick, because the schemas of the same tools are the same objects.
    known = next((text for given, text in _WRITTEN if given == tools), None)
    if known is None:
        known = _json(tools)
        _WRITTEN.append((tools, known))
    return known


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


async def _no_room() -> AsyncIterator[Any]:
    """Yields the end of a reply that had no room for a single word, which a server may call an error."""
    yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}


def _bare_name(way: Route) -> str:
    return way.vendor_name.partition("/")[2]
