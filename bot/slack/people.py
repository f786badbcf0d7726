"""Who someone is: one look-up per person and hour, shared by all who ask at the same time."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from bot.outbox.recent import Recent
from bot.slack.parse import PLATFORM, Me, Who
from bot.slack.web import Web
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person

_FRESH = 3_600.0
MOST = 2000
"""People in memory."""


def person(profile: Mapping[str, Any], who: Who, me: Me) -> Person:
    """A full member of our own workspace, a guest (restricted or gone), or an outsider: of another workspace."""
    names = cast("Mapping[str, Any]", profile.get("profile") or {})
    name = names.get("display_name") or profile.get("real_name") or names.get("real_name") or profile.get("name")
    outside = bool(profile.get("is_stranger")) or who.team != me.team
    limited = profile.get("is_restricted") or profile.get("is_ultra_restricted") or profile.get("deleted")
    kind = "bot" if profile.get("is_bot") else "outsider" if outside else "guest" if limited else "member"
    return Person(id=PersonId(f"{PLATFORM}:{who.team}/{who.user}"), name=str(name or who.user), kind=kind)


def user_of(person: Person) -> str:
    """Slack's id of the person."""
    return person.id.rpartition("/")[2]


class People:
    """People of the workspace, remembered."""

    def __init__(self, web: Web, *, now: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._now = now
        self._known: Recent[Who, tuple[float, Person]] = Recent(MOST)
        # One look-up per person at a time: a burst of messages asks Slack once.
        self._asking: Recent[Who, asyncio.Lock] = Recent(MOST)

    async def of(self, who: Who, me: Me) -> Person:
        """Raises PlatformFailed when Slack does not say; nobody is taken for a member unseen."""
        if (asking := self._asking.get(who)) is None:
            self._asking.put(who, asking := asyncio.Lock())
        async with asking:
            known = self._known.get(who)
            if known is not None and self._now() - known[0] < _FRESH:
                return known[1]
            found = await self._web.read("users.info", f"asking who {who.user!r} is", user=who.user)
            them = person(cast("dict[str, Any]", found["user"]), who, me)
            self._known.put(who, (self._now(), them))
            return them
