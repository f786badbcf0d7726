"""What every platform's people can do, under one set of words."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from tests.scenarios.chat_people import Row


class Sent(NamedTuple):
    """An attached file. `more`: other parts of the platform's own description of it."""

    name: str
    content: bytes = b"1,2"
    media: str = "text/plain"
    more: Row = {}


class Talk(Protocol):
    """People on one platform; each takes a person of `room.it`. A message is the platform's own row."""

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, named: bool = True, direct: bool = False,
        files: Sequence[Sent] = (), **more: Any,
    ) -> Row: ...  # fmt: skip

    async def thread(self, who: Any, text: str, *, files: Sequence[Sent] = (), **more: Any) -> Row: ...
    async def deletes(self, message: Row) -> None: ...
    async def rewrites(self, message: Row, text: str) -> None: ...


def called(name: str, who: Any) -> str:
    """A mention of that person, as the platform writes it."""
    return f"@{who}" if name == "web" else f"<@{who.id}>"
