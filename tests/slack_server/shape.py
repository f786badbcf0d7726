"""Which fields an object may and must have, and where what is wrong is collected."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Trouble:
    """What is wrong with a payload; empty when nothing is. Also what must be unique or is counted over all blocks."""

    messages: list[str] = field(default_factory=list)
    characters: int = 0
    markdown: int = 0
    block_ids: set[str] = field(default_factory=set)
    action_ids: set[str] = field(default_factory=set)

    def add(self, message: str) -> None:
        self.messages.append(f"[ERROR] {message}")

    def count(self, words: str) -> None:
        self.characters += len(words)

    def block(self, name: str, at: str) -> None:
        if not 0 < len(name) <= 255:
            self.add(f"block_id must be 1 to 255 characters [json-pointer:{at}/block_id]")
        if name in self.block_ids:
            self.add(f"block_id {name!r} already exists [json-pointer:{at}/block_id]")
        self.block_ids.add(name)
        self.action_ids = set()  # unique within their block

    def action(self, name: str, at: str) -> None:
        if not 0 < len(name) <= 255:
            self.add(f"action_id must be 1 to 255 characters [json-pointer:{at}/action_id]")
        if name in self.action_ids:
            self.add(f"action_id {name!r} already exists [json-pointer:{at}/action_id]")
        self.action_ids.add(name)


@dataclass(frozen=True)
class Shape:
    """Fields by name and type; `needed` must be there, others than `fields` must not."""

    fields: dict[str, type]
    needed: set[str]

    def check(self, value: Any, at: str, out: Trouble) -> bool:
        if not isinstance(value, dict):
            out.add(f"must be an object [json-pointer:{at}]")
            return False
        before = len(out.messages)
        for name in self.needed - value.keys():
            out.add(f"missing required field: {name} [json-pointer:{at}]")
        for name, what in value.items():
            if name not in self.fields:
                out.add(f"unknown field: {name} [json-pointer:{at}/{name}]")
            elif not isinstance(what, self.fields[name]) or (self.fields[name] is int and isinstance(what, bool)):
                out.add(f"must be of type {self.fields[name].__name__} [json-pointer:{at}/{name}]")
        return len(out.messages) == before
