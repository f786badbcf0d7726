"""Reads files of the same workspace that a message links to, if its author may read them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from bot.chat_platform import Mentioned, Quote, Wrote
from bot.inbox.linked_messages import GONE, HIDDEN
from bot.slack import message_text
from bot.slack.lookups import Conversations, People, user_of
from bot.slack.parse import BotIdentity, Sender
from bot.slack.web_api import SlackWebApi
from orchestrator.errors import PlatformFailed, PlatformRefused

_IN_WORKSPACE = re.compile(r"/(?:files/[A-Z0-9]+|docs/[A-Z0-9]+|lists/[A-Z0-9]+)/(F[A-Z0-9]+)(?:/.*)?")
_PRIVATE = re.compile(r"/files-(?:pri|tmb)/([A-Z0-9]+)-(F[A-Z0-9]+)(?:-[0-9a-f]+)?(?:/.*)?")


class SlackFileLink(NamedTuple):
    url: str
    file: str


def links(addresses: Iterator[str], site: str, team: str) -> Iterator[SlackFileLink]:
    """Yields those that lead to files of the workspace at `site`, the host of its address."""
    for url in addresses:
        parts = urlsplit(url)
        if parts.netloc == site and (found := _IN_WORKSPACE.fullmatch(parts.path)):
            yield SlackFileLink(url, found[1])
        elif parts.netloc == "files.slack.com" and (found := _PRIVATE.fullmatch(parts.path)) and found[1] == team:
            yield SlackFileLink(url, found[2])


class SlackLinkedFiles:
    """One workspace's."""

    def __init__(self, web: SlackWebApi, people: People, rooms: Conversations, me: BotIdentity) -> None:
        self._web, self._people, self._rooms, self._me = web, people, rooms, me

    async def read(self, link: SlackFileLink, it: Mentioned | Wrote) -> list[Quote]:
        """Raises PlatformFailed with the reason."""
        try:
            found = await self._web.read("files.info", "looking up a file", file=link.file)
        except PlatformRefused as error:
            raise PlatformRefused(GONE, code="gone") from error
        row = cast("Mapping[str, Any]", found.get("file") or {})
        if not await self._readable(row, it):
            raise PlatformRefused(HIDDEN, code="not-allowed")
        at = message_text.moment(row.get("created"))
        text = str(row.get("title") or row.get("name") or "")
        return [Quote(how="link", by=await self._author(row), text=text, files=message_text.files([row]), at=at)]

    async def _readable(self, row: Mapping[str, Any], it: Mentioned | Wrote) -> bool:
        """Returns whether the author of the message shared the file, or is where it was shared."""
        mine = user_of(it.by)
        shares = cast("Mapping[str, Mapping[str, object]]", row.get("shares") or {})
        public = bool(row.get("is_public") or shares.get("public") or row.get("channels"))
        if row.get("user") == mine or (public and it.by.kind == "member"):
            return True
        shared = {*(shares.get("private") or {}), *(shares.get("public") or {})}
        shared |= {str(one) for kind in ("channels", "groups", "ims") for one in row.get(kind) or ()}
        return any([await self._has(channel, mine) for channel in sorted(shared)])

    async def _has(self, channel: str, user: str) -> bool:
        try:
            return await self._rooms.has(channel, user)
        except PlatformRefused:
            return False

    async def _author(self, row: Mapping[str, Any]) -> str:
        try:
            return (await self._people.of(Sender(self._me.team, str(row.get("user"))), self._me)).name
        except PlatformFailed:
            return "Someone"
