"""Which replies count: a call to a tool whose schema the model hasn't seen isn't sent back for its arguments."""

from typing import Any

import pytest

from agents.models.reply_repair import first_problem, with_fitting_calls
from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Answer, Prompt, Reply
from orchestrator.domain.tool_calls import Call, ToolSpec

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"count": {"type": "integer"}},
    "required": ["count"],
    "additionalProperties": False,
}
SHOWN, UNOPENED = (
    ToolSpec(name=name, description="", parameters=SCHEMA, effects=frozenset()) for name in ("shown", "unopened")
)
PROMPT = Prompt(model="m", messages=(), tools=(SHOWN,), unopened=(UNOPENED,))


def calling(tool: str, **args: Any) -> Answer:
    return Answer(reply=Reply(calls=(Call(id=CallId("1"), tool=tool, args=args),)), model="m")


@pytest.mark.parametrize(
    ("tool", "args", "problem"),
    [
        ("shown", {"count": "3"}, ""),
        ("unopened", {"count": "3"}, ""),
        ("shown", {"many": 3}, "the arguments to 'shown' are wrong"),
        ("unopened", {"many": 3}, ""),
        ("gone", {}, "there's no tool named 'gone'"),
    ],
)
def test_only_arguments_to_shown_tools_are_sent_back(tool: str, args: dict[str, Any], problem: str) -> None:
    reply = with_fitting_calls(calling(tool, **args), PROMPT).reply
    assert first_problem(reply, PROMPT).startswith(problem)
    assert bool(first_problem(reply, PROMPT)) is bool(problem)
    assert reply.calls[0].args == ({"count": 3} if "count" in args else args)


def test_a_reply_may_call_what_is_not_shown() -> None:
    assert PROMPT.names == ["shown", "unopened"]
