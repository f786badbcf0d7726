"""Gives polls that never end an end, because discord.py can't read a message with a poll that has none."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

import discord

FAR = "9000-01-01T00:00:00+00:00"
_EVENTS = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "INTERACTION_CREATE")


def read_by(client: discord.Client) -> None:
    """From now on the client can read them, in events and in answers."""
    parsers = client._connection.parsers  # pyright: ignore[reportPrivateUsage]
    for name in _EVENTS:
        parsers[name] = partial(_parse, parsers[name])
    client.http.request = partial(_request, client.http.request)


def _parse(parser: Callable[[Any], None], data: Any) -> None:
    parser(with_ends(data))


async def _request(request: Callable[..., Awaitable[Any]], *args: Any, **more: Any) -> Any:
    return with_ends(await request(*args, **more))


def with_ends(value: Any) -> Any:
    """Returns the payload with an end in every poll."""
    match value:
        case dict():
            known = cast("dict[str, Any]", value)
            found = {name: with_ends(part) for name, part in known.items()}
            poll = found.get("poll")
            if isinstance(poll, dict):
                found["poll"] = poll | {"expiry": cast("dict[str, Any]", poll).get("expiry") or FAR}
            return found
        case list():
            return [with_ends(one) for one in cast("list[Any]", value)]
        case _:
            return value
