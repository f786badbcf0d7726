"""Says in words what a message would send. Pure."""

import base64
import hashlib
from collections.abc import Mapping

from agents.tools.browser.sends.outgoing_message import SOCKET, Field, Outgoing, flat, sized

MOST = 1_500
"""Characters of one description."""
_VALUE = 400
_FILE_FROM = 8
"""Characters of base64 that may be a file."""

Names = Mapping[str, str]
"""Names of the files that were chosen on the page, by their hash."""


def words(message: Outgoing, files: Names | None = None) -> str:
    """Returns the way, the place, and every value, e.g. `POST shop.example/order: item: Mug, amount: 2`."""
    way = "WebSocket message" if message.kind == SOCKET else message.method
    start = f"{way} {message.address.split('://', 1)[-1]}"
    rows, names = _content(message, files or {}), files or {}
    said = [f"{' › '.join(f.path)}: {_value(f.value, names)}" if f.path else _value(f.value, names) for f in rows]
    return _listed(start[:_VALUE], said + ([] if message.whole else ["and the files that were chosen"]))


def _content(message: Outgoing, files: Names) -> list[Field]:
    content = message.content()
    graphql = content.get("query") if isinstance(content, dict) else None
    rows = list(message.query())
    if isinstance(content, dict) and isinstance(graphql, str) and "{" in graphql:
        rows += flat({name: value for name, value in content.items() if name not in ("query", "extensions")})
        rows.append(Field((), " ".join(graphql.split())))
    elif message.body and (content is None or _name(message.body, files)):
        rows.append(Field((), _binary(message.body, files)))
    else:
        rows += flat(content)
    return rows


def _listed(start: str, said: list[str]) -> str:
    """Returns as many values as fit, and how many are left out."""
    text = ""
    for number, one in enumerate(said):
        left = f" … and {len(said) - number} more values" if number < len(said) else ""
        if len(start) + len(text) + len(one) + 40 > MOST:
            return start + (f": {text}" if text else "") + left
        text += f", {one}" if text else one
    return f"{start}: {text}" if text else start


def _value(text: str, files: Names) -> str:
    """Returns the value; a long one by its beginning and its hash, a coded file by its name."""
    coded = text.rsplit("base64,", 1)[-1]
    if files and len(coded) >= _FILE_FROM:
        try:
            content = base64.b64decode(coded, validate=True)
        except ValueError:
            content = b""
        if _name(content, files):
            return _binary(content, files)
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 1]}… ({sized(text.encode())})"


def _binary(content: bytes, files: Names) -> str:
    name = _name(content, files)
    return f"file {name!r} ({sized(content)})" if name else sized(content)


def _name(content: bytes, files: Names) -> str:
    return files.get(hashlib.sha256(content).hexdigest(), "") if content and files else ""
