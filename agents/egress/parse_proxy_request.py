"""Parses a client's request to the proxy strictly, so that no two parsers can disagree. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from agents.egress.allowed_targets import Target, target

STATUS = "Proxy-Status"
"""The header (RFC 9209) that marks the proxy's own answers."""
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = {b"host", b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"upgrade"}


class ProxyRefused(Exception):
    """The proxy refuses the request; the text goes to the client."""

    def __init__(self, status: str, words: str) -> None:
        super().__init__(words)
        self.status = status


class ProxyRequest(NamedTuple):
    """A parsed request head: the target, and for plain HTTP the new head and the length of the body."""

    to: Target
    head: bytes = b""
    body: int = 0


def parsed(head: bytes) -> ProxyRequest:
    """Parses the head. Raises ProxyRefused if two parsers could read it differently."""
    first, *rows = head[:-4].split(b"\r\n")
    words = first.split(b" ")
    if len(words) != 3 or not _TOKEN.fullmatch(words[0]) or words[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise ProxyRefused("400 Bad Request", "This isn't a proxy request.")
    method, where = words[0], words[1].decode("latin-1")
    if method == b"CONNECT":
        if wanted := target(where):
            return ProxyRequest(wanted)
        raise ProxyRefused("400 Bad Request", f"{where[:200]!r} doesn't name a host and port.")
    parts = _split(where)
    wanted = target(parts.netloc, 80) if parts and parts.scheme == "http" else None
    if parts is None or wanted is None:
        raise ProxyRefused("400 Bad Request", f"{where[:200]!r} isn't an http URL with a plain host name.")
    kept, length = _fields(rows)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [method + b" " + path.encode("ascii") + b" HTTP/1.1", b"Host: " + _named(wanted)]
    return ProxyRequest(wanted, b"\r\n".join([*lines, *kept, b"Connection: close", b"", b""]), length)


def _split(where: str) -> SplitResult | None:
    if not (where.isascii() and where.isprintable()) or "\\" in where:
        return None
    try:
        return urlsplit(where)
    except ValueError:
        return None


def _named(wanted: Target) -> bytes:
    host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    return (host if wanted.port == 80 else f"{host}:{wanted.port}").encode()


def _fields(rows: Sequence[bytes]) -> tuple[list[bytes], int]:
    """Returns the header lines to forward, and the length of the body."""
    kept, lengths = list[bytes](), set[bytes]()
    for row in rows:
        name, colon, value = row.partition(b":")
        if not colon or not _TOKEN.fullmatch(name) or any(c in value for c in b"\r\n\0"):
            raise ProxyRefused("400 Bad Request", "A header line is malformed.")
        if name.lower() == b"transfer-encoding":
            raise ProxyRefused("411 Length Required", "The body has no length. Send a Content-Length header.")
        if name.lower() == b"content-length":
            lengths.add(value.strip())
        if name.lower() not in _OURS:
            kept.append(row)
    if len(lengths) > 1 or any(not n.isdigit() for n in lengths):
        raise ProxyRefused("400 Bad Request", "The length of the body is ambiguous.")
    return kept, int(next(iter(lengths), b"0"))


def answer(refused: ProxyRefused) -> bytes:
    """Returns the proxy's own answer."""
    body = f"{refused}\n".encode()
    return (
        f"HTTP/1.1 {refused.status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n{STATUS}: threadwork\r\n\r\n"
    ).encode() + body
