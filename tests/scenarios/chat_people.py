"""People at a chat platform, as one story sees them: every strict server under one set of words."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple, Protocol

from bot.chat_platform import Item
from bot.platform_registration import Platform
from tests.scenarios import chat_forms

Row = dict[str, Any]


class Spot(NamedTuple):
    """A button, or an entry of a menu, as it stood there when it was seen. `name`: what the platform calls it."""

    message: Row
    name: str
    option: str
    verb: str
    ref: str

    def fits(self, verb: str, ref: str, but: str) -> bool:
        """Whether it is of that verb, its ref begins so, and it is not that other one."""
        return self.verb == verb and self.ref.startswith(ref) and (not but or self.ref != but)


class Chat(Protocol):
    """A platform with one channel. People are the server's own; a message is its row or payload.

    `row`: the product's; `keys`: its settings, for this server. `patience`: seconds in which a fact has to become true.
    The first part is what every story needs; the second is for what some platforms can do besides."""

    row: Platform[Any]
    patience: float
    keys: dict[str, str]
    server: Any
    room: Any

    def person(self, name: str, kind: str = "member") -> Any: ...
    async def joined(self) -> None: ...
    async def says(
        self, who: Any, text: str, *, to: Row | None = None, direct: bool = False, named: bool = True, **files: bytes
    ) -> Row: ...
    async def sees(self, root: Row, verb: str, ref: str = "", *, but: str = "") -> Spot: ...
    async def presses(self, who: Any, root: Row, verb: str, ref: str = "", *, on: Spot | None = None) -> None: ...
    async def opens(self, who: Any, root: Row, verb: str, ref: str = "") -> chat_forms.Form: ...
    async def reads(self, root: Row, text: str) -> None: ...
    async def files(self, root: Row) -> dict[str, bytes]: ...
    def thread(self, root: Row) -> str: ...
    def posts(self, root: Row) -> list[str]: ...
    def private(self, who: Any) -> str: ...
    def requests(self) -> list[Row]: ...
    def refuses_next(self) -> Callable[[], bool]:
        """Our next message is refused once: too many. Returns whether that has happened."""
        ...

    async def until(self, fact: Any) -> Any: ...

    async def rewrites(self, who: Any, message: Row, text: str) -> None: ...
    async def deletes(self, message: Row) -> None: ...
    async def works_on(self, who: Any, message: Row) -> None: ...
    async def commands(self, who: Any, text: str) -> None: ...
    async def presses_own(self, who: Any, verb: str) -> str: ...
    def look(self, item: Item) -> str: ...
    def looks(self, root: Row) -> list[str]: ...
    def marks(self, root: Row) -> list[str]: ...
    def thinks(self) -> list[str]: ...


async def seen(it: Chat, root: Row, wanted: Callable[[Spot], bool], spots: Callable[[Row], Iterator[Spot]]) -> Spot:
    """The first such spot, as soon as it is there; as it is then, whatever comes."""
    try:
        spot = await it.until(lambda: next(filter(wanted, spots(root)), None))
    except TimeoutError:
        there = sorted({(s.verb, s.ref) for s in spots(root)})
        raise AssertionError(f"only {there} can be pressed; {it.thread(root)}") from None
    return spot._replace(message=deepcopy(spot.message))


async def read(it: Chat, thread: Callable[[], str], text: str) -> None:
    try:
        await it.until(lambda: text in thread())
    except TimeoutError:
        raise AssertionError(f"{text!r} is not in {thread()!r}") from None


UNHURRIED = 60.0
"""Seconds in which stories want an answer. A busy machine may need more than the platforms' three, which the tests of
the clients and `python -m tests.bench chats` hold."""
TOO_LATE = ("expired_trigger_id", "10062")
"""What Slack and Discord say to an answer after their three seconds."""
HAS_THREAD = "160004"
"""What Discord says to a bot that started again and opens a thread before it hears which ones there are."""


def told_off(refusals: Sequence[object]) -> list[object]:
    """What a strict server refused. A request may be deleted before its mark changes (its marks go with it), a mark be
    set or taken away again after a crash, a thread be opened again after one, and a form come too late."""
    gone = ("message_not_found", "10008", "Unknown Message", "no_reaction", "already_reacted")
    other = [one for one in refusals if not any(word in str(one) for word in (*TOO_LATE, HAS_THREAD))]
    return [one for one in other if "reactions" not in str(one) or not any(word in str(one) for word in gone)]
