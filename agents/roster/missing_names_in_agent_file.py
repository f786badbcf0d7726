"""Says what an agent's file names that isn't there. The agent works without it. Pure."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from agents.roster.agent_definition import Colleague
from agents.roster.agent_file import AgentMistake
from agents.roster.tool_names_by_family import nearest


class KnownNames(NamedTuple):
    """What this hub has. `models`: those in the settings; others may work too."""

    skills: Sequence[str]
    connectors: Sequence[str]
    models: Sequence[str]


def doubts(agent: Colleague, known: KnownNames) -> list[AgentMistake]:
    """Returns a sentence for each."""
    return [*_missing(agent, known), *_model(agent, known), *_cannot_finish(agent)]


def _missing(agent: Colleague, known: KnownNames) -> Iterator[AgentMistake]:
    rows = (("skills", "skill", agent.skills, known.skills),
            ("connectors", "connector", agent.connectors or (), known.connectors))  # fmt: skip
    for key, what, names, there in rows:
        for name in names:
            if name not in there:
                words = f"There's no {what} {name!r} here, so the agent works without it."
                yield AgentMistake(key, f"{words} {nearest(name, there)}".rstrip())


def _model(agent: Colleague, known: KnownNames) -> Iterator[AgentMistake]:
    name = agent.model if agent.model not in known.models else None
    near = get_close_matches(name, known.models, n=1, cutoff=0.8) if name else []
    if near:
        yield AgentMistake("model", f"{name!r} isn't in the settings. Did you mean {near[0]!r}?")


def _cannot_finish(agent: Colleague) -> Iterator[AgentMistake]:
    if "deliver" not in agent.every_tool and "share_finding" not in agent.every_tool:
        yield AgentMistake("tools", "Without deliver or share_finding, other steps get only its last message.")
