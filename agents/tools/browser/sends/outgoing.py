"""One message that a page is about to send, and what it says. Pure."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from email import message_from_bytes
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


class Outgoing(NamedTuple):
    """`kind`: Playwright's resource type, or SOCKET; `media`: the content type of the body; `whole`: whether the body
    is all there (files that a form sends aren't)."""

    method: str
    url: str
    kind: str
    body: bytes = b""
    media: str = ""
    whole: bool = True

    @property
    def complete(self) -> bool:
        """Returns whether a copy of it could be sent: the files of a form are only in the page."""
        return self.whole and not ("multipart/form-data" in self.media and b'filename="' in self.body)

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

    def content(self) -> JsonValue:
        """Returns the body as JSON, as the fields of a form, or as text; None if it's empty or binary."""
        text = self.text
        if not text:
            return None
        if "multipart/form-data" in self.media:
            return _multipart(self.body, self.media)
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
    rows: list[tuple[str, str]] = []
    for part in message_from_bytes(b"Content-Type: " + media.encode("latin-1", "replace") + b"\r\n\r\n" + body).walk():
        if name := part.get_param("name", header="content-disposition"):
            file, inside = part.get_filename(), part.get_payload(decode=True)
            text = inside.decode(errors="replace") if isinstance(inside, bytes) else ""
            rows.append((str(name), f"file {file!r}" if file else text))
    return _grouped(rows)
