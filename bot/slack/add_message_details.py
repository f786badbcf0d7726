"""Completes messages with what Slack leaves out: the names of people, channels and groups, and details of files."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from bot.slack.lookups import Conversations, Groups, People
from bot.slack.parse import BotIdentity, Sender
from bot.slack.web_api import SlackWebApi
from orchestrator.errors import PlatformFailed, PlatformRefused

Payload = Mapping[str, Any]
PATIENCE = 1.0
"""Seconds for the look-ups of a message that has to be acknowledged."""
MOST = 40
"""Look-ups for one message."""
_TAG = re.compile(r"<(@|#|!subteam\^)([A-Z0-9]+)\|?>")
"""A mention without a name."""
_KINDS = {"user": ("@", "user_id"), "channel": ("#", "channel_id"), "usergroup": ("!subteam^", "usergroup_id")}
_FILE = "file"
PRIVATE = "private-channel"
"""How Slack shows a channel to people who can't read it; not everybody who reads a task can."""
_UNKNOWN = {"@": "unknown-user", "#": PRIVATE, "!subteam^": "unknown-group"}
"""Names for what Slack doesn't know or doesn't show us."""


class _Missing(NamedTuple):
    """`kind`: the beginning of a mention, or `file`."""

    kind: str
    id: str


class MessageCompletion:
    """One workspace's. What can't be looked up stays as it is."""

    def __init__(self, web: SlackWebApi, people: People, rooms: Conversations, groups: Groups) -> None:
        self._web, self._people, self._rooms, self._groups = web, people, rooms, groups

    async def in_time(self, payload: Payload, me: BotIdentity) -> Payload:
        """Like `of`, for what has to be acknowledged soon: look-ups that take too long are left out."""
        return await self.of(payload, me, patience=PATIENCE)

    async def of(self, payload: Payload, me: BotIdentity, *, patience: float | None = None) -> Payload:
        """Returns the payload with names in its mentions. `patience`: seconds, None for as long as it takes."""
        wanted = list(dict.fromkeys(_missing(payload, me)))[:MOST]
        if not wanted:
            return payload
        asked = [asyncio.ensure_future(self._one(one, me)) for one in wanted]
        try:
            await asyncio.wait(asked, timeout=patience)
        finally:
            for one in asked:
                one.cancel()
            answers = await asyncio.gather(*asked, return_exceptions=True)
        known = {one: it for one, it in zip(wanted, answers, strict=True) if it and not isinstance(it, BaseException)}
        return cast(Payload, _completed(payload, known))

    async def _one(self, it: _Missing, me: BotIdentity) -> object:
        """Returns the name, or the file's description; None if Slack doesn't say."""
        try:
            match it.kind:
                case "@":
                    return (await self._people.of(Sender(me.team, it.id), me)).name
                case "#":
                    room = await self._rooms.of(it.id)
                    return PRIVATE if room.closed else room.name
                case _ if it.kind == _FILE:
                    return (await self._web.read("files.info", "looking up a file", file=it.id)).get("file")
                case _:
                    return await self._groups.handle(it.id) or _UNKNOWN[it.kind]
        except PlatformRefused:
            return _UNKNOWN.get(it.kind)
        except PlatformFailed:
            return None


def _missing(value: object, me: BotIdentity) -> Iterator[_Missing]:
    match value:
        case str() if "<" in value:
            yield from (_Missing(kind, id_) for kind, id_ in _TAG.findall(value) if id_ != me.user)
        case Mapping():
            row = cast(Payload, value)
            if row.get("file_access") == "check_file_info" and row.get("id"):
                yield _Missing(_FILE, str(row["id"]))
                return
            kind, key = _KINDS.get(str(row.get("type")), ("", ""))
            if kind and row.get(key) not in (None, me.user):
                yield _Missing(kind, str(row[key]))
            for part in row.values():
                yield from _missing(part, me)
        case list():
            for part in cast("list[object]", value):
                yield from _missing(part, me)
        case _:
            pass


def _completed(value: object, known: Mapping[_Missing, object]) -> object:
    match value:
        case str() if "<" in value:
            return _TAG.sub(lambda found: _tag(found, known), value)
        case Mapping():
            row = cast(Payload, value)
            if row.get("file_access") == "check_file_info":
                return known.get(_Missing(_FILE, str(row.get("id"))), row)
            kind, key = _KINDS.get(str(row.get("type")), ("", ""))
            name = known.get(_Missing(kind, str(row.get(key)))) if kind else None
            parts = {part: _completed(one, known) for part, one in row.items()}
            return parts | {"name": " ".join(str(name).split())} if name else parts
        case list():
            return [_completed(one, known) for one in cast("list[object]", value)]
        case _:
            return value


def _tag(found: re.Match[str], known: Mapping[_Missing, object]) -> str:
    name = known.get(_Missing(found[1], found[2]))
    if name is None:
        return found[0]
    label = (
        " ".join(str(name).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "/")
    )
    return f"<{found[1]}{found[2]}|{label}>"
