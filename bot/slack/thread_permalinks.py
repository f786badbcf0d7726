"""Addresses of threads, as Slack returns them; asked once each."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from bot.slack.parse import channel_of
from bot.slack.web_api import SlackWebApi
from orchestrator.domain.people import Place
from orchestrator.errors import PlatformFailed

MOST = 2_000


class Links:
    """One workspace's."""

    def __init__(self, web: SlackWebApi) -> None:
        self._web = web
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def of(self, places: Mapping[str, Place]) -> dict[str, str]:
        """Returns those that Slack knows, under the same names."""
        found = await asyncio.gather(*(self._one(at) for at in places.values()))
        return {name: link for name, link in zip(places, found, strict=True) if link}

    async def _one(self, at: Place) -> str:
        key = (channel_of(at), at.thread)
        if key not in self._known and at.thread:
            try:
                said = await self._web.read(
                    "chat.getPermalink", "asking for a link", channel=key[0], message_ts=key[1]
                )  # fmt: skip
            except PlatformFailed:
                return ""  # the request is gone, or Slack is busy: the page does without
            self._known[key] = str(said["permalink"])
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return self._known.get(key, "")
