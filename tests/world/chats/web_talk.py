"""What people do in the web workspace besides the common stories."""

from collections.abc import Sequence
from typing import Any

from tests.scenarios.chat_people import Row
from tests.scenarios.web_people import OnWeb
from tests.world.chats.talk import Sent


class WebTalk:
    """`it`: the people of the common stories. Its threads begin with a request: nobody replies to anything else."""

    def __init__(self, it: OnWeb) -> None:
        self.it = it

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, named: bool = True, files: Sequence[Sent] = ()
    ) -> Row:  # fmt: skip
        kept = [(one.name, one.content, one.media) for one in files]
        return await self.it.sends(who, f"@threadwork {text}" if named and not to else text, to, kept)
