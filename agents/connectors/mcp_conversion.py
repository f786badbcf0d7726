"""Turns the library's values into ours: tools, answers, questions, errors."""

import json
from collections.abc import Iterable
from typing import cast

import mcp_types as types
from mcp import MCPError
from pydantic import JsonValue, ValidationError

from agents.connectors.call_types import Asked, ConnectorAnswer, FormAsked, LinkAsked, PersonReply, PictureBlock
from agents.connectors.tool_list import OfferedTool, described, readable, usable_schema
from orchestrator.domain import clean_outside_text

MOST_PICTURES = 4
MOST_LISTED = 200


def offered_tool(tool: types.Tool) -> OfferedTool:
    """Returns the tool as people approve it."""
    hints = tool.annotations
    return OfferedTool(
        name=clean_outside_text.text(tool.name),
        description=described(tool.description),
        parameters=usable_schema(tool.input_schema),
        hint=bool(hints and hints.read_only_hint),
        destructive=bool(hints and hints.read_only_hint is not True and hints.destructive_hint),
    )


def tool_answer(result: types.CallToolResult) -> ConnectorAnswer:
    """Returns the answer to a call."""
    parts = [_block(block) for block in result.content]
    if not any(parts) and result.structured_content is not None:
        parts.append(_json(result.structured_content))
    pictures = [b for b in result.content if isinstance(b, types.ImageContent)][:MOST_PICTURES]
    shown = tuple(PictureBlock(picture.data, picture.mime_type) for picture in pictures)
    return ConnectorAnswer(_joined(parts), shown, failed=bool(result.is_error))


def resource_list(found: Iterable[types.Resource], templates: Iterable[types.ResourceTemplate]) -> ConnectorAnswer:
    """Returns one line for each resource and each pattern of addresses."""
    rows = [f"- {one.uri}: {_about(one.title or one.name, one.description)}" for one in found]
    rows += [f"- {one.uri_template} (fill in the braces): {_about(one.title or one.name, one.description)}"
             for one in templates]  # fmt: skip
    return ConnectorAnswer(_joined(rows[:MOST_LISTED]) or "It has no resources.")


def resource(result: types.ReadResourceResult) -> ConnectorAnswer:
    """Returns a resource's content."""
    return ConnectorAnswer(_joined([_content(one) for one in result.contents]))


def prompt_list(found: Iterable[types.Prompt]) -> ConnectorAnswer:
    """Returns one line for each prompt template."""
    rows = [
        f"- {one.name}({', '.join(a.name + ('' if a.required else '?') for a in one.arguments or [])}): "
        f"{_about(one.title or '', one.description)}"
        for one in found
    ]
    return ConnectorAnswer(_joined(rows[:MOST_LISTED]) or "It has no prompt templates.")


def prompt(result: types.GetPromptResult) -> ConnectorAnswer:
    """Returns a filled-in prompt template."""
    return ConnectorAnswer(_joined([f"{one.role}: {_block(one.content)}" for one in result.messages]))


def asked(params: types.ElicitRequestParams) -> Asked:
    """Returns what a server wants from a person."""
    if isinstance(params, types.ElicitRequestURLParams):
        return LinkAsked(described(params.message), clean_outside_text.text(params.url)[:2000])
    return FormAsked(described(params.message), cast("dict[str, JsonValue]", params.requested_schema))


def elicit_result(reply: PersonReply) -> types.ElicitResult:
    """Returns a person's answer for the server."""
    return types.ElicitResult(action=reply.action, content=dict(reply.content) if reply.content is not None else None)


def progress_words(progress: float, total: float | None, message: str | None) -> str:
    """Returns a progress line for the card."""
    share = f"{min(1.0, max(0.0, progress / total)):.0%}" if total else f"{progress:g}"
    return " ".join(part for part in (share, described(message, 150)) if part)


def reason(error: BaseException) -> str:
    """Returns the innermost error in one line; the library wraps errors in groups."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    if isinstance(error, ValidationError):
        return "its answer doesn't follow the protocol"
    if isinstance(error, MCPError) and error.code == types.CONNECTION_CLOSED:
        return "it disconnected"
    if isinstance(error, MCPError) and error.code == types.UNSUPPORTED_PROTOCOL_VERSION:
        return "it requires a protocol version that this version of threadwork doesn't support; update one of them"
    words = described(str(error).strip().splitlines()[0] if str(error).strip() else "", 300)
    return words.rstrip(".") or type(error).__name__


def why(reason: str, problem: str) -> str:
    """Returns an error with what the server said about it."""
    return "; ".join(dict.fromkeys(part for part in (reason, described(problem, 300)) if part))


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _about(title: str, description: str | None) -> str:
    return " – ".join(part for part in (described(title, 100), described(description, 200)) if part)


def _block(block: types.ContentBlock) -> str:
    match block:
        case types.TextContent(text=text):
            return readable(text)
        case types.ImageContent(mime_type=media):
            return f"[a picture ({media[:60]})]"
        case types.AudioContent(mime_type=media, data=content):
            return f"[an audio clip ({len(content) * 3 // 4} bytes, {media[:60]}), which can't be played here]"
        case types.ResourceLink():
            about = _about(block.title or block.name, block.description)
            return f"[a resource: {block.uri}: {about}; read it with this connector's read_resource]"
        case types.EmbeddedResource(resource=inner):
            return _content(inner)


def _content(one: types.TextResourceContents | types.BlobResourceContents) -> str:
    if isinstance(one, types.TextResourceContents):
        return f"[{clean_outside_text.text(str(one.uri))[:300]}]\n{readable(one.text)}"
    return f"[{one.uri}: {len(one.blob) * 3 // 4} bytes ({(one.mime_type or 'unknown type')[:60]}), not text]"


def _json(value: object) -> str:
    try:
        return json.dumps(clean_outside_text.data(value), ensure_ascii=False)
    except clean_outside_text.Unfit as error:
        return f"[structured content that can't be shown: it is {error}]"
