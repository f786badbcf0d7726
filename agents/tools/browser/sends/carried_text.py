"""Finds in a message what the agent typed, in whatever part and coding. Pure."""

import base64
import re
from collections.abc import Collection
from urllib.parse import unquote_plus, urlsplit

from agents.tools.browser.sends.operation_words import FILES, RESOURCES, plain
from agents.tools.browser.sends.outgoing import Outgoing

_SHORTEST = 3
_LONG, _CODED = 8, 6


def carries(message: Outgoing, typed: Collection[str]) -> bool:
    """Returns whether the message contains anything that the agent typed, in whatever part and coding."""
    return carries_beside(message, typed, ())


def carries_beside(message: Outgoing, typed: Collection[str], beside: Collection[str]) -> bool:
    """Returns the same, except for fields of those names."""
    wanted = [one for one in typed if len(one) >= _SHORTEST]
    if not wanted:
        return False
    values = [f.value for f in message.fields() if not beside or not {plain(name) for name in f.path} & set(beside)]
    if message.text is None:
        values.append(message.body.decode("latin-1"))
    exact = message.kind in RESOURCES and message.reads_by_method
    values += [] if message.address.lower().endswith(FILES) else urlsplit(message.url).path.split("/")
    return any(_inside(one, value, exact=exact) for one in wanted for value in values)


def _inside(typed: str, value: str, *, exact: bool) -> bool:
    """`exact`: a short word may be part of it, as in the name of a picture."""
    low, text = typed.lower(), value.lower()
    if low in (text, unquote_plus(text)) or (len(typed) >= _LONG and low in text):
        return True
    if not exact and re.search(rf"(?<!\w){re.escape(low)}(?!\w)", text):
        return True
    coded = base64.b64encode(typed.encode()).decode().rstrip("=")[:-1]
    return (len(coded) >= _CODED and coded in value) or (len(typed) >= _SHORTEST * 2 and typed.encode().hex() in text)
