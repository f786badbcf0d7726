"""Slack's Web API as two verbs: `read` may be repeated, `write` may not. Every error becomes one of ours here."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import slack_errors
from orchestrator.errors import RateLimited

API = "https://slack.com/api/"


def connection(token: str, api_url: str) -> AsyncWebClient:
    """Returns a client without retry handlers: the default one repeats a post whose answer was lost, which posts the
    message twice. A custom `api_url` is called without a proxy."""
    logger = logging.getLogger("slack_sdk.calls")
    logger.setLevel(logging.INFO)  # for debugging it logs whole answers, including new tokens
    client = AsyncWebClient(token=token or None, base_url=api_url or API, retry_handlers=[], logger=logger)
    if api_url:
        client.proxy = None
    return client


class SlackWebApi:
    """One workspace's Web API. The client underneath repeats nothing: a repeated post would appear twice."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def read(self, method: str, doing: str, **asked: object) -> dict[str, Any]:
        """A request that changes nothing."""
        return await self._call(method, doing, once=False, params=_flat(asked))

    async def patiently(self, method: str, doing: str, **asked: object) -> dict[str, Any]:
        """Like `read`, but waits as long as Slack asks after a rate limit. For work in the background."""
        while True:
            try:
                return await self.read(method, doing, **asked)
            except RateLimited as busy:
                await asyncio.sleep(busy.seconds)

    async def write(self, method: str, doing: str, *, once: bool = False, **said: object) -> dict[str, Any]:
        """A change. `once`: doing it twice would show, so a lost answer is OutcomeUnknown."""
        return await self._call(method, doing, once=once, json=said)

    async def write_flat(self, method: str, doing: str, *, once: bool = False, **said: object) -> dict[str, Any]:
        """Like `write`, for methods that don't accept JSON."""
        return await self._call(method, doing, once=once, params=_flat(said))

    async def _call(self, method: str, doing: str, *, once: bool, **how: Any) -> dict[str, Any]:
        with slack_errors(doing, once=once):
            answer = await cast(Any, self._client).api_call(method, **how)
        return cast("dict[str, Any]", answer.data)


def _flat(asked: Mapping[str, object]) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, (list, dict)) else value
        for name, value in asked.items()
        if value is not None and value != ""
    }


def next_cursor(page: Mapping[str, Any]) -> str:
    """Returns where the next page starts; empty on the last."""
    about = cast("Mapping[str, Any]", page.get("response_metadata") or {})
    return str(about.get("next_cursor") or "")
