"""Defines what comes back from an agent that is tried out."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from agents.roster.agent_definition import Colleague
from orchestrator.domain.model_messages import Answer
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.ports import Work


class TriedTurn(NamedTuple):
    """What an agent said first. `shown`: the tools in its prompt; `specs`: all that it may call."""

    answer: Answer
    shown: Sequence[ToolSpec]
    specs: Sequence[ToolSpec]


class TriesAgents(Protocol):
    """Takes the first turn of a step with any agent."""

    async def try_out(self, work: Work, colleague: Colleague) -> TriedTurn: ...
