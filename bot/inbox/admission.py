"""Decides who may ask, press and steer on a chat platform. Pure."""

import re
from typing import Literal

from bot.chat_platform import Changed, Inbound, Summoned
from orchestrator.domain.base_value import Value

Who = Literal["members", "guests", "everyone"]
_ADMITTED: dict[Who, tuple[str, ...]] = {
    "members": ("member",),
    "guests": ("member", "guest"),
    "everyone": ("member", "guest", "outsider"),
}

ELSEWHERE = "I'm not set up for this channel. Send me a direct message, or ask the person who runs this bot to add it."
GUEST = "I only work for full members of this team. Ask one of them to post your request."
OUTSIDER = (
    "I only work for the team that runs me, and you're from another one. Ask someone on that team to post your request."
)
NOT_NAMED = "You don't have access here. Ask the person who runs this bot to add you."


class Admission(Value):
    """The rules. `people`: ids of people and roles; `channels`: ids; empty ones restrict nothing."""

    who: Who = "members"
    people: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    def refusal(self, it: Inbound) -> str:
        """Returns why not, in a sentence for the person; empty if they may.

        Changing or deleting a message needs no more permission than writing it.
        """
        if isinstance(it, Changed):
            return ""
        if it.by.kind not in _ADMITTED[self.who]:
            return OUTSIDER if it.by.kind == "outsider" else GUEST
        if self.people and not self.people & {_last(it.by.id), *it.roles}:
            return NOT_NAMED
        public = not it.place.private and not isinstance(it, Summoned)
        return ELSEWHERE if public and self.channels and _last(it.place.channel) not in self.channels else ""


def _last(id_: str) -> str:
    """Returns the platform's own id, as people can copy it there."""
    return re.split("[:/]", id_)[-1]
