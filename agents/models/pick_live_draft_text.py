"""Picks what of a reply goes to `on_draft` while it is written: its text, or one argument of its call."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from agents.models.server_quirks import ServerHabits
from agents.models.visible_text import OpenCall, argument_so_far, shown
from orchestrator.domain.model_messages import Prompt
from orchestrator.ports import Look, OnDraft


class SoFar(Protocol):
    """A reply as far as it has come."""

    @property
    def text(self) -> str: ...

    @property
    def first_call(self) -> OpenCall | None: ...


class ReadAlong(NamedTuple):
    """Who reads a reply while it is written, and what they may read of it."""

    on_draft: OnDraft
    prompt: Prompt
    habits: ServerHabits

    def follow(self, reply: SoFar) -> Callable[[], None]:
        """Returns what to call whenever the reply has grown."""
        look = self.look(reply)
        return lambda: self.on_draft(look)

    def look(self, reply: SoFar) -> Look:
        spoken, tools = self.prompt.spoken, self.prompt.names
        if spoken is not None:
            return lambda: argument_so_far(reply.first_call, spoken.tool, spoken.argument)
        if (aloud := self.habits.thinks_aloud) is None:
            return nothing
        return lambda: shown(reply.text, tools, thinks_aloud=aloud)


def nothing() -> str:
    """A `Look` at a reply of which people may read nothing."""
    return ""
