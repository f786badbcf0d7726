"""A step of many turns that reads, fails, shares findings and is corrected; for what a long conversation costs.

The same turns are played in this process and over HTTP.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agents.conversation.compaction_notes import ASK_FOR_NOTES
from orchestrator.domain.model_messages import Answer, Prompt, Reply
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import Effect, HostCall, ToolSpec
from orchestrator.errors import ToolFailed
from orchestrator.ports import Model, OnDraft
from tests.memory_hub import ToyHost, say

INSTRUCTIONS = "Read every table and compare its yearly totals; report in euros."
SUMMARY = "I decided to compare totals by year. Open: which currency table 7 uses."
STEP = "read"


async def nothing(turn: int) -> None:
    """What happens before a turn, if nothing does."""


@dataclass
class LongStep:
    """Says what the model says. `before`: what happens in the world before each turn. `looks_back`: a turn at which it
    recalls its first call."""

    turns: int
    before: Callable[[int], Awaitable[None]] = nothing
    looks_back: int = 0
    opens: Mapping[int, str] = field(default_factory=dict[int, str])
    """Families of tools that it opens, by turn."""
    turn: int = 0
    notes: int = 0
    prompts: list[Prompt] = field(default_factory=list[Prompt])

    async def __call__(self, prompt: Prompt) -> Reply:
        if any(tool.name == "propose_plan" for tool in prompt.tools):
            row = {"id": STEP, "title": "Read", "instructions": INSTRUCTIONS, "agent": "document"}
            return say(propose_plan={"title": "Work", "subtasks": [row]})
        if prompt.messages[-1].text == ASK_FOR_NOTES:  # pyright: ignore[reportAttributeAccessIssue]
            self.notes += 1
            return say(SUMMARY)
        self.turn = _turn_of(prompt) or self.turn + 1
        self.prompts.append(prompt)
        await self.before(self.turn)
        return self._reply(self.turn)

    def _reply(self, turn: int) -> Reply:
        if turn >= self.turns:
            return say("Every table is read.")
        if turn in self.opens:
            return say(more_tools={"family": self.opens[turn]})
        if turn == self.looks_back:
            return say(recall={"call": "1.0"})
        if turn % 10 == 5:
            return say(
                share_finding={"kind": f"total of table {turn}", "value": turn, "source_file": f"data/{turn}.csv"}
            )
        return say(f"Table {turn} next.", read_file={"path": f"data/{turn}.csv" if turn % 17 else f"gone/{turn}.csv"})


def _turn_of(prompt: Prompt) -> int:
    """Returns the turn that the prompt is for; 0 over HTTP, where nothing says so."""
    number = prompt.topic.rpartition(".")[2]
    return int(number) if number.isdecimal() else 0


@dataclass
class InProcess:
    """The step's turns as a Model."""

    brain: LongStep

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        return Answer(reply=await self.brain(prompt), model="scripted", usage=Usage(), cost=0.01)


class Renamed:
    """A model under the name that the steps use."""

    def __init__(self, inner: Model, name: str) -> None:
        self._inner, self._name = inner, name

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        return await self._inner.complete(prompt.model_copy(update={"model": self._name}), on_draft=on_draft)


async def a_table(call: HostCall) -> str:
    """What `read_file` gives: a table of about 800 tokens, or a failure."""
    path = str(call.args["path"])
    if path.startswith("gone/"):
        raise ToolFailed(f"There's no file {path!r} in the workspace.")
    return "\n".join(f"{path} row {n}: year {1990 + n}, total {n * 37 + 11}" for n in range(45))


def furnish(host: ToyHost, specs: Sequence[ToolSpec] = ()) -> None:
    """Gives the host its one tool, and those of `specs`, which only have to be there."""
    host.tools_by_name |= {spec.name: (spec, a_table) for spec in specs}
    host.tool("read_file", a_table, Effect.READ)
