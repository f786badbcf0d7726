"""Who can read a conversation: one look-up per conversation and ten minutes, shared by all who ask at the same time."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from bot.chat import Inbound, Mentioned
from bot.outbox.recent import Recent
from bot.slack.parse import channel_of
from bot.slack.web import Web
from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)
_FRESH = 600.0
MOST = 2000
"""Conversations in memory."""


def closed(row: Mapping[str, Any]) -> bool:
    """Whether only some of the workspace can read the conversation. What Slack doesn't call public is closed."""
    return row.get("is_private") is not False or any(row.get(kind) for kind in ("is_im", "is_mpim", "is_group"))


class Conversations:
    """Conversations of the workspace, remembered."""

    def __init__(self, web: Web, *, now: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        self._now = now
        self._known: Recent[str, tuple[float, bool]] = Recent(MOST)
        # One look-up per conversation at a time: a burst of requests asks Slack once.
        self._asking: Recent[str, asyncio.Lock] = Recent(MOST)

    def listed(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Slack has just described these."""
        for row in rows:
            self._known.put(str(row["id"]), (self._now(), closed(row)))

    async def placed(self, inbound: Inbound) -> Inbound:
        """A request with its place marked closed where the conversation is; anything else as it is."""
        at = inbound.place
        if not isinstance(inbound, Mentioned) or at.private or at.closed or not await self.closed(channel_of(at)):
            return inbound
        return inbound.model_copy(update={"place": at.model_copy(update={"closed": True})})

    async def closed(self, channel: str) -> bool:
        """Whether only some of the workspace can read the conversation; also when Slack doesn't say."""
        if (asking := self._asking.get(channel)) is None:
            self._asking.put(channel, asking := asyncio.Lock())
        async with asking:
            known = self._known.get(channel)
            if known is not None and self._now() - known[0] < _FRESH:
                return known[1]
            try:
                found = await self._web.read("conversations.info", f"asking about {channel!r}", channel=channel)
            except PlatformFailed as error:
                log.warning("Tasks from %s count as private for now: %s", channel, error)
                return True
            shut = closed(cast("Mapping[str, Any]", found.get("channel") or {}))
            self._known.put(channel, (self._now(), shut))
            return shut
