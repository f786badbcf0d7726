"""Asks a model for one tiny tool call, and judges from the answer whether its server was started for tools. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from agents.models.classify_error_text import trouble
from agents.models.local_servers.model_server import ServerAnswer
from agents.models.local_servers.recognition import rows, table

ToolFinding = Literal[
    "called", "accepted", "unfinished", "declared", "off-vllm", "off-llamacpp", "none", "no-chat", "key", "silent",
    "unclear", "not-asked",
]  # fmt: skip
"""`called`: it made the call. `accepted`: its server took the tool, and it answered without calling it. `unfinished`:
it was still thinking when its room was used up. `declared`: not asked, its server says that it can. `off-…`: its server
was started without. `no-chat`: it can't chat at all.
"""

_READY = "ready"
_NO_CHAT = re.compile(r"not support\W+(?:chat|completions|generate)|chat completions api")


def probe(model: str) -> Mapping[str, Any]:
    """Returns the body of the request."""
    function: dict[str, Any] = {
        "name": _READY,
        "description": "Report that you are ready to work.",
        "parameters": {"type": "object", "properties": {}},
    }
    ask = f"Call the tool `{_READY}` now. Write nothing else."
    return {
        "model": model,
        "messages": [{"role": "user", "content": ask}],
        "tools": [{"type": "function", "function": function}],
        "max_tokens": 1000,
        "temperature": 0,
        "chat_template_kwargs": {"enable_thinking": False},
    }


def tool_finding(answer: ServerAnswer) -> ToolFinding:
    """Returns what the answer to the probe says. The model came from the server's own list, so what isn't found is a
    server that doesn't chat."""
    if answer.status == 0:
        return "silent"
    if answer.status == 200:
        return _reply_finding(answer.json)
    if answer.status in (401, 403):
        return "key"
    words = answer.text.lower()
    if answer.status in (404, 405, 501) or _NO_CHAT.search(words):
        return "no-chat"
    match trouble(answer.status, words):
        case "no-tools-vllm":
            return "off-vllm"
        case "no-tools-llamacpp":
            return "off-llamacpp"
        case "no-tools":
            return "none"
        case _:
            return "unclear"


def _reply_finding(reply: object) -> ToolFinding:
    choices = rows(table(reply).get("choices"))
    messages = [message for choice in choices if (message := table(choice.get("message")))]
    calls = [call for message in messages for call in rows(message.get("tool_calls"))]
    if any(table(call.get("function")).get("name") == _READY for call in calls):
        return "called"
    if any(choice.get("finish_reason") == "length" for choice in choices):
        return "unfinished"
    return "accepted" if messages else "unclear"
