"""Parses a Prompt for the brains. Pure; keeps nothing between turns."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from orchestrator.domain.model_messages import Prompt, Reply, Returned, Said
from orchestrator.domain.tool_calls import Call

_FINDING = re.compile(r"^- \[(?P<id>[^\]]+)\] (?P<kind>.+?) = ", re.MULTILINE)
_AFTER = re.compile(r"\s*\(by (?P<by>[^;)\s]+)(?:; (?P<where>[^;)]*))?(?:; replaces (?P<old>[^)]+))?\)")
_CHANGES = re.compile(r"^(?P<who>.+?) asks for changes to (?P<file>[^:\n]+): (?P<text>.*)$", re.MULTILINE)
_SAYS = re.compile(r"^(?P<who>[^\n:]{1,60}) says: (?P<text>.*)$", re.MULTILINE)
_ATTACHED = re.compile(r"attachments/(?P<name>[^\n\]]+?\.(?:csv|tsv|xlsx))(?=[,\]\n]|$)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class BoardFinding:
    """A finding as an agent reads it on its board line."""

    id: str
    kind: str
    value: JsonValue
    by: str
    where: str

    @property
    def company(self) -> str:
        return self.kind.partition(": ")[0]

    @property
    def what(self) -> str:
        return self.kind.rpartition(": ")[2]


@dataclass(frozen=True)
class CallMade:
    """A call that was made, its result, and the result's place in the conversation."""

    at: int
    call: Call
    text: str
    ok: bool


@dataclass(frozen=True)
class WantedChange:
    """A person's request to change a file."""

    at: int
    who: str
    file: str
    text: str


def facts_in(text: str) -> Iterator[BoardFinding]:
    """Returns the findings whose lines are in `text`, in order."""
    for line in _FINDING.finditer(text):
        try:
            value, length = json.JSONDecoder().raw_decode(text[line.end() :])
        except ValueError:
            continue
        if after := _AFTER.match(text, line.end() + length):
            yield BoardFinding(line["id"], line["kind"], value, after["by"], after["where"] or "")


class SortedConversation:
    """An agent's conversation, sorted. Built again for each turn."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        self.tools = {*prompt.names}

    @cached_property
    def heard(self) -> Sequence[tuple[int, str]]:
        """Returns the user messages with their places in the conversation."""
        return [(n, m.text) for n, m in enumerate(self.prompt.messages) if isinstance(m, Said) and m.role == "user"]

    @cached_property
    def assignment(self) -> str:
        return next((text for _, text in self.heard if text.startswith("Step: ")), "")

    @property
    def subtask(self) -> str:
        return self.assignment.removeprefix("Step: ").partition(" ")[0]

    @cached_property
    def done(self) -> Sequence[CallMade]:
        """Returns all calls that have a result, in the order of their results."""
        calls = {c.id: c for m in self.prompt.messages if isinstance(m, Reply) for c in m.calls}
        return [
            CallMade(n, calls[m.call], m.text, m.ok)
            for n, m in enumerate(self.prompt.messages)
            if isinstance(m, Returned) and m.call in calls
        ]

    def of(self, tool: str, *, since: int = -1) -> list[CallMade]:
        """Returns the calls of one tool after that place in the conversation."""
        return [d for d in self.done if d.call.tool == tool and d.at > since]

    @cached_property
    def facts(self) -> Sequence[BoardFinding]:
        """Returns the board as far as this agent has seen it: each kind once per subtask, with the newest value."""
        texts = [text for _, text in self.heard] + [d.text for d in self.done if d.call.tool == "read_findings"]
        newest = {(fact.by, fact.kind): fact for text in texts for fact in facts_in(text)}
        return list(newest.values())

    @property
    def feeders(self) -> list[str]:
        found = re.search(r"^Findings stream to you from: (.+)\.$", self.assignment, re.MULTILINE)
        return found[1].split(", ") if found else []

    @property
    def ended(self) -> bool:
        return any("All steps that send you findings have ended." in text for _, text in self.heard)

    @cached_property
    def changes(self) -> Sequence[WantedChange]:
        return [
            WantedChange(n, m["who"], m["file"], m["text"]) for n, text in self.heard for m in _CHANGES.finditer(text)
        ]

    @cached_property
    def words(self) -> Sequence[str]:
        """Returns what people said to this agent while it worked."""
        return [m["text"] for _, text in self.heard for m in _SAYS.finditer(text)]

    @property
    def attachments(self) -> list[str]:
        found = [f"attachments/{m['name']}" for _, text in self.heard for m in _ATTACHED.finditer(text)]
        return list(dict.fromkeys(found))

    def file_to_hand_in(self, suffix: str, otherwise: str) -> str:
        """Returns the name that the assignment asks for."""
        asked = re.search(r"^Files to hand in with deliver: (.+)$", self.assignment, re.MULTILINE)
        names = asked[1].split(", ") if asked else []
        return next((n for n in names if n.endswith(suffix)), otherwise)
