"""Builds replies for the brains, and the rehearsal's messages about itself."""

from typing import Any

from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.tool_calls import Call

STANDARD = (
    "Research the top five competitors in our market segment, create a comparison spreadsheet, "
    "and draft a one-page executive summary with the key findings"
)

ABOUT = (
    "This is a **rehearsal**: no language model is configured, so a fixed script answers. It can do exactly one thing, "
    f"with the real tools, on five made-up company sites on this machine:\n\n> {STANDARD}\n\n"
    "To use a real model, run `threadwork init`, or set `THREADWORK_MODELS__DEFAULT` (for example "
    "`openai/gpt-4o-mini`) and `THREADWORK_MODELS__API_KEY`, then restart threadwork. A local server needs only "
    "`THREADWORK_MODELS__API_BASE` and the model's name."
)


def wish(tool: str, **args: Any) -> Call:
    """A call without an id yet."""
    return Call(id=CallId(""), tool=tool, args=args)


def act(text: str, *calls: Call) -> Reply:
    """Returns a turn that calls tools."""
    return Reply(text=text, calls=tuple(calls))


def say(text: str) -> Reply:
    """Returns an agent's last words."""
    return Reply(text=text)


def numbered(reply: Reply, turn: int) -> Reply:
    """Returns the same reply with its calls named after turn and place."""
    calls = tuple(c.model_copy(update={"id": CallId(f"call-{turn}-{n}")}) for n, c in enumerate(reply.calls))
    return reply.model_copy(update={"calls": calls})


def listing(names: list[str]) -> str:
    """Returns `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
