"""Reads `connect NAME`, with which a person signs in to a connector's service from a chat."""

import re
from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches

from bot.chat_platform import Whisper
from orchestrator.domain.people import Person, Place

CONNECT = "connect"
_WORDS = re.compile(rf"{CONNECT}(?:\s+[\"“'‘`]?(?P<name>[\w-]{{1,24}})[\"”'’`]?)?", re.IGNORECASE)

Connect = Callable[[Person, Place, str], Awaitable[Whisper]]
"""Answers a person in that place who wants to sign in to the connector of that name; without one, lists them."""


def connector_named(text: str) -> str | None:
    """Returns the connector's name; empty if the text only says `connect`, None if it's a request.

    Two words after it are a request: `connect the reports`.
    """
    found = _WORDS.fullmatch(text.strip())
    return None if found is None else (found["name"] or "").lower()


def no_such(name: str, names: Sequence[str]) -> str:
    """Says that there's no connector of that name, and which ones there are."""
    if not names:
        return f"There's no connector “{name}”, because there are none here."
    if near := get_close_matches(name, names, n=3):
        return f"There's no connector “{name}” here. Did you mean {' or '.join(f'“{one}”' for one in near)}?"
    return f"There's no connector “{name}” here. These exist: {', '.join(f'“{one}”' for one in names)}."


async def no_connectors(who: Person, place: Place, name: str) -> Whisper:
    """Answers where there are none."""
    return Whisper(words="There are no connectors here.")
