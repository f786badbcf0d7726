"""Reports how a chat's accounts are doing to the person who started the hub."""

import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)


class News(NamedTuple):
    """A sentence. `good`: it's good news."""

    words: str
    good: bool = False


class AccountStatus:
    """Reports each new problem of the platform once, and each connected account once: again only after a problem was
    reported."""

    def __init__(self, name: str, tell: Callable[[News], None]) -> None:
        self._name, self._tell = name, tell
        self._last = ""
        self._ever, self._now = set[str](), set[str]()

    def trouble(self, why: str) -> None:
        """Says why nobody gets an answer there."""
        if why != self._last:
            self._last = why
            self._now.clear()
            self._tell(
                News(
                    f"{why} Nobody there gets an answer until it's fixed. For details, run `threadwork doctor --live`."
                )
            )

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
    """Wraps the work so that it ends quietly when the platform refuses it or is down, and passes the reason to
    `trouble`."""

    async def run() -> None:
        try:
            await work()
        except* PlatformFailed as group:
            why = str(_first(group))
            log.warning("A chat account stopped: %s", why)
            trouble(why)

    return run


def _first(group: BaseExceptionGroup[PlatformFailed]) -> PlatformFailed:
    """Returns the error inside nested groups."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
