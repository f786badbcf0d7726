"""What people do at Discord besides the common stories."""

from collections.abc import Sequence
from typing import Any

from tests.discord_server.server import until
from tests.discord_server.world import Payload
from tests.scenarios.chat_people import Row
from tests.scenarios.discord_people import OnDiscord
from tests.world.chats.talk import Sent


class DiscordTalk:
    """`it`: the people of the common stories."""

    def __init__(self, it: OnDiscord) -> None:
        self.it, self.server = it, it.server

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, named: bool = True, direct: bool = False,
        files: Sequence[Sent] = (), **more: Any,
    ) -> Row:  # fmt: skip
        """A message with attached files, in the thread of `to`; `more`: other parts of Discord's own message."""
        room = self.server.dm(who) if direct else await self._room(to)
        kept = [self._kept(room, one) for one in files]
        said = f"{self.server.mention} {text}".strip() if named else text
        if direct and to is not None:
            more["reply_to"] = to
        return await self.server.says(who, room, said, attached=kept, **more)

    async def thread(self, who: Any, text: str, *, files: Sequence[Sent] = (), **more: Any) -> Row:
        """A message without a mention, on which its author opens a thread."""
        root = await self.says(who, text, named=False, files=files, **more)
        await self.server.opens_thread(who, root, text[:90] or "A thread")
        return root

    async def deletes(self, message: Row) -> None:
        await self.server.deletes(message)

    async def rewrites(self, message: Row, text: str) -> None:
        author = self.server.world.people[message["author"]["id"]]
        await self.server.rewrites(author, message, text)

    async def _room(self, to: Row | None) -> Payload:
        """A thread has the id of the message that it hangs on; a message in a thread says its channel."""
        if to is None:
            return self.server.channel
        channels = self.server.world.channels
        within = channels[to["channel_id"]]
        if within.get("thread_metadata"):
            return within
        await until(lambda: to["id"] in channels)
        return channels[to["id"]]

    def _kept(self, room: Payload, one: Sent) -> Payload:
        return self.server.world.keep(room["id"], one.name, one.content, one.media) | one.more
