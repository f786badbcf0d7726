"""One message that a page is about to send, and what it says. Pure."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

SOCKET, MESSAGE = "websocket", "MESSAGE"
"""Kind and method of a message on an open WebSocket; other kinds are Playwright's resource types."""
_FRAME = re.compile(r"\A\d{0,6}(?=[\[{])")
"""The number with which some libraries begin each WebSocket message."""
_DEEPEST = 12


class Field(NamedTuple):
    """A named value of a message; `path` has the names from the outermost one on, without places in lists."""

    path: tuple[str, ...]
    value: str

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""


class SentFile(NamedTuple):
    """A file that a form sends; without a name if none was chosen."""

    name: str
    content: bytes

    @property
    def words(self) -> str:
        return f"file {self.name!r} ({sized(self.content)})" if self.name else "no file"


class Outgoing(NamedTuple):
    """`kind`: Playwright's resource type, or SOCKET; `media`: the content type of the body; `whole`: whether the body
    is all there (large ones aren't kept over a restart)."""

    method: str
    url: str
    kind: str
    body: bytes = b""
    media: str = ""
    whole: bool = True

    @property
    def complete(self) -> bool:
        """Returns whether a copy of it could be sent; a file of a form without content may only be in the page."""
        return self.whole and not any(file.name and not file.content for file in self.files())

    @property
    def address(self) -> str:
        """Returns the address without its query."""
        return self.url.split("#")[0].split("?")[0]

    @property
    def reads_by_method(self) -> bool:
        return self.method in ("GET", "HEAD") and self.kind != SOCKET

    @property
    def text(self) -> str | None:
        """Returns the body as text; None if it's binary."""
        try:
            text = self.body.decode()
        except UnicodeDecodeError:
            return None
        return text if all(c.isprintable() or c in "\r\n\t" for c in text) else None

    def query(self) -> tuple[Field, ...]:
        return tuple(Field((name,), value) for name, value in parse_qsl(urlsplit(self.url).query, True))

    def files(self) -> tuple["SentFile", ...]:
        """Returns the files of a form."""
        if "multipart/form-data" not in self.media:
            return ()
        return tuple(file for _, file in _parts(self.body, self.media) if isinstance(file, SentFile))

    def content(self) -> JsonValue:
        """Returns the body as JSON, as the fields of a form, or as text; None if it's empty or binary."""
        if "multipart/form-data" in self.media:
            return _multipart(self.body, self.media)
        text = self.text
        if not text:
            return None
        if "x-www-form-urlencoded" in self.media:
            return _grouped(parse_qsl(text, True))
        try:
            return json.loads(_FRAME.sub("", text) if self.kind == SOCKET else text)
        except (ValueError, RecursionError):
            return _lines(text)

    def fields(self) -> tuple[Field, ...]:
        """Returns every value of the query and the body."""
        return (*self.query(), *flat(self.content()))


def from_devtools(asked: Mapping[str, Any], kind: str) -> tuple[Outgoing, dict[str, str]]:
    """Returns a request as the DevTools protocol describes it, and its headers."""
    headers = {str(name).lower(): str(value) for name, value in asked.get("headers", {}).items()}
    parts = [part.get("bytes") for part in asked.get("postDataEntries", ())]
    whole = all(part is not None for part in parts) and bool(parts or not asked.get("hasPostData"))
    body = b"".join(base64.b64decode(part) for part in parts if part)
    message = Outgoing(str(asked["method"]), str(asked["url"]), kind, body, headers.get("content-type", ""), whole)
    return message, headers


def sized(content: bytes) -> str:
    """Returns how large it is and its hash, e.g. `7 bytes, SHA-256 0a1b2c3d4e5f6071`."""
    size = "1 byte" if len(content) == 1 else f"{len(content):,} bytes"
    return f"{size}, SHA-256 {hashlib.sha256(content).hexdigest()[:16]}"


def flat(value: JsonValue, path: tuple[str, ...] = ()) -> Iterator[Field]:
    """Yields every value inside, with its names."""
    if len(path) > _DEEPEST:
        yield Field(path, json.dumps(value))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, path)
    elif value is not None:
        yield Field(path, value if isinstance(value, str) else json.dumps(value))


def _lines(text: str) -> JsonValue:
    """Returns JSON that has one value per line; other text as it is."""
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()] if text[:1] in "{[" else text
    except (ValueError, RecursionError):
        return text


def _grouped(rows: list[tuple[str, str]]) -> dict[str, JsonValue]:
    found: dict[str, list[JsonValue]] = {}
    for name, value in rows:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _multipart(body: bytes, media: str) -> dict[str, JsonValue]:
    return _grouped([(name, one if isinstance(one, str) else one.words) for name, one in _parts(body, media)])


def _parts(body: bytes, media: str) -> Iterator[tuple[str, "str | SentFile"]]:
    """Yields the names of a form's fields with their texts or files."""
    border = re.search(r'boundary="?([^";]+)', media)
    for part in body.split(b"--" + border[1].encode())[1:-1] if border else ():
        head, _, content = part.partition(b"\r\n\r\n")
        name, file = (_in_head(rb'\b%s="([^"]*)"' % word, head) for word in (b"name", b"filename"))
        content = content.removesuffix(b"\r\n")
        if name is not None:
            yield name, content.decode(errors="replace") if file is None else SentFile(file, content)


def _in_head(pattern: bytes, head: bytes) -> str | None:
    found = re.search(pattern, head)
    return found[1].decode(errors="replace").replace("%22", '"') if found else None
