"""The graphs of the benchmark, and a model that works on any of them: as many turns as it is told, then done."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from orchestrator.domain.ids import CallId, SubtaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.tool_calls import Call

TURNS = 3
"""Model turns of each subtask: two that share a finding, one that ends."""


class Graph(NamedTuple):
    """`needs`: for each subtask, the ones that must have ended before."""

    name: str
    needs: dict[str, tuple[str, ...]]

    @property
    def depth(self) -> int:
        """Subtasks on the longest way."""
        place: dict[str, int] = {}
        for name, before in self.needs.items():
            place[name] = 1 + max((place[b] for b in before), default=0)
        return max(place.values())


REPORT = Graph(
    "report job, 7 subtasks",
    {**{f"r{i}": () for i in range(5)}, "sheet": tuple(f"r{i}" for i in range(5)), "summary": ("sheet",)},
)
WIDE = Graph("50 side by side", {f"w{i}": () for i in range(50)})
TEAM = Graph("three steps", {"read": (), "count": (), "write": ("read", "count")})
CHAIN = Graph("a chain of 20", {f"c{i}": (f"c{i - 1}",) if i else () for i in range(20)})


def plan_of(graph: Graph) -> Plan:
    """The graph as a plan."""
    rows = tuple(
        Subtask(
            id=SubtaskId(name),
            title=name,
            instructions=f"Work on {name}.",
            agent="document",
            after=tuple(map(SubtaskId, before)),
        )
        for name, before in graph.needs.items()
    )
    return Plan(title=graph.name, subtasks=rows)


async def brain(prompt: Prompt) -> Reply:
    """Plans what stands after `PLAN:` in the request; as an agent shares a finding a turn, then ends."""
    if any(t.name == "propose_plan" for t in prompt.tools):
        text = next(m.text for m in prompt.messages if "PLAN:" in m.text)
        args: dict[str, Any] = json.JSONDecoder().raw_decode(text.split("PLAN:", 1)[1])[0]
        return Reply(calls=(Call(id=CallId("p"), tool="propose_plan", args=args),))
    turn = 1 + sum(1 for m in prompt.messages if isinstance(m, Reply))
    if turn >= TURNS:
        return Reply(text="Done, and nothing is missing.")
    args = {
        "kind": f"figure {turn}",
        "value": turn,
        "source_url": "http://site.test/",
        "quote": f"the figure is {turn}",
    }
    return Reply(calls=(Call(id=CallId("f"), tool="share_finding", args=args),))


def spread(values: Sequence[float]) -> str:
    """Median and range, for people."""
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.2f} ({ordered[0]:.2f} to {ordered[-1]:.2f})"
