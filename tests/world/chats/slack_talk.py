"""What people do at Slack besides the common stories."""

from collections.abc import Sequence
from typing import Any

from tests.scenarios.chat_people import Row
from tests.scenarios.slack_people import OnSlack
from tests.world.chats.talk import Sent


class SlackTalk:
    """`it`: the people of the common stories."""

    def __init__(self, it: OnSlack) -> None:
        self.it, self.server = it, it.server

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, named: bool = True, direct: bool = False,
        files: Sequence[Sent] = (), **more: Any,
    ) -> Row:  # fmt: skip
        """A message with attached files; `more`: other parts of Slack's own message."""
        room = self.it.alone(who) if direct else self.it.home_of(to)
        kept = [self.server.file(one.name, one.content, one.media) | one.more for one in files]
        said = f"{self.server.mention} {text}".strip() if named else text
        return self.server.says(who, room, said, files=kept, thread=_root(to), **more)

    async def thread(self, who: Any, text: str, *, files: Sequence[Sent] = (), **more: Any) -> Row:
        """A message without a mention, which others reply to."""
        return await self.says(who, text, named=False, files=files, **more)

    async def deletes(self, message: Row) -> None:
        await self.it.deletes(message)

    async def rewrites(self, message: Row, text: str) -> None:
        self.server.edits(self.it.home_of(message), message, text)


def _root(to: Row | None) -> str:
    return str(to.get("thread_ts") or to["ts"]) if to else ""
