"""Reads a skill's `allowed-tools`. It can only take tools away from an agent, never add one or skip the gate. Pure."""

import re
from collections.abc import Mapping, Sequence

from orchestrator.domain.tool_calls import Effect, ToolSpec

_LOOKS = frozenset({Effect.READ})
_WRITES = _LOOKS | {Effect.WRITE_WORKSPACE}
_RUNS = _WRITES | {Effect.EXECUTE}
_BROWSES = _LOOKS | {Effect.NETWORK_READ}
_KINDS: Mapping[str, frozenset[Effect]] = {
    **dict.fromkeys(("read", "grep", "glob", "ls", "notebookread"), _LOOKS),
    **dict.fromkeys(("write", "edit", "multiedit", "notebookedit"), _WRITES),
    **dict.fromkeys(("bash", "shell", "python", "terminal"), _RUNS),
    **dict.fromkeys(("webfetch", "websearch", "browser"), _BROWSES),
}
"""Names of tools that most skills use, and what our tools for them may do."""
_OURS = re.compile(r"[a-z]+(_[a-z]+)+")


def understood(patterns: Sequence[str]) -> tuple[str, ...]:
    """Returns the patterns that name a kind of tool or one of ours; an unknown name limits nothing."""
    return tuple(p for p in patterns if _plain(p) in _KINDS or _OURS.fullmatch(p))


def narrowed(specs: Mapping[str, ToolSpec], limits: Sequence[Sequence[str]]) -> Mapping[str, ToolSpec]:
    """Returns the tools that are left. `limits`: of each skill that was fixed for the step; one without a limit needs
    all of them."""
    if not limits or not all(limits):
        return specs
    patterns = [pattern for limit in limits for pattern in limit]
    return {name: spec for name, spec in specs.items() if _coordinates(spec) or any(_fits(spec, p) for p in patterns)}


def _coordinates(spec: ToolSpec) -> bool:
    """Returns whether it only talks to people and other agents of the task."""
    return spec.place == "hub" and not spec.effects


def _fits(spec: ToolSpec, pattern: str) -> bool:
    effects = _KINDS.get(_plain(pattern))
    return pattern == spec.name or (effects is not None and spec.effects <= effects)


def _plain(pattern: str) -> str:
    return pattern.partition("(")[0].lower()
