"""Finds in a message what the agent typed, in whatever part and coding. Pure."""

import base64
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from urllib.parse import unquote_plus, urlsplit

from agents.tools.browser.sends.operation_words import FILES, RESOURCES, plain
from agents.tools.browser.sends.outgoing_message import Outgoing

_SHORTEST = 3
_LONG, _CODED = 8, 6
_PIECE, _LONG_QUERY = 12, 300
"""Bytes of a file that aren't there by chance; characters of a query that may hold anything."""
_OTHER_BASE64 = bytes.maketrans(b"-_", b"+/")


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


def brings_file(message: Outgoing, files: Collection[bytes], *, unless_usual: bool = False) -> bool:
    """Returns whether the message contains a part of one of these files, or something that can't be told from one.

    `unless_usual`: the page sent the like before the file was chosen, so what can't be read is no part of it."""
    if message.files() or any(one and one in message.body for one in files):
        return True
    values = [f.value.encode() for f in message.fields()] + ([message.body] if message.body else [])
    values += [value for one in values for value in _uncoded(one)]
    if any(len(value) >= _PIECE and value in file for value in values for file in files):
        return True
    unreadable = bool(message.body) and message.text is None
    return (unreadable or len(urlsplit(message.url).query) > _LONG_QUERY) and not unless_usual


def _uncoded(value: bytes) -> Iterator[bytes]:
    """Yields what a value in base64, in hexadecimal, or of a data address stands for."""
    plain_value = value.rsplit(b"base64,", 1)[-1]
    with suppress(ValueError):
        yield base64.b64decode(plain_value.translate(_OTHER_BASE64) + b"=" * (-len(plain_value) % 4), validate=True)
    with suppress(ValueError):
        yield bytes.fromhex(value.decode())


def _inside(typed: str, value: str, *, exact: bool) -> bool:
    """`exact`: a short word may be part of it, as in the name of a picture."""
    low, text = typed.lower(), value.lower()
    if low in (text, unquote_plus(text)) or (len(typed) >= _LONG and low in text):
        return True
    if not exact and re.search(rf"(?<!\w){re.escape(low)}(?!\w)", text):
        return True
    coded = base64.b64encode(typed.encode()).decode().rstrip("=")[:-1]
    return (len(coded) >= _CODED and coded in value) or (len(typed) >= _SHORTEST * 2 and typed.encode().hex() in text)
