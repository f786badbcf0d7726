"""An agent as it works: its prompt, its tools, and its limits. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.task_scope import EVERY_TASK, TaskScope
from orchestrator.domain.agents import UsedAgent
from orchestrator.domain.model_messages import Effort
from orchestrator.domain.policy import Rule


class AgentLimits(NamedTuple):
    """What one step may take; None: as in the settings. `cost`: US dollars; `tokens`: of models without a price."""

    turns: int | None = None
    cost: float | None = None
    tokens: int | None = None


NO_LIMITS = AgentLimits()


@dataclass(frozen=True)
class Colleague:
    """One agent of the roster."""

    name: str
    description: str
    tools: tuple[str, ...]
    prompt: str
    model: str | None = None
    effort: Effort | None = None
    families: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Tools that its prompts don't show until it opens their family, by the family's name."""
    skills: tuple[str, ...] = ()
    """Names of skills that each of its steps begins with."""
    connectors: tuple[str, ...] | None = None
    """Names of those that it may use; None: all that its task may use."""
    limits: AgentLimits = NO_LIMITS
    policy: tuple[Rule, ...] = ()
    """Rules that make the hub's stricter, never looser."""
    scope: TaskScope = EVERY_TASK
    edition: UsedAgent | None = None
    """Its version; None for an agent that comes with threadwork."""
    source: bytes = b""
    """Its file; empty for an agent that comes with threadwork."""

    @property
    def every_tool(self) -> Sequence[str]:
        return (*self.tools, *(name for tools in self.families.values() for name in tools))
