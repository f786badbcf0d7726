"""How the accounts of a chat fare, told to whoever started the hub."""

import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)


class News(NamedTuple):
    """A sentence. `good`: someone is served."""

    words: str
    good: bool = False


class AccountStatus:
    """Tells each new trouble of the platform of that name once, and each account that is connected once: again only
    after a trouble was told."""

    def __init__(self, name: str, tell: Callable[[News], None]) -> None:
        self._name, self._tell = name, tell
        self._last = ""
        self._ever, self._now = set[str](), set[str]()

    def trouble(self, why: str) -> None:
        """Why nobody is served, as a sentence."""
        if why != self._last:
            self._last = why
            self._now.clear()
            self._tell(News(f"{why} Until then nobody is served there; `threadwork doctor --live` tells more."))

    def connected(self, account: str, where: str) -> None:
        """`where`: what it is connected to and as whom, e.g. `to 'Team' as @threadwork`."""
        if account in self._now:
            return
        again = " again" if account in self._ever else ""
        self._last = ""
        self._now.add(account)
        self._ever.add(account)
        self._tell(News(f"{self._name}: connected{again} {where}.", good=True))


def watched(work: Callable[[], Awaitable[None]], trouble: Callable[[str], None]) -> Callable[[], Awaitable[None]]:
    """The same work; when the platform refuses it or is away it ends quietly, and `trouble` is told why."""

    async def run() -> None:
        try:
            await work()
        except* PlatformFailed as group:
            why = str(_first(group))
            log.warning("A chat account stopped: %s", why)
            trouble(why)

    return run


def _first(group: BaseExceptionGroup[PlatformFailed]) -> PlatformFailed:
    """The error inside groups of groups."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
