"""Reads what a message links to, on any platform: a few messages and files, and names each that can't be read."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from bot.chat_platform import Quote, QuotedMessages
from orchestrator.errors import PlatformFailed, RateLimited

MOST, MOST_REPLIES = 5, 30
"""Links of one message; messages that come along with the beginning of a thread."""
MOST_WAIT = 65.0
"""Seconds: Slack lets distributed apps outside its Marketplace read one thread a minute."""
HIDDEN = "only people in its channel can read it"
GONE = "it no longer exists"
Link = TypeVar("Link")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]+")
_AROUND = ".,;:!?*_~"
"""What a sentence or its markup puts behind an address."""


def addresses(text: str) -> Iterator[str]:
    """Yields every address in the text, once."""
    yield from dict.fromkeys(found[0].rstrip(_AROUND) for found in _ADDRESS.finditer(text))


async def _patiently(read: Callable[[Link], Awaitable[Sequence[Quote]]], link: Link) -> Sequence[Quote]:
    """Tries once more after a rate limit."""
    try:
        return await read(link)
    except RateLimited as busy:
        if busy.seconds > MOST_WAIT:
            raise
        await asyncio.sleep(busy.seconds)
    return await read(link)


async def read_links(
    links: Mapping[str, Link], read: Callable[[Link], Awaitable[Sequence[Quote]]]
) -> QuotedMessages:  # fmt: skip
    """`links`: by their addresses. `read` raises PlatformFailed with the reason."""
    quotes: list[Quote] = []
    wanted = list(links.items())
    problems = [
        f"The linked message {url} was left out: only {MOST} linked messages are read." for url, _ in wanted[MOST:]
    ]
    for url, link in wanted[:MOST]:
        try:
            quotes += await _patiently(read, link)
        except PlatformFailed as error:
            problems.append(f"{url}: {error}.")
    return QuotedMessages(quotes=tuple(quotes), problems=tuple(problems))
