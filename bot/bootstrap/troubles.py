"""What keeps a chat account from being served, told to whoever started the hub."""

import logging
from collections.abc import Awaitable, Callable

from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)


def watched(work: Callable[[], Awaitable[None]], tell: Callable[[str], None]) -> Callable[[], Awaitable[None]]:
    """The same work; when the platform refuses it or is away it ends quietly, and each new reason is told once."""
    last = ""

    async def run() -> None:
        nonlocal last
        try:
            await work()
        except* PlatformFailed as group:
            why = str(_first(group))
            log.warning("A chat is not served: %s", why)
            if why != last:
                last = why
                tell(f"{why} Until then nobody is served there; `threadwork doctor --live` tells more.")

    return run


def _first(group: BaseExceptionGroup[PlatformFailed]) -> PlatformFailed:
    """The error inside groups of groups."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
