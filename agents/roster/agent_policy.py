"""Reads an agent's policy: what it must ask for, and what it may never do. It can't allow anything. Pure.

policy:
  ask: [run_python, network-read]
  deny: [network-send, "*.example.com"]
"""

import re
from collections.abc import Sequence
from typing import NamedTuple, cast

from agents.roster.tool_names_by_family import JUDGED, nearest
from orchestrator.domain.connector_tool_names import PREFIX
from orchestrator.domain.policy import WORDS, Rule, Verdict
from orchestrator.domain.tool_calls import Effect

_VERDICTS = {"ask": Verdict.ASK, "deny": Verdict.DENY}
_HOST = re.compile(r"(\*\.)?[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?")
MOST_RULES = 60
EFFECTS = tuple(effect.value for effect in Effect)


class PolicyRead(NamedTuple):
    """The rules, and for each mistake its key and a sentence."""

    rules: tuple[Rule, ...]
    mistakes: list[tuple[str, str]]


def read_policy(value: object) -> PolicyRead:
    """Returns the rules of the setting `policy`."""
    if value is None:
        return PolicyRead((), [])
    if not isinstance(value, dict):
        return PolicyRead((), [("policy", "Write it like `policy: {ask: [run_python], deny: [network-send]}`.")])
    rules, mistakes = list[Rule](), list[tuple[str, str]]()
    if sum(len(_entries(entries)) for entries in cast("dict[object, object]", value).values()) > MOST_RULES:
        return PolicyRead((), [("policy", f"It can have at most {MOST_RULES} entries. Use `*.example.com` for hosts.")])
    for name, entries in cast("dict[object, object]", value).items():
        key = f"policy.{str(name)[:60]}"
        verdict = _VERDICTS.get(str(name))
        if verdict is None:
            mistakes.append((key, "A policy can only be stricter than the settings: use ask and deny."))
            continue
        for entry in _entries(entries):
            rule = _rule(entry, verdict) if entry is not None else None
            if rule is not None:
                rules.append(rule)
            else:
                mistakes.append((key, _unknown(entry)))
    return PolicyRead(tuple(rules), mistakes)


def _entries(value: object) -> Sequence[str | None]:
    """Returns the entries of a list, or of a text with commas between them; None for one that isn't text."""
    if value is None:
        return ()
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        return [None]
    return [row.strip() if isinstance(row, str) else None for row in cast("list[object]", value)]


def _rule(entry: str, verdict: Verdict) -> Rule | None:
    does = "has to ask first" if verdict is Verdict.ASK else "may not do that"
    if entry in EFFECTS:
        effect = Effect(entry)
        return Rule(verdict=verdict, effect=effect, why=f"it {WORDS[effect]}, and this agent's policy says it {does}")
    if entry in JUDGED or entry.startswith(PREFIX):
        return Rule(verdict=verdict, tool=entry, why=f"this agent's policy says that it {does} ({entry})")
    host = entry.lower()
    if ("." in host or ":" in host or host == "localhost") and _HOST.fullmatch(host):
        return Rule(verdict=verdict, domain=host, why=f"this agent's policy says that it {does} ({host})")
    return None


def _unknown(entry: str | None) -> str:
    if entry is None:
        return "Write it as a list, like `[run_python, network-send]`."
    known = [*EFFECTS, *sorted(JUDGED)]
    near = nearest(entry, known)
    more = near if near.startswith("Did") else f"Effects are {', '.join(EFFECTS)}."
    return f"{entry[:60]!r} isn't an effect, a tool that policies are about, or a host. {more}"
