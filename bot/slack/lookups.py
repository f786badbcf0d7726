"""Looks up people, conversations and groups at Slack, and remembers them for a while."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar, cast

from bot.chat_platform import Inbound, Mentioned
from bot.outbox.lru_dict import RecentDict
from bot.slack.parse import PLATFORM, BotIdentity, Sender, channel_of
from bot.slack.web_api import SlackWebApi, next_cursor
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)
_PERSON_FRESH, _CONVERSATION_FRESH = 3_600.0, 600.0
MOST = 2000
"""People in memory, and conversations."""
_MOST_PAGES = 20
K = TypeVar("K")
V = TypeVar("V")


class _Known(Generic[K, V]):
    """Answers that stay `fresh` for so many seconds. One look-up per key at a time: a burst asks Slack once."""

    def __init__(self, fresh: float, now: Callable[[], float]) -> None:
        self._fresh, self._now = fresh, now
        self._answers: RecentDict[K, tuple[float, V]] = RecentDict(MOST)
        self._asking: RecentDict[K, asyncio.Lock] = RecentDict(MOST)

    def put(self, key: K, answer: V) -> None:
        self._answers.put(key, (self._now(), answer))

    async def of(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """Raises what `ask` raises, and remembers nothing in that case."""
        if (asking := self._asking.get(key)) is None:
            self._asking.put(key, asking := asyncio.Lock())
        async with asking:
            known = self._answers.get(key)
            if known is not None and self._now() - known[0] < self._fresh:
                return known[1]
            answer = await ask()
            self.put(key, answer)
            return answer


def person(profile: Mapping[str, Any], who: Sender, me: BotIdentity) -> Person:
    """A full member of our own workspace, a guest (restricted or gone), or an outsider from another workspace."""
    names = cast("Mapping[str, Any]", profile.get("profile") or {})
    name = names.get("display_name") or profile.get("real_name") or names.get("real_name") or profile.get("name")
    outside = bool(profile.get("is_stranger")) or who.team != me.team
    limited = profile.get("is_restricted") or profile.get("is_ultra_restricted") or profile.get("deleted")
    kind = "bot" if profile.get("is_bot") else "outsider" if outside else "guest" if limited else "member"
    return Person(id=PersonId(f"{PLATFORM}:{who.team}/{who.user}"), name=str(name or who.user), kind=kind)


def user_of(person: Person) -> str:
    """Returns Slack's id of the person."""
    return person.id.rpartition("/")[2]


class People:
    """People of the workspace, remembered."""

    def __init__(self, web: SlackWebApi, *, now: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._known: _Known[Sender, Person] = _Known(_PERSON_FRESH, now)

    async def of(self, who: Sender, me: BotIdentity) -> Person:
        """Raises PlatformFailed if Slack doesn't say; nobody counts as a member by default."""

        async def ask() -> Person:
            found = await self._web.read("users.info", f"looking up the person {who.user!r}", user=who.user)
            return person(cast("dict[str, Any]", found["user"]), who, me)

        return await self._known.of(who, ask)


def closed(row: Mapping[str, Any]) -> bool:
    """Returns whether only some of the workspace can read the conversation. Anything Slack doesn't call public is
    closed."""
    return row.get("is_private") is not False or any(row.get(kind) for kind in ("is_im", "is_mpim", "is_group"))


class Conversation(NamedTuple):
    """What Slack says about one. `closed`: only some of the workspace can read it."""

    name: str
    closed: bool


class Conversations:
    """Conversations of the workspace, remembered."""

    def __init__(self, web: SlackWebApi, *, now: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._known: _Known[str, Conversation] = _Known(_CONVERSATION_FRESH, now)

    def listed(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Slack has just described these."""
        for row in rows:
            self._known.put(str(row["id"]), _conversation(row))

    async def placed(self, inbound: Inbound) -> Inbound:
        """Returns a request with its place marked closed if the conversation is; anything else as it is."""
        at = inbound.place
        if not isinstance(inbound, Mentioned) or at.private or at.closed or not await self.closed(channel_of(at)):
            return inbound
        return inbound.model_copy(update={"place": at.model_copy(update={"closed": True})})

    async def closed(self, channel: str) -> bool:
        """Returns whether only some of the workspace can read the conversation, or Slack doesn't say."""
        try:
            return (await self.of(channel)).closed
        except PlatformFailed as error:
            log.warning("Tasks from %s count as private for now: %s", channel, error)
            return True

    async def of(self, channel: str) -> Conversation:
        """Raises PlatformFailed if Slack doesn't say."""

        async def ask() -> Conversation:
            found = await self._web.read("conversations.info", f"looking up {channel!r}", channel=channel)
            return _conversation(cast("Mapping[str, Any]", found.get("channel") or {}))

        return await self._known.of(channel, ask)

    async def has(self, channel: str, user: str) -> bool:
        """Returns whether that person is in the conversation now. Raises PlatformFailed if Slack doesn't say."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = await self._web.read(
                "conversations.members", "asking who is in a channel", channel=channel, limit=1_000, cursor=cursor
            )
            if user in page["members"]:
                return True
            cursor = next_cursor(page)
            if not cursor:
                break
        return False


def _conversation(row: Mapping[str, Any]) -> Conversation:
    return Conversation(str(row.get("name") or ""), closed(row))


class Groups:
    """Groups of people in the workspace, remembered."""

    def __init__(self, web: SlackWebApi, *, now: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._known: _Known[str, Mapping[str, str]] = _Known(_PERSON_FRESH, now)

    async def handle(self, group: str) -> str:
        """Returns what people type to mention it, empty for an unknown one. Raises PlatformFailed if Slack doesn't
        say."""

        async def ask() -> Mapping[str, str]:
            found = await self._web.read("usergroups.list", "listing user groups", include_disabled=True)
            rows = cast("list[Mapping[str, Any]]", found.get("usergroups") or [])
            return {str(row["id"]): str(row.get("handle") or row.get("name") or "") for row in rows}

        return (await self._known.of("", ask)).get(group, "")
